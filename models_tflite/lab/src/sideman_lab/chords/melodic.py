"""Published measures of melody against chords (Yeh et al. 2021; specification 3.6), reported beside the gates."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD
from sideman_lab.chords.measure import entropy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

STEP = 2
"""Semitones by which a foreign note may resolve."""
SYNC_BINS = 18
"""Frames 0 to 16 from the nearest onset before, and beyond."""
_CLASSES = np.arange(12)
_ANGLES = ((7 * np.pi / 6, 1.0), (3 * np.pi / 2, 1.0), (2 * np.pi / 3, 0.5))
CENTROIDS = np.stack([r * f(_CLASSES * a) for a, r in _ANGLES for f in (np.sin, np.cos)], axis=1)
"""Tonal centroid of each pitch class, shape (12, 6) (Harte et al. 2006: fifths, minor thirds, major thirds)."""
CHORD_CENTROIDS = TONES @ CENTROIDS / TONES.sum(axis=1, keepdims=True)
_SCORE = np.array([1, -1, -1, 1, 1, 0, -1, 1, 1, 1, -1, -1], float)
"""Of each interval above a chord note: unison, thirds, fifth and sixths 1, fourth 0, else -1."""
CONSONANCE = np.array([[_SCORE[(pc - tones) % 12].mean() for pc in range(12)] for tones in map(np.flatnonzero, TONES)])
"""Consonance of each pitch class with each triad, averaged over the triad's notes, shape (36, 12)."""


def both(piece: FramedPiece, played: Ints) -> Ints:
    """Rows in which melody and chord sound."""
    return np.flatnonzero((piece.pitch > 0) & (played < NO_CHORD))


def chord_tone_ratio(piece: FramedPiece, played: Ints) -> float:
    """CTnCTR: chord tones, and foreign notes that step to a chord tone within two notes, over all notes."""
    rows = np.flatnonzero(piece.struck & (played < NO_CHORD))
    if not len(rows):
        return float("nan")
    pitch = piece.pitch[rows]
    inside = TONES[played[rows], pitch % 12] > 0
    good = 0
    for i in range(len(rows)):
        near = slice(i + 1, i + 3)
        resolves = (inside[near] & (np.abs(pitch[near] - pitch[i]) <= STEP)).any()
        good += bool(inside[i] or resolves)
    return good / len(rows)


def consonance(piece: FramedPiece, played: Ints) -> float:
    """PCS: pitch consonance score, a mean over frames, -1 to 1."""
    rows = both(piece, played)
    return float(CONSONANCE[played[rows], piece.pitch[rows] % 12].mean()) if len(rows) else float("nan")


def melody_distance(piece: FramedPiece, played: Ints) -> float:
    """MCTD: mean distance of the tonal centroids of melody and chord, over frames."""
    rows = both(piece, played)
    gap = CENTROIDS[piece.pitch[rows] % 12] - CHORD_CENTROIDS[played[rows]]
    return float(np.linalg.norm(gap, axis=1).mean()) if len(rows) else float("nan")


def sequence(played: Ints) -> list[int]:
    """The chords one after the other, each once; silence between equal ones does not part them."""
    out: list[int] = []
    for chord in played[played < NO_CHORD].tolist():
        if not out or out[-1] != chord:
            out.append(chord)
    return out


def distinct(played: Ints) -> float:
    """CC: number of distinct chords."""
    return float(len(set(played[played < NO_CHORD].tolist())))


def histogram_entropy(played: Ints) -> float:
    """CHE of the chord sequence: entropy in nats of how often each chord is played (Yeh counts chords, not time)."""
    return entropy(Counter(sequence(played)))


def chord_distance(played: Ints) -> float:
    """CTD: mean tonal-centroid distance of neighbouring chords, 0 where there is but one."""
    gaps = [float(np.linalg.norm(CHORD_CENTROIDS[a] - CHORD_CENTROIDS[b])) for a, b in pairwise(sequence(played))]
    return float(np.mean(gaps)) if gaps else 0.0


def short_share(played: Ints) -> tuple[float, float]:
    """Chords under two beats, and chords; the last one of a piece is not counted, it is cut by the end."""
    edges = np.flatnonzero(np.concatenate([[True], played[1:] != played[:-1]]))
    size = [int(b - a) for a, b in pairwise(edges.tolist()) if played[a] < NO_CHORD]
    return float(sum(n < 8 for n in size)), float(len(size))


def parallel_share(played: Ints) -> tuple[float, float]:
    """Changes from one chord to another on the same root, as from F to Fm, and changes."""
    sounding = played[played < NO_CHORD]
    moved = sounding[1:] != sounding[:-1]
    same = sounding[1:] % 12 == sounding[:-1] % 12
    return float((moved & same).sum()), float(moved.sum())


def sync_histogram(piece: FramedPiece, played: Ints) -> list[float]:
    """How many frames each chord begins after the nearest note onset before it, bins 0 to 16 and beyond."""
    onsets = np.flatnonzero(piece.struck)
    starts = np.flatnonzero((played < NO_CHORD) & np.concatenate([[True], played[1:] != played[:-1]]))
    out = np.zeros(SYNC_BINS)
    for start in starts:
        before = onsets[onsets <= start]
        if len(before):
            out[min(int(start - before[-1]), SYNC_BINS - 1)] += 1
    return [float(n) for n in out]


def sync_distance(ours: Sequence[Sequence[float]], human: Sequence[Sequence[float]]) -> float:
    """Sync-EMD: Earth Mover's Distance of the two pooled histograms, their 18 bins one unit wide in all, times 1000."""
    shares = [np.sum(rows, axis=0) / max(float(np.sum(rows)), 1.0) for rows in (ours, human)]
    return float(1000 * np.abs(np.cumsum(shares[0] - shares[1])).sum() / (SYNC_BINS - 1))
