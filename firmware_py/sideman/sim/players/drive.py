"""Driving the whole program with a simulated player on the offline clock."""

from __future__ import annotations

from sideman.jam.conductor import Conductor
from sideman.jam.cues import Shown
from sideman.jam.events import Shutdown
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.front import CapturedFront
from sideman.sim.players.base import Player

TAIL_NS = 2_000_000_000
"""The box goes on so long after the player's last event."""


class Watched(CapturedFront):
    """A front that the player looks at."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player

    def show(self, item: Shown) -> None:
        """Keep one item and let the player see it."""
        self.items.append(item)
        self._player.see(item)


def run_with(player: Player, conductor: Conductor, clock: ManualClock, begin_ns: int) -> None:
    """One jam from ``begin_ns`` to two seconds after the player has finished."""
    wake: int | None = player.begin(begin_ns)
    last = begin_ns
    while wake is not None:
        run_offline(conductor, clock, wake - 1)
        clock.set(wake)
        act = player.act(wake)
        for event in act.events:
            conductor.post(event)
            last = max(last, event.ns)
        if act.again is not None and act.again <= wake:
            raise ValueError(f"{player.name} asks for a moment that has passed")
        wake = act.again
    conductor.post(Shutdown(last + TAIL_NS))
    run_offline(conductor, clock)
