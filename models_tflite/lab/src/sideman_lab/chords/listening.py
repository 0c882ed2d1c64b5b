"""The listening index: different melodies must give more different chords than different seeds do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import NO_CHORD
from sideman_lab.chords.loops import downbeat
from sideman_lab.chords.measure import tonic_of
from sideman_lab.chords.recovery import cut
from sideman_lab.chords.shipped import shipped
from sideman_lab.chords.streaming import play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]

BARS = 8
SEEDS = (1, 2)


def by_hash(pieces: Sequence[FramedPiece]) -> list[FramedPiece]:
    """Pieces in an order that depends on their ids alone."""
    return sorted(pieces, key=lambda piece: hashlib.sha256(piece.id.encode()).digest())


def edit_distance(a: Sequence[int], b: Sequence[int]) -> float:
    """Levenshtein distance over the length of the longer sequence, 0 for two empty ones."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1] / max(len(a), len(b), 1)


def words(piece: FramedPiece, played: Ints) -> list[int]:
    """The chord on each strong beat of eight bars."""
    start = downbeat(piece)
    rows = np.arange(start, start + BARS * piece.meter.bar_frames)
    return [int(c) for c in played[rows[piece.strong[rows]]]]


def in_key_of(piece: FramedPiece, other: FramedPiece) -> FramedPiece:
    """A piece moved the shorter way to the tonic of another one, so that the key alone makes no difference."""
    by = (tonic_of(other) - tonic_of(piece) + 6) % 12 - 6
    late = piece.human
    human = np.where(late < NO_CHORD, late // 12 * 12 + (late % 12 + by) % 12, NO_CHORD)
    return replace(piece, pitch=np.where(piece.pitch > 0, piece.pitch + by, 0), human=human)


def pairs(pieces: Sequence[FramedPiece], most: int) -> list[tuple[FramedPiece, FramedPiece]]:
    """Pairs of pieces of one meter that hold eight bars, the second in the key of the first; chosen by hash."""
    long = [p for p in by_hash(pieces) if len(p) >= downbeat(p) + BARS * p.meter.bar_frames]
    meters = sorted({str(p.meter) for p in long})
    alike = [[p for p in long if str(p.meter) == meter] for meter in meters]
    found = [(a, in_key_of(b, a)) for group in alike for a, b in list(pairwise(group))[::2]]
    return sorted(found, key=lambda pair: hashlib.sha256(pair[0].id.encode()).digest())[:most]


@dataclass(frozen=True)
class Heard:
    """Distances of one pair: between two melodies, between two seeds, and between the two written harmonies."""

    melodies: float
    seeds: float
    human: float

    @property
    def index(self) -> float:
        """How much more another melody changes than another seed."""
        return self.melodies - self.seeds


def listen(graph: Graph, a: FramedPiece, b: FramedPiece, commit: int) -> Heard:
    """Play a pair: A with two seeds, B with the first."""
    size = BARS * a.meter.bar_frames
    short = [cut(p, downbeat(p) + size) for p in (a, b)]
    one, two = (shipped(a.meter, seed) for seed in SEEDS)
    first = words(short[0], play(graph, short[0], commit, options=one).classes)
    again = words(short[0], play(graph, short[0], commit, options=two).classes)
    other = words(short[1], play(graph, short[1], commit, options=one).classes)
    written = [words(p, p.human) for p in short]
    return Heard(edit_distance(first, other), edit_distance(first, again), edit_distance(*written))
