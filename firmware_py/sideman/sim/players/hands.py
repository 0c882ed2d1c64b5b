"""Hands that play a tune: its notes at their own moments, with a waver, a drifting tempo, and a foot on START."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

from sideman.jam.cues import Shown
from sideman.jam.events import Event, NoteOff, NoteOn, SwitchEdge
from sideman.music.meter import FRAME_TICKS
from sideman.sim.players.base import PORT, Act, Intent
from sideman.sim.players.tunes import Tune

START_S, FIRST_S = 0.5, 1.5
"""Seconds from the beginning of the jam to the first stomp, and from it to the first note where nothing is counted."""
_TAPS = 3
"""Fewest stomps that are a tempo."""
_PRESS_NS = 100_000_000
_STEPS = 4
"""The tempo of a drifting pulse is looked up so many times a 16th."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A player's own beat.

    Attributes:
        bpm: Quarters a minute, on the average.
        drift: Largest deviation of the tempo, a share; it swings to and fro.
        swing_bars: Bars (of 16 frames) from the mean tempo to the fastest, back, to the slowest and back.
        jitter_ms: Standard deviation of every onset.
    """

    bpm: float = 104.0
    drift: float = 0.0
    swing_bars: float = 32.0
    jitter_ms: float = 4.0

    def seconds(self, frame: float) -> float:
        """Seconds from the first bar line to a 16th, before any waver."""
        if not self.drift or frame <= 0:
            return frame * 15 / self.bpm
        whole = int(frame * _STEPS)
        edges = [*(i / _STEPS for i in range(whole + 1)), frame]
        period = 16 * self.swing_bars
        return sum(
            (b - a) * 15 / self.bpm / (1 + self.drift * math.sin(math.pi * (a + b) / period))
            for a, b in pairwise(edges)
        )


class Hands:
    """Plays a tune whatever the box does; a :class:`~sideman.sim.players.base.Player`.

    Args:
        name: Its name.
        tune: What it plays.
        pulse: How steadily.
        seed: Of the waver.
        counts: The foot counts the player in, a bar (two where it is short) of START, as before the blues: so the box
            knows where beat one is. Else START is pressed once, and the box has to find the time in the playing.
    """

    def __init__(self, name: str, tune: Tune, pulse: Pulse, seed: int, *, counts: bool = True) -> None:
        self.name = name
        self.tune = tune
        self.pulse = pulse
        self.counts = counts and tune.meter.bar_ticks % tune.meter.beat_ticks == 0
        self.intent = Intent()
        self._rng = random.Random(f"hands {seed}")
        self._zero = 0
        self._stomps: tuple[int, ...] = ()

    def begin(self, ns: int) -> int:
        """Take the foot and the hands to their places."""
        meter = self.tune.meter
        first = min((n[0] for n in self.tune.melody), default=0.0)
        bars = max(0, -math.floor(first / meter.bar_frames))  # of pickup
        before = -first
        counted: list[float] = []
        if self.counts:
            beat = meter.beat_ticks / FRAME_TICKS
            beats = round(meter.bar_frames / beat) * -(-_TAPS // round(meter.bar_frames / beat))
            counted = [-bars * meter.bar_frames - (beats - i) * beat for i in range(beats)]
            before = -counted[0]
        else:
            before = max(0.0, before) + (FIRST_S - START_S) * self.pulse.bpm / 15
        self._zero = ns + round((START_S + before * 15 / self.pulse.bpm) * 1e9)
        self._stomps = tuple(self.at(frame) for frame in counted) or (ns + round(START_S * 1e9),)
        self.intent = Intent(
            tuple((self.at(o), self.at(o + d), label) for o, d, label in self.tune.chords),
            tuple((self.at(frame), name) for frame, name in self.tune.marks),
        )
        return self._stomps[0]

    def at(self, frame: float) -> int:
        """Moment of a 16th of the tune."""
        return self._zero + round(self.pulse.seconds(frame) * 1e9)

    def see(self, item: Shown) -> None:
        """These hands have no eyes."""

    def feet(self) -> tuple[Event, ...]:
        """What the foot does before the first note."""
        return tuple(SwitchEdge(ns + after, "START", down=not after) for ns in self._stomps for after in (0, _PRESS_NS))

    def act(self, ns: int) -> Act:  # noqa: ARG002 - the protocol's signature
        """All of it at once: nothing that the box does changes it."""
        events = list(self.feet())
        for onset, length, pitch in self.tune.melody:
            events += self.note(onset, length, pitch)
        return Act(tuple(events))

    def note(self, onset: float, length: float, pitch: int) -> tuple[Event, Event]:
        """A key going down and coming up, about when it should."""
        on = self.at(onset) + round(self._rng.gauss(0, self.pulse.jitter_ms) * 1e6)
        off = max(on + 30_000_000, self.at(onset + length))
        strong = 8 if onset % (self.tune.meter.bar_frames / 2) == 0 else 0
        velocity = min(120, max(40, round(self._rng.gauss(80 + strong, 5))))
        key = min(127, max(0, pitch))
        return NoteOn(on, PORT, 0, key, velocity), NoteOff(off, PORT, 0, key)
