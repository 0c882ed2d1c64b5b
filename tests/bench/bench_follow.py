"""Milliseconds of the band's answers in whole simulated songs of ``follow``, beside the floor.

``python tests/bench/bench_follow.py [--json] [--quick]``. Each player of the closed-loop bench plays a song with the
whole program; every answer of the band is measured on the clock and on the processor, up to the plan, and with the
other chords that some asks want after it. First plans of a form (the entry; bar lines found anew; a phrase held) have a
row of their own, and so has the first song, which warms up. The floor is four passes of the chord net alone, those of
one beat, run after each answer, so that both meet the same load of the machine.
"""

import argparse
import json
import sys
import time

from sideman.band.ensemble import Ensemble
from sideman.models.library import load
from sideman.service.jam_run import play_player
from sideman.service.settings import Settings
from sideman.sim.players.cast import CAST

FOLLOW = Settings().with_values({"jam.mode": "follow"})
WARM_UP = ("melody", 3)
SONGS = (
    ("melody", 1), ("loop", 2), ("reactive", 1), ("uncounted", 2), ("adversary", 1), ("keychange", 1), ("stops", 1),
)  # fmt: skip
FLOOR, FIRST, HELD = "floor: the chord net's passes of a beat", "first plan of a form", "a phrase held, harmonised"
PLAN, WHOLE, LATER = "a plan", "a plan and what may be struck", "made ahead, after an answer"
BEAT = 4


class Timed(Ensemble):
    """A band whose every answer is measured."""

    def __init__(self):
        super().__init__()
        self.net = load("chords")
        self.nothing = self.net.zeros()
        self.took = {}
        self.warm = True
        self.forms = set()

    def note(self, name, begun):
        wall, cpu = ((b - a) / 1e6 for a, b in zip(begun, now(), strict=True))
        self.took.setdefault(f"warm-up: {name}" if self.warm else name, []).append((wall, cpu))

    def answer(self, ask, *, early=None):
        del early
        form = (ask.epoch, ask.origin % ask.meter.bar_frames, ask.phrase is not None)
        planned, begun = [], now()
        plan = super().answer(ask, early=lambda _: planned.append(self.note(PLAN, begun)))
        if ask.end > ask.start:
            fresh = form not in self.forms
            self.forms.add(form)
            first = HELD if ask.phrase is not None else FIRST
            self.note(first if fresh else WHOLE if planned else PLAN, begun)
        begun = now()
        for _ in range(BEAT):
            self.net.run(self.nothing)
        self.note(FLOOR, begun)
        return plan

    def prepare(self):
        begun = now()
        super().prepare()
        self.note(LATER, begun)


class Unwritten:
    """A journal that keeps nothing."""

    def write(self, record):
        """Nothing."""


def now():
    return time.perf_counter_ns(), time.thread_time_ns()


def summary(values, floor):
    walls, worked = (sorted(column) for column in zip(*values, strict=True))
    n = len(walls)
    last = min(n - 1, n * 99 // 100)
    row = {"p50": walls[n // 2], "p99": walls[last], "max": walls[-1]}
    row |= {"cpu_p50": worked[n // 2], "cpu_p99": worked[last], "ratio_p50": walls[n // 2] / floor}
    return {"n": n} | {name: round(value, 3) for name, value in row.items()}


def bench(songs=SONGS):
    band = Timed()
    for place, (name, seed) in enumerate((WARM_UP, *songs)):
        band.warm = place == 0
        band.forms.clear()
        play_player(FOLLOW, CAST[name](seed), Unwritten(), band=band)
    floors = sorted(wall for wall, _ in band.took[FLOOR])
    return {name: summary(values, floors[len(floors) // 2]) for name, values in sorted(band.took.items())}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one song")
    options = parser.parse_args(argv)
    rows = bench(SONGS[:1] if options.quick else SONGS)
    if options.json:
        json.dump(rows, sys.stdout)
        return 0
    for name, row in rows.items():
        figures = "  ".join(f"{key} {value:8.3f}" for key, value in row.items() if key != "n")
        print(f"{name:50} {figures}  n {row['n']}")  # noqa: T201 - a bench prints
    return 0


if __name__ == "__main__":
    sys.exit(main())
