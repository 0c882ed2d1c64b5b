"""The training loop of the chord nets: one-cycle rate, averaged weights, the best kept, everything resumable."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import nn

    State = dict[str, torch.Tensor]
    Loss = Callable[[np.random.Generator], tuple[torch.Tensor, dict[str, float]]]
    Check = Callable[[State], list[float]]

CHECK_EVERY = 100
SLOWEST = 2e-5


@dataclass(frozen=True)
class Plan:
    """How long and how fast.

    Attributes:
        steps: Length of the one-cycle schedule.
        rate: Highest learning rate.
        minutes: The schedule ends at the latest when it has run so long, resumed runs added up.
        seed: Of weights and crops.
        stop_at: Stop early after this many steps (used to show that it resumes).
        warm: Share of the schedule in which the rate rises.
        check_every: Steps between looks at the validation songs.
        decay: Weight decay.
    """

    steps: int
    rate: float = 4e-3
    minutes: float = 30.0
    seed: int = 1
    stop_at: int | None = None
    warm: float = 0.04
    check_every: int = CHECK_EVERY
    decay: float = 0.01

    def rate_at(self, share: float) -> float:
        """The rate when so much of the schedule is done."""
        if share < self.warm:
            return self.rate * min(1.0, share / self.warm + 0.02)
        return max(self.rate * 0.5 * (1 + math.cos(math.pi * share)), SLOWEST)


@dataclass
class _Kept:
    average: State
    best: State
    top: float = -math.inf
    best_step: int = 0
    done: int = 0
    spent: float = 0.0
    figures: list[list[float]] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)


def run_loop(
    net: nn.Module,
    plan: Plan,
    file: Path,
    loss: Loss,
    check: Check | None = None,
    about: dict[str, Any] | None = None,
) -> Path:
    """Train, or go on from ``file``.

    Args:
        net: The net; its weights are the starting point unless ``file`` exists.
        plan: Schedule.
        file: The checkpoint, written once a minute and at the end.
        loss: Loss and its parts of a fresh batch, by the step's own random generator.
        check: Figures of averaged weights on the validation songs; the weights with the highest mean are ``best``.

        about: Plain values to keep with the weights: what they were trained on.

    Returns:
        The checkpoint.

    Raises:
        ValueError: ``file`` was trained on other sets than ``about`` names.
    """
    torch.set_num_threads(1)
    file.parent.mkdir(parents=True, exist_ok=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=plan.decay)
    start = {name: value.clone() for name, value in net.state_dict().items()}
    kept = _Kept(start, start, about=about or {})
    if file.exists():
        _resume(file, kept, net, optimiser)
    first, began, spoke, saved = kept.done, time.monotonic(), 0.0, time.monotonic()
    end = min(plan.steps, plan.stop_at or plan.steps)
    spent = kept.spent
    share = max(kept.done / plan.steps, spent / (60 * plan.minutes))
    while kept.done < end and share < 1:
        share = max(kept.done / plan.steps, (spent + time.monotonic() - began) / (60 * plan.minutes))
        for group in optimiser.param_groups:
            group["lr"] = plan.rate_at(min(share, 1.0))
        net.train()
        total, parts = loss(np.random.default_rng((plan.seed, kept.done)))
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        kept.done += 1
        _follow(kept, net)
        now = time.monotonic()
        kept.spent = spent + now - began
        last = kept.done == end or share >= 1
        if check is None:
            kept.best, kept.best_step = kept.average, kept.done
        elif kept.done % plan.check_every == 0 or last:
            _look(kept, check)
        if now - spoke > 2:
            spoke = now
            left = min((now - began) / (kept.done - first) * (end - kept.done), 60 * plan.minutes * (1 - share))
            words = " ".join(f"{name} {value:.3f}" for name, value in parts.items())
            print(f"step {kept.done}/{end} {words} · {left / 60:.1f} min left", flush=True)
        if now - saved > 60 or last:
            saved = now
            _save(file, kept, net, optimiser)
    return file


def _follow(kept: _Kept, net: nn.Module) -> None:
    """Move the averaged weights towards the net's."""
    keep = min(0.998, kept.done / (kept.done + 20))
    with torch.no_grad():
        for name, value in net.state_dict().items():
            kept.average[name].lerp_(value, 1 - keep)


def _look(kept: _Kept, check: Check) -> None:
    found = check(kept.average)
    print(f"step {kept.done} validation {' '.join(f'{x:.4f}' for x in found)}", flush=True)
    kept.figures.append([kept.done, *found])
    if float(np.mean(found)) > kept.top:
        kept.best = {name: value.clone() for name, value in kept.average.items()}
        kept.top, kept.best_step = float(np.mean(found)), kept.done


def _save(file: Path, kept: _Kept, net: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    partial = file.with_suffix(".part")
    content: dict[str, Any] = {"net": kept.average, "live": net.state_dict(), "best": kept.best, "top": kept.top}
    content |= {"step": kept.done, "best_step": kept.best_step, "seconds": kept.spent, "figures": kept.figures}
    content["about"] = kept.about
    torch.save({**content, "optimiser": optimiser.state_dict()}, partial)
    partial.replace(file)


def _resume(file: Path, kept: _Kept, net: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    content = torch.load(file, weights_only=True)
    before = content.get("about", {})
    if any(before.get(key) != kept.about.get(key) for key in ("sources", "rights")):
        raise ValueError(f"{file} was trained on other sets: delete it, or give another folder with --checkpoints")
    net.load_state_dict(content["live"])
    optimiser.load_state_dict(content["optimiser"])
    kept.average, kept.best, kept.top = content["net"], content["best"], float(content["top"])
    kept.done, kept.best_step, kept.spent = int(content["step"]), int(content["best_step"]), float(content["seconds"])
    kept.figures = list(content.get("figures", []))
