"""Large letters of the OLED: drawn from strokes at any size, so that a word fills the width and reads from afar.

Every letter is a set of polylines on a grid of 4 x 6 units (y downwards). A pixel is lit when its centre lies within
half a stroke of a line; corner points are snapped to the pixel grid first, so that uprights and bars stay crisp.
Nothing but arithmetic is used, which makes every picture the same on every machine.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

_UNITS = (4.0, 6.0)

_STROKES = {
    "A": "0,6 0,2 2,0 4,2 4,6;0,4 4,4",
    "B": "0,6 0,0 3,0 4,1 4,2 3,3 0,3;3,3 4,4 4,5 3,6 0,6",
    "C": "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5",
    "D": "0,0 0,6 3,6 4,5 4,1 3,0 0,0",
    "E": "4,0 0,0 0,6 4,6;0,3 3,3",
    "F": "4,0 0,0 0,6;0,3 3,3",
    "G": "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,3.2 2.4,3.2",
    "H": "0,0 0,6;4,0 4,6;0,3 4,3",
    "I": "2,0 2,6",
    "J": "4,0 4,5 3,6 1,6 0,5",
    "K": "0,0 0,6;4,0 0,3.4;1.4,2.6 4,6",
    "L": "0,0 0,6 4,6",
    "M": "0,6 0,0 2,2.6 4,0 4,6",
    "N": "0,6 0,0 4,6 4,0",
    "O": "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0",
    "P": "0,6 0,0 3,0 4,1 4,2.4 3,3.4 0,3.4",
    "Q": "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0;2.4,4.4 4,6",
    "R": "0,6 0,0 3,0 4,1 4,2.4 3,3.4 0,3.4;2,3.4 4,6",
    "S": "4,1 3,0 1,0 0,1 0,2 1,3 3,3 4,4 4,5 3,6 1,6 0,5",
    "T": "0,0 4,0;2,0 2,6",
    "U": "0,0 0,5 1,6 3,6 4,5 4,0",
    "V": "0,0 2,6 4,0",
    "W": "0,0 0.7,6 2,3 3.3,6 4,0",
    "X": "0,0 4,6;4,0 0,6",
    "Y": "0,0 2,3 4,0;2,3 2,6",
    "Z": "0,0 4,0 0,6 4,6",
    "0": "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0",
    "1": "0.6,1.4 2,0 2,6",
    "2": "0,1 1,0 3,0 4,1 4,2.2 0,6 4,6",
    "3": "0,1 1,0 3,0 4,1 4,2 3,3 1.6,3;3,3 4,4 4,5 3,6 1,6 0,5",
    "4": "3,6 3,0 0,4.2 4,4.2",
    "5": "4,0 0,0 0,2.6 3,2.6 4,3.6 4,5 3,6 1,6 0,5",
    "6": "3.6,0 1.6,0 0,1.6 0,5 1,6 3,6 4,5 4,3.6 3,2.6 0,2.6",
    "7": "0,0 4,0 1.4,6",
    "8": "1,0 3,0 4,1 4,2 3,3 1,3 0,2 0,1 1,0;1,3 0,4 0,5 1,6 3,6 4,5 4,4 3,3",
    "9": "0.4,6 2.4,6 4,4.4 4,1 3,0 1,0 0,1 0,2.4 1,3.4 4,3.4",
    "?": "0,1 1,0 3,0 4,1 4,2 2,3.4 2,4.2;2,6 2,6",
    "!": "2,0 2,3.8;2,6 2,6",
    ".": "2,6 2,6",
    ":": "2,2 2,2;2,5 2,5",
    "/": "3.6,0 0.4,6",
    "-": "0.4,3 3.6,3",
    "+": "0.2,3.2 3.8,3.2;2,1.4 2,5",
    "=": "0.2,2.2 3.8,2.2;0.2,4.2 3.8,4.2",
    "'": "2,0 2,1.2",
    "·": "2,3 2,3",
    "×": "0.4,2 3.6,5;3.6,2 0.4,5",
    "→": "0,3 4,3;2.4,1.4 4,3 2.4,4.6",
    "#": "0.8,0.3 0.8,5.7;3.2,0.3 3.2,5.7;0,1.7 4,1.7;0,4.3 4,4.3",
    "♯": "0.8,0.3 0.8,5.7;3.2,0.3 3.2,5.7;0,1.7 4,1.7;0,4.3 4,4.3",
    ">": "0.6,1.4 3.4,3.2 0.6,5",
    "<": "3.4,1.4 0.6,3.2 3.4,5",
    ",": "2,5 1.4,6",
    "(": "3,0 2,1 2,5 3,6",
    ")": "1,0 2,1 2,5 1,6",
    "%": "0.4,6 3.6,0;0.4,0.6 0.4,0.6;3.6,5.4 3.6,5.4",
    "&": "4,6 1,2 1,1 2,0 3,1 3,2 0,4 0,5 1,6 2.4,6 4,4",
    "♩": "3,0 3,5 2,6 1,5.4 3,4.6",
    "°": "0.8,0 2.6,0 2.6,1.6 0.8,1.6 0.8,0",
    "ø": "1,2.4 3,2.4 4,3.4 4,5 3,6 1,6 0,5 0,3.4 1,2.4;4,1.6 0,6",
    "Δ": "0,6 2,1 4,6 0,6",
    "♭": "0.4,0 0.4,6 3,3.6 1.8,2.8 0.4,3.6",
    "b": "0,0 0,6 3,6 4,5 4,3.4 3,2.4 0,2.4",
    "d": "4,0 4,6 1,6 0,5 0,3.4 1,2.4 4,2.4",
    "i": "2,2.4 2,6;2,0.4 2,0.4",
    "m": "0,6 0,2.4 3.4,2.4 4,3.2 4,6;2,2.4 2,6",
    "s": "4,2.4 0.8,2.4 0,3.3 1,4.2 3,4.2 4,5.1 3,6 0,6",
    "u": "0,2.4 0,5 1,6 3,6 4,5;4,2.4 4,6",
    "o": "1,2.4 3,2.4 4,3.4 4,5 3,6 1,6 0,5 0,3.4 1,2.4",
    "h": "0,0 0,6;0,3.4 1,2.4 3,2.4 4,3.4 4,6",
    "a": "0.6,2.4 3,2.4 4,3.3 4,6 1,6 0,5.1 1,4.2 4,4.2",
    "j": "3,2.4 3,5.4 2,6 0.6,6;3,0.4 3,0.4",
}

_NARROW = {
    **dict.fromkeys(".:!'", 0.3),
    **dict.fromkeys("Ii", 0.34),
    **dict.fromkeys("() ", 0.5),
    "·": 0.36,
    ",": 0.4,
    "1": 0.62,
    "/": 0.85,
}
"""Letters that take less than a full box, as a part of it."""
_WIDE = {"m": 1.5, "#": 1.5, "♯": 1.5}
"""Letters that need more room to stay open."""

Bitmap = tuple[tuple[bool, ...], ...]
_Line = tuple[tuple[float, float], tuple[float, float]]


def box_width(letter: str, width: int, stroke: int) -> int:
    """Pixels across of one letter when a full letter takes ``width``."""
    part = _NARROW.get(letter) or _WIDE.get(letter)
    return width if part is None else max(stroke, round(width * part))


def word_width(text: str, width: int, stroke: int) -> int:
    """Pixels across of a word, its gaps included."""
    return sum(box_width(letter, width, stroke) for letter in text) + gap(stroke) * max(0, len(text) - 1)


def gap(stroke: int) -> int:
    """Pixels between two letters."""
    return max(2, stroke - 1)


def fit(text: str, room: int, height: int) -> tuple[int, int]:
    """The widest letter (and its stroke) with which a word fits into ``room`` pixels: ``(letter width, stroke)``."""
    widest = min(40, round(height * 0.8))
    for width in range(widest, 4, -1):
        stroke = max(2, min(round(width * 0.27), height // 5))
        if word_width(text, width, stroke) <= room:
            return width, stroke
    return 5, 2


@lru_cache(maxsize=256)
def letter_rows(letter: str, width: int, height: int, stroke: int) -> Bitmap:
    """One letter as rows of lit pixels, ``height`` rows of its own width (see ``box_width``)."""
    across = box_width(letter, width, stroke)
    lines = _lines(_STROKES.get(letter) or _STROKES.get(letter.upper(), "" if letter == " " else _STROKES["?"]))
    narrow = letter in _NARROW
    snapped = [
        (_snap(a, across, height, stroke, narrow=narrow), _snap(b, across, height, stroke, narrow=narrow))
        for a, b in lines
    ]
    reach = (stroke / 2) ** 2 + 0.01
    return tuple(
        tuple(any(_distance2(x + 0.5, y + 0.5, line) <= reach for line in snapped) for x in range(across))
        for y in range(height)
    )


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    for polyline in text.split(";") if text else ():
        points = [(float(x), float(y)) for x, y in (pair.split(",") for pair in polyline.split())]
        lines.extend(pairwise(points))
    return lines


def _snap(point: tuple[float, float], across: int, height: int, stroke: int, *, narrow: bool) -> tuple[float, float]:
    """Grid units to pixels: the stroke's edges fall on pixel borders."""
    half = stroke / 2
    u = point[0] / _UNITS[0]
    if narrow and across <= stroke * 2:
        u = 0.5
    x = half + u * (across - stroke)
    y = half + point[1] / _UNITS[1] * (height - stroke)
    return round(x - half) + half, round(y - half) + half


def _distance2(x: float, y: float, line: _Line) -> float:
    (ax, ay), (bx, by) = line
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length2))
    ex, ey = x - ax - t * dx, y - ay - t * dy
    return ex * ex + ey * ey
