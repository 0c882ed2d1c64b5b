"""How often the harmony moves by what the net hears in the melody with hindsight: the pace of this tune.

Between strong beats the net's settled opinion is summed; how little of it two neighbouring stretches have in common
(total variation, 0 to 1) is how much the harmony moved. The mean of it tells a slow tune from a quick one, whatever
was played so far.
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
USUAL = 0.5
"""Movement from one strong beat to the next that is expected before anything was heard."""
PRIOR = 4.0
"""Strong beats that this expectation counts."""


class Pace:
    """The pace of one jam: the same work in every frame; copies with ``copy.copy``."""

    def __init__(self, meter: Meter) -> None:
        """Start with what is expected."""
        self.bar = meter.bar_frames
        self.strong = frozenset(tick // FRAME_TICKS for tick in meter.groups)
        self.cell = np.zeros(36, np.float32)
        self.last: Floats | None = None
        self.moved, self.count = USUAL * PRIOR, PRIOR

    def hear(self, frame: int, likely: Floats) -> None:
        """Take the opinion of a settled frame, shape (36,), summing to 1."""
        if frame % self.bar in self.strong and self.cell.any():
            cell = self.cell / self.cell.sum()
            if self.last is not None:
                self.moved += 1 - float(np.minimum(cell, self.last).sum())
                self.count += 1
            self.last, self.cell = cell, np.zeros(36, np.float32)
        self.moved *= MEMORY
        self.count *= MEMORY
        self.cell = self.cell + likely

    @property
    def value(self) -> float:
        """Mean movement from one strong beat to the next, 0 to 1."""
        return self.moved / self.count
