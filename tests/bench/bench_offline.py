"""How much faster than real time a jam is on the offline clock, and its replay: ``python tests/bench/bench_offline.py``.

The jam is the demo's, without pictures, its log written; the replay reads that log and makes the MIDI bytes again. The
floor of the jam is the time the band's answers take by themselves, that of the replay the reading of the log's JSON;
both are printed as times real time too.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from sideman.band.ensemble import Ensemble
from sideman.edges.journal import JournalFile
from sideman.service.demo import CLIPS
from sideman.service.jam_command import with_script
from sideman.service.jam_run import play_fast
from sideman.service.replay import replayed_bytes
from sideman.service.script import read_script
from sideman.service.settings import Settings

MIDI = CLIPS / "first_evening.mid"


class Watched:
    """Times the band's answers."""

    def __init__(self):
        self.seconds = 0.0
        self._answer = Ensemble.answer

    def __enter__(self):
        watched = self

        def answer(band, ask):
            begun = time.perf_counter_ns()
            plan = watched._answer(band, ask)
            watched.seconds += (time.perf_counter_ns() - begun) / 1e9
            return plan

        Ensemble.answer = answer
        return self

    def __exit__(self, *_):
        Ensemble.answer = self._answer


def once(folder):
    """Times real time of one jam and of its replay, and of their floors."""
    script = read_script(MIDI.with_suffix(".toml"))
    settings = with_script(Settings(), script)
    log = Path(folder) / "events.log"
    log.unlink(missing_ok=True)
    begun = time.perf_counter_ns()
    with Watched() as band:
        journal = JournalFile(log, print)
        journal.write({"log": 1, "settings": {}})
        run = play_fast(settings, script, MIDI, journal, models=None)
        journal.close()
    offline_s = (time.perf_counter_ns() - begun) / 1e9
    jam_s = (run.conductor.jam.now - run.start_ns) / 1e9
    begun = time.perf_counter_ns()
    replayed_bytes(log)
    replay_s = (time.perf_counter_ns() - begun) / 1e9
    begun = time.perf_counter_ns()
    for line in log.read_text(encoding="utf-8").splitlines():
        json.loads(line)
    reading_s = (time.perf_counter_ns() - begun) / 1e9
    return {
        "offline": jam_s / offline_s, "offline_floor": jam_s / band.seconds,
        "replay": jam_s / replay_s, "replay_floor": jam_s / reading_s,
    }  # fmt: skip


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        rows = [once(folder) for _ in range(args.runs)]
    found = {}
    for name in ("offline", "replay"):
        fast, floor = (sorted(row[key] for row in rows) for key in (name, f"{name}_floor"))
        middle = len(rows) // 2
        found[name] = {
            "n": len(rows), "p50": round(fast[middle], 1), "worst": round(fast[0], 1),
            "floor_p50": round(floor[middle], 1), "of_floor": round(fast[middle] / floor[middle], 3),
        }  # fmt: skip
    if args.json:
        json.dump(found, sys.stdout)
        return 0
    for name, row in found.items():
        print(f"{name:8} times real time: " + "  ".join(f"{key} {value}" for key, value in row.items()))  # noqa: T201 - a bench prints
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
