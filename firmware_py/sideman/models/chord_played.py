"""What the band played so far, as the stream remembers it: chords by frame, and the habits they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_form import LONGEST_BARS
from sideman.models.chord_habits import Habits
from sideman.models.chord_terms import BAR, STRONG, beats_of
from sideman.music.chords import triad_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.music.harmony import ChordSpan
    from sideman.music.meter import Meter

    Ints = NDArray[np.int64]

ONE = np.zeros(1, np.int64)


class Played:
    """Chords that have sounded, counted once each; all state is here and copies with ``copy.deepcopy``."""

    def __init__(self, meter: Meter, first_frame: int) -> None:
        """Nothing played before ``first_frame``."""
        self.bar, self.places = meter.bar_frames, beats_of(meter)
        self.share = len(meter.groups) / meter.bar_frames
        self.until = first_frame
        self.habits = Habits()
        self.ring = np.full(LONGEST_BARS * meter.bar_frames + 1, -1, np.int64)

    def settle(self, committed: Sequence[ChordSpan], frame: int) -> None:
        """Count what stood before a frame, each frame once; the cost depends on the time since the last call alone."""
        if frame <= self.until:
            return
        if frame - self.until > len(self.ring):
            self.until = frame - len(self.ring)
        self.ring[np.arange(self.until, frame) % len(self.ring)] = -1
        for chord, start, stop in _between(committed, self.until, frame):
            self.ring[np.arange(start, stop) % len(self.ring)] = chord
            self._add(self.habits, chord, start, stop)
        self.until = frame

    def upto(self, committed: Sequence[ChordSpan], frame: int) -> Habits:
        """The habits as they will be at a frame still ahead, what is committed counted."""
        if frame <= self.until:
            return self.habits
        habits = self.habits.copy()
        for chord, start, stop in _between(committed, self.until, frame):
            self._add(habits, chord, start, stop)
        return habits

    def at(self, frames: Ints) -> Ints:
        """Class that sounded in each frame, -1 where none did or it is not known."""
        known = (frames < self.until) & (frames >= self.until - len(self.ring))
        return np.where(known, self.ring[frames % len(self.ring)], -1)

    def _add(self, habits: Habits, chord: int, start: int, stop: int) -> None:
        strong = self.places.get(start % self.bar) in (BAR, STRONG)
        frames = stop - start
        habits.add(
            ONE, np.array([chord]), np.array([frames]), np.array([frames * self.share], np.float32), np.array([strong])
        )


def _between(committed: Sequence[ChordSpan], low: int, high: int) -> list[tuple[int, int, int]]:
    """Triad class, start and end of what stood in ``low … high``, in order."""
    found = []
    for span in reversed(committed):
        if span.end <= low:
            break
        start, stop, chord = max(span.onset, low), min(span.end, high), triad_index(span.chord)
        if stop > start and chord < 36:
            found.append((chord, start, stop))
    return found[::-1]
