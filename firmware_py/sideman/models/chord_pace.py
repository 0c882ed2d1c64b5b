"""How often the harmony moves by what the net hears in the melody with hindsight: the pace of this tune.

Between strong beats the net's settled opinion is summed; how little of it two neighbouring stretches have in common
(total variation, 0 to 1) is how much the harmony moved. The mean of it tells a slow tune from a quick one, whatever
was played so far; how much more it moves inside bars than over bar lines tells one with two chords a bar from one that
changes at bar lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_habits import MEMORY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

FRAME_TICKS = 240
USUAL = (0.57, 0.43)
"""Movement over a bar line and at another strong beat that is expected before anything was heard."""
PRIOR = 2.0
"""Strong beats that each expectation counts."""


class Pace:
    """The pace of one jam: the same work in every frame; copies with ``copy.copy``."""

    def __init__(self, meter: Meter) -> None:
        """Start with what is expected."""
        self.bar = meter.bar_frames
        self.strong = frozenset(tick // FRAME_TICKS for tick in meter.groups)
        self.cell = np.zeros(36, np.float32)
        self.last: Floats | None = None
        self.inside = False
        self.moved = PRIOR * np.array(USUAL, np.float32)
        self.count = np.full(2, PRIOR, np.float32)

    def hear(self, frame: int, likely: Floats) -> None:
        """Take the opinion of a settled frame, shape (36,), summing to 1."""
        if frame % self.bar in self.strong and self.cell.any():
            cell = self.cell / self.cell.sum()
            if self.last is not None:
                here = np.array([not self.inside, self.inside])
                self.moved = self.moved + here * (1 - np.minimum(cell, self.last).sum())
                self.count = self.count + here
            self.last, self.cell = cell, np.zeros(36, np.float32)
            self.inside = frame % self.bar != 0
        self.moved = self.moved * np.float32(MEMORY)
        self.count = self.count * np.float32(MEMORY)
        self.cell = self.cell + likely

    @property
    def value(self) -> float:
        """Mean movement from one strong beat to the next, 0 to 1."""
        return float(self.moved.sum() / self.count.sum())

    @property
    def lean(self) -> float:
        """How much more than usual it moves inside bars than over bar lines, -1 to 1."""
        bar, inside = self.moved / self.count - np.array(USUAL, np.float32)
        return float(inside - bar)
