"""What one evaluation of the chord model found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sideman_lab.metrics import failures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sideman_lab.chords.measure import RulePart
    from sideman_lab.chords.piece import FramedPiece
    from sideman_lab.chords.streaming import Played
    from sideman_lab.metrics import Metric

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """Everything that one evaluation found."""

    pieces: list[FramedPiece]
    played: list[Played]
    baselines: dict[str, list[Ints]]
    metrics: list[Metric]
    rules: dict[str, list[RulePart]]
    runtime: str
    curves: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Counts by beat around a move by a tritone (``recovery.by_beat``), by who played."""


def rule_table(outcome: Outcome) -> str:
    """The anti-gaming rule part by part, for the model and each baseline."""
    lines = ["anti-gaming rule (! = broken)"]
    for name, parts in outcome.rules.items():
        words = "  ".join(f"{part.name} {part.value:.2f}{'' if part.holds else '!'}" for part in parts)
        lines.append(f"  {name:24s} {'kept  ' if all(p.holds for p in parts) else 'BROKEN'}  {words}")
    return "\n".join(lines)


def missed(outcome: Outcome) -> list[str]:
    """What misses its must, and what breaks the anti-gaming rule."""
    return failures(outcome.metrics)
