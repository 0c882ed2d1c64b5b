"""The offline clock: time stands until somebody moves it."""

from __future__ import annotations


class ManualClock:
    """Monotonic nanoseconds that only :meth:`set` moves, never backwards."""

    def __init__(self, ns: int = 0) -> None:
        self._ns = ns

    def now(self) -> int:
        """The moment it stands at."""
        return self._ns

    def set(self, ns: int) -> None:
        """Go to a moment; earlier ones are ignored."""
        self._ns = max(self._ns, ns)
