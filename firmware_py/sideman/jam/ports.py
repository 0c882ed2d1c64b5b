"""The protocols that edges and stand-ins implement; the conductor knows nothing else of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sideman.band.messages import Ask
    from sideman.jam.cues import Shown


class Clock(Protocol):
    """The one clock."""

    def now(self) -> int:
        """Monotonic nanoseconds."""


class MidiOut(Protocol):
    """Where bytes sound. Sending never waits and never raises; a lost port swallows bytes."""

    def send(self, data: bytes, *, source: str = "") -> None:
        """Hand one complete channel message to the port.

        Args:
            data: Status byte and data bytes.
            source: Name of the input port a passed-through message came from; a port never gets back its own.
        """

    def panic(self) -> None:
        """All notes off and all sound off on every channel of every open port."""


class Front(Protocol):
    """Screens, LEDs and OSC, all in another process or queue: showing never waits, the newest status wins."""

    def show(self, item: Shown) -> None:
        """Take one snapshot or notice."""


class BandLink(Protocol):
    """The way to the band. Answers come back as ``PlanReady`` events."""

    def ask(self, ask: Ask) -> None:
        """Send a request; never waits."""


class Journal(Protocol):
    """The event log of the jam."""

    def write(self, record: dict[str, Any]) -> None:
        """Keep one record; never waits.

        Args:
            record: JSON-ready, but for an event as it is: to write a whole plan out is not for the caller's thread
                (:func:`sideman.jam.codec.line` does it).
        """
