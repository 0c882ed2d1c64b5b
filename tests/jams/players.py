"""The simulated players of the bench, each played once with the whole program however often it is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

from sideman.band.ensemble import Ensemble
from sideman.jam import codec
from sideman.jam.events import PlanReady
from sideman.jam.options import setting_keys
from sideman.service.jam_run import play_player
from sideman.service.settings import Settings
from sideman.sim.players.cast import CAST

FOLLOW = {"jam.mode": "follow"}
SEEDS = (1, 2)
GOLDEN = tuple(f"{name}-{seed}" for name in CAST for seed in SEEDS)
"""Names of the golden jams: player and seed."""


class Jam:
    """A jam of a player: its journal's records, its player, its run."""

    def __init__(self, player, settings=(), band=None):
        self.player = player
        self.records = []
        chosen = Settings().with_values(FOLLOW | dict(settings))
        self.write({"log": 1, "settings": {key: chosen.plain(key) for key in setting_keys()}})
        self.run = play_player(chosen, player, self, band=band)
        self.box = self.run.conductor.jam

    def write(self, record):
        event = record.get("in")
        if isinstance(event, PlanReady):  # how long the models took is not music
            record = record | {"in": replace(event, plan=replace(event.plan, model_ms=()))}
        self.records.append(codec.line(record))

    @property
    def keys(self):
        """What the player did with its hands: (moment, pitch) of every key that went down."""
        events = [json.loads(line)["in"] for line in self.records if '"_":"NoteOn"' in line]
        return [(event["ns"], event["pitch"]) for event in events]

    @property
    def notes(self):
        """What the band played."""
        return [(n.part, n.pitch, n.on, n.off, n.velocity) for n in self.box.recorder.band]


@lru_cache(maxsize=1)
def band():
    return Ensemble(None)


@lru_cache(maxsize=32)
def played(name, seed, settings=()):
    """A jam with the shipped models."""
    return Jam(CAST[name](seed), settings, band())
