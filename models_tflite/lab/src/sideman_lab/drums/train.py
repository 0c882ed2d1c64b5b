"""Train the drum network on the Groove MIDI Dataset's training rows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from sideman.models.drum_features import COLUMNS, FEEL_SCALE
from sideman_lab import checkpoints
from sideman_lab.data import gmd
from sideman_lab.drums.batches import Windows, synthetic, truth_of_feel
from sideman_lab.drums.net import DrumTorch

if TYPE_CHECKING:
    import argparse

    from numpy.typing import NDArray

BATCH = 64
PEAK_RATE = 2e-3
SMOKE_STEPS = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab train drums``."""
    parser.add_argument(
        "--data", type=Path, default=None, help="data folder or the folder of gmd (default $SIDEMAN_DATA)"
    )
    parser.add_argument(
        "--minutes", type=float, default=38.0, help="wall-clock budget; the rate falls to zero at its end"
    )
    parser.add_argument("--checkpoints", type=Path, default=None, help="folder for checkpoints, outside the repository")
    parser.add_argument("--smoke", action="store_true", help="a run of seconds on patterns made by code, resumed once")
    parser.add_argument("--seed", type=int, default=1)


def laplace(log_b: torch.Tensor, error: torch.Tensor) -> torch.Tensor:
    """Negative log-likelihood of an absolute error; the error itself is not pulled by it."""
    return log_b + error.detach() * torch.exp(-log_b)


def loss_of(
    net: DrumTorch, x: torch.Tensor, truth: torch.Tensor, ask: torch.Tensor, clear: torch.Tensor, feel: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    """Hits where the lane is free, velocities and offsets of true hits, and the loop's feel where it is hidden."""
    out = net(x)
    hit, velocity, offset = truth.unbind(-1)
    played = hit * clear
    n = played.sum() + 1
    bce = torch.nn.functional.binary_cross_entropy_with_logits(out["hits"], hit, reduction="none")
    hits = (bce * ask).sum() / (ask.sum() * x.shape[1] + 1)
    ev, eo = (out["velocity"] - velocity).abs(), (out["offset"] - offset).abs()
    vel, off = (ev * played).sum() / n, (eo * played).sum() / n
    spread = (
        (laplace(out["velocity_b"].clamp(-5, 0), ev) + laplace(out["offset_b"].clamp(-5, 0), eo)) * played
    ).sum() / n
    hidden = 1 - x[:, 0, COLUMNS["feel_given"]]
    ef = (out["feel"].mean(1) - feel).abs()
    feels = ((ef + laplace(out["feel_b"].mean(1).clamp(-4, 2), ef)) * hidden).sum() / (hidden.sum() * 8 + 1)
    total = 9 * hits + 8 * vel + 12 * off + 0.2 * spread + 0.3 * feels
    parts = {"hits": hits, "velocity": vel * 127, "offset": off, "feel": feels}
    return total, {name: value.detach().item() for name, value in parts.items()}


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint so that a crash leaves the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def rate(done: float) -> float:
    """One-cycle learning rate over the share of the budget that is spent."""
    if done < 0.05:
        return PEAK_RATE * (0.1 + 0.9 * done / 0.05)
    return PEAK_RATE * (0.5 + 0.5 * float(np.cos(np.pi * min(1.0, (done - 0.05) / 0.95)))) + 2e-6


def validate(net: DrumTorch, windows: Windows, seed: int = 7) -> dict[str, float]:
    """Losses on the validation rows with the same conditions drawn every time."""
    windows.rng = np.random.default_rng(seed)
    sums: dict[str, float] = {}
    net.eval()
    with torch.no_grad():
        for _ in range(12):
            parts = loss_of(net, *batch_of(windows))[1]
            for key, value in parts.items():
                sums[key] = sums.get(key, 0) + value / 12
    net.train()
    return sums


def score_of(parts: dict[str, float]) -> float:
    """What the best checkpoint is chosen by: the weighted validation losses, lower is better."""
    return 9 * parts["hits"] + 8 * parts["velocity"] / 127 + 12 * parts["offset"]


def batch_of(windows: Windows) -> tuple[torch.Tensor, ...]:
    """A batch as tensors, with the feel of each window."""
    x, truth, ask, clear = windows.batch(BATCH)
    position: NDArray[np.float32] = x[0, :, COLUMNS["position"]]
    feel = truth_of_feel(truth, position) / FEEL_SCALE
    return tuple(torch.from_numpy(np.ascontiguousarray(a, np.float32)) for a in (x, truth, ask, clear, feel))


def train(
    windows: Windows, validation: Windows | None, folder: Path, minutes: float, steps: int | None, seed: int
) -> Path:
    """Train until the budget is spent, resuming from the last checkpoint; returns its path."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = DrumTorch()
    opt = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE, weight_decay=0.03, betas=(0.9, 0.99))
    path = folder / "last.pt"
    at, spent, best = 0, 0.0, float("inf")
    average = {k: v.clone() for k, v in net.state_dict().items()}
    if path.is_file():
        state = torch.load(path, weights_only=False)
        net.load_state_dict(state["net"])
        opt.load_state_dict(state["opt"])
        average, at, spent, best = state["average"], state["step"], state["spent"], state["best"]
        windows.rng.bit_generator.state = state["rng"]
        print(f"resumed at step {at}, {spent / 60:.1f} min spent", flush=True)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(windows.index)} windows", flush=True)
    budget, begun = minutes * 60, time.monotonic() - spent
    told = saved = time.monotonic()
    running: dict[str, float] = {}
    goal = at + steps if steps else None

    def keep() -> None:
        save(path, {
            "net": net.state_dict(), "opt": opt.state_dict(), "average": average, "step": at,
            "spent": spent, "best": best, "rng": windows.rng.bit_generator.state,
        })  # fmt: skip

    while (spent < budget) if goal is None else at < goal:
        done = min(1.0, spent / budget) if goal is None else at / goal
        for group in opt.param_groups:
            group["lr"] = rate(done)
        total, parts = loss_of(net, *batch_of(windows))
        opt.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        at += 1
        decay = min(0.999, at / (at + 50))
        with torch.no_grad():
            for key, value in net.state_dict().items():
                average[key].lerp_(value, 1 - decay)
        for key, value in parts.items():
            running[key] = 0.98 * running.get(key, value) + 0.02 * value
        now = time.monotonic()
        spent = now - begun
        if now - told > 2:
            told = now
            figures = " ".join(f"{k} {v:.3f}" for k, v in running.items())
            print(f"step {at} {spent / 60:.1f}/{minutes:.0f} min {figures}", flush=True)
        if now - saved > 60:
            saved = now
            if validation is not None:
                best = judge(net, average, validation, folder, at, best)
            keep()
    if validation is not None:
        best = judge(net, average, validation, folder, at, best)
    keep()
    return path


def judge(
    net: DrumTorch, average: dict[str, torch.Tensor], validation: Windows, folder: Path, step: int, best: float
) -> float:
    """Validate the averaged weights and keep them if they are the best so far; returns the best score."""
    live = {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(average)
    parts = validate(net, validation)
    net.load_state_dict(live)
    score = score_of(parts)
    figures = " ".join(f"{k} {v:.4f}" for k, v in parts.items())
    print(f"validation at {step}: {figures} score {score:.4f}{' best' if score < best else ''}", flush=True)
    if score < best:
        save(folder / "best.pt", {"average": average, "step": step, "score": score})
    return min(score, best)


def run(args: argparse.Namespace) -> int:
    """Train and say where the checkpoint lies."""
    folder = checkpoints.folder(args.checkpoints) / "drums"
    if args.smoke:
        made = synthetic(4, args.seed, gmd.Performance)
        folder = folder.with_name("drums-smoke")
        (folder / "last.pt").unlink(missing_ok=True)
        for _ in range(2):
            path = train(Windows(made, args.seed), None, folder, 1.0, SMOKE_STEPS // 2, args.seed)
    else:
        performances = gmd.load(gmd.folder(args.data))
        rows = [p for p in performances if p.split == "train"]
        held = [p for p in performances if p.split == "validation"]
        path = train(Windows(rows, args.seed), Windows(held, 7, augment=False), folder, args.minutes, None, args.seed)
    print(f"checkpoint: {path}")
    return 0
