"""Plain tunes through the conductor in ``follow``: where it counts tempo and bars when the tune ends.

The offline clock, free tempo, a band that plays by the rules: what a player would hear of the tempo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sideman.band.rules import rules_plan
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.events import NoteOff, NoteOn, PlanReady, Shutdown, SwitchEdge
from sideman.jam.options import Options
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.front import CapturedFront
from sideman.sim.ports import FakeMidiOut

if TYPE_CHECKING:
    from sideman.band.messages import Ask
    from sideman_lab.tempo_data import Phrase

SECOND = 1_000_000_000
LATENCY_NS = 4_000_000
NEAR_BEATS = 0.25
"""A bar line counted so near to the player's is on it (a found tempo is a little off, the tracker leans on it)."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A tune that was followed.

    Attributes:
        phrase: What was played.
        bpm: Quarters a minute counted at its end, 0 where no tempo was found.
        bar_line: Whether the bars counted at its end are the player's.
        entered: Whether the band entered on a bar line of the player's (in his own bars); None if it did not enter.
    """

    phrase: Phrase
    bpm: float
    bar_line: bool
    entered: bool | None


class _World:
    """What is around the conductor: nothing is kept but the entry."""

    def __init__(self, phrase: Phrase) -> None:
        self.clock = ManualClock(SECOND)
        ports = Ports(self.clock, FakeMidiOut(self.clock.now), CapturedFront(), self, self)
        self.conductor = Conductor(Options(mode="follow", meter=phrase.meter), ports, SECOND)
        self.entry_ns: int | None = None

    def write(self, record: dict[str, Any]) -> None:
        """Note the moment for which the band is called in."""
        jam = self.conductor.jam
        if record.get("did") == "state" and record.get("band") == "playing" and jam.session.entry is not None:
            self.entry_ns = self.entry_ns or jam.timeline.ns(jam.session.entry * 240)

    def ask(self, ask: Ask) -> None:
        """Answer by rules."""
        plan = rules_plan(ask, None, self.conductor.jam.heard_notes())
        self.conductor.post(PlanReady(self.clock.now() + LATENCY_NS, plan))


def follow(phrase: Phrase) -> Followed:
    """Play a phrase to a box that follows."""
    world = _World(phrase)
    post, zero = world.conductor.post, 2 * SECOND
    post(SwitchEdge(zero, "START", down=True))
    post(SwitchEdge(zero + SECOND // 10, "START", down=False))
    ends = [ns for ns, _ in phrase.onsets[1:]] + [phrase.close_ns]
    for (ns, velocity), pitch, end in zip(phrase.onsets, phrase.pitches, ends, strict=True):
        post(NoteOn(zero + ns, "keys", 0, pitch, velocity))
        post(NoteOff(zero + ns + max(40_000_000, (end - ns) * 9 // 10), "keys", 0, pitch))
    beat = 60e9 / phrase.bpm
    end = zero + phrase.close_ns - round(beat)
    run_offline(world.conductor, world.clock, end)
    jam = world.conductor.jam
    bar_ns = phrase.meter.bar_ticks / 960 * beat

    def on_bar(ns: float) -> bool:
        off = (ns - zero - phrase.downbeat_ns) / bar_ns
        return abs(off - round(off)) * bar_ns <= NEAR_BEATS * beat

    line = jam.timeline
    result = Followed(
        phrase,
        line.tempo.bpm if jam.session.pulse else 0.0,
        jam.session.pulse and on_bar(line.ns(line.next_bar_line(line.tick(end)))),
        None if world.entry_ns is None else on_bar(world.entry_ns),
    )
    post(Shutdown(end + 1))
    run_offline(world.conductor, world.clock)
    return result
