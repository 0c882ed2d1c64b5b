"""Driving the conductor on the offline clock: a whole jam in milliseconds, the same music every time."""

from __future__ import annotations

from sideman.jam.conductor import Conductor
from sideman.sim.clock import ManualClock


def run_offline(conductor: Conductor, clock: ManualClock, until_ns: int | None = None) -> None:
    """Handle everything on the conductor's heap, each at its moment, until the jam is done or a moment is reached."""
    while not conductor.done:
        due = conductor.next_due()
        if due is None or (until_ns is not None and due > until_ns):
            if until_ns is not None:
                clock.set(until_ns)
            return
        clock.set(due)
        conductor.advance(due)
