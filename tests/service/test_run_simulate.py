"""``sideman run --simulate`` in a real terminal: the panel, keys as switches and piano, and the way out."""

import os
import pty
import select
import subprocess
import sys
import termios
import time

import pytest


class Terminal:
    """A terminal of 80 by 24 with the simulated box in it."""

    def __init__(self, folder):
        self.seen = ""
        self._ours, self._theirs = pty.openpty()
        termios.tcsetwinsize(self._theirs, (24, 80))
        self._before = termios.tcgetattr(self._theirs)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sideman.service.cli", "run", "--simulate"],
            env={**os.environ, "STATE_DIRECTORY": str(folder), "JACK_DEFAULT_SERVER": "none", "JACK_NO_START_SERVER": "1"},
            stdin=self._theirs, stdout=self._theirs, stderr=subprocess.PIPE,
        )  # fmt: skip

    def until(self, text, limit_s=60.0):
        deadline = time.monotonic() + limit_s
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} was not drawn; last {self.seen[-200:]!r}"
            if select.select([self._ours], [], [], 0.1)[0]:
                self.seen += os.read(self._ours, 65536).decode("utf-8", "replace")

    def forget(self):
        """What is drawn from now on."""
        self.seen = ""

    def type(self, keys):
        os.write(self._ours, keys.encode())

    def restored(self):
        return termios.tcgetattr(self._theirs)[3] == self._before[3]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
def terminal(tmp_path):
    made = Terminal(tmp_path)
    yield made
    made.close()


LIT_RED, LIT_AMBER = "\x1b[31m●", "\x1b[33m●"


def test_a_jam_with_the_keyboard(terminal, tmp_path):
    terminal.until("\x1b[?1049h")
    terminal.until("listening")
    terminal.forget()
    terminal.type("z")  # START
    terminal.until(LIT_RED)
    for key in "adgkhfda":
        terminal.type(key)
        time.sleep(0.2)
    terminal.forget()
    terminal.type("x")  # STOP
    terminal.until(LIT_AMBER)
    terminal.type("q")
    terminal.until("\x1b[?1049l")
    assert terminal.process.wait(10) == 0
    assert terminal.restored()
    assert terminal.process.stderr.read() == b""
    assert {"000001.log", "000001.mid"} <= {path.name for path in (tmp_path / "takes").iterdir()}


def test_without_a_terminal_it_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sideman.service.cli", "run", "--simulate"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("terminal") == 1
