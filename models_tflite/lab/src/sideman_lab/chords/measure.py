"""Chord metrics on frames (specification 3.6) and the anti-gaming rule, part by part."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD
from sideman.music.harmony import estimate_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]

FREE_FRAMES = 8
"""Silence in so many frames after the first note does not count."""


def nic(piece: FramedPiece, played: Ints, *, strong_onsets: bool = False) -> float:
    """Share of frames whose melody pitch is in the chord, where both sound; NaN where they never do."""
    where = (piece.pitch > 0) & (played < NO_CHORD)
    if strong_onsets:
        where &= piece.strong & piece.struck
    if not where.any():
        return math.nan
    return float(TONES[played[where], piece.pitch[where] % 12].mean())


def accuracy(piece: FramedPiece, played: Ints) -> float:
    """Share of frames with melody and a written chord in which the triad is exactly the written one."""
    where = (piece.pitch > 0) & (piece.human < NO_CHORD)
    return float((played[where] == piece.human[where]).mean())


def changes(played: Ints) -> Ints:
    """Rows at which a chord begins that differs from what sounded before; the first chord is no change."""
    sounding = np.flatnonzero(played < NO_CHORD)
    if not len(sounding):
        return np.zeros(0, np.int64)
    rows = np.flatnonzero((played[1:] != played[:-1]) & (played[1:] < NO_CHORD)) + 1
    return np.asarray(rows[rows > sounding[0]], np.int64)


def lengths(played: Ints) -> list[int]:
    """Length in frames of every chord."""
    edges = np.flatnonzero(np.concatenate([[True], played[1:] != played[:-1]]))
    stops = np.append(edges[1:], len(played))
    return [int(b - a) for a, b in zip(edges, stops, strict=True) if played[a] < NO_CHORD]


def entropy(counts: Counter[int]) -> float:
    """Entropy in nats of a histogram."""
    total = sum(counts.values())
    return -sum(n / total * math.log(n / total) for n in counts.values()) if total else 0.0


def chord_entropy(played: Ints) -> float:
    """Entropy of the chords of one piece, weighted by time."""
    return entropy(Counter(int(c) for c in played if c < NO_CHORD))


def length_entropy(all_played: Sequence[Ints]) -> float:
    """Entropy of chord lengths over all pieces, bins 0 to 32 frames and beyond."""
    return entropy(Counter(min(n, 33) for played in all_played for n in lengths(played)))


def silence(piece: FramedPiece, played: Ints) -> float:
    """Share of silent frames from the first note on, the first 8 of them free."""
    start = int(np.flatnonzero(piece.pitch > 0)[0]) + FREE_FRAMES
    return float((played[start:] == NO_CHORD).mean()) if start < len(played) else 0.0


def tonic_of(piece: FramedPiece) -> int:
    """Tonic of the whole melody by hindsight."""
    return estimate_key(np.bincount(piece.pitch[piece.pitch > 0] % 12, minlength=12).tolist())[0]


def vendi(pieces: Sequence[FramedPiece], all_played: Sequence[Ints]) -> float:
    """Vendi score: exponential of the entropy of the eigenvalues of the pieces' bigram similarities."""
    rows = np.zeros((len(pieces), 36 * 36), np.float32)
    for row, piece, played in zip(rows, pieces, all_played, strict=True):
        tonic = tonic_of(piece)
        sequence = [int(c) for i, c in enumerate(played) if c < NO_CHORD and (i == 0 or played[i - 1] != c)]
        relative = [c // 12 * 12 + (c % 12 - tonic) % 12 for c in sequence]
        for a, b in pairwise(relative if len(relative) > 1 else relative * 2):
            row[a * 36 + b] += 1
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(norms > 0, norms, 1)
    values = np.linalg.eigvalsh((rows @ rows.T).astype(np.float64) / len(rows))
    values = values[values > 1e-12]
    values /= values.sum()
    return float(np.exp(-(values * np.log(values)).sum()))


@dataclass(frozen=True)
class RulePart:
    """One part of the anti-gaming rule."""

    name: str
    value: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the value lies in its bounds."""
        return self.low <= self.value <= self.high


def tones_per_chord(classes: Sequence[Ints], tones: Sequence[Ints]) -> float:
    """Mean number of sounding pitch classes of a chord, each chord counted once.

    Args:
        classes: Triad class of each frame of each piece.
        tones: Sounding pitch classes of each frame of each piece.
    """
    every = []
    for played, full in zip(classes, tones, strict=True):
        new = np.concatenate([[True], (played[1:] != played[:-1]) | (full[1:] != full[:-1])])
        every.append(full[new & (played < NO_CHORD)])
    found = np.concatenate(every)
    return float(found.mean()) if len(found) else 0.0


def over(a: float, b: float) -> float:
    """A ratio; 0 where there is nothing to divide by."""
    return float(a) / float(b) if b else 0.0


CHASING = 0.05
"""Note-in-chord so far above people's is chasing notes."""


def chased(pieces: Sequence[FramedPiece], all_played: Sequence[Ints]) -> list[float]:
    """How far each piece's note-in-chord passes that of the written chords."""
    return [nic(piece, p) - nic(piece, piece.human) for piece, p in zip(pieces, all_played, strict=True)]


def rule(pieces: Sequence[FramedPiece], all_played: Sequence[Ints], tones: float = 3.0) -> list[RulePart]:
    """The anti-gaming rule over a set of pieces, against the written chords on the same frames.

    Variety below people's (both entropies, the Vendi ratio) breaks nothing: a tune with three chords may have three.

    Args:
        pieces: The pieces.
        all_played: Triad class of each frame of each piece.
        tones: Mean sounding pitch classes of a chord that was played (``tones_per_chord``); 3 for triads.
    """
    human = [piece.human for piece in pieces]
    bars = sum(piece.bars for piece in pieces)
    ours = [changes(p) for p in all_played]
    count = sum(len(c) for c in ours)
    human_rate = sum(len(changes(p)) for p in human) / bars
    strong = sum(int(piece.strong[c].sum()) for piece, c in zip(pieces, ours, strict=True))
    human_chords = tones_per_chord(human, [piece.human_tones for piece in pieces])
    che = float(np.mean([chord_entropy(p) for p in all_played]))
    human_che = float(np.mean([chord_entropy(p) for p in human]))
    quiet = float(np.mean([silence(piece, p) for piece, p in zip(pieces, all_played, strict=True)]))
    inf = math.inf
    return [
        RulePart("rate ratio", over(count / bars, human_rate), 0.8, 1.25),
        RulePart("chord entropy ratio", over(che, human_che), 0.0, 1.15),
        RulePart("length entropy ratio", over(length_entropy(all_played), length_entropy(human)), 0.0, 1.15),
        RulePart("Vendi ratio", over(vendi(pieces, all_played), vendi(pieces, human)), 0.0, inf),
        RulePart("strong share", over(strong, count), 0.75, inf),
        RulePart("silence", quiet, 0.0, 0.04),
        RulePart("tones per chord ratio", over(tones, human_chords), 0.0, 1.1),
        RulePart("NiC above people's", float(np.nanmean(chased(pieces, all_played))), -inf, CHASING),
    ]
