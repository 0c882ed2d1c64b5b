"""The whole conductor with the box's own networks on the offline clock: what measures of takes play into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sideman.band.ensemble import Ensemble
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.events import NoteOff, NoteOn, PlanReady, SwitchEdge
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.ports import FakeMidiOut

if TYPE_CHECKING:
    from sideman.jam.options import Options

SECOND = 1_000_000_000
BEGIN = 5 * SECOND
LATENCY = 2_000_000
PRESS = SECOND // 10


class OfflineBox:
    """A box without edges; times are nanoseconds from ``BEGIN`` on."""

    def __init__(self, options: Options, latency: int | None = LATENCY) -> None:
        """Switch it on.

        Args:
            options: The settings.
            latency: What an answer of the band takes; None: it never comes.
        """
        self.clock, self.latency = ManualClock(BEGIN), latency
        self.ensemble = Ensemble()
        self.out, nobody = FakeMidiOut(self.clock.now), _Nobody()
        self.conductor = Conductor(options, Ports(self.clock, self.out, nobody, self, nobody), BEGIN)

    def ask(self, ask: Any) -> None:
        """The band's answer to an ask, posted when it is due."""
        if self.latency is None:
            return
        self.conductor.post(PlanReady(self.clock.now() + self.latency, self.ensemble.answer(ask)))

    def note(self, ns: int, duration: int, pitch: int, velocity: int) -> None:
        """A note of the player's."""
        self.conductor.post(NoteOn(ns, "keys", 0, pitch, velocity))
        self.conductor.post(NoteOff(ns + duration, "keys", 0, pitch))

    def press(self, ns: int, switch: str) -> None:
        """A short press."""
        self.conductor.post(SwitchEdge(ns, switch, True))  # type: ignore[arg-type]  # callers name switches
        self.conductor.post(SwitchEdge(ns + PRESS, switch, False))  # type: ignore[arg-type]

    def run(self, until: int) -> None:
        """Let time pass."""
        run_offline(self.conductor, self.clock, until)


class _Nobody:
    """Screens and journal of nobody."""

    def show(self, item: Any) -> None:
        """Nothing."""

    def write(self, record: Any) -> None:
        """Nothing."""


__all__ = ["BEGIN", "LATENCY", "SECOND", "OfflineBox"]
