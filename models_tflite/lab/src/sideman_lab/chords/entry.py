"""The first chord after listening: does it fit the melody that comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import NO_CHORD
from sideman_lab.chords.measure import nic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]

BEATS = 16
"""Frames of the first chord that count: four beats."""


def first_chord(played: Ints, silence: int) -> slice:
    """Rows of the first chord after the silence, four beats of it at most; empty where none came."""
    sounding = np.flatnonzero(played[silence:] < NO_CHORD)
    if not len(sounding):
        return slice(0, 0)
    start = silence + int(sounding[0])
    same = played[start : start + BEATS] == played[start]
    length = len(same) if same.all() else int(np.flatnonzero(~same)[0])
    return slice(start, start + length)


def scored(piece: FramedPiece, played: Ints, rows: slice) -> float:
    """Note-in-chord of some rows; NaN where melody and chord never meet there."""
    masked = np.full(len(piece), NO_CHORD, np.int64)
    masked[rows] = played[rows]
    return nic(piece, masked)
