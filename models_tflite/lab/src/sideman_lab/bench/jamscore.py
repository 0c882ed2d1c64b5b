"""JamScore: how far the band is on its way from the baselines to the aims, and its parts.

The mean of (value - baseline) / (moonshot - baseline), clipped to 0-1, over the bold targets of ``targets.toml``;
zero when the anti-gaming rule is broken. One number for a release note, never the only one.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGETS = Path(__file__).with_name("targets.toml")
Rows = Mapping[str, Mapping[str, float]]
"""Figures of each row of the bench."""


@dataclass(frozen=True)
class Target:
    """One row of ``targets.toml``; see there."""

    musician: str
    what: str
    player: str
    figure: str
    baseline: float | str
    moonshot: float | None = None
    over: float | None = None
    must: float | None = None
    must_over: float | None = None
    bold: bool = False


@dataclass(frozen=True)
class PartScore:
    """A target with what was measured: ``share`` is 0 at the baseline and 1 at the moonshot; NaN if not measured."""

    target: Target
    value: float
    baseline: float
    moonshot: float
    must: float
    share: float


@dataclass(frozen=True)
class JamScore:
    """The score, its parts, and what of the anti-gaming rule is broken; NaN where a bold target was not measured."""

    score: float
    parts: tuple[PartScore, ...]
    broken: tuple[str, ...]


def targets(file: Path = TARGETS) -> list[Target]:
    """The targets.

    Raises:
        ValueError: A row has no moonshot, or a key that is not known.
    """
    found = []
    for number, row in enumerate(tomllib.loads(file.read_text(encoding="utf-8"))["target"], 1):
        try:
            found.append(Target(**row))
        except TypeError as error:
            raise ValueError(f"{file.name}, target {number}: {error}") from error
        if (found[-1].moonshot is None) == (found[-1].over is None):
            raise ValueError(f"{file.name}, target {number}: give it either moonshot or over")
    return found


def score(rows: Rows, broken: Sequence[str], wanted: Sequence[Target] | None = None) -> JamScore:
    """The score of a bench.

    Args:
        rows: Its figures.
        broken: Parts of the anti-gaming rule that do not hold.
        wanted: The targets; None reads ``targets.toml``.
    """
    parts = tuple(_part(target, rows) for target in (targets() if wanted is None else wanted))
    bold = [part.share for part in parts if part.target.bold]
    mean = sum(bold) / len(bold) if bold else math.nan
    return JamScore(0.0 if broken else mean, parts, tuple(broken))


def _part(target: Target, rows: Rows) -> PartScore:
    row = rows.get(target.player, {})
    value = row.get(target.figure, math.nan)
    base = row.get(target.baseline, math.nan) if isinstance(target.baseline, str) else target.baseline
    moon = target.moonshot if target.moonshot is not None else base + (target.over or 0.0)
    must = target.must if target.must is not None else base + (target.must_over or math.nan)
    share = (value - base) / (moon - base) if moon != base else math.nan
    return PartScore(target, value, base, moon, must, share if math.isnan(share) else min(1.0, max(0.0, share)))


def table(found: JamScore) -> str:
    """The score with its parts, a line each; bold ones are marked."""
    lines = [f"{'JamScore':36} {'value':>7} {'baseline':>8} {'must':>7} {'moonshot':>8} {'share':>6}"]
    for part in found.parts:
        mark = "*" if part.target.bold else " "
        lines.append(
            f"{mark} {part.target.what:34} {part.value:7.3f} {part.baseline:8.3f} {part.must:7.3f} "
            f"{part.moonshot:8.3f} {part.share:6.2f}"
        )
    why = f" (zero: anti-gaming rule broken: {'; '.join(found.broken)})" if found.broken else ""
    lines.append(f"= JamScore {found.score:.3f}, the mean of the shares marked *{why}")
    return "\n".join(lines)


def plain(found: JamScore) -> dict[str, Any]:
    """For JSON."""
    return {
        "score": found.score,
        "broken": list(found.broken),
        "parts": [
            {
                "musician": p.target.musician,
                "what": p.target.what,
                "player": p.target.player,
                "figure": p.target.figure,
                "value": p.value,
                "baseline": p.baseline,
                "must": p.must,
                "moonshot": p.moonshot,
                "share": p.share,
                "bold": p.target.bold,
            }
            for p in found.parts
        ],
    }
