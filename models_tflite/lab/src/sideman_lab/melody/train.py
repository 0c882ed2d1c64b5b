"""``sideman-lab train melody``: resumable training on one CPU thread."""

from __future__ import annotations

import argparse
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.melody_features import SLICES
from sideman_lab.melody import pieces
from sideman_lab.melody.batches import Encoded, batch, encoded
from sideman_lab.melody.encode import NO_TARGET, SCALE

if TYPE_CHECKING:
    from sideman_lab.melody.net import Net

POP, LIEDER = "pop909-structure", "openscore-lieder"
SMOKE_STEPS = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``train melody``."""
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SIDEMAN_DATA", "data")))
    parser.add_argument("--sets", nargs="+", choices=sorted(pieces.SETS), default=sorted(pieces.SETS))
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--rate", type=float, default=2.5e-3)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--checkpoint", type=Path, default=None, help="default: melody.pt in the checkpoint folder")
    parser.add_argument("--fresh", action="store_true", help="begin again even if a checkpoint is there")
    parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pieces, resumed once")


def run(args: argparse.Namespace) -> int:
    """Train; returns the exit status."""
    import torch

    torch.set_num_threads(1)
    if args.smoke:
        return _smoke(args)
    where = args.checkpoint or pieces.cache_dir() / "melody.pt"
    train, validation = _sources(args)
    _fit(args, where, train, validation)
    return 0


def _sources(args: argparse.Namespace) -> tuple[list[tuple[float, Encoded]], dict[str, Encoded]]:
    train: list[tuple[float, Encoded]] = []
    validation: dict[str, Encoded] = {}
    for name in args.sets:
        melodies = list(pieces.training_pieces(args.data, [name]))
        seen = [m for m in melodies if not pieces.is_validation(m.song)]
        held = [m for m in melodies if pieces.is_validation(m.song)]
        share = 0.6 if name == POP else 0.4
        for spoiled in (False, True):
            tag = f"{name}-{'spoiled' if spoiled else 'clean'}"
            train.append((share / 2, encoded(seen, spoiled=spoiled, seed=args.seed, cache=tag)))
        validation[name] = encoded(held, spoiled=False, seed=args.seed, cache=f"{name}-validation")
    return train, validation


def _rate(step: int, steps: int, top: float) -> float:
    """One cycle: a short rise, then a half cosine down to a fiftieth."""
    rise = max(1, steps // 20)
    if step < rise:
        return top * (step + 1) / rise
    return top * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise))))


def _fit(
    args: argparse.Namespace, where: Path, train: list[tuple[float, Encoded]], validation: dict[str, Encoded]
) -> None:
    import torch

    from sideman_lab.melody.net import Net

    torch.manual_seed(args.seed)
    net = Net()
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=0.02)
    step = 0
    if where.exists() and not args.fresh:
        held = torch.load(where, weights_only=True)
        net.load_state_dict(held["net"])
        optimiser.load_state_dict(held["optimiser"])
        torch.set_rng_state(held["dice"])
        step = int(held["step"])
        print(f"resumed at step {step}", flush=True)
    size, notes = (8, 48) if args.smoke else (32, 128)
    began, told, total, first = time.monotonic(), time.monotonic(), 0.0, step
    while step < args.steps:
        dice = np.random.default_rng([args.seed, step])
        inputs, classes = batch(train, dice, size, notes)
        for group in optimiser.param_groups:
            group["lr"] = _rate(step, args.steps, args.rate)
        net.train()
        logits = net(torch.from_numpy(inputs))
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), torch.from_numpy(classes).flatten(), ignore_index=-1, label_smoothing=0.01
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        total = 0.98 * total + 0.02 * loss.item() if step > first + 1 else loss.item()
        if time.monotonic() - told > 2:
            told = time.monotonic()
            left = (told - began) / (step - first) * (args.steps - step)
            print(f"step {step}/{args.steps} loss {total:.3f} {left / 60:.1f} min left", flush=True)
        if step % 250 == 0 or step == args.steps:
            _save(where, net, optimiser, step)
        if (step % 500 == 0 or step == args.steps) and validation:
            print(f"step {step} " + _validate(net, validation), flush=True)


def _save(where: Path, net: Net, optimiser: Any, step: int) -> None:
    import torch

    part = where.with_suffix(".part")
    held = {
        "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
        "dice": torch.get_rng_state(),
        "step": step,
    }
    try:
        torch.save(held, part)
        part.replace(where)
    except (OSError, RuntimeError) as error:  # a full disk costs this checkpoint, not the training
        print(f"checkpoint not written: {error}", flush=True)


def _validate(net: Net, validation: dict[str, Encoded]) -> str:
    """Perplexity and top-1 on held-out songs, lengths unknown and known, chords given."""
    import torch

    net.eval()
    words = []
    for name, source in validation.items():
        for mode in ("press", "known"):
            loss, right, count = 0.0, 0, 0
            for k in range(0, len(source), max(1, len(source) // 40)):
                inputs, classes = source.piece(k)
                x = inputs.astype(np.float32)[None] / SCALE
                x[:, :, SLICES["call"]] = 0.0
                if mode == "press":
                    x[:, :, SLICES["length"]] = 0.0
                with torch.no_grad():
                    logp = torch.log_softmax(net(torch.from_numpy(x))[0], -1).numpy()
                learned = np.flatnonzero(classes != NO_TARGET)
                loss -= float(logp[learned, classes[learned]].sum())
                right += int((logp[learned].argmax(1) == classes[learned]).sum())
                count += len(learned)
            words.append(f"{name} {mode} ppl {math.exp(loss / count):.3f} top1 {right / count:.3f}")
    return " | ".join(words)


def _smoke(args: argparse.Namespace) -> int:
    """Train a few steps on made-up pieces, then resume from the checkpoint."""
    from sideman_lab.melody.madeup import made_up_pieces

    where = args.checkpoint or pieces.cache_dir() / "melody-smoke.pt"
    where.unlink(missing_ok=True)
    source = encoded(made_up_pieces(12, args.seed), spoiled=True, seed=args.seed)
    for steps in (SMOKE_STEPS // 2, SMOKE_STEPS):
        args.steps = steps
        _fit(args, where, [(1.0, source)], {"made up": source})
    return 0
