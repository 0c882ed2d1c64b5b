"""Real time: one inbox, one conductor, absolute deadlines on the monotonic clock."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from sideman.jam.conductor import Conductor
from sideman.jam.events import Event
from sideman.service import realtime

WAKE_NS = 250_000_000
"""The loop comes round at least this often, so that the watchdog sees it live."""
COLLECT_NS = 20_000_000_000
"""Garbage is collected in idle moments, this far apart."""
EARLY_NS = 400_000
"""Under SCHED_FIFO the loop wakes so long before a note, makes its bytes ready and stays awake until they are due: what
waking up and cold caches cost (some 200 us) is spent before the moment, not after it. Without that class whoever stays
awake is soon put behind others, so the loop sleeps until the moment itself."""
NEAR_NS = 1_000_000
"""With anything due within this time, or an event waiting, errands wait."""
QUIET_NS = 2_000_000_000
"""A moment is idle when the player, too, has been quiet for so long."""


class MonotonicClock:
    """The one clock of the house."""

    now = staticmethod(time.monotonic_ns)


class Loop:
    """Drives a conductor on its own thread. :meth:`post` is how every other thread reaches it.

    Args:
        alive: Called each time the loop comes round. It may put another conductor in place by setting ``conductor``.
    """

    def __init__(self, alive: Callable[[], None] | None = None) -> None:
        self.conductor: Conductor | None = None
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._alive = alive
        self._collected = time.monotonic_ns()

    def post(self, event: Event) -> None:
        """Put an event in the inbox; never waits."""
        self._inbox.put(event)

    def run(self, conductor: Conductor) -> None:
        """Run until the jam is over."""
        self.conductor = conductor
        inbox, now = self._inbox, time.monotonic_ns
        early = EARLY_NS if realtime.under_fifo() else 0
        try:
            while not conductor.done:
                due = conductor.next_due()
                wait_ns = WAKE_NS if due is None else min(due - now(), WAKE_NS)
                if conductor.sounds_next:
                    wait_ns -= early
                if wait_ns > 0:
                    try:  # noqa: SIM105 - a context manager would cost every cue some microseconds
                        conductor.post(inbox.get(timeout=wait_ns / 1e9))
                    except queue.Empty:
                        pass
                while not inbox.empty():
                    conductor.post(inbox.get())
                for at, data in conductor.ready(now() + early):
                    while now() < at:
                        pass
                    conductor.jam.send(data, at)
                conductor.handle(now())
                while inbox.empty() and (conductor.next_due() or 1 << 62) - now() > NEAR_NS and conductor.errand():
                    pass
                if self._alive is not None:
                    self._alive()
                    conductor = self.conductor or conductor
                if now() - self._collected > COLLECT_NS and _quiet(conductor, now()):
                    realtime.collect_now()
                    self._collected = now()
        finally:  # also what led to a crash belongs into the log
            while conductor.errand():
                pass


def _quiet(conductor: Conductor, now: int) -> bool:
    return conductor.idle and now - (conductor.jam.listener.last_ns() or 0) > QUIET_NS
