"""What the comping hand plays in each style: bars of 4/4 in twos, and cells for the groups of every other meter.

A row has one sign a 16th: ``X`` firm, ``x`` plain, ``o`` soft stroke of the whole chord, ``b`` its lowest voice, ``u``
the voices above it, ``1`` to ``4`` one voice from below, ``-`` it sounds on, ``.`` silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """A way of comping.

    Attributes:
        bars: Pairs of 4/4 bars; a jam chooses one pair.
        turn: Bars of 4/4 that close four bars; the last one closes eight.
        cells: Rows for a group of so many 16ths; the first row opens a bar.
        early: Share of the changes on strong beats that come an eighth early.
        shape: How the chord lies (see :mod:`sideman.music.voicing`).
        waits: Whether a new chord may wait for the next off-beat.
        pedal: Whether what is struck rings on until the chord changes.
        fine: Whether the rows go by 16ths: at a fast tempo a bar of them is played over two.
    """

    bars: tuple[Pair, ...]
    turn: tuple[str, ...]
    cells: Mapping[int, tuple[str, ...]]
    early: float = 0.18
    shape: str = "close"
    waits: bool = False
    pedal: bool = False
    fine: bool = False


FAMILIES: Mapping[str, Family] = {
    "rock": Family(
        bars=(
            ("X-----X---x-x---", "X-----X-x---x-x-"),
            ("X---x-X---x---x-", "X-----x-X-x-----"),
            ("X---x---X---x-x-", "X---x-x---x---x-"),
        ),
        turn=("X-----x-X-x-x-x-", "X---X---X-x-X-x-"),
        cells={
            4: ("X---", "x---", "x-x-"),
            6: ("X---x-", "x-----", "x-x-x-"),
            8: ("X-----x-", "x---x-x-"),
            12: ("X-----x-x---", "X---x---x-x-", "X-------x-x-"),
        },
        early=0.25,
    ),
    "punk": Family(
        bars=(("X-x-x-x-X-x-x-x-", "X-x-x-x-X-x-X-x-"),),
        turn=("X-x-x-x-X---X---", "X-X-X-X-X-X-X-X-"),
        cells={4: ("X-x-",), 6: ("X-x-x-",), 8: ("X-x-x-x-",), 12: ("X-x-x-x-x-x-",)},
        early=0.1,
        shape="power",
    ),
    "pop": Family(
        bars=(
            ("X-------x-----x-", "X-------x---x---"),
            ("1-2-3-2-4-2-3-2-", "1-2-3-2-4-3-2-3-"),
            ("X-----u-x-------", "X-----u-x---u---"),
            ("b---u---b---u-u-", "b---u---b-u-u---"),
        ),
        turn=("X-------x---x-x-", "X---x---x-x-x---"),
        cells={
            4: ("X---", "x---", "u---"),
            6: ("b-u-u-", "1-2-3-", "X-----"),
            8: ("X-------", "x---u-u-", "1-2-3-2-"),
            12: ("b---u---u---", "1-2-3-4-3-2-", "X-------u---"),
        },
        early=0.2,
        pedal=True,
    ),
    "ballad": Family(
        bars=(
            ("1-2-3-4-3-2-3-2-", "1-2-3-4-3-2-4-3-"),
            ("b---u-------u---", "b---u---3---u---"),
            ("X---------------", "X-------u-------"),
        ),
        turn=("b---u---3-4-u---", "1-2-3-4-u-------"),
        cells={
            4: ("b-u-", "u---"),
            6: ("1-2-3-", "b-2-u-"),
            8: ("1-2-3-2-", "b---u---", "u-------"),
            12: ("1-2-3-4-3-2-", "b---u---u---", "X-----------"),
        },
        early=0.05,
        shape="open",
        pedal=True,
    ),
    "jazz": Family(
        bars=(
            ("X-....x---......", "..x---....x-...."),
            ("X-....x-......x-", "....x-....x---.."),
            ("x-..x-..x-..x-..", "x-..x-..x-..x-x-"),
            ("..x-....x---....", "X-....x-....x-.."),
        ),
        turn=("x-..x---..x-..x-", "X-..x-x-..x-x-.."),
        cells={
            4: ("X-..", "x-..", "..x-"),
            6: ("X-..x-", "x---..", "....x-"),
            8: ("X-....x-", "..x---..", "x-..x-.."),
            12: ("X-....x-....", "....x-..x-..", "x-..x-..x-.."),
        },
        early=0.3,
        shape="shell",
    ),
    "blues": Family(
        bars=(
            ("X---..x-X---..x-", "X---..x-x-..x-x-"),
            ("X-..x-..X-..x-x-", "X-..x-..x-x-..x-"),
            ("..x-..x-..x-..x-", "X-....x---......"),
        ),
        turn=("X-..x-x-..x-x-..", "X-x-..x-x---X---"),
        cells={
            4: ("X-..", "x-x-"),
            6: ("X---x-", "x-..x-"),
            8: ("X---..x-", "x-..x-x-"),
            12: ("X---..x-x-..", "X-..x-..x-x-"),
        },
        early=0.2,
    ),
    "funk": Family(
        bars=(
            ("X..x..x....x..x.", "X..x....x..x..x."),
            ("..x..x.X..x....x", "X..x..x.....x..x"),
            ("X..o..x.o..x..o.", "X..o..x....x.xo."),
        ),
        turn=("X..x..x.x..x.xx.", "X.xx..x.X...x.x."),
        cells={
            4: ("X..x", "..x.", "o.x."),
            6: ("X..x..", "..x..x", "x..o.x"),
            8: ("X..x..x.", "..x..x.o"),
            12: ("X..x..x....x", "X....x..x..o"),
        },
        early=0.3,
        fine=True,
    ),
    "reggae": Family(
        bars=(("..X...X...X...X.", "..X...X...X...X."), ("..Xo..Xo..Xo..Xo", "..Xo..X...Xo..X.")),
        turn=("..X...X...X.x.X.", "..X...X...X.X..."),
        cells={4: ("..X.",), 6: ("..X.x.", "..X..."), 8: ("..X...X.",), 12: ("..X...X...X.",)},
        early=0.0,
        waits=True,
    ),
    "country": Family(
        bars=(
            ("b-..u-..b-..u-u-", "b-..u-..b-..u-.."),
            ("b-u.b-u.b-u.b-u.", "b-u.b-u.b-u.uxu."),
            ("b---u---b---u-u-", "b---u-u-b---u---"),
        ),
        turn=("b-..u-..b-u-u-u-", "b-..u-..X---u---"),
        cells={
            4: ("b-u.",),
            6: ("b-u-u-", "b---u-"),
            8: ("b-..u-..", "b---u-u-"),
            12: ("b---u---u---", "b---u---u-u-"),
        },
        early=0.08,
    ),
    "montuno": Family(
        bars=(("X.xX.x.x.x.X.x.x", "u.xX.x.x.x.X.x.X"), ("X-xx.x.x.u.x.u.x", "b.xx.u.x.b.x.u.x")),
        turn=("X.xX.x.x.x.X.x.X", "X..x..x...X.x.xx"),
        cells={
            4: ("X.x.", ".x.x", "x.x."),
            6: ("X.x..x", ".x.x.x"),
            8: ("X.xx.x.x", ".x.x.x.x"),
            12: ("X.xx.x.x.x.x", ".x.x.x.xx.x."),
        },
        early=0.5,
        fine=True,
    ),
    "bossa": Family(
        bars=(
            ("X--x--x---x--x--", "x--x--x---x--x--"),
            ("X---..x---..x---", "..x---x---x-..x-"),
            ("b--u--u-b-u--u--",) * 2,
        ),
        turn=("X--x--x---x-x-x-", "X--x--x-x---x---"),
        cells={
            4: ("X--x", "x---", "..x-"),
            6: ("X--x--", "x---x-"),
            8: ("X--x--x-", "..x--x--"),
            12: ("X--x--x--x--", "X---..x---x-"),
        },
        early=0.35,
        shape="shell",
    ),
    "afrobeat": Family(
        bars=(
            ("x.xx..x.x.xx..x.", "x.xx..x.x.x...x."),
            ("1.3.2.u.1.3.2.u.", "1.3.2.u.1.3u2.u."),
            ("X..x..x...x.x...",) * 2,
        ),
        turn=("x.xx..x.x.x.x.x.", "X..x..x.X..x..x."),
        cells={
            4: ("x.x.", "x..x"),
            6: ("x.x..x", "x..x.x"),
            8: ("x.xx..x.", "x.x...x."),
            12: ("x.x..x.x.x..", "x.x.xx.x.x.."),
        },
        early=0.15,
        fine=True,
    ),
    "highlife": Family(
        bars=(("1--3--2-4--3--2-", "1--3--2-u--3--2-"), ("u.1.3.u.2.3.1.3.", "u.1.3.u.2.3.u-u.")),
        turn=("1--3--2-u--u--u-", "u--u--u-X---u---"),
        cells={
            4: ("1-3-", "2-u-"),
            6: ("1-3-2-", "1--u--"),
            8: ("1--3--2-", "u.1.3.2."),
            12: ("1-3-2-4-3-2-", "1--3--2--u--"),
        },
        early=0.1,
        fine=True,
    ),
    "gospel": Family(
        bars=(
            ("X-----x-X---x-x-", "X---x---x--x--x-"),
            ("X-------x-x-x---", "X-----x---x-x-x-"),
            ("b-u-u-u-b-u-u-u-", "b-u-u-u-x---x-x-"),
        ),
        turn=("X---x-x-X-x-x-x-", "X--x--x-X--x--x-"),
        cells={
            4: ("X---", "x-x-"),
            6: ("X---x-", "b-u-u-"),
            8: ("X-----x-", "x---x-x-"),
            12: ("X---x---x-x-", "b-u-u-b-u-u-"),
        },
        early=0.25,
        shape="open",
        pedal=True,
    ),
    "soul": Family(
        bars=(
            ("X-------..x-x---", "X-----..x-x-..x-"),
            ("....X.......X.x.", "..x.X.....x.X..."),
            ("X---x.x-....x.x-", "X---x...x-x-...."),
        ),
        turn=("X---x-x-..x-x-x-", "X-..X-..X-x-X-.."),
        cells={
            4: ("X---", "..x."),
            6: ("X---x-", "x-..x-"),
            8: ("X---..x-", "....X..."),
            12: ("X-----x-..x-", "X---..x-x..."),
        },
        early=0.3,
    ),
    "hiphop": Family(
        bars=(
            ("X-----------....", "X---....x-......"),
            ("X-------....x-..", "X-----....x-...."),
            ("X--x--......x-..", "X--x--.........."),
        ),
        turn=("X-----..x-..x-..", "X--x--..x-x-...."),
        cells={
            4: ("X---", "...."),
            6: ("X-----", "....x-"),
            8: ("X-----..", "....x-.."),
            12: ("X-------....", "X-----..x-.."),
        },
        early=0.15,
    ),
    "dance": Family(
        bars=(
            ("..X-..X-..X-..X-", "..X-..X-..X-..Xx"),
            ("X..X..X...X..X..", "X..X..X...X..X.x"),
            ("X--x--x-..x--x--", "X--x--x-..x--x--"),
        ),
        turn=("..X-..X-..X-X-X-", "X..X..X.X.X.X.X."),
        cells={
            4: ("..X-", "X..x"),
            6: ("..X-x-", "X..x.."),
            8: ("..X-..X-", "X..X..X."),
            12: ("..X-..X-..X-", "X..X..X..X.."),
        },
        early=0.0,
        waits=True,
    ),
    "drone": Family(
        bars=(
            ("X---------------", "X---------x-u---"),
            ("X-u-..u-b---u---", "X-u-..u-b-u-u---"),
            ("b---u-u-b-u-u-u-", "b---u-u-b---u---"),
        ),
        turn=("X---u-u-b-u-u-u-", "X---u-u-u-u-X---"),
        cells={
            4: ("X---", "u-u-"),
            6: ("X---u-", "b-u-u-"),
            8: ("X-------", "b-u---u-"),
            12: ("X-----u-u---", "b---u-u-u---"),
        },
        early=0.0,
        shape="open",
        pedal=True,
    ),
    "secondline": Family(
        bars=(
            ("X--x--x-....x---", "X--x--x-x--x----"),
            ("X--x--x-x-x---x-", "..x-x--x..x-x---"),
        ),
        turn=("X--x--x-X-x-x---", "X--x--x-X---X---"),
        cells={
            4: ("X--x", "x-x-"),
            6: ("X--x--", "x-x-x-"),
            8: ("X--x--x-", "..x-x---"),
            12: ("X--x--x-x---", "X---x-x--x--"),
        },
        early=0.2,
    ),
}
"""Every way of comping by its name."""

OF_STYLE: Mapping[str, str] = {
    "rock": "rock", "latin": "bossa", "jazz": "jazz", "funk": "funk", "hiphop": "hiphop", "neworleans": "secondline",
    "afrobeat": "afrobeat", "pop": "pop", "soul": "soul", "dance": "dance", "afrocuban": "montuno", "punk": "punk",
    "blues": "blues", "reggae": "reggae", "country": "country", "gospel": "gospel", "middleeastern": "drone",
    "highlife": "highlife",
}  # fmt: skip
_SLOW = {"rock", "pop", "soul", "gospel"}
_BALLAD_BPM = 72
_MONTUNO_BPM = 116


def family(style: str, bpm: float = 100.0) -> Family:
    """How a style is comped at a tempo: slow songs are ballads, fast latin is played in montunos."""
    name = OF_STYLE.get(style, "rock")
    if style in _SLOW and bpm < _BALLAD_BPM:
        name = "ballad"
    if style == "latin" and bpm >= _MONTUNO_BPM:
        name = "montuno"
    return FAMILIES[name]
