"""A band that plays by rules and says of each plan what a test wants: advice, surprise, other chords for a note."""

from __future__ import annotations

from dataclasses import replace

from sideman.band.messages import Alternative
from sideman.band.rules import rules_plan
from sideman.jam.events import PlanReady
from sideman.music.chords import Chord
from tests.jam.rig import RIFF, Rig, RulesLink


class SayingLink(RulesLink):
    """Answers as :class:`RulesLink`, each plan passed through ``said`` (ask, plan) -> plan."""

    def __init__(self, clock, said, latency_ns=2_000_000):
        super().__init__(clock, latency_ns)
        self.said = said

    def ask(self, ask):
        self.asks.append(ask)
        if ask.epoch != self.epoch:
            self.epoch, self.phrase, self.heard = ask.epoch, None, {}
        self.phrase = ask.phrase or self.phrase
        self.heard.update({(n.tick, n.pitch): n for n in ask.heard})
        if self.latency_ns is None:
            return
        plan = rules_plan(ask, self.phrase, tuple(self.heard.values()))
        self.post(PlanReady(self.clock.now() + self.latency_ns, self.said(ask, plan)))


def saying(said, **options):
    """A rig whose band says what ``said`` makes of its plans."""
    rig = Rig(**{"mode": "follow", "tempo_fixed": True, "bpm": 96} | options)
    link = SayingLink(rig.clock, said)
    link.post = rig.conductor.post
    rig.link = rig.jam.ports.link = link
    return rig


def following(said, times=6, **options):
    """The same, playing: START a beat ahead, then the riff over and over; the band enters on beat 8."""
    rig = saying(said, **options)
    rig.press("START", -1)
    rig.play(RIFF * times)
    return rig


def other_chord(ask, plan, root=1, classes=tuple(range(12))):
    """The plan with one alternative: the chord on ``root`` minor, a whole tone of notes up, whatever is struck."""
    if not ask.alternatives:
        return plan
    chord = Chord(root, "min")
    notes = tuple(replace(n, pitch=n.pitch + 1) for n in plan.notes if n.part in ("bass", "chords"))
    chords = tuple(replace(c, chord=chord) for c in plan.chords)
    return replace(plan, alternatives=(Alternative(classes, chords, notes),))
