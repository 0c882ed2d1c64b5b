"""Debouncing by time stamps: the first contact counts at once, bounces collapse, and no edge is ever lost."""

from __future__ import annotations

WINDOW_NS = 5_000_000
"""Default window after an edge in which a switch may bounce: 5 ms."""

Edge = tuple[int, bool]
"""Monotonic nanoseconds of a contact and the level it brought; True is down."""


class Debounce:
    """One switch. Pure: time comes in with the edges, nothing here waits.

    A change outside a window is passed on at once with its own stamp and opens a window. Changes inside a window are
    only remembered; when it ends on another level than was passed on, that level's edge follows with the stamp of
    the contact that brought it, and opens the next window. So a level that holds for a window is always seen, and
    a tap shorter than the window still gives a press and a release. (Libraries that drop what falls into the window
    can miss a release: gpiozero issues 550 and 1039.)
    """

    def __init__(self, window_ns: int = WINDOW_NS, *, down: bool = False) -> None:
        self.window_ns = window_ns
        self._level = down
        self._raw = down
        self._raw_ns = 0
        self._until: int | None = None

    @property
    def down(self) -> bool:
        """The level passed on last."""
        return self._level

    @property
    def due(self) -> int | None:
        """Moment at which the open window ends and :meth:`poll` has to be called, None when none is open."""
        return self._until

    def feed(self, ns: int, down: bool) -> list[Edge]:
        """Take a raw contact, stamped, in the order of the stamps; returns the edges to pass on."""
        edges = self.poll(ns)
        if down != self._raw:
            self._raw, self._raw_ns = down, ns
            if self._until is None:
                edges.append(self._pass())
        return edges

    def poll(self, ns: int) -> list[Edge]:
        """Close the windows that ended by ``ns``; returns the edges to pass on."""
        edges: list[Edge] = []
        while self._until is not None and ns >= self._until:
            self._until = None
            if self._raw != self._level:
                edges.append(self._pass())
        return edges

    def _pass(self) -> Edge:
        self._level = self._raw
        self._until = self._raw_ns + self.window_ns
        return self._raw_ns, self._level
