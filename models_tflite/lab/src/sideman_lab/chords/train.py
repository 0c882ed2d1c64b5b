"""``sideman-lab train chords``: the melody-only GRU on POP909 and songs with derived chords, resumable."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from sideman_lab.chords.augment import CROP, UNKNOWN, make_crop, songs_of
from sideman_lab.chords.net import ChordNet
from sideman_lab.splits import side

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sideman_lab.chords.augment import Song

BATCH = 24
STEPS = 6000
RATE = 4e-3
FILE = "chords-tied.pt"
CHECK_EVERY = 100
CHECKED = 48
"""Crops of each validation set that training looks at."""
LIEDER_SHARE = 0.35
"""Of the crops, so many come from songs with derived chords."""


def loss_of(
    net: ChordNet, batch: tuple[torch.Tensor, ...], weights: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    """Sum of the three losses over every second frame.

    Args:
        net: The net.
        batch: features (B, T, F), chords (B, T, H), change (B, T, A), histogram (B, T, A, 12).
        weights: Weight of each horizon, shape (H,).
    """
    x, chords, change, histogram = batch
    states = net.trunk(x)[:, 1::2]
    chords, change, histogram = chords[:, 1::2], change[:, 1::2], histogram[:, 1::2]
    to_chord, to_change, to_histogram = net.heads(states)
    per = functional.cross_entropy(
        to_chord.flatten(0, 2), chords.flatten(), ignore_index=UNKNOWN, reduction="none", label_smoothing=0.05
    ).view(chords.shape)
    known = (chords != UNKNOWN).float()
    chord = ((per * known).sum((0, 1)) / known.sum((0, 1)).clamp(min=1) * weights).sum() / weights.sum()
    labelled = (change >= 0).float()
    moves = functional.binary_cross_entropy_with_logits(to_change, change.clamp(min=0), reduction="none")
    move = (moves * labelled).sum() / labelled.sum().clamp(min=1)
    sounding = histogram.sum(-1)
    tones = -(functional.log_softmax(to_histogram, -1) * histogram).sum(-1)
    tone = tones.sum() / sounding.sum().clamp(min=1)
    total = chord + 0.3 * move + 0.3 * tone
    with torch.no_grad():
        hit = ((to_chord[:, :, 2].argmax(-1) == chords[:, :, 2]).float() * known[:, :, 2]).sum() / known[:, :, 2].sum()
    return total, {"chord": chord.item(), "change": move.item(), "tone": tone.item(), "hit": float(hit)}


def batch_of(songs: list[Song], chances: Any, rng: np.random.Generator, size: int = BATCH) -> tuple[torch.Tensor, ...]:
    """A batch of random crops, longer songs more often."""
    crops = [make_crop(songs[int(i)], rng) for i in rng.choice(len(songs), size, p=chances)]
    stacks = [np.stack([getattr(c, name) for c in crops]) for name in ("features", "chords", "change", "histogram")]
    return tuple(torch.from_numpy(s) for s in stacks)


def train(
    sets: Sequence[Sequence[Song]],
    folder: Path,
    steps: int,
    *,
    held: Sequence[Sequence[Song]] = (),
    seed: int = 1,
    stop_at: int | None = None,
    minutes: float = 30.0,
) -> Path:
    """Train, or go on from the last checkpoint in ``folder``.

    Args:
        sets: Training songs: POP909's, then those with derived chords.
        folder: Checkpoints go here.
        steps: Length of the one-cycle schedule.
        held: Validation songs of each set; the averaged weights that do best on them are kept as ``best``.
        seed: Of weights and crops.
        stop_at: Stop early after this many steps (used to show that it resumes).
        minutes: The schedule ends at the latest when it has run so long, resumed runs added up.

    Returns:
        The checkpoint.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    net = ChordNet()
    average = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01)
    done, spent, best, top, best_step = 0, 0.0, average, -1.0, 0
    if file.exists():
        kept = torch.load(file, weights_only=True)
        net.load_state_dict(kept["live"])
        average, best, top = kept["net"], kept["best"], float(kept["top"])
        best_step = int(kept["best_step"])
        optimiser.load_state_dict(kept["optimiser"])
        done, spent = int(kept["step"]), float(kept["seconds"])
    songs, chances = mixed(sets)
    weights = torch.tensor([0.5, 0.7, 1.0, 1.0, 1.0, 0.8, 1.0, 0.6, 0.6])
    checks = [batch_of(list(part), mixed([part])[1], np.random.default_rng(0), CHECKED) for part in held]
    began, spoke, saved = time.monotonic(), 0.0, time.monotonic()
    end = min(steps, stop_at or steps)
    first = done
    share = 0.0
    while done < end and share < 1:
        rng = np.random.default_rng((seed, done))
        share = max(done / steps, (spent + time.monotonic() - began) / (60 * minutes))
        rate = RATE * (min(1.0, share / 0.04 + 0.02) if share < 0.04 else 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimiser.param_groups:
            group["lr"] = max(rate, 2e-5)
        net.train()
        total, parts = loss_of(net, batch_of(songs, chances, rng), weights)
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        done += 1
        keep = min(0.998, done / (done + 20))
        with torch.no_grad():
            for name, value in net.state_dict().items():
                average[name].lerp_(value, 1 - keep)
        now = time.monotonic()
        last = done == end or share >= 1
        if checks and (done % CHECK_EVERY == 0 or last):
            found = [hit_of(average, check, weights) for check in checks]
            print(f"step {done} validation {' '.join(f'{x:.4f}' for x in found)}", flush=True)
            if float(np.mean(found)) > top:
                best, top = {k: v.clone() for k, v in average.items()}, float(np.mean(found))
                best_step = done
        elif not checks:
            best, best_step = average, done
        if now - spoke > 2:
            spoke = now
            left = min((now - began) / (done - first) * (end - done), 60 * minutes * (1 - share))
            words = " ".join(f"{k} {v:.3f}" for k, v in parts.items())
            print(f"step {done}/{end} {words} · {left / 60:.1f} min left", flush=True)
        if now - saved > 60 or last:
            saved = now
            part = file.with_suffix(".part")
            kept = {"net": average, "live": net.state_dict(), "best": best, "top": top, "step": done}
            kept["best_step"] = best_step
            torch.save({**kept, "optimiser": optimiser.state_dict(), "seconds": spent + now - began}, part)
            part.replace(file)
    return file


def mixed(sets: Sequence[Sequence[Song]]) -> tuple[list[Song], Any]:
    """All songs, and the chance of each: longer ones more often, the second set its share."""
    songs = [song for part in sets for song in part]
    lengths = np.minimum([len(song.chords) for song in songs], 1500).astype(float)
    if len(sets) > 1:
        second = np.arange(len(songs)) >= len(sets[0])
        lengths[second] *= LIEDER_SHARE / (1 - LIEDER_SHARE) * lengths[~second].sum() / lengths[second].sum()
    return songs, lengths / lengths.sum()


def hit_of(state: dict[str, Any], batch: tuple[torch.Tensor, ...], weights: torch.Tensor) -> float:
    """Share of frames whose next frame's chord is right, by these weights."""
    net = ChordNet()
    net.load_state_dict(state)
    net.eval()
    with torch.no_grad():
        return loss_of(net, batch, weights)[1]["hit"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``train chords``."""
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--steps", type=int, default=STEPS, help="optimiser steps of the whole schedule")
    parser.add_argument("--checkpoints", help="folder for checkpoints (default: $SIDEMAN_CHECKPOINTS)")
    parser.add_argument("--minutes", type=float, default=30.0, help="the schedule ends at the latest after so long")
    parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pieces, stopped and resumed once")


def checkpoint_folder(given: str | None) -> Path:
    """Where the checkpoints of this family lie."""
    from sideman_lab import checkpoints

    return checkpoints.folder(given) / "chords"


def average_weights(given: str | None = None) -> tuple[dict[str, Any], int, int]:
    """The best averaged weights of the last checkpoint written out, the steps behind them, and how many are free.

    Raises:
        FileNotFoundError: Nothing has been trained yet.
    """
    file = checkpoint_folder(given) / FILE
    if not file.exists():
        raise FileNotFoundError(f"no checkpoint at {file}: train first, or give --checkpoints DIR")
    kept = torch.load(file, weights_only=True)
    net = ChordNet()
    net.load_state_dict(kept["best"])
    return net.plain(), int(kept["best_step"]), sum(p.numel() for p in net.parameters())


def run(args: argparse.Namespace) -> int:
    """Train from the command line."""
    import tempfile
    from pathlib import Path

    if args.smoke:
        from sideman_lab.synthetic import lead_sheets

        songs = songs_of(lead_sheets(8))
        with tempfile.TemporaryDirectory() as folder:
            train([songs], Path(folder), 6, stop_at=3)
            train([songs], Path(folder), 6)
        print("smoke: trained, saved, resumed")
        return 0
    from sideman_lab.cli import data_folder
    from sideman_lab.data import lieder_chords, pop909

    data = data_folder(args.data)
    pop = sides(pop909.read(data))
    lieder = sides(lieder_chords.read(data))
    print(f"{len(pop[0])} and {len(lieder[0])} songs, {CROP} frames a crop", flush=True)
    held = (pop[1], lieder[1])
    print(train((pop[0], lieder[0]), checkpoint_folder(args.checkpoints), args.steps, held=held, minutes=args.minutes))
    return 0


def sides(pieces: Iterable[dict[str, Any]]) -> tuple[list[Song], list[Song]]:
    """Songs for training and for validation; stretches of one score stay on one side."""
    found: tuple[list[Song], list[Song]] = ([], [])
    for piece in pieces:
        which = side(str(piece["id"]).partition(".")[0]) == "validation"
        found[which].extend(songs_of([piece]))
    return found
