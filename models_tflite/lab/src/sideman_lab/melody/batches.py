"""Crops of encoded pieces with the accidents of live playing: things unknown, a shifted register, a shaky direction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.melody_features import SLICES, WIDTH
from sideman_lab.melody.encode import NO_TARGET, SCALE, encode_piece
from sideman_lab.melody.pieces import cache_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.melody.pieces import Melody

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Pieces one after the other: inputs (notes, WIDTH) in 64ths, classes (notes,), first note of each piece."""

    inputs: NDArray[np.int8]
    classes: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def piece(self, k: int) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
        """Inputs and classes of one piece."""
        part = slice(int(self.starts[k]), int(self.starts[k + 1]))
        return self.inputs[part], self.classes[part]

    def __len__(self) -> int:
        return len(self.starts) - 1


def encoded(melodies: Sequence[Melody], *, spoiled: bool, seed: int, cache: str | None = None) -> Encoded:
    """Encode pieces, or read them from the cache; says how far it is every two seconds."""
    where = cache_dir() / f"{cache}.npz" if cache else None
    if where is not None and where.exists():
        with np.load(where) as held:
            return Encoded(held["inputs"], held["classes"], held["starts"])
    told = time.monotonic()
    parts = []
    for k, melody in enumerate(melodies):
        parts.append(encode_piece(melody, spoiled=spoiled, seed=seed + k))
        if time.monotonic() - told > 2:
            told = time.monotonic()
            print(f"encoding {k + 1}/{len(melodies)}", flush=True)
    lengths = [len(classes) for _, classes in parts]
    found = Encoded(
        np.concatenate([inputs for inputs, _ in parts]),
        np.concatenate([classes for _, classes in parts]),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )
    if where is not None:
        np.savez(where, inputs=found.inputs, classes=found.classes, starts=found.starts)
    return found


def batch(
    sources: Sequence[tuple[float, Encoded]], dice: np.random.Generator, size: int, notes: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Random crops: inputs (size, notes, WIDTH) and classes (size, notes), -1 where nothing is learned.

    Args:
        sources: Share and pieces of each source.
        dice: Random numbers.
        size: Crops.
        notes: Notes in each.
    """
    inputs = np.zeros((size, notes, WIDTH), np.float32)
    classes = np.full((size, notes), NO_TARGET, np.uint8)
    shares = np.array([share for share, _ in sources])
    for row in range(size):
        _, source = sources[dice.choice(len(sources), p=shares / shares.sum())]
        spot = int(dice.integers(source.starts[-1]))
        k = int(np.searchsorted(source.starts, spot, side="right")) - 1
        first = int(source.starts[k]) if dice.random() < 0.25 else spot
        last = min(int(source.starts[k + 1]), first + notes)
        inputs[row, : last - first] = source.inputs[first:last]
        classes[row, : last - first] = source.classes[first:last]
    inputs /= SCALE
    obscure(inputs, classes, dice)
    return inputs, np.where(classes == NO_TARGET, -1, classes.astype(np.int64))


def obscure(inputs: Floats, classes: NDArray[np.uint8], dice: np.random.Generator) -> None:
    """Hide what a live call may not tell (in place): chords .3, lengths .5, call .5; direction shown in .35."""
    size, notes = classes.shape
    for names, share in (
        (("chord", "next_chord", "change"), 0.3),
        (("next_chord",), 0.15),
        (("length",), 0.5),
        (("call",), 0.5),
        (("match", "lags"), 0.08),
    ):
        hidden = dice.random(size) < share
        for name in names:
            inputs[hidden, :, SLICES[name]] = 0.0
    inputs[:, :, SLICES["register"].start] += dice.uniform(-0.5, 0.5, (size, 1)).astype(np.float32)
    rows = np.flatnonzero(dice.random(size) < 0.35)
    way = np.sign(classes[rows].astype(np.int64) - 12)
    flipped = dice.random((len(rows), notes)) < 0.2
    way = np.where(flipped, dice.integers(-1, 2, way.shape), way)
    at = SLICES["direction"].start
    told = classes[rows] != NO_TARGET
    for k, value in enumerate((-1, 0, 1)):
        inputs[rows, :, at + k] = (way == value) & told
    inputs[rows, :, at + 3] = told
