"""Comping: the strokes of a bar in a style, in any meter by its grouping, thinned where the player needs the room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, TypeVar

from sideman.music.comping_styles import Family, family
from sideman.music.meter import FRAME_TICKS, Meter

if TYPE_CHECKING:
    from collections.abc import Sequence

_ACCENTS = {"X": 2, "x": 1, "o": 0, "b": 1, "u": 1}
_SHORT_GROUP = 4
"""Groups shorter than so many 16ths are counted in pairs."""
_FAST = 138
"""Tempo from which a bar of 16ths is played over two bars."""
_PHRASE = 8
Row = TypeVar("Row")
CALM, SPARSE = 1, 2
"""How far strokes are thinned: firm and strong ones stay; one stroke a group stays."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke of the hand.

    Attributes:
        at: Frame from the bar line.
        frames: How long it sounds; one that is ``tied`` may go on.
        accent: 0 soft, 1 plain, 2 firm.
        voices: ``all``, ``low``, ``upper``, or ``1`` to ``4`` for one voice from below.
        tied: Whether it sounds up to the next stroke, over the bar line too.
    """

    at: int
    frames: int
    accent: int
    voices: str = "all"
    tied: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A song's own choice among the rows of a style, and whether a chorus takes another one.

    Attributes:
        chosen: 0 to 1, the song's.
        take: 0 for the song's choice; any other number takes one of the others.
    """

    chosen: float
    take: int = 0

    def of(self, rows: Sequence[Row]) -> Row:
        """The one chosen."""
        first, others = int(self.chosen * len(rows)), len(rows) - 1
        return rows[(first + 1 + self.take % others) % len(rows) if self.take and others else first]


def groups_of(meter: Meter) -> tuple[tuple[int, int], ...]:
    """First frame and length of what is felt as one: groups, pairs of very short ones, whole bars of 16 frames."""
    starts = [tick // FRAME_TICKS for tick in meter.groups]
    sizes = [b - a for a, b in zip(starts, [*starts[1:], meter.bar_frames], strict=True)]
    joined: list[int] = []
    for size in sizes:
        if joined and joined[-1] < _SHORT_GROUP:
            joined[-1] += size
        else:
            joined.append(size)
    if meter.bar_frames % 16 == 0 and set(joined) <= {4, 8}:
        joined = [16] * (meter.bar_frames // 16)
    out, at = [], 0
    for size in joined:
        if size > 0:
            out.append((at, size))
        at += size
    return tuple(out)


@lru_cache(maxsize=256)
def pattern(
    meter: Meter, style: str, bpm: float, seed: str, number: int, *, closing: bool = False, calm: int = 0, take: int = 0
) -> tuple[Stroke, ...]:
    """The strokes of one bar.

    Args:
        meter: The meter; its grouping says where the cells lie.
        style: Of the settings' styles; an unknown one is comped as rock.
        bpm: Slow songs are ballads, fast ones leave the 16ths out.
        seed: The same seed chooses the same rows.
        number: Number of the bar from the form's beat one: every fourth bar turns, every eighth turns more.
        closing: The last bar of a form: it turns whatever its number.
        calm: 0, ``CALM`` or ``SPARSE``.
        take: 0, or another number for other rows of the same style than those of 0, where it has any.

    Returns:
        Strokes by their frame, never two on one.
    """
    kind = family(style, bpm)
    rng = Random(f"{seed}/comp")
    chosen = Choice(rng.random(), take)
    cells = f"{seed}/{take}" if take else seed
    row = "".join(
        _row(kind, size, number, chosen, Random(f"{cells}/{number % 2}/{place}"), place, bpm, closing=closing)
        for place, (_, size) in enumerate(groups_of(meter))
    )
    return thinned(_strokes(row, kind), meter, calm)


def _row(
    kind: Family, size: int, number: int, chosen: Choice, rng: Random, place: int, bpm: float, *, closing: bool
) -> str:
    """The row of one group."""
    turns = closing or number % 4 == 3
    if size == 16:
        pair = chosen.of(kind.bars)
        whole = pair[number % 2]
        if turns:
            # The first half keeps the song's own pattern, the second turns.
            closed = kind.turn[((-1 if number % _PHRASE == _PHRASE - 1 else 0) + chosen.take) % len(kind.turn)]
            whole = closed if closing or number % _PHRASE == _PHRASE - 1 else pair[0][:8] + closed[8:]
        if kind.fine and bpm > _FAST:
            whole = "".join(sign + ("-" if sign != "." else ".") for sign in (pair[0][:8], pair[0][8:])[number % 2])
        return whole
    rows = kind.cells.get(size)
    if rows is None:
        return _pieced(kind, size, rng, place)
    pick = 0 if place == 0 else int(rng.random() * len(rows))
    if place == 0 and number % 2 and rng.random() < 0.5:
        pick = int(rng.random() * len(rows))
    if turns and place:
        pick = len(rows) - 1
    return rows[pick]


def _pieced(kind: Family, size: int, rng: Random, place: int) -> str:
    """A group of an unusual length from smaller cells, the last one cut."""
    out = ""
    while len(out) < size:
        left = size - len(out)
        piece = next((n for n in (8, 6, 4) if n <= left and left - n not in (1, 2, 3)), 4)
        rows = kind.cells[piece]
        out += rows[0 if not out and place == 0 else int(rng.random() * len(rows))]
    return out[:size]


def _strokes(row: str, kind: Family) -> tuple[Stroke, ...]:
    out: list[Stroke] = []
    for at, sign in enumerate(row):
        if sign in "-.":
            continue
        end = at + 1
        while end < len(row) and row[end] == "-":
            end += 1
        voices = "low" if sign == "b" else "upper" if sign == "u" else sign if sign.isdigit() else "all"
        held = end - at > 1
        tied = held and (end == len(row) or kind.pedal)
        out.append(Stroke(at, end - at, _ACCENTS.get(sign, 1), voices, tied))
    return tuple(out)


def thinned(strokes: Sequence[Stroke], meter: Meter, calm: int) -> tuple[Stroke, ...]:
    """Fewer strokes: what falls away leaves its time to the held stroke before it."""
    if calm <= 0 or not strokes:
        return tuple(strokes)
    groups = {start for start, _ in groups_of(meter)} | {tick // FRAME_TICKS for tick in meter.groups}
    strong = {0} if calm >= SPARSE else groups
    kept = [s for s in strokes if s.at in strong or (s.accent == 2 and calm < SPARSE)] or [strokes[0]]
    out: list[Stroke] = []
    for place, stroke in enumerate(kept):
        until = kept[place + 1].at if place + 1 < len(kept) else meter.bar_frames
        follower = next((s.at for s in strokes if s.at > stroke.at), meter.bar_frames)
        long = stroke.frames > 1 and stroke.at + stroke.frames >= follower
        # A broken chord that is thinned is struck whole.
        voices = "all" if stroke.voices.isdigit() else stroke.voices
        out.append(replace(stroke, frames=until - stroke.at if long else stroke.frames, voices=voices))
    return tuple(out)
