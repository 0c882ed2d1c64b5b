"""How long the models took for one answer, a figure for each unit of work."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = 64
"""Figures of a family that one answer reports at most: evenly spaced ranks of all, the slowest among them."""


class Stopwatch:
    """Milliseconds by model family, and which families had a part in the answer.

    Counted by unit of work, as the budgets are: a frame of chords, a bar of drums, a note of melody. A unit is timed
    from the end of the one before, so that what is done around the network counts too.

    Attributes:
        used: Families that answered since they were last discarded; a remembered answer counts.
    """

    def __init__(self) -> None:
        self.used: set[str] = set()
        self._ns: dict[str, list[float]] = {}
        self._laps: list[float] = []
        self._since = 0

    def reset(self) -> None:
        """Start the next answer from zero."""
        self._ns.clear()

    def lap(self) -> None:
        """The network of the block under way has done one unit of work."""
        now = perf_counter_ns()
        self._laps.append(now - self._since)
        self._since = now

    @contextmanager
    def running(self, family: str, *, units: int = 0) -> Iterator[None]:
        """Count the laps of a block, also when it fails; what comes after the last is shared among them.

        Args:
            family: Whose work it is.
            units: The block is so many equal units, however many laps it has; 0 counts its laps (one if there is none).
        """
        self._laps, self._since = [], perf_counter_ns()
        try:
            yield
        finally:
            rest: float = perf_counter_ns() - self._since
            laps = self._laps
            if units or not laps:
                laps, rest = [0.0] * max(1, units), rest + sum(laps)
            self._ns.setdefault(family, []).extend(ns + rest / len(laps) for ns in laps)

    def read(self) -> tuple[tuple[str, float], ...]:
        """(family, milliseconds) for each unit of this answer's work, by family and time."""
        return tuple(
            (family, round(ns / 1e6, 3)) for family, all_ns in sorted(self._ns.items()) for ns in _thinned(all_ns)
        )


def _thinned(values: list[float]) -> list[float]:
    ranked = sorted(values)
    if len(ranked) <= KEPT:
        return ranked
    return [ranked[round(i * (len(ranked) - 1) / (KEPT - 1))] for i in range(KEPT)]
