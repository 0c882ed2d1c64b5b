"""Figures of a played split, as rows a piece (definitions of the metrics: the functions' docstrings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.drum_features import VOICES
from sideman_lab.drums.play import SWINGS, TAKES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.drums.play import Played
    from sideman_lab.drums.windows import Split

    Floats = NDArray[np.float32]
    Rows = NDArray[np.float64]
    Hits = NDArray[np.bool_]

GROUPS = {"kick": (0,), "snare": (1,), "hat": (2, 3)}
OFFSET_BINS = np.linspace(-0.5, 0.5, 33)
VELOCITY_BINS = np.linspace(0, 1, 33)
LOCK_MS = 15.0


def by_piece(split: Split, above: NDArray[Any], below: NDArray[Any]) -> Rows:
    """Sum two values of each window over its piece: pieces x 2, for ``metrics.ratio``."""
    n = len(split.names)
    rows = np.stack((np.bincount(split.piece, above, n), np.bincount(split.piece, below, n)), -1)
    return np.asarray(rows[rows[:, 1] > 0])


def timing(split: Split, offset: Floats, *, ms: bool = True) -> Rows:
    """Absolute timing error of the true hits, in ms or in 16ths."""
    hit = split.grid[..., 0]
    error = (np.abs(offset - split.grid[..., 2]) * hit).sum((1, 2))
    return by_piece(split, error * split.step_ms if ms else error, hit.sum((1, 2)))


def touch(split: Split, velocity: Floats) -> Rows:
    """Absolute velocity error of the true hits, in MIDI steps."""
    hit = split.grid[..., 0]
    error = (np.abs(velocity - split.grid[..., 1]) * hit).sum((1, 2)) * 127
    return by_piece(split, error, hit.sum((1, 2)))


def f1(split: Split, played: NDArray[Any]) -> Rows:
    """Hit F1 of each window over 9 voices x 32 steps, summed a piece, and the windows."""
    truth = split.grid[..., 0] > 0
    chosen = played > 0
    both = (truth & chosen).sum((1, 2))
    total = truth.sum((1, 2)) + chosen.sum((1, 2))
    return by_piece(split, np.where(total > 0, 2 * both / np.maximum(total, 1), 1.0), np.ones(len(truth)))


def f1_of(split: Split, played: NDArray[Any], voices: tuple[int, ...]) -> Rows:
    """Pooled F1 of some voices: twice the common hits, and all hits of both."""
    truth = (split.grid[..., 0] > 0)[..., voices]
    chosen = (played > 0)[..., voices]
    return by_piece(split, 2 * (truth & chosen).sum((1, 2)), truth.sum((1, 2)) + chosen.sum((1, 2)))


def diversity(split: Split, played: Played) -> Rows:
    """Standard deviation of each hit's offset over five performances, in half 16ths; mean a window (NIME 2021)."""
    takes = np.stack([played.of("score", take)[..., 2] for take in range(TAKES)])
    hit = split.grid[..., 0]
    spread = (2 * takes.std(0) * hit).sum((1, 2)) / np.maximum(hit.sum((1, 2)), 1)
    return by_piece(split, spread, np.ones(len(spread)))


def fidelity(split: Split, played: Played) -> dict[float, dict[str, float]]:
    """Mean and spread of the offsets of off-beat hits for each swing (half 16ths, early = positive), and the error."""
    off_beat = split.grid[..., 0].copy()
    off_beat[:, ::2] = 0
    found = {}
    for swing in SWINGS:
        offsets = -2 * played.of(f"swing{swing}")[..., 2][off_beat > 0]
        mean = float(offsets.mean())
        found[swing] = {"mean": mean, "sd": float(offsets.std()), "difference": abs(mean - swing)}
    return found


def fidelity_rows(split: Split, played: Played, swing: float) -> Rows:
    """Sum and number of the off-beat hits' offsets (half 16ths, early = positive)."""
    off_beat = split.grid[..., 0].copy()
    off_beat[:, ::2] = 0
    offsets = -2 * played.of(f"swing{swing}")[..., 2] * off_beat
    return by_piece(split, offsets.sum((1, 2)), off_beat.sum((1, 2)))


def histograms(hit: Floats, value: Floats, bins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts 9 x 16 x 32: a histogram of each voice at each 16th of the bar."""
    out = np.zeros((VOICES, 16, len(bins) - 1))
    n, step, voice = np.nonzero(hit)
    at = np.clip(np.digitize(value[n, step, voice], bins) - 1, 0, len(bins) - 2)
    np.add.at(out, (voice, step % 16, at), 1)
    return out


def divergence(truth: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Kullback-Leibler divergence (nats) of histograms, the cells weighted by how often they are struck.

    Half a count is added to every bin of both, so that few hits do not make infinities.
    """
    p = (truth + 0.5) / (truth + 0.5).sum(-1, keepdims=True)
    q = (other + 0.5) / (other + 0.5).sum(-1, keepdims=True)
    weight = truth.sum(-1)
    return float((weight * (p * np.log(p / q)).sum(-1)).sum() / weight.sum())


def channel_divergence(split: Split, grid: Floats, channel: int) -> float:
    """Divergence of the data's offsets (channel 2) or velocities (1) from a model's on the same hits."""
    bins = OFFSET_BINS if channel == 2 else VELOCITY_BINS
    hit = split.grid[..., 0]
    return divergence(histograms(hit, split.grid[..., channel], bins), histograms(hit, grid[..., channel], bins))


def divergence_ci(split: Split, grid: Floats, channel: int, draws: int = 300) -> tuple[float, float]:
    """95 % bootstrap interval over pieces of :func:`channel_divergence`."""
    bins = OFFSET_BINS if channel == 2 else VELOCITY_BINS
    pieces = [np.flatnonzero(split.piece == i) for i in np.unique(split.piece)]
    shape = (VOICES, 16, len(bins) - 1)
    hit = split.grid[..., 0]
    truth, other = (
        np.stack([histograms(hit[p], source[p][..., channel], bins).ravel() for p in pieces])
        for source in (split.grid, grid)
    )
    rng = np.random.default_rng(3)
    times = rng.multinomial(len(pieces), np.full(len(pieces), 1 / len(pieces)), draws)
    found = [divergence((t @ truth).reshape(shape), (t @ other).reshape(shape)) for t in times]
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def split_half(split: Split, channel: int, draws: int = 10) -> float:
    """Divergence between two random halves of the pieces: how far people are from people."""
    bins = OFFSET_BINS if channel == 2 else VELOCITY_BINS
    rng = np.random.default_rng(3)
    found = []
    for _ in range(draws):
        half = rng.permutation(len(split.names)) < len(split.names) // 2
        mine = half[split.piece]
        one, two = split.grid[mine], split.grid[~mine]
        found.append(divergence(
            histograms(one[..., 0], one[..., channel], bins), histograms(two[..., 0], two[..., channel], bins)
        ))  # fmt: skip
    return float(np.mean(found))


def bass_lock(split: Split, played: NDArray[Any]) -> Rows:
    """Share of bass onsets with a kick within one step, minus the same for the bass moved by three steps."""
    kick = played[..., 0] > 0
    near = kick | np.roll(kick, 1, 1) | np.roll(kick, -1, 1)
    bass = split.bass[..., 0] > 0
    moved = np.roll(bass, 3, 1)
    onsets = bass.sum(1)
    return by_piece(split, (near & bass).sum(1) - (near & moved).sum(1), onsets)


def tap_lock(split: Split, hits: NDArray[Any], offset: Floats) -> Rows:
    """Share of taps with any hit within 15 ms."""
    tap = split.tap[..., 0]
    apart = np.abs(offset - split.tap[..., 2:3]) * split.step_ms[:, None, None]
    locked = ((hits > 0) & (apart <= LOCK_MS)).any(-1) * tap
    return by_piece(split, locked.sum(1), tap.sum(1))


def seam(split: Split, grid: Floats) -> tuple[Rows, float]:
    """Change of loudness from step to step over the loop point, beside the same at its other bar line.

    Returns:
        Rows for the ratio to the mean of all other steps, and the same ratio at the bar line in mid-loop.
    """
    loud = grid[..., 0] * grid[..., 1]
    change = np.abs(np.roll(loud, -1, 1) - loud).sum(-1)
    elsewhere = np.delete(change, [31], axis=1).mean(1)
    middle = change[:, 15].mean() / np.delete(change, [15], axis=1).mean()
    return by_piece(split, change[:, 31], elsewhere), float(middle)


def identical(one: Played, other: Played) -> float:
    """Share of strokes that two models play alike with the same seed: velocity within 2, timing within a 50th."""
    same = total = 0
    for key in one.grids:
        a, b = one.grids[key], other.grids[key]
        struck = (a[..., 0] > 0) | (b[..., 0] > 0)
        alike = (
            (a[..., 0] == b[..., 0])
            & (np.abs(a[..., 1] - b[..., 1]) <= 2 / 127)
            & (np.abs(a[..., 2] - b[..., 2]) <= 0.02)
        )
        same += int((alike & struck).sum())
        total += int(struck.sum())
    return same / total


def identical_hits(one: Played, other: Played) -> float:
    """Share of the cells left to the network that two models decide alike: sound or not."""
    free = ("tap", "tap_style_bass", "bass_style", "bass_style_sampled")
    return float(np.mean([(one.of(c)[..., 0] == other.of(c)[..., 0]).mean() for c in free]))
