"""A system of its own in an emulator, reached over a serial line: asks the agent there for what ``inside.py`` does."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from abc import abstractmethod
from pathlib import Path

import pytest

from tests.hil.rig_inside import InsideRig

HERE = Path(__file__).parent
BOOT_S, ANSWER_S, WRITE_S = 900, 900, 300
"""Without hardware support for virtual machines, and perhaps beside others."""
PUSHED = ("ear.py", "inside_tools.py", "inside.py")


class LineRig(InsideRig):
    """An emulated machine, booted; ``close`` ends it."""

    def __init__(self, **environment):
        super().__init__(**environment)
        self.work = Path(tempfile.mkdtemp(prefix="sideman-rig-"))
        self.console = self.work / "console"
        self._line, self._waiting, self._number, self._qemu = socket.socket(socket.AF_UNIX), b"", 0, None
        try:
            self._boot()
        except BaseException:
            self.close()
            raise

    @abstractmethod
    def emulator(self, line):
        """The words that start the emulator: the agent's line becomes a Unix socket at ``line``."""

    def _boot(self):
        path = self.work / "line"
        begun = time.monotonic()
        self._qemu = subprocess.Popen(self.emulator(path), stdin=subprocess.DEVNULL)
        while not path.exists():
            assert self._qemu.poll() is None, "the emulator ended at once"
            time.sleep(0.05)
        self._line.connect(str(path))
        assert self._answer(BOOT_S)["id"] == 0  # the agent says that it is there: what comes sooner a tty may lose
        self.boot_s = time.monotonic() - begun
        sources = {name: (HERE / name).read_text(encoding="utf-8") for name in PUSHED}
        self._send(
            {
                "source": "import pathlib, sys\n"
                "folder = pathlib.Path('/run/rig')\n"
                "folder.mkdir(exist_ok=True)\n"
                f"for name, text in {sources!r}.items(): (folder / name).write_text(text)\n"
                "sys.path.insert(0, str(folder))\n"
                "from inside import *\n"
            },
            ANSWER_S,
        )
        self.booted = self.boot_report()

    def ask(self, name, *args, limit_s=None):
        return self._send({"call": name, "args": list(args)}, limit_s or ANSWER_S)

    def _send(self, what, limit_s):
        self._number += 1
        self._line.settimeout(WRITE_S)
        self._line.sendall(json.dumps({"id": self._number, **what}).encode() + b"\n")
        told = self._answer(limit_s)
        assert told["id"] == self._number
        assert "error" not in told, told.get("error")
        return told["value"]

    def _answer(self, limit_s):
        end = time.monotonic() + limit_s
        while b"\n" not in self._waiting:
            self._line.settimeout(max(0.1, end - time.monotonic()))
            try:
                got = self._line.recv(1 << 16)
            except TimeoutError:
                pytest.fail(f"the emulated machine does not answer within {limit_s:.0f} s: {self._console_end()}")
            assert got, f"the emulated machine is gone: {self._console_end()}"
            self._waiting += got
        line, _, self._waiting = self._waiting.partition(b"\n")
        return json.loads(line[line.index(b"{") :])  # a port may say something of its own while the kernel tries it out

    def _console_end(self):
        return self.console.read_text(encoding="utf-8", errors="replace")[-1500:] if self.console.exists() else ""

    def close(self):
        self._line.close()
        if self._qemu is not None:
            self._qemu.terminate()
            self._qemu.wait(30)
        shutil.rmtree(self.work, ignore_errors=True)
