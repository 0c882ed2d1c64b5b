"""How long the models took for one answer."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stopwatch:
    """Milliseconds by model family, and which families had a part in the answer.

    Counted by unit of work, as the budgets are: a frame of chords, a bar of drums, a note of melody.

    Attributes:
        used: Families that answered since they were last discarded; a remembered answer counts.
    """

    def __init__(self) -> None:
        self.used: set[str] = set()
        self._ns: dict[str, float] = {}

    def reset(self) -> None:
        """Start the next answer from zero."""
        self._ns.clear()

    @contextmanager
    def running(self, family: str, units: int = 1) -> Iterator[None]:
        """Count the time of a block that does ``units`` of a family's work, also when it fails; the slowest stays."""
        start = perf_counter_ns()
        try:
            yield
        finally:
            self._ns[family] = max(self._ns.get(family, 0), (perf_counter_ns() - start) / units)

    def read(self) -> tuple[tuple[str, float], ...]:
        """(family, milliseconds a unit) of this answer, by family."""
        return tuple((family, ns / 1e6) for family, ns in sorted(self._ns.items()))
