"""How late cues leave: ``python tests/bench/bench_cues.py [--seconds N] [--json]``.

The same jam (follow mode, the band re-plans at every beat) in real time under three loads: alone (the plans are those of
a recorded log, no band process), band (the band process plans), busy (the band plans and a process spins on each
core). Lateness is from a cue's due time to the moment its bytes are handed to the port; the floor is a process of the
same scheduling class that sleeps to as many absolute deadlines in the same seconds. Each load has a process of its own.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sideman.edges.journal import JournalFile
from sideman.jam import codec
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.events import BandChanged, Shutdown
from sideman.service import floor, realtime
from sideman.service.demo import CLIPS
from sideman.service.health import Lateness
from sideman.service.jam_run import CUES_A_SECOND, play_fast, play_realtime, stamped
from sideman.service.loop import Loop, MonotonicClock
from sideman.service.options import options_of
from sideman.service.script import Script, ScriptPress
from sideman.service.settings import Settings
from sideman.sim.front import CapturedFront
from sideman.sim.ports import FakeMidiOut

LOADS = ("alone", "band", "busy")
MIDI = CLIPS / "first_evening.mid"


def settings():
    chosen = Settings()
    for key, text in {
        "jam.mode": "follow",
        "tempo.mode": "fixed",
        "tempo.bpm": "104",
        "follow.silence_beats": "2",
    }.items():
        chosen = chosen.with_value(key, text)
    return chosen


def script(seconds):
    return Script(presses=(ScriptPress("START", "", 0.5, 0.1),), end_s=float(seconds))


class _Nothing:
    def write(self, record):
        pass

    def ask(self, ask):
        pass


def alone(seconds):
    """The recorded jam's events at their moments; nothing else runs in any process of ours but the floor."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        journal = JournalFile(log, print)
        made = play_fast(settings(), script(seconds), MIDI, journal, models=None)
        journal.close()
        records = [json.loads(line) for line in log.read_text().splitlines()]
    events = [(r["taken"] - made.start_ns, codec.decode(r["in"])) for r in records if "in" in r]
    clock, loop = MonotonicClock(), Loop()
    ports = Ports(clock, FakeMidiOut(), CapturedFront(), _Nothing(), _Nothing())
    conductor = Conductor(options_of(settings()), ports, clock.now())
    prepared()
    base = clock.now() + 1_500_000_000
    for offset, event in events:
        if not isinstance(event, Shutdown):
            conductor.post(stamped(event, base + offset if not isinstance(event, BandChanged) else clock.now()))
    conductor.post(Shutdown(base + seconds * 1_000_000_000))
    measured = floor.started(seconds * CUES_A_SECOND, seconds, settings().service.realtime_priority)
    loop.run(conductor)
    realtime.leave_fifo()
    return conductor, floor.result(measured)


def prepared():
    realtime.quick_switches()
    said = realtime.ask_for_fifo(settings().service.realtime_priority)
    realtime.collector_off()
    return said


def spin():
    while True:
        pass


def measure(load, seconds):
    """One load in this process; a row of the table."""
    spinners = []
    if load == "busy":
        spinners = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
        for each in spinners:
            each.start()
    try:
        if load == "alone":
            conductor, under = alone(seconds)
        else:
            run = play_realtime(settings(), script(seconds), MIDI, _Nothing(), models=None)
            conductor, under = run.conductor, run.floor
    finally:
        for each in spinners:
            each.kill()
    late = Lateness()
    for ns in conductor.jam.lateness:
        late.add(ns)
    ms = late.summary()
    ratio = round(ms["p99"] / under["p99"], 2) if under.get("p99") else None
    return {
        "load": load, "ms": ms, "floor": under, "p99_to_floor": ratio, "plans": conductor.jam.plans,
        "late_plans": conductor.jam.late_plans, "fifo": prepared() == "",
    }  # fmt: skip


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--load", choices=LOADS, help="measure this one in this process, print JSON")
    args = parser.parse_args(argv)
    if args.load:
        print(json.dumps(measure(args.load, args.seconds)))  # noqa: T201 - a bench prints
        return 0
    rows = []
    for load in LOADS:
        command = [sys.executable, __file__, "--load", load, "--seconds", str(args.seconds)]
        rows.append(json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout))
    if args.json:
        print(json.dumps(rows))  # noqa: T201
        return 0
    for row in rows:
        ms, under = row["ms"], row["floor"]
        print(  # noqa: T201
            f"{row['load']:6} n {ms['n']:5} p50 {ms['p50']:.3f} p99 {ms['p99']:.3f} max {ms['max']:.3f} ms   "
            f"floor p50 {under.get('p50')} p99 {under.get('p99')} max {under.get('max')}   p99/floor {row['p99_to_floor']}   "
            f"plans {row['plans']}, late {row['late_plans']}   {'SCHED_FIFO' if row['fifo'] else 'normal priority'}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
