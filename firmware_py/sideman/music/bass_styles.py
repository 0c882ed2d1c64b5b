"""What a bassist plays in each style: rows of degrees for the groups of a meter, how he gets to the next root.

A row has one sign a 16th: ``R`` root, ``3`` third, ``5`` fifth, ``7`` seventh or sixth, ``8`` octave, ``-`` it sounds
on, ``.`` silence. Where a style has no rows the bass goes with the kick alone, or walks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from sideman.music.comping import Choice, groups_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sideman.music.meter import Meter

_FAST = 138


@dataclass(frozen=True, slots=True)
class BassStyle:
    """A way of playing the bass.

    Attributes:
        bars: Pairs of 4/4 bars; a jam chooses one pair. Empty: the kick and the changes alone.
        cells: Rows for groups of so many 16ths; the first row opens a bar.
        walks: A note a beat, from tone to tone.
        boogie: Walks up and down the chord by degrees.
        tied: The last beat of a bar is the next bar's root, and its first is not struck again.
        fine: Whether the rows go by 16ths: at a fast tempo a bar of them is played over two.
        approach: How likely the last stroke before a change steps into the new root.
        chromatic: Share of approaches by a semitone.
        dominant: Share of approaches from the new root's fifth.
        root: Share of the kick's free strokes on the root.
        octave: Share on its octave; the rest is the fifth.
        length: Share of a stroke's time that it sounds.
    """

    bars: tuple[tuple[str, str], ...] = ()
    cells: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    walks: bool = False
    boogie: bool = False
    tied: bool = False
    fine: bool = False
    approach: float = 0.55
    chromatic: float = 0.2
    dominant: float = 0.1
    root: float = 0.5
    octave: float = 0.22
    length: float = 1.0


STYLES: Mapping[str, BassStyle] = {
    "rock": BassStyle(),
    "pop": BassStyle(root=0.75, octave=0.1, approach=0.45, chromatic=0.1),
    "punk": BassStyle(
        bars=(("R-R-R-R-R-R-R-R-", "R-R-R-R-R-R-R-R-"), ("R-R-R-R-R-R-5-5-", "R-R-R-R-R-R-R-R-")),
        cells={4: ("R-R-",), 6: ("R-R-R-",), 8: ("R-R-R-R-",), 12: ("R-R-R-R-R-R-",)},
        approach=0.35,
        root=1.0,
        octave=0.0,
    ),
    "jazz": BassStyle(walks=True, approach=1.0, chromatic=0.5, dominant=0.2),
    "blues": BassStyle(walks=True, boogie=True, approach=0.7, chromatic=0.5, dominant=0.2),
    "funk": BassStyle(
        bars=(("R..8..R.....5.7.", "R..8....R..R..7."), ("R.....8.R..5..7.", "R..R..8...5.7.8.")),
        cells={4: ("R..8", "..7."), 6: ("R..8..", "..5.7."), 8: ("R..8..R.", "..5.7..8"), 12: ("R..8..R..5.7",)},
        fine=True,
        approach=0.5,
        chromatic=0.6,
        octave=0.35,
        length=0.6,
    ),
    "soul": BassStyle(
        bars=(("R-----R-..5-..7-", "R---..5-7-..5-3-"), ("R---R-..3-5-....", "R---..R-5-..7-5-")),
        cells={4: ("R---", "..5-"), 6: ("R---5-", "..5-7-"), 8: ("R---..5-", "5-..7-5-"), 12: ("R-----5-..7-",)},
        approach=0.75,
        chromatic=0.5,
        length=0.85,
    ),
    "gospel": BassStyle(
        bars=(("R-------..5-7-8-", "R-----5-8-..5---"), ("R---....5---3-5-", "R-------5---7-5-")),
        cells={4: ("R---", "5---"), 6: ("R---5-", "5-..7-"), 8: ("R-----5-", "5---7-5-"), 12: ("R-------5-7-",)},
        approach=0.85,
        chromatic=0.45,
        dominant=0.15,
    ),
    "hiphop": BassStyle(root=0.85, octave=0.1, approach=0.25, chromatic=0.4),
    "dance": BassStyle(
        bars=(("R.8.R.8.R.8.R.8.",) * 2, ("R-..R-8.R-..R-8.",) * 2),
        cells={4: ("R.8.",), 6: ("R.8.8.",), 8: ("R.8.R.8.",), 12: ("R.8.R.8.R.8.",)},
        approach=0.3,
        octave=0.5,
        length=0.75,
    ),
    "reggae": BassStyle(
        bars=(
            ("R---..5-R-..3-5-", "R---..5-8---..5-"),
            ("R-..R-..5-..3---", "R-..R-..5---...."),
            ("R-----3-5---....",) * 2,
        ),
        cells={4: ("R---", "..5-"), 6: ("R---5-", "..3-5-"), 8: ("R---..5-", "3-5-...."), 12: ("R---..3-5---",)},
        approach=0.25,
        chromatic=0.0,
        length=0.9,
    ),
    "latin": BassStyle(
        bars=(("R-----5-5-----R-",) * 2, ("R-----5-8-----5-", "R-----5-5-----R-")),
        cells={4: ("R---", "5---"), 6: ("R---5-",), 8: ("R-----5-", "5-----R-"), 12: ("R-----5-5-R-",)},
        approach=0.4,
        chromatic=0.3,
        dominant=0.3,
    ),
    "afrocuban": BassStyle(tied=True, approach=0.0),
    "afrobeat": BassStyle(
        bars=(("R..R..5.7.8...5.", "R..R..5.7.5....."), ("R.....7.8..7..5.", "R.....7.8.5.....")),
        cells={4: ("R..R", "5.7."), 6: ("R..5..", "7.5..."), 8: ("R..R..5.", "7.8...5."), 12: ("R..R..5.7.5.",)},
        fine=True,
        approach=0.2,
        length=0.75,
    ),
    "highlife": BassStyle(
        bars=(("R--5--8-R--5--3-", "R--5--8-5---3---"),),
        cells={4: ("R-5-", "8-5-"), 6: ("R--5--", "8-5-3-"), 8: ("R--5--8-", "5---3---"), 12: ("R--5--8-5-3-",)},
        fine=True,
        approach=0.3,
        chromatic=0.0,
    ),
    "neworleans": BassStyle(
        bars=(("R--5--8-R--5--8-", "R--5--8-5---R---"), ("R--3--5-7--5--3-", "R--3--5-8---5---")),
        cells={4: ("R--5", "8---"), 6: ("R--5--", "8---5-"), 8: ("R--5--8-", "5---R---"), 12: ("R--5--8-5---",)},
        approach=0.5,
        chromatic=0.5,
        length=0.85,
    ),
    "country": BassStyle(
        bars=(("R---....5---....",) * 2, ("R---....5---....", "R---....5---3---")),
        cells={4: ("R-..", "5-.."), 6: ("R---..", "5---.."), 8: ("R---5---",), 12: ("R-------5---",)},
        approach=0.6,
        chromatic=0.0,
        root=0.6,
        octave=0.0,
        length=0.8,
    ),
    "middleeastern": BassStyle(
        bars=(("R-------R---5---", "R-----R-R-------"), ("R-..R-R-5---R---",) * 2),
        cells={4: ("R---", "5-R-"), 6: ("R---R-", "R-5---"), 8: ("R-----R-", "R---5---"), 12: ("R-----R-5---",)},
        approach=0.2,
        root=0.8,
        octave=0.1,
    ),
}
"""Every style of the settings; an unknown one is played as rock."""


def bass_style(style: str) -> BassStyle:
    """How a style's bass is played."""
    return STYLES.get(style, STYLES["rock"])


def bass_row(style: str, meter: Meter, number: int, seed: str, bpm: float, take: int = 0) -> str:
    """The row of one bar, empty in styles without rows.

    Args:
        style: Of the settings' styles.
        meter: Its groups take a cell each.
        number: Number of the bar from the form's beat one.
        seed: The same seed chooses the same rows.
        bpm: A fast bar of 16ths is played over two.
        take: 0, or another number for other rows of the same style, where it has any.
    """
    kind = bass_style(style)
    if not kind.bars:
        return ""
    chosen = Choice(Random(f"{seed}/bassline").random(), take)
    cells = f"{seed}/{take}" if take else seed
    out = ""
    for place, (_, size) in enumerate(groups_of(meter)):
        if size == 16:
            pair = chosen.of(kind.bars)
            whole = pair[number % 2]
            if kind.fine and bpm > _FAST:
                half = pair[0][:8] if number % 2 == 0 else pair[0][8:]
                whole = "".join(sign + ("-" if sign != "." else ".") for sign in half)
            out += whole
            continue
        rng = Random(f"{cells}/bassline/{number % 2}/{place}")
        left = size
        while left > 0:
            fits = [n for n in kind.cells if n <= left and left - n not in (1, 2, 3)]
            piece = max(fits, default=min(kind.cells))
            rows = kind.cells[piece]
            first = not place and left == size
            out += rows[0 if first else int(rng.random() * len(rows))][:left]
            left -= piece
    return out[: meter.bar_frames]
