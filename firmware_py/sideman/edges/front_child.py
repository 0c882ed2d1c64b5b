"""The front process: display, OSC, LEDs and the terminal panel, fed by datagrams, ended by the socket's end.

Threads: this one receives and sends OSC; the display has one of its own because a frame takes 30 ms on the bus.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from time import monotonic_ns
from typing import Any, Protocol

from sideman.edges.front_wire import LIMIT, unpacked
from sideman.edges.oled import OledOptions, OledThread, Screen
from sideman.jam.cues import Shown, Status

NICE = 10


class Taker(Protocol):
    """Something that shows statuses."""

    def apply(self, status: Status) -> None:
        """Take the newest status."""

    def close(self) -> None:
        """Let go of the device."""


class Front:
    """All devices of the front; none of them may take another one down."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._oled: OledThread | None = None
        self._osc: Any = None
        self._takers: list[Taker] = []
        oled, osc = options.get("oled"), options.get("osc")
        if oled is not None and oled.get("on", True):
            self._oled = OledThread(Screen(OledOptions(**oled), report=lambda text: say("oled", text)))
            self._oled.start()
        if osc is not None and osc.get("on", True):
            from sideman.edges.osc import OscOptions, OscSender  # noqa: PLC0415 - not loaded where it is off

            wanted: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in osc.items()}
            self._osc = OscSender(OscOptions(**wanted), report=lambda text: say("osc", text))
        if options.get("leds"):
            self._add("leds", *options["leds"])
        if options.get("panel"):
            self._add("panel", "sideman.sim.panel:open_screen", {})

    def take(self, items: list[Shown]) -> None:
        """Everything that came at once: notices in order, of the statuses only the newest reaches the screens."""
        newest: Status | None = None
        for item in items:
            if isinstance(item, Status):
                newest = item
            if self._osc is not None:
                self._osc.handle(item, monotonic_ns())
        if newest is None:
            return
        if self._oled is not None:
            self._oled.show(newest)
        for taker in self._takers:
            try:
                taker.apply(newest)
            except Exception as error:  # noqa: BLE001 - one device in trouble must not darken the others
                say("leds", f"{type(error).__name__}: {error}")

    def pump(self) -> float | None:
        """Send what is due; seconds until there is more to do, None when nothing waits."""
        due = self._osc.pump(monotonic_ns()) if self._osc is not None else None
        return None if due is None else max(0.0, (due - monotonic_ns()) / 1e9)

    def close(self) -> None:
        """Let go of everything."""
        for device in (self._oled, self._osc, *self._takers):
            if device is not None:
                with contextlib.suppress(Exception):  # the end comes anyway
                    device.close()

    def _add(self, name: str, where: str, arguments: dict[str, Any]) -> None:
        module, _, function = where.partition(":")
        try:
            self._takers.append(getattr(import_module(module), function)(**arguments))
        except Exception as error:  # noqa: BLE001 - pins or terminal missing: the rest goes on
            say(name, f"{type(error).__name__}: {error}")


def say(device: str, text: str) -> None:
    """Tell the service about a device; an empty text means it is well."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{device}\t{text}\n")
        sys.stderr.flush()


def run(wire: socket.socket, options: dict[str, Any]) -> None:
    """Show what comes until the other end closes."""
    front = Front(options)
    wire.setblocking(False)
    poll = select.poll()
    poll.register(wire, select.POLLIN)
    try:
        while True:
            pause = front.pump()
            poll.poll(None if pause is None else pause * 1000)
            items, alive = received(wire)
            front.take(items)
            if not alive:
                return
    finally:
        front.close()


def received(wire: socket.socket) -> tuple[list[Shown], bool]:
    """Everything that waits on the socket, and whether there is another end."""
    items: list[Shown] = []
    while True:
        try:
            data = wire.recv(LIMIT)
        except BlockingIOError:
            return items, True
        except OSError:
            return items, False
        if not data:
            return items, False
        try:
            items.append(unpacked(data))
        except (ValueError, EOFError, TypeError) as error:
            say("front", f"a message nobody understands: {error}")


def main(argv: list[str]) -> int:
    """``front_child FD OPTIONS``."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the service ends us by closing the socket, LEDs and screen last
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    with contextlib.suppress(OSError):
        os.nice(NICE)
    with socket.socket(fileno=int(argv[0])) as wire:
        run(wire, json.loads(argv[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
