"""Metrics with their confidence, beside their baselines: the table and the JSON object of ``evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Statistic = Callable[["NDArray[np.float64]"], float]
"""From rows, one a piece, to one number."""

RESAMPLES = 1000
SEED = 20261121


def mean(rows: NDArray[np.float64]) -> float:
    """Mean over pieces."""
    return float(rows.mean())


def ratio(rows: NDArray[np.float64]) -> float:
    """Sum of the first column over sum of the second: a share pooled over pieces."""
    below = float(rows[:, 1].sum())
    return float(rows[:, 0].sum()) / below if below else 0.0


def bootstrap_ci(per_piece: ArrayLike, statistic: Statistic = mean) -> tuple[float, float]:
    """95 % percentile bootstrap interval over pieces, with a fixed seed.

    Args:
        per_piece: (pieces,) or (pieces, columns).
        statistic: Computed on every resample of the rows.

    Raises:
        ValueError: There is no piece.
    """
    rows = np.asarray(per_piece, np.float64)
    if len(rows) == 0:
        raise ValueError("no pieces to measure")
    rng = np.random.default_rng(SEED)
    values = [statistic(rows[rng.integers(0, len(rows), len(rows))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


@dataclass(frozen=True)
class Metric:
    """One measured figure.

    Attributes:
        name: Its name in the table and the JSON.
        value: The shipped model's.
        n: Pieces (or whatever is counted) behind it.
        ci95: Bootstrap interval over pieces.
        must: Gate, or None where nothing is asked.
        aim: Target, or None.
        most: Upper end of the gate where it has two ends (``must`` is the lower one), or None.
        aim_most: Upper end of such a target, or None.
        baselines: Causal baselines under the same rules, by name: these must be beaten where ``gated``.
        reference: Baselines that see the future or break the rules; printed, never gating.
        higher: More is better.
        gated: The model must beat every causal baseline here.
        floating: The unquantised model's value, when measured.
    """

    name: str
    value: float
    n: int
    ci95: tuple[float, float]
    must: float | None = None
    aim: float | None = None
    baselines: Mapping[str, float] = field(default_factory=dict)
    reference: Mapping[str, float] = field(default_factory=dict)
    higher: bool = True
    gated: bool = False
    floating: float | None = None
    most: float | None = None
    aim_most: float | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        """What this metric fails, each a short clause; empty when all is well."""
        found = []
        if self.must is not None and not self._as_good(self.value, self.must):
            found.append(f"{self.name} {self.value:.4g} misses its must of {self.must:.4g}")
        if self.most is not None and self.value > self.most:
            found.append(f"{self.name} {self.value:.4g} is over its most of {self.most:.4g}")
        if self.gated:
            found += [
                f"{self.name} {self.value:.4g} does not beat {name} ({other:.4g})"
                for name, other in self.baselines.items()
                if self._as_good(other, self.value)
            ]
        if self.floating is not None:
            slack = max(0.01 * abs(self.floating), (self.ci95[1] - self.ci95[0]) / 2)
            worse = (self.floating - self.value) if self.higher else (self.value - self.floating)
            if worse > slack:
                found.append(f"{self.name} loses {worse:.4g} by quantisation (allowed {slack:.4g})")
        return tuple(found)

    @property
    def lost_to(self) -> tuple[str, ...]:
        """Causal baselines that do better than the model here, whether or not they gate."""
        return tuple(name for name, other in self.baselines.items() if not self._as_good(self.value, other))

    def _as_good(self, a: float, b: float) -> bool:
        return a >= b if self.higher else a <= b

    def json(self) -> dict[str, Any]:
        """The metric as it stands in the JSON object."""
        row: dict[str, Any] = {
            "value": _rounded(self.value),
            "n": self.n,
            "ci95": [_rounded(end) for end in self.ci95],
            "must": self.must,
            "aim": self.aim,
            "baselines": {name: _rounded(value) for name, value in self.baselines.items()},
        }
        if self.most is not None:
            row["most"] = self.most
        if self.aim_most is not None:
            row["aim_most"] = self.aim_most
        if self.reference:
            row["reference"] = {name: _rounded(value) for name, value in self.reference.items()}
        if self.floating is not None:
            row["float"] = _rounded(self.floating)
        return row


def measure(
    name: str,
    per_piece: ArrayLike,
    *,
    statistic: Statistic = mean,
    baselines: Mapping[str, ArrayLike] | None = None,
    reference: Mapping[str, ArrayLike] | None = None,
    floating: ArrayLike | None = None,
    **more: Any,
) -> Metric:
    """A metric from per-piece rows of the model and of each baseline.

    Args:
        name: Its name.
        per_piece: The model's rows: (pieces,) or (pieces, columns).
        statistic: From rows to the figure.
        baselines: Rows of each causal baseline.
        reference: Rows of each baseline that only informs.
        floating: Rows of the unquantised model.
        **more: ``must``, ``aim``, ``most``, ``aim_most``, ``higher``, ``gated`` of ``Metric``.
    """
    rows = np.asarray(per_piece, np.float64)

    def figures(given: Mapping[str, ArrayLike] | None) -> dict[str, float]:
        return {key: statistic(np.asarray(value, np.float64)) for key, value in (given or {}).items()}

    return Metric(
        name,
        statistic(rows),
        len(rows),
        bootstrap_ci(rows, statistic),
        baselines=figures(baselines),
        reference=figures(reference),
        floating=None if floating is None else statistic(np.asarray(floating, np.float64)),
        **more,
    )


def report(family: str, metrics: Sequence[Metric], *, pieces: int, runtime: str, model_sha256: str) -> dict[str, Any]:
    """The object that ``sideman-lab evaluate FAMILY --json`` prints."""
    return {
        "family": family,
        "model_sha256": model_sha256,
        "runtime": runtime,
        "pieces": pieces,
        "metrics": {metric.name: metric.json() for metric in metrics},
    }


def failures(metrics: Sequence[Metric]) -> list[str]:
    """Everything that fails, as clauses; empty when the model may ship."""
    return [clause for metric in metrics for clause in metric.failures]


def table(metrics: Sequence[Metric], *, markdown: bool = False) -> str:
    """The metrics as a table, each beside its baselines; reference baselines are marked.

    Args:
        metrics: Rows in order.
        markdown: For a model card; otherwise aligned for a terminal.
    """
    floating = any(metric.floating is not None for metric in metrics)
    head = ["metric", "model", "95 % CI", "n", "must", "aim", *(["float"] if floating else []), "baselines"]
    rows = [[*_cells(metric, floating=floating), _beside(metric)] for metric in metrics]
    if markdown:
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=True)), line[-1]])
        for line in [head, *rows]
    )


def _cells(metric: Metric, *, floating: bool) -> list[str]:
    cells = [
        metric.name + ("" if metric.higher else " (lower is better)"),
        f"{metric.value:.4g}",
        f"{metric.ci95[0]:.4g} to {metric.ci95[1]:.4g}",
        str(metric.n),
        _range(metric.must, metric.most),
        _range(metric.aim, metric.aim_most),
    ]
    return [*cells, "" if metric.floating is None else f"{metric.floating:.4g}"] if floating else cells


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"{high:.4g}"
    return f"{low:.4g}" if high is None else f"{low:.4g} to {high:.4g}"


def _beside(metric: Metric) -> str:
    shown = [f"{name} {value:.4g}" for name, value in metric.baselines.items()]
    shown += [f"{name} {value:.4g} (reference)" for name, value in metric.reference.items()]
    return ", ".join(shown)


def _rounded(value: float) -> float:
    return round(float(value), 6)
