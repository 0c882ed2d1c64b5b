"""The emulated guest: Debian's kernel and systemd under QEMU, with devices made of software (see ``image/guest``)."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.hil.rig_inside import InsideRig

HERE = Path(__file__).parent
BOOT = HERE.parents[1] / "image" / "guest" / "boot"
BOOT_S, ANSWER_S = 900, 900
"""Without hardware support for virtual machines, and perhaps beside others."""
PUSHED = ("ear.py", "inside.py")


def built():
    """The folder of the guest that SIDEMAN_GUEST_DISK names, as ``tests/hil/run`` sets it; skips where it does not."""
    given = os.environ.get("SIDEMAN_GUEST_DISK", "")
    if not given:
        pytest.skip("SIDEMAN_HIL=guest wants a guest: make hil builds it and says where it lies")
    return Path(given)


class GuestRig(InsideRig):
    """A guest, booted; ``close`` ends it."""

    place = "guest"
    can = frozenset(
        {"systemd", "gpio", "usb_pedal", "display", "raw_output", "disk", "kill", "figures", "boot", "probe"}
    )
    patience_s = 40.0

    def __init__(self, folder, words=()):
        super().__init__(GPIOZERO_PIN_FACTORY="rig")
        self._work = Path(tempfile.mkdtemp(prefix="sideman-guest-"))
        self._console = self._work / "console"
        path = self._work / "line"
        begun = time.monotonic()
        self._qemu = subprocess.Popen([BOOT, folder, path, self._console, *words])
        self._line = socket.socket(socket.AF_UNIX)
        while not path.exists():
            assert self._qemu.poll() is None, "the emulator ended at once"
            time.sleep(0.05)
        self._line.connect(str(path))
        self._waiting, self._number = b"", 0
        sources = {name: (HERE / name).read_text(encoding="utf-8") for name in PUSHED}
        first = (
            "import pathlib, sys\n"
            "folder = pathlib.Path('/run/rig')\n"
            "folder.mkdir(exist_ok=True)\n"
            f"for name, text in {sources!r}.items(): (folder / name).write_text(text)\n"
            "sys.path.insert(0, str(folder))\n"
            "from inside import *\n"
        )
        try:
            self._send({"source": first}, BOOT_S)
            self.boot_s = time.monotonic() - begun
            self.booted = self.boot_report()
        except BaseException:
            self.close()
            raise

    def ask(self, name, *args, limit_s=None):
        return self._send({"call": name, "args": list(args)}, limit_s or ANSWER_S)

    def _send(self, what, limit_s):
        self._number += 1
        self._line.settimeout(30)
        self._line.sendall(json.dumps({"id": self._number, **what}).encode() + b"\n")
        end = time.monotonic() + limit_s
        while b"\n" not in self._waiting:
            self._line.settimeout(max(0.1, end - time.monotonic()))
            try:
                got = self._line.recv(1 << 16)
            except TimeoutError:
                pytest.fail(f"the guest does not answer within {limit_s:.0f} s: {self._console_end()}")
            assert got, f"the guest is gone: {self._console_end()}"
            self._waiting += got
        line, _, self._waiting = self._waiting.partition(b"\n")
        told = json.loads(line)
        assert told["id"] == self._number
        assert "error" not in told, told.get("error")
        return told["value"]

    def _console_end(self):
        return self._console.read_text(encoding="utf-8", errors="replace")[-1500:]

    def close(self):
        self._line.close()
        self._qemu.terminate()
        self._qemu.wait(30)
        shutil.rmtree(self._work, ignore_errors=True)
