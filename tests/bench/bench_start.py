"""The service from start to READY, its memory, its idle load: ``python tests/bench/bench_start.py [--runs N]``.

The start is from the moment the process is made to ``READY=1`` on the notify socket; its floor is an interpreter that
does nothing. Memory is the resident set of each process (shared pages count in each); its floor is that interpreter's.
The idle load is the processor time of each process over some seconds, as a share of one core; its floor is zero.
The end is from SIGTERM to the process being gone.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sideman.service.health import cpu_s, rss_mb

NOTHING = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
SETTINGS = "[midi]\nvirtual = true\n"


def spread(values):
    ordered = sorted(values)
    n = len(ordered)
    at = lambda share: round(ordered[min(n - 1, int(n * share))], 3)  # noqa: E731 - three uses, one line
    return {"n": n, "p50": at(0.5), "p99": at(0.99), "max": round(ordered[-1], 3)}


def bare():
    """Seconds until an interpreter runs its first line, and its memory in MB."""
    begun = time.monotonic_ns()
    with subprocess.Popen(NOTHING, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        return (time.monotonic_ns() - begun) / 1e9, rss_mb(process.pid)


class Service:
    """One life of the service."""

    def __init__(self, folder):
        self._listen = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = str(Path(folder) / "notify")
        self._listen.bind(path)
        self._listen.settimeout(60)
        file = Path(folder) / "settings.toml"
        file.write_text(SETTINGS, encoding="utf-8")
        environ = {**os.environ, "NOTIFY_SOCKET": path, "STATE_DIRECTORY": folder, "JACK_NO_START_SERVER": "1"}
        begun = time.monotonic_ns()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sideman.service.cli", "run", "--settings", str(file)],
            env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not self._listen.recv(4096).startswith(b"READY=1"):
            pass
        self.ready_s = (time.monotonic_ns() - begun) / 1e9

    def processes(self):
        """Process id by name."""
        found = {"service": self._process.pid}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                words = (stat.parent / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if parent == self._process.pid:
                found["front" if b"front_child" in words else "band"] = int(stat.parent.name)
        return found

    def end(self):
        """Seconds from SIGTERM to the end; an exit status other than 0 is an error."""
        begun = time.monotonic_ns()
        self._process.send_signal(signal.SIGTERM)
        if self._process.wait(30) != 0:
            raise RuntimeError(f"the service ended with {self._process.returncode}")
        self._listen.close()
        return (time.monotonic_ns() - begun) / 1e9


def bench(runs, idle_s):
    starts, ends, floors, rss, floor_mb, load = [], [], [], {}, [], {}
    for run in range(runs):
        seconds, mb = bare()
        floors.append(seconds)
        floor_mb.append(mb)
        with tempfile.TemporaryDirectory() as folder:
            service = Service(folder)
            starts.append(service.ready_s)
            if run == runs - 1:
                time.sleep(2.0)
                pids = service.processes()
                before = {name: cpu_s(pid) for name, pid in pids.items()}
                begun = time.monotonic_ns()
                time.sleep(idle_s)
                took = (time.monotonic_ns() - begun) / 1e9
                load = {name: round(100 * (cpu_s(pid) - before[name]) / took, 2) for name, pid in pids.items()}
                rss = {name: round(rss_mb(pid), 1) for name, pid in pids.items()}
            ends.append(service.end())
    return {
        "start_s": spread(starts), "start_floor_s": spread(floors), "end_s": spread(ends), "rss_mb": rss,
        "rss_floor_mb": round(max(floor_mb), 1), "idle_percent_of_a_core": load, "idle_s": idle_s,
    }  # fmt: skip


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds over which the idle load is taken")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    found = bench(args.runs, args.idle)
    if args.json:
        print(json.dumps(found))  # noqa: T201 - a bench prints
        return 0
    start, floor, share = found["start_s"], found["start_floor_s"], found["idle_percent_of_a_core"]
    both = found["rss_mb"]["service"] + found["rss_mb"]["band"]
    lines = [
        f"start to READY  {start} s; floor (bare interpreter) {floor} s; p50/floor {start['p50'] / floor['p50']:.1f}",
        f"SIGTERM to end  {found['end_s']} s",
        f"memory          {found['rss_mb']} MB; service and band {both:.1f}; floor {found['rss_floor_mb']} each",
        f"idle            {share} % of a core over {found['idle_s']:g} s; all {sum(share.values()):.2f} %; floor 0",
    ]
    print("\n".join(lines))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
