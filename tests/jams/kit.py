"""Plays a situation on the offline clock and looks at what came of it, by the performance's own bars."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from sideman.jam import codec
from sideman.service.jam_command import with_script
from sideman.service.jam_run import play_fast
from sideman.service.script import read_script
from sideman.service.settings import Settings
from sideman.service.take import take_of
from sideman.sim.player import Performance

HERE = Path(__file__).parent


class Kept(list):
    """A journal in memory."""

    def write(self, record):
        self.append(json.loads(codec.line(record)))


class Played:
    """A situation that was played."""

    def __init__(self, name):
        midi = HERE / f"{name}.mid"
        self.script = read_script(HERE / f"{name}.toml")
        self.performance = Performance(midi)
        self.journal = Kept()
        self.run = play_fast(with_script(Settings(), self.script), self.script, midi, self.journal, models=None)
        self.jam = self.run.conductor.jam
        self.take = take_of(self.jam)

    def ns(self, place):
        """Moment of a place (``"6.1"``) of the performance, or of seconds."""
        if isinstance(place, str):
            return self.run.start_ns + round(self.script.start_s * 1e9) + self.performance.bar_beat_ns(place)
        return self.run.start_ns + round(place * 1e9)

    def notes(self, start, end, part=None):
        """Band notes that sounded from one place up to another: (part, moment, pitch); early by a 16th's half counts."""
        line, early = self.jam.timeline, 60_000_000
        found = [(n.part, line.ns(n.on), n.pitch) for n in self.jam.recorder.band if part in (None, n.part)]
        return [n for n in found if self.ns(start) - early <= n[1] < self.ns(end) - early]

    def parts(self, start, end):
        return {n[0] for n in self.notes(start, end)}

    def at(self, place):
        """The last status shown by a place."""
        moment = self.ns(place)
        return [s for s in self.run.front.statuses if s.ns <= moment][-1]

    def states(self):
        return [r["state"] for r in self.journal if r.get("did") == "state"]

    @property
    def session(self):
        return self.jam.session


@lru_cache(maxsize=16)
def played(name):
    """A situation, played once however often it is looked at."""
    return Played(name)
