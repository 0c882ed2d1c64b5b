"""Where the band comes in after listening, and whether its first chord fits the melody that comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import NO_CHORD
from sideman.music.entry import silent_until
from sideman.music.meter import FRAME_TICKS
from sideman_lab.chords.measure import nic
from sideman_lab.chords.shipped import LISTEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]

BEATS = 16
"""Frames of the first chord that count: four beats."""


def enters(piece: FramedPiece, silence: int) -> int:
    """Row in which the band comes in by the box's own rule, on a bar line.

    Args:
        piece: The piece.
        silence: Ticks in which it only listens, from the first note on; 0 for none: it plays as soon as it has heard.
    """
    if not silence:
        return 0
    first = piece.first + int(np.flatnonzero(piece.pitch > 0)[0])
    bars = -(-silent_until(first * FRAME_TICKS, silence, piece.meter) // piece.meter.bar_ticks)
    return max(bars * piece.meter.bar_frames - piece.first, 0)


def after_listening(piece: FramedPiece) -> int:
    """The same with the box's default silence period."""
    return enters(piece, LISTEN * piece.meter.beat_ticks)


def first_chord(played: Ints, enters: int) -> slice:
    """Rows of the first chord from the entry on, four beats of it at most; empty where none came."""
    sounding = np.flatnonzero(played[enters:] < NO_CHORD)
    if not len(sounding):
        return slice(0, 0)
    start = enters + int(sounding[0])
    same = played[start : start + BEATS] == played[start]
    length = len(same) if same.all() else int(np.flatnonzero(~same)[0])
    return slice(start, start + length)


def scored(piece: FramedPiece, played: Ints, rows: slice) -> float:
    """Note-in-chord of some rows; NaN where melody and chord never meet there."""
    masked = np.full(len(piece), NO_CHORD, np.int64)
    masked[rows] = played[rows]
    return nic(piece, masked)
