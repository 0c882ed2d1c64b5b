"""The laptop's keyboard as three footswitches and a small piano: from characters to events.

Terminals report no release. Small z, x, c are short presses of START, STOP and PLAY; capital Z, X, C hold the switch
for a second. The row a to ' is a piano from middle C (w e t y u o p the black keys); a note ends with the next key or
after 300 ms. ``<`` and ``>`` move the piano by an octave, q quits.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import select
import sys
import threading
from collections.abc import Callable
from itertools import count
from time import monotonic_ns
from typing import Any

from sideman.jam.events import Event, NoteOff, NoteOn, Shutdown, Switch, SwitchEdge

PORT = "keyboard"
PRESS_NS = 60_000_000
HOLD_NS = 1_000_000_000
NOTE_NS = 300_000_000
VELOCITY = 92
SWITCH_KEYS: dict[str, Switch] = {"z": "START", "x": "STOP", "c": "PLAY"}
PIANO = "awsedftgyhujkolp;'"
HELP = "z START  x STOP  c PLAY (capital: hold)   a-' piano   < > octave   q quit"


class Keys:
    """Pure: what a key does, and what follows by itself later.

    Args:
        post: Takes events.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._base = 60
        self._sounding: int | None = None
        self._order = count()
        self._later: list[tuple[int, int, Event]] = []
        self.done = False

    def press(self, key: str, now_ns: int) -> None:
        """One character arrived."""
        self.tick(now_ns)
        if key in ("q", "\x03", "\x04"):
            self._finish(now_ns)
        elif key.lower() in SWITCH_KEYS:
            self._step_on(SWITCH_KEYS[key.lower()], now_ns, HOLD_NS if key.isupper() else PRESS_NS)
        elif key in PIANO:
            self._play(self._base + PIANO.index(key), now_ns)
        elif key in "<>,.":
            self._base = max(24, min(84, self._base + (12 if key in ">." else -12)))

    def tick(self, now_ns: int) -> int | None:
        """Post what is due; returns when the next thing is, or None."""
        while self._later and self._later[0][0] <= now_ns:
            event = heapq.heappop(self._later)[2]
            if isinstance(event, NoteOff):
                if self._sounding != event.pitch:
                    continue
                self._sounding = None
            self._post(event)
        return self._later[0][0] if self._later else None

    def _step_on(self, switch: Switch, now_ns: int, down_ns: int) -> None:
        if any(isinstance(event, SwitchEdge) and event.switch == switch for _, _, event in self._later):
            return  # it is still down
        self._post(SwitchEdge(now_ns, switch, down=True))
        self._at(SwitchEdge(now_ns + down_ns, switch, down=False))

    def _play(self, pitch: int, now_ns: int) -> None:
        self._silence(now_ns)
        self._sounding = pitch
        self._post(NoteOn(now_ns, PORT, 0, pitch, VELOCITY))
        self._at(NoteOff(now_ns + NOTE_NS, PORT, 0, pitch))

    def _silence(self, now_ns: int) -> None:
        if self._sounding is not None:
            self._post(NoteOff(now_ns, PORT, 0, self._sounding))
            self._later = [entry for entry in self._later if not isinstance(entry[2], NoteOff)]
            heapq.heapify(self._later)
            self._sounding = None

    def _finish(self, now_ns: int) -> None:
        if not self.done:
            self.done = True
            self._silence(now_ns)
            self._post(Shutdown(now_ns))

    def _at(self, event: SwitchEdge | NoteOff) -> None:
        heapq.heappush(self._later, (event.ns, next(self._order), event))


class Keyboard:
    """Reads the terminal in a thread of the service process: it sleeps until a key comes, the clock is not disturbed.

    Args:
        post: Takes events; called from this thread.
        fd: Terminal to read; standard input when None.
        now: Clock.
    """

    def __init__(
        self, post: Callable[[Event], None], *, fd: int | None = None, now: Callable[[], int] = monotonic_ns
    ) -> None:
        self._keys = Keys(post)
        self._fd = sys.stdin.fileno() if fd is None else fd
        self._now = now
        self._before: list[Any] | None = None
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="keyboard", daemon=True)

    def start(self) -> None:
        """Take single keys from now on."""
        with contextlib.suppress(Exception):  # not a terminal (a pipe in a test): read it as it is
            import termios  # noqa: PLC0415 - only a simulated box has a terminal
            import tty  # noqa: PLC0415

            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd)
        self._thread.start()

    def close(self) -> None:
        """Give the terminal back as it was."""
        os.write(self._wake_write, b"x")
        self._thread.join(1.0)
        if self._before is not None:
            import termios  # noqa: PLC0415

            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        while not self._keys.done:
            due = self._keys.tick(self._now())
            pause = None if due is None else max(0.0, (due - self._now()) / 1e9)
            ready, _, _ = select.select([self._fd, self._wake_read], [], [], pause)
            if self._wake_read in ready:
                return
            if self._fd in ready:
                try:
                    data = os.read(self._fd, 64)
                except OSError:
                    data = b""
                for key in data.decode("utf-8", "replace") or "q":
                    self._keys.press(key, self._now())
