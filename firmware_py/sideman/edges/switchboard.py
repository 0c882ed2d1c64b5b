"""Where switches of any kind meet: contacts come in raw, edges leave debounced, a stuck switch is reported."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sideman.edges.debounce import WINDOW_NS, Debounce, Edge
from sideman.jam.events import Event, Fault, Switch, SwitchEdge

STUCK_NS = 15_000_000_000


class Switchboard:
    """Debounces a set of switches and watches for stuck ones; one helper thread sleeps until the next is due.

    Args:
        post: The conductor's entrance.
        switches: Names of the switches.
        window_ns: How long a contact may bounce.
        stuck_ns: Held this long, a switch is reported as stuck, once, until it opens.
        down: Switches that are down already at the start: they give their release only.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        switches: tuple[Switch, ...],
        *,
        window_ns: int = WINDOW_NS,
        stuck_ns: int = STUCK_NS,
        down: frozenset[Switch] = frozenset(),
    ) -> None:
        self._post = post
        self._stuck_ns = stuck_ns
        self._debounce = {name: Debounce(window_ns, down=name in down) for name in switches}
        now = time.monotonic_ns()
        self._held: dict[Switch, int] = dict.fromkeys(down, now)
        self._stuck: set[Switch] = set()
        self._changed = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch the time; contacts may come before."""
        self._thread = threading.Thread(target=self._watch, name="switches", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread:
            self._thread.join(1.0)

    def configure(self, window_ns: int, stuck_ns: int) -> None:
        """Take other times from now on."""
        with self._changed:
            self._stuck_ns = stuck_ns
            for debounce in self._debounce.values():
                debounce.window_ns = window_ns
            self._changed.notify()

    def contact(self, switch: Switch, down: bool, ns: int) -> None:
        """Take a raw contact at its moment; the first of a press is posted before this returns."""
        with self._changed:
            self._pass(switch, self._debounce[switch].feed(ns, down))
            self._changed.notify()

    def release_all(self, ns: int) -> None:
        """Whatever is down counts as released: the pedal was pulled out."""
        with self._changed:
            for switch, debounce in self._debounce.items():
                self._pass(switch, debounce.feed(ns, False))
            self._changed.notify()

    def poll(self, ns: int) -> int | None:
        """Do what is due by ``ns``; returns when the next thing is due, None when nothing is."""
        with self._changed:
            return self._poll(ns)

    def _poll(self, ns: int) -> int | None:
        due: list[int] = []
        for switch, debounce in self._debounce.items():
            self._pass(switch, debounce.poll(ns))
            if debounce.due is not None:
                due.append(debounce.due)
            since = self._held.get(switch)
            if since is None or switch in self._stuck:
                continue
            if ns - since >= self._stuck_ns:
                self._stuck.add(switch)
                self._post(Fault(ns, switch, f"{switch} stuck: check the switch and its cable."))
            else:
                due.append(since + self._stuck_ns)
        return min(due, default=None)

    def _pass(self, switch: Switch, edges: list[Edge]) -> None:
        for ns, down in edges:
            self._post(SwitchEdge(ns, switch, down))
            if down:
                self._held[switch] = ns
            else:
                self._held.pop(switch, None)
                if switch in self._stuck:
                    self._stuck.discard(switch)
                    self._post(Fault(ns, switch, ""))

    def _watch(self) -> None:
        with self._changed:
            while not self._ending:
                due = self._poll(time.monotonic_ns())
                self._changed.wait(None if due is None else max(0, due - time.monotonic_ns()) / 1e9)
