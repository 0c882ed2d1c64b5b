"""Instruments on real JACK ports, in a process of their own: commands on stdin, what they hear on stdout.

Commands: ``plug NAME plays|listens``, ``unplug NAME``, ``play NAME HEX``. Lines out: ``ok COMMAND``,
``heard NAME NS HEX``. libjack keeps state for a process's life, so that a test with a server of its own needs this.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "edges"))

from jack_world import JackServer, JackWorld, missing

__all__ = ["Instruments", "missing"]


class Instruments:
    """The test's end: a JACK server and a process with the instruments."""

    def __init__(self):
        before = dict(os.environ)
        self._server = JackServer()
        self.name = self._server.name
        self._server.start()
        os.environ.clear()
        os.environ.update(before)
        self.environ = {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__], env={**os.environ, **self.environ}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self.heard = []
        self._answers = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self._process.stdout:
            word, *rest = line.split()
            if word == "heard":
                self.heard.append((rest[0], int(rest[1]), bytes.fromhex(rest[2])))
            else:
                self._answers.put(line)

    def do(self, *words):
        self._process.stdin.write(" ".join(words) + "\n")
        self._answers.get(timeout=10)

    def play(self, name, *data):
        self.do("play", name, bytes(data).hex())

    def of(self, name):
        return [data for who, _, data in self.heard if who == name]

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._thread.join(10)
        self._process.stdout.close()
        self._server.free()


def main():
    world, names = JackWorld(), {}
    commands = queue.SimpleQueue()

    def read():
        for line in sys.stdin:
            commands.put(line.split())
        commands.put(["end"])

    threading.Thread(target=read, daemon=True).start()
    while True:
        with contextlib.suppress(queue.Empty):
            command, *rest = commands.get(timeout=0.0005)
            if command == "end":
                break
            if command == "plug":
                names[rest[0]] = world.plug(rest[0], plays=rest[1] == "plays", listens=rest[1] == "listens")
            elif command == "unplug":
                world.unplug(names.pop(rest[0]))
            else:
                names[rest[0]].play(bytes.fromhex(rest[1]))
            print("ok", command, flush=True)  # noqa: T201 - this is its interface
        for name, each in names.items():
            before = len(each.received)
            each.heard()
            for ns, data in each.received[before:]:
                print("heard", name, ns, data.hex(), flush=True)  # noqa: T201
        time.sleep(0)
    os._exit(0)  # the server ends the clients; closing them one by one may wait for a busy machine


if __name__ == "__main__":
    main()
