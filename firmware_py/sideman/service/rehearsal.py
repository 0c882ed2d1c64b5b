"""A rehearsal: a jam played to nobody before the first real one, so that the first press is as quick as the second.

What Python runs for the first time takes longer than later: code to load and specialise, memory to touch.
"""

from __future__ import annotations

import logging
from typing import Any

from sideman.band.messages import Ask
from sideman.band.rules import rules_plan
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.events import BandChanged, NoteOff, NoteOn, PlanReady, Shutdown, Switch, SwitchEdge
from sideman.jam.options import Options
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.front import CapturedFront
from sideman.sim.ports import FakeMidiOut

log = logging.getLogger(__name__)

SECOND = 1_000_000_000
BEAT_NS = SECOND // 2
MELODY = (57, 60, 64, 60, 62, 65, 69, 65)
PRESSES: tuple[tuple[float, Switch], ...] = (
    (0, "START"),
    (9, "STOP"),
    (20, "PLAY"),
    (25, "START"),
    (33.5, "STOP"),
    (38.7, "PLAY"),
    (50, "STOP"),
    (60, "PLAY"),
    (65, "STOP"),
)
"""Beats and switches: a phrase, its answer, a new one under the band, an ending, silence."""
LATENCY_NS = 4_000_000


class Rehearsal:
    """The world around a conductor that rehearses: nothing is kept, the band answers by rules."""

    def __init__(self, options: Options) -> None:
        self.clock = ManualClock(SECOND)
        ports = Ports(self.clock, FakeMidiOut(self.clock.now), CapturedFront(), self, self)
        self.conductor = Conductor(options, ports, SECOND)

    def write(self, record: dict[str, Any]) -> None:
        """Nothing is kept."""

    def ask(self, ask: Ask) -> None:
        """Answer by rules."""
        phrase = self.conductor.jam.session.material
        plan = rules_plan(ask, phrase.phrase if phrase is not None else None, ())
        self.conductor.post(PlanReady(self.clock.now() + LATENCY_NS, plan))

    def play(self) -> None:
        """Phrase, answer, phrase under the band, ending."""
        start = self.clock.now()
        post = self.conductor.post
        post(BandChanged(start, up=True))
        for at, switch in PRESSES:
            ns = start + round(at * BEAT_NS)
            post(SwitchEdge(ns, switch, down=True))
            post(SwitchEdge(ns + SECOND // 10, switch, down=False))
        for begin in (1, 25.5):
            for i, pitch in enumerate(MELODY):
                ns = start + round((begin + i) * BEAT_NS)
                post(NoteOn(ns, "rehearsal", 0, pitch, 90))
                post(NoteOff(ns + BEAT_NS * 9 // 10, "rehearsal", 0, pitch))
        post(Shutdown(start + 70 * BEAT_NS))
        run_offline(self.conductor, self.clock)


def rehearse(options: Options) -> None:
    """Play the rehearsal once, with the options that hold; a box that cannot rehearse is slower at first, no more."""
    try:
        Rehearsal(options).play()
    except Exception:
        log.exception("the rehearsal broke off; the first presses will be a little late")
