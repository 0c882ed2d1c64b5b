"""Rows without a gate: published measures beside the written chords and the drone (specification 3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman_lab.chords import measure as m
from sideman_lab.chords import melodic
from sideman_lab.chords.baselines import CAUSAL
from sideman_lab.metrics import Metric, mean, measure, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece
    from sideman_lab.metrics import Statistic

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

MEASURES: dict[str, Callable[[FramedPiece, Ints], float]] = {
    "CTnCTR": melodic.chord_tone_ratio,
    "PCS": melodic.consonance,
    "MCTD": melodic.melody_distance,
    "CHE": lambda _p, x: melodic.histogram_entropy(x),
    "CC": lambda _p, x: melodic.distinct(x),
    "CTD": lambda _p, x: melodic.chord_distance(x),
    "chord entropy by time": lambda _p, x: m.chord_entropy(x),
}
LOWER = frozenset({"MCTD", "Sync-EMD"})
SYNC_RESAMPLED = 18


def reported_rows(pieces: Sequence[FramedPiece], ours: Sequence[Ints], others: dict[str, list[Ints]]) -> list[Metric]:
    """Every published measure of the model, each baseline and the written chords."""
    out = []
    for name, score in MEASURES.items():

        def rows(played: Sequence[Ints], score: Callable[[FramedPiece, Ints], float] = score) -> Floats:
            values = np.array([score(p, x) for p, x in zip(pieces, played, strict=True)])
            return np.asarray(values[~np.isnan(values)], np.float64)

        out.append(_beside(name, rows, ours, others))
    out.append(
        _beside("chords under two beats, share", lambda x: [melodic.short_share(p) for p in x], ours, others, ratio)
    )
    name = "changes that keep the root, share"
    out.append(_beside(name, lambda x: [melodic.parallel_share(p) for p in x], ours, others, ratio))
    human = np.array([melodic.sync_histogram(p, p.human) for p in pieces])

    def sync(played: Sequence[Ints]) -> Floats:
        counts = [melodic.sync_histogram(p, x) for p, x in zip(pieces, played, strict=True)]
        return np.concatenate([np.array(counts), human], axis=1)

    out.append(_beside("Sync-EMD", sync, ours, others, _sync))
    out.append(_vendi(pieces, ours, others))
    return out


def _beside(
    name: str,
    rows: Callable[[Sequence[Ints]], object],
    ours: Sequence[Ints],
    others: dict[str, list[Ints]],
    statistic: Statistic = mean,
) -> Metric:
    return measure(
        name,
        np.asarray(rows(ours), float),
        baselines={k: np.asarray(rows(v), float) for k, v in others.items() if k in CAUSAL},
        reference={k: np.asarray(rows(v), float) for k, v in others.items() if k not in CAUSAL},
        higher=name not in LOWER,
        statistic=statistic,
    )


def _sync(rows: Floats) -> float:
    return melodic.sync_distance(rows[:, :SYNC_RESAMPLED].tolist(), rows[:, SYNC_RESAMPLED:].tolist())


def _vendi(pieces: Sequence[FramedPiece], ours: Sequence[Ints], others: dict[str, list[Ints]]) -> Metric:
    value = m.vendi(pieces, ours)
    return Metric(
        "Vendi score",
        value,
        len(pieces),
        (
            value,
            value,
        ),  # one figure of the whole set; its ratio to the human one has an interval among the rule's parts
        baselines={k: m.vendi(pieces, v) for k, v in others.items() if k in CAUSAL},
        reference={k: m.vendi(pieces, v) for k, v in others.items() if k not in CAUSAL},
    )
