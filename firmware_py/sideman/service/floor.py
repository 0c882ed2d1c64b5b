"""The floor under lateness: how late this machine wakes a process that does nothing but sleep to deadlines.

Run as a process of its own beside a jam: ``python -m sideman.service.floor N SECONDS PRIORITY`` prints one JSON line.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import time

from sideman.service import realtime
from sideman.service.health import Lateness


def measure(count: int, seconds: float, priority: int) -> dict[str, float]:
    """Sleep to ``count`` absolute deadlines spread over some seconds, by the same call as the conductor's loop."""
    realtime.ask_for_fifo(priority)
    realtime.collector_off()
    box: queue.SimpleQueue[None] = queue.SimpleQueue()
    late = Lateness()
    step = round(seconds * 1e9 / count)
    due = time.monotonic_ns() + step
    for _ in range(count):
        while (wait := due - time.monotonic_ns()) > 0:
            try:
                box.get(timeout=wait / 1e9)
            except queue.Empty:
                continue
        late.add(time.monotonic_ns() - due)
        due += step
    return late.summary()


def started(count: int, seconds: float, priority: int) -> subprocess.Popen[str]:
    """Begin measuring in another process."""
    command = [sys.executable, "-m", "sideman.service.floor", str(count), str(seconds), str(priority)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module


def result(process: subprocess.Popen[str], timeout_s: float = 30.0) -> dict[str, float]:
    """What it measured; empty when it failed."""
    try:
        out, _ = process.communicate(timeout=timeout_s)
        found: dict[str, float] = json.loads(out)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        process.kill()
        return {}
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))) + "\n")
