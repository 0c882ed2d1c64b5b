"""Is the confidence that is shown worth its name: calibration error, and what happens where it is lowest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BINS = 10
DECILE = 0.1


def binned(piece: FramedPiece, played: Ints, sure: NDArray[np.float32]) -> list[float]:
    """Of one piece, for each tenth of confidence: frames, sum of confidence, frames with exactly the written triad.

    Only frames in which both the written chord and the model's sound.
    """
    where = (piece.human < NO_CHORD) & (played < NO_CHORD)
    bins = np.clip((sure[where] * BINS).astype(int), 0, BINS - 1)
    right = (played == piece.human)[where]
    columns = [np.bincount(bins, weights, BINS) for weights in (None, sure[where].astype(float), right.astype(float))]
    return [float(x) for column in columns for x in column]


def calibration_error(rows: Floats) -> float:
    """Expected calibration error over all frames: mean gap of confidence and share right, by tenths."""
    count, sure, right = np.split(rows.sum(axis=0), 3)
    return float(np.abs(sure - right).sum() / max(count.sum(), 1))


def least_sure(
    pieces: Sequence[FramedPiece], played: Sequence[Ints], sure: Sequence[NDArray[np.float32]], drone: Sequence[Ints]
) -> tuple[list[list[float]], list[list[float]]]:
    """Note-in-chord counts of each piece in the tenth of all frames with the lowest confidence: ours, the drone's.

    Returns:
        Rows of (frames in the chord, frames) for each piece that has such frames.
    """
    masks = [(p.pitch > 0) & (c < NO_CHORD) & (d < NO_CHORD) for p, c, d in zip(pieces, played, drone, strict=True)]
    every = np.concatenate([s[mask] for s, mask in zip(sure, masks, strict=True)])
    if not len(every):
        return [], []
    limit = np.quantile(every, DECILE)
    ours, theirs = [], []
    for piece, classes, shown, held, mask in zip(pieces, played, sure, drone, masks, strict=True):
        low = mask & (shown <= limit)
        if low.any():
            pitch = piece.pitch[low] % 12
            ours.append([float(TONES[classes[low], pitch].sum()), float(low.sum())])
            theirs.append([float(TONES[held[low], pitch].sum()), float(low.sum())])
    return ours, theirs
