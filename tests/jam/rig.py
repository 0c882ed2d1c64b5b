"""A whole jam on the offline clock, with a band that plays by rules: fast enough for property tests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sideman.band.messages import Ask
from sideman.band.rules import rules_plan
from sideman.jam import codec
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.cues import Status
from sideman.jam.events import NoteOff, NoteOn, PlanReady, Shutdown, SwitchEdge
from sideman.jam.options import Options
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.ports import FakeMidiOut

SECOND = 1_000_000_000
START_NS = 5 * SECOND


@dataclass
class Kept:
    items: list = field(default_factory=list)

    def show(self, item):
        self.items.append(item)

    def write(self, record):
        self.items.append(json.loads(codec.line(record)))


class RulesLink:
    """Answers by rules after a chosen latency; None = never."""

    def __init__(self, clock, latency_ns=2_000_000):
        self.clock, self.latency_ns, self.post, self.asks = clock, latency_ns, None, []
        self.phrase, self.heard, self.epoch = None, {}, -1

    def ask(self, ask: Ask):
        self.asks.append(ask)
        if ask.epoch != self.epoch:
            self.epoch, self.phrase, self.heard = ask.epoch, None, {}
        self.phrase = ask.phrase or self.phrase
        self.heard.update({(n.tick, n.pitch): n for n in ask.heard})
        if self.latency_ns is None:
            return
        plan = rules_plan(ask, self.phrase, tuple(self.heard.values()))
        self.post(PlanReady(self.clock.now() + self.latency_ns, plan))


class SilentLink:
    """The band of a replay: its answers are in the log."""

    def ask(self, ask):
        pass


class Rig:
    def __init__(self, latency_ns=2_000_000, link=None, **options):
        self.clock = ManualClock(START_NS)
        self.out = FakeMidiOut(self.clock.now)
        self.front, self.journal = Kept(), Kept()
        self.link = link or RulesLink(self.clock, latency_ns)
        self.options = Options(**options)
        ports = Ports(self.clock, self.out, self.front, self.link, self.journal)
        self.conductor = Conductor(self.options, ports, START_NS)
        if isinstance(self.link, RulesLink):
            self.link.post = self.conductor.post
        self.zero, self.quarter = START_NS + SECOND, SECOND * 60 // 96

    # playing ------------------------------------------------------------------------------------------------

    def at(self, beat):
        return int(self.zero + beat * self.quarter)

    def note(self, beat, pitch, length=0.9, velocity=90, port="keys"):
        self.conductor.post(NoteOn(self.at(beat), port, 0, pitch, velocity))
        self.conductor.post(NoteOff(self.at(beat + length), port, 0, pitch))

    def play(self, pitches, start=0.0, step=1.0):
        for i, pitch in enumerate(pitches):
            self.note(start + i * step, pitch, step * 0.9)

    def press(self, switch, beat, hold_s=0.1):
        ns = self.at(beat)
        self.conductor.post(SwitchEdge(ns, switch, True))
        self.conductor.post(SwitchEdge(ns + int(hold_s * SECOND), switch, False))

    def run(self, beat=None):
        run_offline(self.conductor, self.clock, None if beat is None else self.at(beat))
        return self

    def finish(self, beat):
        self.conductor.post(Shutdown(self.at(beat)))
        return self.run()

    # looking ------------------------------------------------------------------------------------------------

    @property
    def jam(self):
        return self.conductor.jam

    @property
    def state(self):
        return self.jam.session.state.value

    @property
    def status(self) -> Status:
        return [i for i in self.front.items if isinstance(i, Status)][-1]

    def states(self):
        return [r["state"] for r in self.journal.items if r.get("did") == "state"]

    def did(self, kind):
        return [r for r in self.journal.items if r.get("did") == kind]

    def sounded(self, part=None):
        notes = [(n.part, n.on, n.pitch, n.velocity) for n in self.jam.recorder.band]
        return [n for n in notes if part in (None, n[0])]

    def beats_of(self, part):
        """Onsets of a part in quarters of the timeline."""
        return [round(n[1] / 960, 2) for n in self.sounded(part)]

    def replayed(self):
        other = Rig(link=SilentLink(), **{f: getattr(self.options, f) for f in self.options.__dataclass_fields__})
        for record in self.journal.items:
            if "in" in record:
                event = codec.decode(record["in"])
                other.conductor.post_logged(event, record["taken"])
        other.run()
        return other


RIFF = (60, 64, 67, 72, 69, 64, 60, 57, 65, 69, 72, 65, 67, 71, 74, 71)
"""Four bars of 4/4 in quarters: C, Am, F, G."""


def committed(**options):
    """A rig with four bars committed at 96 BPM; the closing press was on beat 16."""
    rig = Rig(**options)
    rig.press("START", -1)
    rig.play(RIFF)
    rig.press("STOP", 16)
    return rig


def playing(beat=18, **options):
    """A rig in which PLAY was pressed; with the default beat it waits for the downbeat on 20."""
    rig = committed(**options)
    rig.press("PLAY", beat)
    return rig
