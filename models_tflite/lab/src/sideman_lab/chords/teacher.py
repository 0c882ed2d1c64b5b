"""The teacher, which is not shipped: it hears the whole melody, and some of the chords, eighth by eighth.

Two bidirectional GRUs with the student's tied weights. In training a random share of the chords is shown to it and
the others are asked for (orderless, as in masked language models); for the student it labels whole melodies with every
chord hidden.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from sideman.models.chords import HORIZONS
from sideman_lab.chords.augment import BEFORE, CROP, UNKNOWN, make_pair
from sideman_lab.chords.features import N_OFFLINE, OFFLINE_PITCHED
from sideman_lab.chords.loop import Plan, run_loop
from sideman_lab.chords.net import N_CLASSES, Tied, gates, units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman_lab.chords.augment import Song, Wide
    from sideman_lab.chords.net import Units

FILE = "teacher.pt"
RATE = 3e-3
ALL_HIDDEN = 0.6
"""Share of the crops in which no chord is shown."""
DENSE = (12, 24)
STATE = (16, 32)
"""Channels of twelve units, and single units, of the dense layer and of each direction of each GRU."""
N_SHOWN = N_CLASSES + 1
INPUTS: Units = units((OFFLINE_PITCHED + N_CLASSES - 1) // 12, N_OFFLINE - OFFLINE_PITCHED + 2)
OUTS: Units = [(c // 12, c % 12 if c < N_CLASSES - 1 else -1) for c in range(N_CLASSES)]


class Teacher(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Dense layer, two bidirectional GRUs, one head: the chord of each eighth."""

    def __init__(self, dropout: float = 0.25) -> None:
        super().__init__()
        dense, state = units(*DENSE), units(*STATE)
        both: Units = [*state, *((c + sum(STATE), pc) for c, pc in state)]
        self.state = len(state)
        small = 1 / math.sqrt(self.state)
        self.dense = Tied(dense, INPUTS, 1.5 / math.sqrt(len(INPUTS)))
        self.ih = nn.ModuleList([Tied(gates(state), into, small) for into in (dense, dense, both, both)])
        self.hh = nn.ModuleList([Tied(gates(state), state, small) for _ in range(4)])
        self.drop = nn.Dropout(dropout)
        self.chord = Tied(OUTS, both, small)

    def _layer(self, x: torch.Tensor, first: int) -> torch.Tensor:
        weights = []
        for i in (first, first + 1):
            (w_ih, b_ih), (w_hh, b_hh) = self.ih[i].full(), self.hh[i].full()
            weights += [w_ih, w_hh, b_ih, b_hh]
        h0 = x.new_zeros(2, x.shape[0], self.state)
        out, _ = torch.gru(x, h0, weights, True, 1, 0.0, self.training, True, True)
        return out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the chord of each eighth, shape (batch, eighths, 37)."""
        h = torch.relu(nn.functional.linear(x, *self.dense.full()))
        h = self._layer(self.drop(h), 0)
        h = self._layer(self.drop(h), 2)
        return nn.functional.linear(self.drop(h), *self.chord.full())


def shown(features: torch.Tensor, chords: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """The teacher's input.

    Args:
        features: Of the melody, shape (batch, eighths, N_OFFLINE).
        chords: Classes, shape (batch, eighths).
        hidden: Whether the chord is hidden from it, same shape.
    """
    hidden = hidden | (chords == UNKNOWN)
    one_hot = nn.functional.one_hot(chords.clamp(min=0), N_CLASSES).float() * (~hidden).float()[..., None]
    triads, none = one_hot[..., :-1], one_hot[..., -1:]
    pitched, single = features[..., :OFFLINE_PITCHED], features[..., OFFLINE_PITCHED:]
    return torch.cat([pitched, triads, single, none, hidden.float()[..., None]], dim=-1)


def wide_batch(crops: Sequence[Wide]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features, chords and where the song is, of some crops."""
    features = torch.from_numpy(np.stack([crop.features for crop in crops]))
    chords = torch.from_numpy(np.stack([crop.chords for crop in crops]))
    return features, chords, torch.from_numpy(np.stack([crop.inside for crop in crops]))


def masks(count: int, eighths: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which chords are hidden: all of them, or a random share in half-bars of a 4/4 bar, or all from some point on."""
    out = np.ones((count, eighths), bool)
    for row in out:
        if rng.random() >= ALL_HIDDEN:
            cells = rng.random(-(-eighths // 4)) < rng.random()
            row[:] = np.repeat(cells, 4)[:eighths]
    return out


def crops_of(songs: Sequence[Song], chances: NDArray[np.float64], rng: np.random.Generator, size: int) -> list[Wide]:
    """Random crops as the teacher hears them."""
    pairs = (make_pair(songs[int(i)], rng) for i in rng.choice(len(songs), size, p=chances))
    return [wide for _, wide in pairs if wide is not None]


def train_teacher(
    songs: Sequence[Song],
    chances: NDArray[np.float64],
    folder: Path,
    plan: Plan,
    *,
    held: Sequence[Sequence[Song]] = (),
    batch: int = 24,
    about: dict[str, Any] | None = None,
) -> Path:
    """Train the teacher, or go on.

    Args:
        songs: Training songs.
        chances: How often each is taken.
        folder: Checkpoints go here.
        plan: Schedule.
        held: Validation songs of each set.
        batch: Crops a step.
        about: What to keep with the weights.
    """
    torch.manual_seed(plan.seed)
    net = Teacher()

    def loss(rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        features, chords, _ = wide_batch(crops_of(songs, chances, rng, batch))
        hidden = torch.from_numpy(masks(chords.shape[0], chords.shape[1], rng))
        logits = net(shown(features, chords, hidden))
        asked = hidden & (chords != UNKNOWN)
        per = nn.functional.cross_entropy(logits[asked], chords[asked], label_smoothing=0.05)
        return per, {"chord": per.item(), "hit": float((logits[asked].argmax(-1) == chords[asked]).float().mean())}

    checks = []
    for part in held:
        rng = np.random.default_rng(0)
        crops = crops_of(part, np.full(len(part), 1 / len(part)), rng, 48)
        checks.append(wide_batch(crops))

    def check(state: dict[str, torch.Tensor]) -> list[float]:
        judge = Teacher()
        judge.load_state_dict(state)
        judge.eval()
        found = []
        for features, chords, _ in checks:
            answer = label(judge, features, chords).argmax(-1)
            known = chords != UNKNOWN
            found.append(float((answer[known] == chords[known]).float().mean()))
        return found

    return run_loop(net, plan, folder / FILE, loss, check if checks else None, about)


def label(teacher: Teacher, features: torch.Tensor, chords: torch.Tensor) -> torch.Tensor:
    """Logits of every eighth, every chord hidden."""
    with torch.no_grad():
        out: torch.Tensor = teacher(shown(features, chords, torch.ones_like(chords, dtype=torch.bool)))
    return out


def teacher_of(folder: Path) -> Teacher | None:
    """The best teacher of the last checkpoint; None if there is none."""
    file = folder / FILE
    if not file.exists():
        return None
    net = Teacher()
    net.load_state_dict(torch.load(file, weights_only=True)["best"])
    net.eval()
    return net


def targets_at(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the teacher's eighths that the student's horizons speak of.

    Args:
        frames: Odd frames of a crop, shape (frames,).

    Returns:
        Shape (frames, horizons).
    """
    return np.asarray((BEFORE + frames[:, None] + 1 + np.array(HORIZONS)[None, :]) // 2, np.int64)


STUDENT_ROWS = targets_at(np.arange(1, CROP, 2))
