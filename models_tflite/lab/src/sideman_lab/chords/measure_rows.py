"""The anti-gaming rule as rows with counts of each piece, so that every part has its bootstrap interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import NO_CHORD
from sideman_lab.chords import measure as m
from sideman_lab.metrics import SEED, Metric, bootstrap_ci

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece
    from sideman_lab.metrics import Statistic

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

VENDI_RESAMPLES = 60
"""Each takes the eigenvalues of a matrix as wide as the set."""
LENGTHS = 34


def rule_rows(
    pieces: Sequence[FramedPiece], played: Sequence[Ints], tones: Sequence[Ints], suffix: str = ""
) -> list[Metric]:
    """Every part of the rule as a metric: the same values as ``measure.rule``, with intervals over pieces."""
    human, full = [p.human for p in pieces], [p.human_tones for p in pieces]
    bars = [p.bars for p in pieces]
    moves, written = [m.changes(x) for x in played], [m.changes(x) for x in human]
    strong = [int(p.strong[c].sum()) for p, c in zip(pieces, moves, strict=True)]
    counts = np.array(
        [[len(a), len(b), s, b2] for a, b, s, b2 in zip(moves, written, strong, bars, strict=True)], float
    )
    entropies = np.array([[m.chord_entropy(a), m.chord_entropy(b)] for a, b in zip(played, human, strict=True)])
    lengths = np.array([[*_lengths(a), *_lengths(b)] for a, b in zip(played, human, strict=True)])
    quiet = np.array([m.silence(p, x) for p, x in zip(pieces, played, strict=True)])
    sounding = [[*_tones(a, s), *_tones(b, f)] for a, s, b, f in zip(played, tones, human, full, strict=True)]
    table: list[tuple[Floats, Statistic]] = [
        (counts, lambda rows: m.over(rows[:, 0].sum(), rows[:, 1].sum())),
        (entropies, lambda rows: m.over(rows[:, 0].mean(), rows[:, 1].mean())),
        (lengths, lambda rows: m.over(_entropy(rows[:, :LENGTHS]), _entropy(rows[:, LENGTHS:]))),
        (counts, lambda rows: m.over(rows[:, 2].sum(), rows[:, 0].sum())),
        (quiet, lambda rows: float(rows.mean())),
        (np.array(sounding), lambda rows: m.over(m.over(*rows.sum(axis=0)[:2]), m.over(*rows.sum(axis=0)[2:]))),
    ]
    parts = m.rule(pieces, played, m.tones_per_chord(played, tones))
    intervals = [bootstrap_ci(rows, statistic) for rows, statistic in table]
    intervals.insert(3, _vendi_interval(pieces, played))
    intervals.append(bootstrap_ci(np.array(m.chased(pieces, played)), lambda rows: float(np.nanmean(rows))))
    return [_row(part, ci, len(pieces), suffix) for part, ci in zip(parts, intervals, strict=True)]


def _row(part: m.RulePart, ci: tuple[float, float], n: int, suffix: str) -> Metric:
    name = f"rule{suffix}: {part.name}"
    if part.low == 0.0 and math.isinf(part.high):
        return Metric(name, part.value, n, ci)
    if part.low <= 0.0:
        return Metric(name, part.value, n, ci, must=part.high, higher=False)
    return Metric(name, part.value, n, ci, must=part.low, most=part.high if math.isfinite(part.high) else None)


def _lengths(played: Ints) -> Floats:
    out = np.zeros(LENGTHS)
    for length in m.lengths(played):
        out[min(length, LENGTHS - 1)] += 1
    return out


def _entropy(rows: Floats) -> float:
    shares = rows.sum(axis=0)
    shares = shares[shares > 0] / max(float(shares.sum()), 1.0)
    return float(-(shares * np.log(shares)).sum())


def _tones(played: Ints, tones: Ints) -> tuple[float, float]:
    new = np.concatenate([[True], (played[1:] != played[:-1]) | (tones[1:] != tones[:-1])]) & (played < NO_CHORD)
    return float(tones[new].sum()), float(new.sum())


def _vendi_interval(pieces: Sequence[FramedPiece], played: Sequence[Ints]) -> tuple[float, float]:
    rng = np.random.default_rng(SEED)
    values = []
    for _ in range(VENDI_RESAMPLES):
        chosen = rng.integers(0, len(pieces), len(pieces))
        some = [pieces[i] for i in chosen]
        values.append(m.over(m.vendi(some, [played[i] for i in chosen]), m.vendi(some, [p.human for p in some])))
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
