"""How the program is: memory and processor time of its processes, and how late its cues were."""

from __future__ import annotations

import os
import time
from pathlib import Path

_BUCKET_US = 10
_BUCKETS = 20_000


def rss_mb(pid: int | None = None) -> float:
    """Resident memory of a process in MB (10^6 bytes), 0 when it is gone."""
    try:
        pages = Path(f"/proc/{pid or os.getpid()}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def since_start_s() -> float:
    """Seconds since this process was started by the system."""
    stat = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    ticks = int(stat.rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int | None = None) -> float:
    """Processor seconds a process has used, all its threads together, 0 when it is gone."""
    try:
        stat = Path(f"/proc/{pid or os.getpid()}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Lateness:
    """Counts how late things were, in steps of 10 us up to 200 ms; constant memory, no allocation while counting."""

    def __init__(self) -> None:
        self._counts = [0] * (_BUCKETS + 1)
        self.n = 0
        self.max_ns = 0

    def add(self, late_ns: int) -> None:
        """Count one; early counts as on time."""
        late_ns = max(late_ns, 0)
        self._counts[min(late_ns // (_BUCKET_US * 1000), _BUCKETS)] += 1
        self.n += 1
        self.max_ns = max(self.max_ns, late_ns)

    def percentile(self, share: float) -> float:
        """Milliseconds that ``share`` (0-1) of all did not exceed, rounded up to the next step."""
        wanted, seen = share * self.n, 0
        for step, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min((step + 1) * _BUCKET_US / 1e3, self.max_ns / 1e6)
        return 0.0

    def summary(self) -> dict[str, float]:
        """``n``, ``p50``, ``p99``, ``p999`` and ``max`` in ms, as the report prints them."""
        named = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
        times = {name: round(self.percentile(share), 3) for name, share in named.items()}
        return {"n": self.n, **times, "max": round(self.max_ns / 1e6, 3)}
