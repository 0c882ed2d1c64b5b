"""The way to the front process, from the conductor's side: showing is one non-blocking send.

The child (``front_child``) is started with a clean interpreter: it draws, talks OSC and drives LEDs at low priority, is
restarted when it dies, and ends by itself when this end of the socket closes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from json import dumps
from typing import Any

from sideman.edges.front_wire import packed
from sideman.jam.cues import Shown, Status

RESTART_S = 1.0
"""Pause before a dead front is started again."""
FLUSH_S = 0.25
"""How often a status that found the socket full is offered again."""


@dataclass(frozen=True, slots=True)
class FrontOptions:
    """What the front process drives; ``oled`` and ``osc`` hold the fields of ``OledOptions`` and ``OscOptions``.

    Attributes:
        oled: Keyword arguments of ``OledOptions``, None for no display.
        osc: Keyword arguments of ``OscOptions``, None for no OSC.
        leds: ``module:function`` that returns an object with ``apply(status)`` and ``close()``, and its arguments.
        panel: Whether the terminal panel is drawn on the inherited standard output.
    """

    oled: dict[str, Any] | None = field(default_factory=dict)
    osc: dict[str, Any] | None = field(default_factory=dict)
    leds: tuple[str, dict[str, Any]] | None = None
    panel: bool = False


class FrontProcess:
    """Implements ``ports.Front``: ``show`` packs and sends, and drops what does not fit; the newest status is kept.

    Args:
        options: What to drive.
        report: Told ``(device, text)`` from the supervising thread: ``oled``, ``osc``, ``leds`` or ``front``.
    """

    def __init__(self, options: FrontOptions, *, report: Callable[[str, str], None] = lambda _d, _t: None) -> None:
        self._options = options
        self._report = report
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._latest: Status | None = None
        self._owed: bytes | None = None
        self._stop = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._said_dead = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._supervise, name="front", daemon=True)

    def start(self) -> None:
        """Start the child and its supervisor; returns at once."""
        self._thread.start()

    def show(self, item: Shown) -> None:
        """Take one snapshot or notice; never waits, never raises."""
        status = isinstance(item, Status)
        try:
            data = packed(item)
            if status:
                self._latest = item  # type: ignore[assignment]  # just tested; a second isinstance would cost more
                self._owed = None
            self._ours.send(data)
        except (OSError, ValueError, KeyError):
            self.dropped += 1
            if status:
                self._owed = data

    @property
    def pid(self) -> int | None:
        """Process id of the child while it lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def close(self, timeout_s: float = 1.0) -> None:
        """Let the child end by itself; it is killed when it does not."""
        self._stop.set()
        self._theirs.close()
        self._ours.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        child = self._child
        if child is not None:
            try:
                child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._listener is not None:
            self._listener.join(timeout_s)

    def _supervise(self) -> None:
        while not self._stop.is_set():
            try:
                self._child = self._spawn()
            except OSError as error:
                self._report("front", f"no display, no OSC: {error}")
                self._stop.wait(RESTART_S)
                continue
            self._listener = threading.Thread(target=self._listen, args=(self._child,), name="front-words", daemon=True)
            self._listener.start()
            self._again()
            if self._said_dead:
                self._said_dead = False
                self._report("front", "")
            while self._child.poll() is None and not self._stop.wait(FLUSH_S):
                self._flush()
            if self._stop.is_set():
                return
            self._said_dead = True
            self._report("front", f"display process ended with {self._child.returncode}, started again")
            self._stop.wait(RESTART_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        """A clean interpreter that inherits nothing but its end of the socket (and the terminal for the panel)."""
        command = [sys.executable, "-m", "sideman.edges.front_child", str(self._theirs.fileno())]
        return subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [*command, dumps(asdict(self._options))],
            pass_fds=(self._theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def _again(self) -> None:
        latest = self._latest
        if latest is not None and self._owed is None:
            self._owed = packed(latest)

    def _flush(self) -> None:
        owed = self._owed
        if owed is not None:
            try:
                self._ours.send(owed)
            except OSError:
                return
            if self._owed is owed:
                self._owed = None

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        """Lines ``device<TAB>text`` of the child become reports; anything else it says (a traceback) is ``front``."""
        if child.stderr is None:
            return
        with child.stderr as lines:
            for line in lines:
                device, tab, text = line.decode("utf-8", "replace").rstrip("\n").partition("\t")
                if tab:
                    self._report(device, text)
                elif device.strip():
                    self._report("front", device.strip())
