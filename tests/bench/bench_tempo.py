"""Milliseconds of finding the tempo of a phrase, on the conductor's thread.

``python tests/bench/bench_tempo.py [--runs N] [--json]``. The floor is what reading the phrase costs with nothing
decided: merging chords and the histogram of its intervals. Thread time beside wall time: what others take is not ours.
"""

import argparse
import json
import random
import statistics
import sys
import time

from sideman.music.meter import Meter
from sideman.music.tempo_features import events_of, histogram
from sideman.music.tempo_finding import find_phrase_tempo

NS = 1_000_000_000
BARS = (4, 8, 32)


def phrase(bars, seed=1):
    """Twelve notes a bar at 120 BPM, 10 ms of human timing, and the closing press."""
    rng = random.Random(seed)
    steps = [i for i in range(16 * bars) if i % 16 == 0 or rng.random() < 0.75]
    onsets = [(NS + round((i * 0.125 + rng.gauss(0, 0.01)) * NS), rng.randint(50, 110)) for i in steps]
    return sorted(onsets), NS + 2 * bars * NS


def timed(call, runs):
    wall, thread = [], []
    for _ in range(runs):
        a, b = time.perf_counter_ns(), time.thread_time_ns()
        call()
        thread.append((time.thread_time_ns() - b) / 1e6)
        wall.append((time.perf_counter_ns() - a) / 1e6)
    return {
        "p50": round(statistics.median(thread), 3),
        "max": round(max(thread), 3),
        "wall_p50": round(statistics.median(wall), 3),
        "wall_max": round(max(wall), 3),
    }


def bench(runs=30):
    """One row a length and kind: ``{"bars", "onsets", "closed", "ms", "floor"}``."""
    rows = []
    for bars in BARS:
        onsets, close = phrase(bars)
        floor = timed(lambda o=onsets: histogram(events_of(o, ())), runs)
        for press in (close, None):
            ms = timed(lambda o=onsets, p=press: find_phrase_tempo(o, p, Meter()), runs)
            rows.append(
                {
                    "bars": bars,
                    "onsets": len(onsets),
                    "closed": press is not None,
                    "runs": runs,
                    "ms": ms,
                    "floor": floor,
                }
            )
    return rows


def test_bench_tempo():
    """Prints the table under ``make bench``; figures, no gate."""
    rows = bench()
    sys.stdout.write("\n" + table(rows) + "\n")
    assert all(row["floor"]["p50"] <= row["ms"]["p50"] for row in rows)


def table(rows):
    lines = ["bars onsets closed  ms p50    max  wall p50    max  floor p50"]
    lines += [
        f"{r['bars']:4d} {r['onsets']:6d} {r['closed']!s:6s} {r['ms']['p50']:7.2f} {r['ms']['max']:6.2f}"
        f" {r['ms']['wall_p50']:9.2f} {r['ms']['wall_max']:6.2f} {r['floor']['p50']:10.2f}"
        for r in rows
    ]
    return "\n".join(lines)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    rows = bench(args.runs)
    sys.stdout.write((json.dumps(rows) if args.json else table(rows)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
