"""What the chord model is measured against. Causal ones keep the same rule: melody before ``t - commit`` only."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD
from sideman.music.harmony import estimate_key
from sideman_lab.chords import hmm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]

Baseline = Callable[["FramedPiece", int], "Ints"]
RECENT = 32
"""Frames that the greedy histogram looks back."""


def tonic_triad(histogram: list[float]) -> int:
    """Class of the tonic triad of the key a histogram suggests."""
    tonic, mode, _ = estimate_key(histogram)
    return tonic + (12 if mode == "min" else 0)


def histogram(classes: Ints) -> list[float]:
    """Pitch-class counts of frames, -1 for silence."""
    counts: list[float] = np.bincount(classes[classes >= 0], minlength=12).astype(float).tolist()
    return counts


def covering(classes: Ints) -> int:
    """The major or minor triad that covers these frames best, its root breaking ties."""
    counts = np.array(histogram(classes))
    return int((TONES[:24] @ counts + 0.01 * counts[np.arange(24) % 12]).argmax())


def drone_hindsight(piece: FramedPiece, _commit: int) -> Ints:
    """One tonic triad for ever, the key found with the whole melody: a reference, it sees the future."""
    return np.full(len(piece), tonic_triad(histogram(piece.classes)), np.int64)


def drone_online(piece: FramedPiece, commit: int) -> Ints:
    """The tonic triad of the key found in what was heard so far, looked up on every beat."""
    return _on_beats(piece, commit, lambda heard: tonic_triad(histogram(heard)))


def greedy(piece: FramedPiece, commit: int) -> Ints:
    """The triad that covers the last 8 beats best, on every beat."""
    return _on_beats(piece, commit, lambda heard: covering(heard[-RECENT:]))


def degree(piece: FramedPiece, commit: int) -> Ints:
    """The chord that most often stands under the degree of the last note heard, in the key found so far."""
    table = hmm.fitted().degree

    def most_frequent(heard: Ints) -> int:
        tonic = estimate_key(histogram(heard))[0]
        last = int(heard[heard >= 0][-1])
        chord = int(table[(last - tonic) % 12])
        return chord // 12 * 12 + (chord + tonic) % 12

    return _on_beats(piece, commit, most_frequent)


def copy_four_bars(piece: FramedPiece, commit: int) -> Ints:
    """The triad that covers the melody of the same half-bar four bars ago best; before that, greedy."""
    out = greedy(piece, commit)
    lag = 4 * piece.meter.bar_frames
    edges = [*np.flatnonzero(piece.strong).tolist(), len(piece)]
    for start, stop in pairwise(edges):
        then = piece.classes[max(start - lag, 0) : max(min(stop - lag, start - commit), 0)]
        if start >= lag and (then >= 0).any():
            out[start:stop] = covering(then)
    return out


def _on_beats(piece: FramedPiece, commit: int, choose: Callable[[Ints], int]) -> Ints:
    where = hmm.places(piece)
    classes = piece.classes
    out = np.full(len(piece), NO_CHORD, np.int64)
    current = NO_CHORD
    for row in range(len(piece)):
        heard = classes[: max(row - commit, 0)]
        if (where[row] >= 0 or current == NO_CHORD) and (heard >= 0).any():
            current = choose(heard)
        out[row] = current
    return out


CAUSAL: dict[str, Baseline] = {
    "drone, online key": drone_online,
    "greedy histogram": greedy,
    "HMM": lambda p, c: hmm.run(p, c, hmm.Kind()),
    "HMM + form": lambda p, c: hmm.run(p, c, hmm.Kind(metre=True, form=True)),
    "half-bar HMM + form": lambda p, c: hmm.run(p, c, hmm.Kind(metre=True, form=True, strong_only=True)),
    "chord per degree": degree,
    "copy four bars ago": copy_four_bars,
}
REFERENCE: dict[str, Baseline] = {
    "drone, key by hindsight": drone_hindsight,
    "human": lambda p, _c: p.human,
}
