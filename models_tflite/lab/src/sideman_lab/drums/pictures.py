"""The pictures of the drum model's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import pyplot as plt

from sideman.music.drumkit import Voice
from sideman_lab.drums.play import SWINGS

if TYPE_CHECKING:
    from pathlib import Path

    from sideman_lab.drums.play import Played
    from sideman_lab.drums.windows import Split


def swings(path: Path, played: Played, split: Split) -> None:
    """Distributions of the off-beat offsets for the three swings (the NIME 2021 paper's Figure 3)."""
    off_beat = split.grid[..., 0].copy()
    off_beat[:, ::2] = 0
    figure, axes = plt.subplots(figsize=(6, 2.6), layout="constrained")
    for swing in SWINGS:
        offsets = -2 * played.of(f"swing{swing}")[..., 2][off_beat > 0]
        axes.hist(offsets, bins=100, range=(-0.7, 0.3), histtype="step", density=True, label=f"asked {swing}")
        axes.axvline(swing, color="grey", linewidth=0.5)
    axes.set(xlabel="offset of off-beat hits (half 16ths, early = positive)", ylabel="density")
    axes.legend()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def heat(path: Path, played: Played, split: Split) -> None:
    """Mean velocity and timing by voice and 16th of the bar: the data, the model with and without a tap."""
    figure, axes = plt.subplots(2, 3, figsize=(9, 4), layout="constrained", sharex=True, sharey=True)
    hit = split.grid[..., 0]
    number = hit.reshape(-1, 2, 16, 9).sum((0, 1))
    shown = (("data", split.grid), ("tapped", played.of("score_tap")), ("not tapped", played.of("score")))
    kinds = ((1, 127, 30, 110, "viridis", "velocity"), (2, 100, -15, 15, "coolwarm", "late, % of a 16th"))
    for column, (title, grid) in enumerate(shown):
        for row, (channel, scale, low, high, colours, label) in enumerate(kinds):
            total = (grid[..., channel] * hit * scale).reshape(-1, 2, 16, 9).sum((0, 1))
            mean = np.where(number > 20, total / np.maximum(number, 1), np.nan)
            image = axes[row, column].imshow(mean.T, aspect="auto", cmap=colours, vmin=low, vmax=high)
            if column == 2:
                figure.colorbar(image, ax=axes[row, column], label=label)
        axes[0, column].set_title(title)
        axes[1, column].set_xlabel("16th of the bar")
    axes[0, 0].set_yticks(range(9), [v.name.lower().replace("_", " ") for v in Voice], fontsize=7)
    figure.savefig(path, dpi=90)
    plt.close(figure)
