"""What showing costs the clock: ``python tests/bench/bench_front.py``."""

import json
import sys
import time
from pathlib import Path

from sideman.edges.front import FrontOptions, FrontProcess
from sideman.jam.cues import NoteSounds
from sideman.service.pictures.examples import STATES


def measure(front, item, number=2000, pause_s=0.001):
    """Microseconds of ``show``, one call a millisecond, so that the child keeps up as in a jam."""
    took = []
    for _ in range(number):
        begun = time.perf_counter_ns()
        front.show(item)
        took.append((time.perf_counter_ns() - begun) / 1000)
        time.sleep(pause_s)
    took.sort()
    return {"p50": round(took[number // 2], 1), "p99": round(took[number * 99 // 100], 1), "max": round(took[-1], 1)}


def main():
    front = FrontProcess(FrontOptions(oled=None, osc={"targets": ["127.0.0.1:12344"]}))
    front.start()
    time.sleep(1.0)
    result = {
        "status_us": measure(front, STATES["playing"]),
        "note_us": measure(front, NoteSounds(0, "bass", 1, 40, 90)),
    }
    result["dropped"] = front.dropped
    pid = front.pid
    if pid is not None:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        result["front_rss_mb"] = round(int(next(x for x in lines if x.startswith("VmRSS")).split()[1]) / 1024, 1)
    front.close()
    json.dump(result, sys.stdout, indent=1)
    print()  # noqa: T201 - a bench prints


if __name__ == "__main__":
    main()
