"""What kick and snare play in each style: two bars of 4/4, and the same beats laid out in every other meter.

A row has one sign a 16th: ``X`` firm, ``x`` plain, ``o`` soft (a feathered kick, a ghost of the snare), ``S`` and ``s``
side stick, firm and soft. All rows are straight: swing is added where the strokes get their moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from sideman.music.drumkit import Voice
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sideman.music.meter import Meter

Rows = tuple[str, str]
FAST = 138
"""Quarters a minute above which a bar that goes by 16ths is played over two."""
GHOST = 49
"""Loudest velocity of a ghost note."""
_LOUD = {"X": 1.0, "x": 0.86, "o": 0.4, "S": 0.95, "s": 0.7}
_TRIPLET = (0, 1, 2, 2)
"""Where the 16ths of a beat lie on the three eighths of a dotted one: the off-beat eighth is the shuffle's."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A way of playing kick and snare.

    Attributes:
        bars: Kick and snare of two bars of 4/4.
        backs: Beats of 4/4 that stand for the beats which close a group in other meters.
        middles: Beats of 4/4 that stand for the later beats which open one.
        between: Beat of 4/4 that stands for a beat that does neither (the second of a waltz), struck softly.
        fine: Whether the rows go by 16ths: at a fast tempo a bar of them is played over two.
        yields: Whether the kick's plain strokes make room for those the player asks for.
    """

    bars: tuple[Rows, Rows]
    backs: tuple[int, ...] = (1, 3)
    middles: tuple[int, ...] = (2,)
    between: int = 1
    fine: bool = False
    yields: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Stroke:
    """One stroke of kick or snare.

    Attributes:
        step: 16th of the bar.
        voice: Kick or snare.
        loud: Share of a firm stroke's velocity.
        stick: Whether the snare is struck across the rim.
    """

    step: int
    voice: Voice
    loud: float
    stick: bool = False

    @property
    def ghost(self) -> bool:
        """Whether it is felt rather than heard."""
        return self.loud < 0.5

    @property
    def firm(self) -> bool:
        """Whether the bar stands on it."""
        return self.loud > 0.9


BEATS: Mapping[str, Beat] = {
    "rock": Beat((("X......xx.x.....", "....X.......X..."), ("X..x....x.x.....", "....X..o....X...")), yields=True),
    "pop": Beat((("X.....x...x.....", "....X.......X..."), ("X.....x.x.......", "....X...o...X...")), yields=True),
    "punk": Beat((("X.x...x.x.x.....", "....X.......X..."), ("X.x...x.x..x..x.", "....X.......X...")), yields=True),
    "funk": Beat(
        (("X.x....x..x..x..", ".o..X..o.o..X..o"), ("X..x.x....xx....", ".o..X..o.o..Xo.o")),
        fine=True,
        yields=True,
    ),
    "soul": Beat((("X.....x.X.....x.", "....X..o.o..X..o"), ("X...x...X.x.x...", "o...X...o...X..o")), yields=True),
    "hiphop": Beat(
        (("X.x....x..x..x..", "....X.......X..."), ("X..x...x.xx.....", "....X..o....X.o.")),
        fine=True,
        yields=True,
    ),
    "dance": Beat((("X...X...X...X...", "....X..o....X..."), ("X...X...X...X..o", "....X.......X.o."))),
    "reggae": Beat(
        (("....X.......X...", "..s.S.....s.S..s"), ("....X.......X.x.", "....S..s..s.S...")),
        middles=(0,),
    ),
    "blues": Beat((("X...o...X...o.x.", "..o.X.o...o.X.o."), ("X...o.x.X...o...", "..o.X.o...o.X.oo"))),
    "country": Beat((("X.......X.......", "o.x.X.o.o.x.X.oo"), ("X.......X.....x.", "o.x.X.o.o.x.X.x."))),
    "gospel": Beat((("X..x..x.X..x..x.", "....X.o.....X.oo"), ("X..x..x.X.x...x.", "....X.o.o...X.xo")), yields=True),
    "latin": Beat(
        (("X..xx..xX..xx...", "s..s..s...s..s.."), ("X..xx...X..xx..x", "s..s..s...s...s.")),
        backs=(1, 3),
        fine=True,
    ),
    "afrocuban": Beat(
        (("o.....X.....X...", "S.....S.....S..."), ("......X.....X.x.", "....S...S.....o.")),
        backs=(3, 1),
        middles=(1,),
    ),
    "afrobeat": Beat(
        (("X.x...x.x...x...", "...xo..x.oo.X..o"), ("X.x....xx.x...x.", "...xo.x..ox.X..x")),
        fine=True,
    ),
    "highlife": Beat(
        (("X...X...X...X...", "S..s..S..oS.S..."), ("X...X...X...X.x.", "S..s..S..oS.S.oo")),
        fine=True,
    ),
    "neworleans": Beat(
        (("X..x..x.X..x..x.", "x.oxo.X.ooxoX.o."), ("X..x..x.X..xx...", "x.oxo.X.o.xoX.xx")),
        fine=True,
    ),
    "middleeastern": Beat((("X.......X.......", "..X...X.....X.oo"), ("X.....x.X.....o.", "..X..o....o.X.o."))),
    "jazz": Beat(
        (("o.......o.......", "......o.......o."), ("o.......o.....x.", "..o.......o.....")),
        backs=(1, 3),
    ),
}  # fmt: skip
"""Kick and snare of each style; of one that is not here as rock."""


def beat(style: str) -> Beat:
    """How a style is drummed."""
    return BEATS.get(style, BEATS["rock"])


@lru_cache(maxsize=64)
def strokes(meter: Meter, style: str, bar: int, bpm: float = 100.0) -> tuple[Stroke, ...]:
    """Kick and snare of one bar.

    Args:
        meter: The meter; its grouping says which beats are which.
        style: Of the settings' ``jam.style``.
        bar: Number of the bar in the loop: even ones play the first rows, odd ones the second.
        bpm: Quarters a minute.
    """
    played = beat(style)
    rows = played.bars[bar % 2]
    if meter.numerator == meter.denominator == 4:
        if played.fine and bpm > FAST:
            half = slice(8 * (bar % 2), 8 * (bar % 2) + 8)
            return _read([(2 * i, k, s) for i, (k, s) in enumerate(_columns(played.bars[0], half))])
        return _read([(i, k, s) for i, (k, s) in enumerate(_columns(rows, slice(16)))])
    cells: list[tuple[int, str, str]] = []
    for start, length, part in _beats(meter, played):
        soft = part < 0
        at = 4 * (played.between if soft else part)
        for i, (k, s) in enumerate(_columns(rows, slice(at, at + 4))):
            place = _place(i, length, compound=meter.compound)
            if place is not None:
                cells.append((start + place, _soft(k) if soft else k, _soft(s) if soft else s))
    return _read(cells)


def offices(meter: Meter) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Beats (16ths from the bar line) that open a group, that close one, and that do neither: kick, snare, between."""
    beats = tuple(tick // FRAME_TICKS for tick in meter.beats)
    groups = [tick // FRAME_TICKS for tick in meter.groups]
    ends = [*groups[1:], meter.bar_frames]
    if meter.denominator >= 8:
        cells = [list(beats)]
    else:
        cells = [[b for b in beats if a <= b < z] for a, z in zip(groups, ends, strict=True)]
        if all(len(cell) == 1 for cell in cells):
            cells = [list(beats)]
    kicks: list[int] = []
    snares: list[int] = []
    between: list[int] = []
    for cell in cells:
        for i, one in enumerate(cell):
            left = len(cell) - i
            if (i % 2 == 0 and left != 1) or len(cell) == 1:
                kicks.append(one)
            elif left == 2 and i % 2 == 1:
                between.append(one)
            else:
                snares.append(one)
    return tuple(kicks), tuple(snares), tuple(between)


def _beats(meter: Meter, played: Beat) -> list[tuple[int, int, int]]:
    """Start and length of each beat of the bar, and the beat of 4/4 that it plays (-1: the softened one)."""
    kicks, snares, _ = offices(meter)
    starts = [tick // FRAME_TICKS for tick in meter.beats]
    out: list[tuple[int, int, int]] = []
    opened = closed = 0
    for start, end in pairwise((*starts, meter.bar_frames)):
        if len(starts) == 4:
            part = len(out)
        elif start == 0:
            part = 0
        elif start in kicks:
            part = played.middles[opened % len(played.middles)]
            opened += 1
        elif start in snares:
            part = played.backs[closed % len(played.backs)]
            closed += 1
        else:
            part = -1
        out.append((start, end - start, part))
    return out


def _place(sixteenth: int, length: int, *, compound: bool) -> int | None:
    """Where a 16th of a beat of 4/4 lies in a beat of so many 16ths; None where it has no room."""
    if compound and length >= 3:
        return _TRIPLET[sixteenth] * length // 3
    if length >= 8:
        return sixteenth * (length // 4)
    return sixteenth if sixteenth < length else None


def _columns(rows: Rows, part: slice) -> list[tuple[str, str]]:
    return list(zip(rows[0][part], rows[1][part], strict=True))


def _soft(sign: str) -> str:
    return {"X": "o", "x": "o", "S": "s"}.get(sign, sign)


def _read(cells: list[tuple[int, str, str]]) -> tuple[Stroke, ...]:
    """Strokes in order, the louder of two on one place."""
    best: dict[tuple[int, Voice], Stroke] = {}
    for step, kick, snare in cells:
        for voice, sign in ((Voice.KICK, kick), (Voice.SNARE, snare)):
            if sign == ".":
                continue
            one = Stroke(step, voice, _LOUD[sign], sign in "sS")
            known = best.get((step, voice))
            best[step, voice] = one if known is None or one.loud > known.loud else known
    return tuple(sorted(best.values()))
