"""Milliseconds of the band's answers, beside the floor: ``python tests/bench/bench_band.py [--runs N] [--json]``.

Rows: a form's first answer (harmonised anew), two bars of ``trade``, a beat of ``follow``, the ending; each by the
band with its models and by the rules that the conductor falls back on. The floor is a plan that holds nothing: an ask
with an empty window, in turn with the others, so that all meet the same load of the machine.
"""

import argparse
import json
import sys
import time
from dataclasses import replace

from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Phrase
from sideman.band.rules import rules_plan
from sideman.music.meter import Meter
from sideman.music.notes import Note

FOUR = Meter()
TUNE = (64, 67, 72, 71, 69, 72, 76, 74, 65, 69, 72, 74, 67, 71, 74, 62)
NOTES = tuple(Note(960 * i // 2 + i % 3 * 7, 420, TUNE[i // 2 % 16] + i % 2 * 2, 80 + i % 4 * 8) for i in range(64))
PHRASE = Phrase(NOTES, 8, FOUR, 104.0)
FORM = 8 * FOUR.bar_frames
FIRST = Ask(
    id=0, seed=1, epoch=0, mode="trade", meter=FOUR, bpm=104.0, frame=0, start=0, end=32, form_frames=FORM,
    phrase=PHRASE, solo=True,
)  # fmt: skip
SILENT_BEATS = 8


def summary(values):
    ranked, worked = sorted(wall for wall, _ in values), sorted(cpu for _, cpu in values)
    n = len(ranked)
    p50, p99 = ranked[n // 2], ranked[min(n - 1, n * 99 // 100)]
    return {
        "n": n,
        "p50": round(p50, 3),
        "p99": round(p99, 3),
        "max": round(ranked[-1], 3),
        "cpu_p50": round(worked[n // 2], 3),
    }


def timed(call, *args):
    """Milliseconds on the clock and on the processor (what is left when others do not take turns), and the plan."""
    begun, worked = time.perf_counter_ns(), time.thread_time_ns()
    plan = call(*args)
    return ((time.perf_counter_ns() - begun) / 1e6, (time.thread_time_ns() - worked) / 1e6), plan


def trade(runs, took, answer, name):
    """Whole turns of the form, window by window, a new epoch every two turns."""
    chords, epoch = (), 0
    for number in range(runs):
        step = number % 8
        if step == 0:
            epoch += 1
            ask = replace(FIRST, epoch=epoch, seed=epoch, variation=epoch % 2)
            ms, plan = timed(answer, ask)
            took.setdefault(f"{name}: first answer of a form (8 bars harmonised)", []).append(ms)
            chords = plan.chords
            continue
        start = step * 32
        ask = replace(
            ask, id=number, start=start, end=start + 32, frame=start - 1, phrase=None, solo=step < 4, chords=chords
        )
        took.setdefault(f"{name}: trade, two bars", []).append(timed(answer, ask)[0])
        empty = replace(ask, start=start, end=start)
        took.setdefault("floor: an empty window", []).append(timed(answer, empty)[0])


def follow(runs, took, answer, name):
    """A beat's notes, then the four beats to come, as the mode asks."""
    for number in range(runs):
        beat = number % 64
        now = beat * 4
        heard = tuple(n for n in NOTES if (now - 4) * 240 <= n.tick % 30720 < now * 240)
        ask = Ask(
            id=number, seed=1, epoch=-1 - number // 64, mode="follow", meter=FOUR, bpm=104.0, frame=now,
            start=now + 1, end=now + (21 if beat >= SILENT_BEATS else 1), heard=heard, heard_until=now,
        )  # fmt: skip
        if beat >= SILENT_BEATS:
            took.setdefault(f"{name}: follow, a beat heard and five planned", []).append(timed(answer, ask)[0])
        else:
            answer(ask)


def bench(runs):
    band = Ensemble()
    took = {}
    state = {"heard": ()}

    def by_rules(ask):
        if ask.mode == "follow":
            state["heard"] = ask.heard if ask.heard_until < 4 else (*state["heard"], *ask.heard)
            return rules_plan(ask, None, state["heard"])
        return rules_plan(ask, PHRASE, ())

    for name, answer in (("models", band.answer), ("rules", by_rules)):
        trade(runs, took, answer, name)
        follow(runs, took, answer, name)
    return {"models": dict(band.models), "ms": {name: summary(values) for name, values in sorted(took.items())}}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    result = bench(options.runs)
    if options.json:
        json.dump(result, sys.stdout)
        return 0
    for family, status in result["models"].items():
        print(f"{family:8} {status}")  # noqa: T201 - a bench prints
    for name, row in result["ms"].items():
        figures = "  ".join(f"{key} {row[key]:8.3f}" for key in ("p50", "p99", "max", "cpu_p50"))
        print(f"{name:52} {figures}  n {row['n']}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
