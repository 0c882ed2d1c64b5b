"""What a simulated player is: it sees what the box shows, and at moments of its own choice it does something.

The doing is any event of ``jam/events.py`` (keys, feet, settings, cables), the seeing any item of ``jam/cues.py``
(plan, notes, beats, status). That is enough for a melody on paper, for a soloist who waits for the box's answer, for
a bassist whose foot records loops, and for hands that follow the band's tempo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from sideman.jam.cues import Shown
from sideman.jam.events import Event

PORT = "Simulated player"


@dataclass(frozen=True, slots=True)
class Act:
    """What a player does when asked.

    Attributes:
        events: Stamped at the moment asked or later, in any order.
        again: Moment at which it wants to be asked next, later than this one; None when it has finished.
    """

    events: tuple[Event, ...] = ()
    again: int | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What only the player knows, for measuring afterwards.

    Attributes:
        chords: (first moment, end, Harte label) of the harmony meant by what it plays; empty when it follows the box.
        marks: (moment, name) of what happens to the music: ``change`` of key, ``stop``, ``back``.
    """

    chords: tuple[tuple[int, int, str], ...] = ()
    marks: tuple[tuple[int, str], ...] = field(default=())


class Player(Protocol):
    """A simulated player. All of it must follow from its seed and from what it was shown: no clock, no other dice."""

    @property
    def name(self) -> str:
        """Its name, with the seed."""

    @property
    def intent(self) -> Intent:
        """What it means to play; known once it has begun."""

    def begin(self, ns: int) -> int:
        """The jam begins at ``ns``: returns the first moment at which it wants to be asked."""

    def see(self, item: Shown) -> None:
        """The box shows something; called at that moment, before anything later happens."""

    def act(self, ns: int) -> Act:
        """What it does now."""
