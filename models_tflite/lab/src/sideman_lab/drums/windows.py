"""Every two-bar window of a split as arrays: what evaluation and baselines work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.drum_features import STYLES, tap_of
from sideman.models.sampling import generator
from sideman_lab.data.gmd import WINDOW, beats
from sideman_lab.drums.batches import bass_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.data.gmd import Performance

    Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Split:
    """Windows of two bars at a hop of one bar of all 4/4 beats of a split.

    Attributes:
        grid: N x 32 x 9 x (hit, velocity 0-1, offset in 16ths, late positive).
        tap: N x 32 x 3, the grid squashed to one voice.
        bass: N x 32 x 2, a simulated bass line (the same every time).
        bpm: N.
        style: N, index of the primary style.
        piece: N, index of the performance.
        start: N, first step in its performance.
        names: ``midi_filename`` of each performance.
    """

    grid: Floats
    tap: Floats
    bass: Floats
    bpm: Floats
    style: NDArray[np.int64]
    piece: NDArray[np.int64]
    start: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def step_ms(self) -> Floats:
        """Milliseconds of a 16th in each window."""
        return np.asarray(15000 / self.bpm, np.float32)

    def take(self, every: int) -> Split:
        """Every so-manieth window, for a quick look."""
        pick = slice(None, None, every)
        return Split(
            self.grid[pick], self.tap[pick], self.bass[pick], self.bpm[pick],
            self.style[pick], self.piece[pick], self.start[pick], self.names,
        )  # fmt: skip


def split_of(performances: list[Performance], rows: str) -> Split:
    """Cut the windows of one split.

    Raises:
        FileNotFoundError: The data set has no beats with these rows.
    """
    chosen = beats(performances, rows)
    if not chosen:
        raise FileNotFoundError(
            f"info.csv names no 4/4 beats in its rows '{rows}': the rows here are train and validation"
        )
    cut = [(i, start, grid) for i, p in enumerate(chosen) for start, grid in p.windows(WINDOW // 16)]
    grid = np.stack([g for *_, g in cut])
    index = np.array([i for i, *_ in cut])
    return Split(
        grid=grid,
        tap=tap_of(grid),
        bass=bass_from(grid, generator("bass", rows)),
        bpm=np.array([chosen[i].bpm for i in index], np.float32),
        style=np.array([STYLES.index(chosen[i].style) for i in index]),
        piece=index,
        start=np.array([start for _, start, _ in cut]),
        names=tuple(p.name for p in chosen),
    )
