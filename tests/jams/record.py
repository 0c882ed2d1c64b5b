"""Golden jams: recorded plans and the MIDI they give. ``python -m tests.jams.record`` records them again.

With names behind it (``clip``, ``melody-1`` ...) only those: the scripted jams, and the simulated players with a seed.

Each is a log (settings, every event, every plan; gzipped) and the take that its replay must give to the byte. They are
recorded with the shipped models, so run the command after a model or the music of the program has changed on purpose.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sideman.jam import codec
from sideman.jam.events import PlanReady
from sideman.jam.options import setting_keys
from sideman.service.jam_command import with_script
from sideman.service.jam_run import play_fast
from sideman.service.replay import replayed, replayed_bytes
from sideman.service.script import read_script
from sideman.service.settings import Settings
from sideman.sim import clip
from tests.jams import players

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
CLIP = clip.FILE
JAMS = {
    "clip": (CLIP, CLIP.with_suffix(".toml")),
    "blues": (HERE / "03_blues_in_e.mid", HERE / "03_blues_in_e.toml"),
    "seven": (HERE / "04_seven.mid", HERE / "04_seven.toml"),
}


class Lines:
    """A journal in memory: one JSON text a record, without how long the models took."""

    def __init__(self):
        self.lines = []

    def write(self, record):
        event = record.get("in")
        if isinstance(event, PlanReady):
            record = record | {"in": replace(event, plan=replace(event.plan, model_ms=()))}
        self.lines.append(codec.line(record))


def recorded(name, models=None):
    """Play a jam live: its log's lines and its conductor."""
    midi, toml = JAMS[name]
    script = read_script(toml)
    settings = with_script(Settings(), script)
    journal = Lines()
    journal.write({"log": 1, "settings": {key: settings.plain(key) for key in setting_keys()}})
    run = play_fast(settings, script, midi, journal, models=models)
    return journal.lines, run.conductor


def kept(lines):
    """What a replay reads of a log: its head, its start and its events."""
    return [line for line in lines if '"in":' in line or '"log":' in line or '"did":"start"' in line]


def unpacked(name, folder):
    """A golden log as a file that can be replayed."""
    path = Path(folder) / f"{name}.log"
    path.write_bytes(gzip.decompress((GOLDEN / f"{name}.log.gz").read_bytes()))
    return path


def notes_of(conductor):
    """The band's notes as a multiset of (part, pitch, tick, velocity)."""
    return Counter((n.part, n.pitch, n.on, n.velocity) for n in conductor.jam.recorder.band)


def agreement(one, two):
    """Share of notes that two multisets have in common, of the larger."""
    return sum((one & two).values()) / max(sum(one.values()), sum(two.values()), 1)


def lines_of(name):
    """The log of a scripted jam or of a simulated player."""
    if name in JAMS:
        return recorded(name)[0]
    player, _, seed = name.rpartition("-")
    return players.played(player, int(seed)).records


def main(names=()):
    """Record the named golden jams, or every one."""
    GOLDEN.mkdir(exist_ok=True)
    for name in names or (*JAMS, *players.GOLDEN):
        lines = lines_of(name)
        data = ("\n".join(kept(lines)) + "\n").encode()
        (GOLDEN / f"{name}.log.gz").write_bytes(gzip.compress(data, 9, mtime=0))
        log = GOLDEN / f"{name}.log"
        log.write_bytes(data)
        (GOLDEN / f"{name}.mid").write_bytes(replayed_bytes(log))
        again, _ = replayed(log)
        log.unlink()
        sys.stdout.write(f"{name}: {sum(notes_of(again).values())} notes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
