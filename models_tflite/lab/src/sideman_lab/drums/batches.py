"""Training pairs made from played drums alone: the inverse transforms and the condition dropout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.drum_features import (
    FEEL,
    HITS_PER_STEP,
    STYLES,
    VOICES,
    Conditions,
    assemble,
    feel_of,
    positions,
    tap_of,
)
from sideman.music.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sideman_lab.data.gmd import Performance

    Floats = NDArray[np.float32]

FOUR = Meter()
METERS = ((Meter(3, 4), 2), (Meter(7, 8), 2), (Meter(5, 4), 1), (Meter(2, 4), 2))
"""Meters cut out of 4/4 bars so that the network has seen loops of other lengths, and bars in each."""


def one_hot(style: str) -> Floats:
    """Weights of the 18 styles."""
    out = np.zeros(len(STYLES), np.float32)
    out[STYLES.index(style)] = 1
    return out


def bass_from(grid: Floats, rng: np.random.Generator) -> Floats:
    """Simulate a bass line that goes with a drum part (transform F3).

    Kick onsets are kept with probability .8, other struck steps added with .15, and an approach note is put
    before a kept onset with .1.

    Args:
        grid: (...) x steps x 9 x 3.
        rng: Source of chance.

    Returns:
        (...) x steps x (onset, accent).
    """
    kick = grid[..., 0, 0]
    struck = grid[..., 0].max(-1)
    kept = kick * (rng.random(kick.shape) < 0.8)
    added = struck * (rng.random(kick.shape) < 0.15)
    lead = np.where(rng.random(kick.shape) < 0.5, np.roll(kept, -1, -1), np.roll(kept, -2, -1))
    lead = lead * (rng.random(kick.shape) < 0.1)
    onset = np.maximum(np.maximum(kept, added), lead)
    loud = grid[..., 0, 1]
    mean = (loud * kick).sum(-1, keepdims=True) / np.maximum(kick.sum(-1, keepdims=True), 1)
    line: Floats = np.stack((onset, onset * (loud > mean)), -1).astype(np.float32)
    return line


def accents_of(grid: Floats) -> Floats:
    """Steps where any voice is louder than its mean plus one standard deviation (transform F4), (...) x steps x 1."""
    hit, velocity = grid[..., 0], grid[..., 1]
    n = np.maximum(hit.sum(-2, keepdims=True), 1)
    mean = (velocity * hit).sum(-2, keepdims=True) / n
    sd = np.sqrt((((velocity - mean) ** 2) * hit).sum(-2, keepdims=True) / n)
    loud = hit * (velocity > mean + sd)
    out: Floats = loud.max(-1)[..., None].astype(np.float32)
    return out


class Windows:
    """Draws training batches from performances.

    Args:
        performances: Where the windows come from.
        seed: Of the draws.
        augment: Vary the music too: two bars of a performance that did not follow each other, a voice left
            out, taps read a little wrong.
    """

    def __init__(self, performances: list[Performance], seed: int, augment: bool = True) -> None:
        self.augment = augment
        self.rng = np.random.default_rng(seed)
        self.grids = [p.grid for p in performances if p.meter == FOUR and p.beat_type == "beat" and p.bars >= 2]
        self.meta = [
            (p.bpm, one_hot(p.style)) for p in performances if p.meter == FOUR and p.beat_type == "beat" and p.bars >= 2
        ]
        self.index = np.array([(i, b) for i, g in enumerate(self.grids) for b in range(len(g) // 16 - 1)])
        self.fills = [
            (p.grid[:16], p.bpm, one_hot(p.style)) for p in performances if p.beat_type == "fill" and p.meter == FOUR
        ]

    def batch(self, size: int) -> tuple[Floats, Floats, Floats, Floats]:
        """A training batch.

        Returns:
            Input; truth, batch x steps x 9 x 3; lanes where hits are asked for, batch x 1 x 9; and whether
            velocity and timing are, batch x 1 x 1 (not where the tap was read wrong on purpose).
        """
        rng = self.rng
        grid = np.zeros((size, 32, VOICES, 3), np.float32)
        style = np.zeros((size, len(STYLES)), np.float32)
        tempo = np.zeros((size, 1), np.float32)
        fill = np.zeros((size, 32, 1), np.float32)
        for row, (i, bar) in enumerate(self.index[rng.integers(len(self.index), size=size)]):
            grid[row] = self.grids[i][bar * 16 : bar * 16 + 32]
            if self.augment and rng.random() < 0.3:
                other = rng.integers(len(self.grids[i]) // 16)
                grid[row, 16:] = self.grids[i][other * 16 : other * 16 + 16]
            if self.augment and rng.random() < 0.15:
                grid[row, :, rng.integers(VOICES)] = 0
            tempo[row], style[row] = self.meta[i][0], self.meta[i][1]
            if self.fills and rng.random() < 0.12:
                end, _, _ = self.fills[rng.integers(len(self.fills))]
                half = slice(16, 32) if rng.random() < 0.7 else slice(24, 32)
                grid[row, half] = 0
                tail = end[-(half.stop - half.start) :]
                grid[row, half][: len(tail)] = tail
                fill[row, half] = 1
        meter, steps = FOUR, 32
        if rng.random() < 0.12:
            meter, bars = METERS[rng.integers(len(METERS))]
            steps = meter.bar_frames * bars
            keep = np.concatenate([np.arange(meter.bar_frames) + 16 * b for b in range(bars)])
            grid, fill = grid[:, keep], fill[:, keep]
        turn = np.where(rng.random(size) < 0.5, 0, meter.bar_frames) % steps
        take = (np.arange(steps)[None] + turn[:, None]) % steps
        grid = np.take_along_axis(grid, take[:, :, None, None], 1)
        fill = np.take_along_axis(fill, take[:, :, None], 1)
        gain = (1 + rng.uniform(-0.15, 0.15, (size, 1, 1))).astype(np.float32)
        grid[..., 1] = np.clip(grid[..., 1] * gain, 0, 1)
        wanted, ask = draw_conditions(grid, style, tempo, fill, positions(meter, steps), rng)
        clear = np.ones((size, 1, 1), np.float32)
        if self.augment:
            wanted, clear = misread(wanted, rng)
        return assemble(wanted), grid, ask, clear


def misread(wanted: Conditions, rng: np.random.Generator) -> tuple[Conditions, Floats]:
    """Blur half of the taps that come without a whole score, so that hits are not told from a known hand.

    Returns:
        The conditions, and 0 where they were blurred, batch x 1 x 1.
    """
    size, steps = wanted.tap.shape[:2]
    blurred = (rng.random((size, 1)) < 0.5) * (wanted.lanes.min(-1, keepdims=True) == 0) * wanted.tap_given
    onset = wanted.tap[..., :1]
    noise = rng.normal(0, 1, (size, steps, 2)) * np.array((0.05, 0.04)) * blurred[..., None]
    tap = wanted.tap.copy()
    tap[..., 1:] = (tap[..., 1:] + noise * onset).astype(np.float32)
    tap[..., 1] = np.clip(tap[..., 1], 0, 1)
    tap[..., 2] = np.clip(tap[..., 2], -0.5, 0.5)
    feel = np.where(wanted.tap_given > 0, feel_of(tap, wanted.position), wanted.feel).astype(np.float32)
    return replace(wanted, tap=tap, feel=feel), (1 - blurred[..., None]).astype(np.float32)


def draw_conditions(
    grid: Floats, style: Floats, tempo: Floats, fill: Floats, position: Floats, rng: np.random.Generator
) -> tuple[Conditions, Floats]:
    """Give some of the conditions, hide the others, so that every subset works on the box."""
    size, steps = grid.shape[:2]

    def flag(p: float) -> Floats:
        return (rng.random((size, 1)) < p).astype(np.float32)

    kind = rng.random((size, 1))
    some = (rng.random((size, VOICES)) < 0.5).astype(np.float32)
    lanes = np.where(kind < 0.42, 1.0, np.where(kind < 0.54, some, 0.0)).astype(np.float32)
    tap_given = flag(0.65)
    tap = tap_of(grid).copy()
    thin = rng.random((size, 1)) < 0.3
    lost = rng.random((size, 1)) * 0.8 * np.maximum(0.2, 1 - tap[..., 1])
    keep = 1 - (thin & (rng.random((size, steps)) < lost)).astype(np.float32)
    shaky = (rng.random((size, 1)) < 0.15) * rng.normal(0, 0.06, (size, steps))
    tap[..., 2] = np.clip(tap[..., 2] + shaky * tap[..., 0], -0.5, 0.5)
    tap = (tap * keep[..., None] * tap_given[..., None]).astype(np.float32)
    bass_given, accents_given, density_given = flag(0.45), flag(0.15), flag(0.25)
    feel_given = np.maximum(tap_given, flag(0.5))
    feel = np.where(tap_given > 0, feel_of(tap, position), feel_of(tap_of(grid), position)) * feel_given
    density = grid[..., 0].sum((1, 2))[:, None] / steps / HITS_PER_STEP
    wanted = Conditions(
        score=grid[..., 0] * lanes[:, None],
        lanes=lanes,
        tap=tap,
        tap_given=tap_given,
        bass=bass_from(grid, rng) * bass_given[..., None],
        bass_given=bass_given,
        accents=accents_of(grid) * accents_given[..., None],
        accents_given=accents_given,
        fill=fill,
        density=(density * density_given).astype(np.float32),
        density_given=density_given,
        tempo=(tempo * (1 + rng.uniform(-0.05, 0.05, (size, 1)))).astype(np.float32),
        feel=feel.astype(np.float32),
        feel_given=feel_given,
        style=style * flag(0.55),
        position=position,
    )
    return wanted, 1 - lanes[:, None]


def truth_of_feel(grid: Floats, position: Floats) -> Floats:
    """The feel that a window really had, (...) x 8."""
    return feel_of(tap_of(grid), position)


def synthetic(count: int, seed: int, make: Callable[..., Performance]) -> list[Performance]:
    """Performances made by code, for a smoke run without the data set."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(count):
        grid = np.zeros((64, VOICES, 3), np.float32)
        for step in range(64):
            for voice, on in ((0, step % 16 in (0, 10)), (1, step % 16 in (4, 12)), (2, step % 2 == 0)):
                if on and rng.random() < 0.95:
                    late = 0.1 if step % 4 == 2 else 0.0
                    grid[step, voice] = (1, rng.uniform(0.4, 0.9), late + rng.normal(0, 0.05))
        found.append(make(f"synthetic{n}.mid", "none", STYLES[0], 100.0, "beat", FOUR, "train", grid))
    return found


__all__ = ["FEEL", "Windows", "accents_of", "bass_from", "draw_conditions", "one_hot", "synthetic", "truth_of_feel"]
