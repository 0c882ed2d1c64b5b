"""The floor under lateness: how late this machine wakes a process that does nothing but sleep to deadlines.

Run as a process of its own beside a jam: ``python -m sideman.service.floor N SECONDS PRIORITY`` prints one JSON line:
how late each of the deadlines was, in ns.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import time

from sideman.service import realtime
from sideman.service.health import Lateness


def measure(count: int, seconds: float, priority: int) -> list[int]:
    """Sleep to ``count`` absolute deadlines spread over some seconds, by the same call as the conductor's loop."""
    realtime.ask_for_fifo(priority)
    realtime.collector_off()
    box: queue.SimpleQueue[None] = queue.SimpleQueue()
    late: list[int] = []
    step = round(seconds * 1e9 / count)
    due = time.monotonic_ns() + step
    for _ in range(count):
        while (wait := due - time.monotonic_ns()) > 0:
            try:
                box.get(timeout=wait / 1e9)
            except queue.Empty:
                continue
        late.append(time.monotonic_ns() - due)
        due += step
    return late


def started(count: int, seconds: float, priority: int) -> subprocess.Popen[str]:
    """Begin measuring in another process."""
    command = [sys.executable, "-m", "sideman.service.floor", str(count), str(seconds), str(priority)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module


def result(process: subprocess.Popen[str], timeout_s: float = 30.0, *, count: int = 0) -> dict[str, float]:
    """What it measured; empty when it failed.

    Args:
        process: From :func:`started`.
        timeout_s: How long to wait for its end.
        count: Deadlines that count, spread evenly over all that were slept to: as many as there were cues (0 = all).
    """
    try:
        out, _ = process.communicate(timeout=timeout_s)
        found: list[int] = json.loads(out)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        process.kill()
        return {}
    return sampled(found, count).summary()


def sampled(found: list[int], count: int = 0) -> Lateness:
    """Lateness of ``count`` of all values, evenly spread; of all where that is 0 or there are no more."""
    late = Lateness()
    wanted = min(count or len(found), len(found))
    for index in range(wanted):
        late.add(found[index * len(found) // wanted])
    return late


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))) + "\n")
