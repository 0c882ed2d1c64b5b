"""The three LEDs: listening (red), committed (amber), playing (green)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sideman.edges.light_patterns import Pulse, level
from sideman.jam.cues import Light, Shown, Status
from sideman.jam.events import Event, Fault

NAMES = ("red", "amber", "green")


class Leds:
    """Drives the LEDs on a thread of its own, by absolute deadlines; implements :class:`sideman.jam.ports.Front`.

    Args:
        post: The conductor's entrance, for faults.
        lines: BCM numbers of the red, amber and green LED; negative = not wired.
        factory: gpiozero pin factory; None for the machine's own.
    """

    def __init__(self, post: Callable[[Event], None], lines: tuple[int, int, int], factory: Any = None) -> None:
        self._post = post
        self._leds: list[Any] = [None, None, None]
        self._lights: tuple[Light, Light, Light] = ("off", "off", "off")
        self._since = [0, 0, 0]
        self._shown: list[float | None] = [None, None, None]
        self._pulse = Pulse()
        self._next: Status | None = None
        self._news = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None
        try:
            import gpiozero  # noqa: PLC0415 - a machine without pins need not have it
        except ImportError as error:
            post(Fault(time.monotonic_ns(), "leds", f"No LEDs: gpiozero does not load ({error})."))
            return
        for i, line in enumerate(lines):
            if line < 0:
                continue
            try:
                self._leds[i] = gpiozero.PWMLED(line, frequency=200, pin_factory=factory)
            except Exception as error:  # noqa: BLE001 - pin libraries raise whatever they like
                post(Fault(time.monotonic_ns(), "leds", f"The {NAMES[i]} LED on GPIO {line} is not there: {error}."))

    def start(self) -> None:
        """Begin to shine."""
        self._thread = threading.Thread(target=self._run, name="leds", daemon=True)
        self._thread.start()

    def show(self, item: Shown) -> None:
        """Take the newest status; other notices are not for LEDs. Never waits."""
        if isinstance(item, Status):
            self._next = item
            self._news.set()

    def close(self) -> None:
        """Dark, and the lines given back."""
        self._ending = True
        self._news.set()
        if self._thread:
            self._thread.join(1.0)
        for led in self._leds:
            if led:
                led.close()

    def step(self, ns: int) -> int | None:
        """Set the LEDs for a moment; returns when one changes next, None for not before the next status."""
        status, self._next = self._next, None
        if status:
            for i, (old, new) in enumerate(zip(self._lights, status.leds, strict=True)):
                if old != new:
                    self._since[i] = ns
            self._lights = status.leds
            self._pulse = Pulse(status.ns, status.quarter_ns, status.beat_phase)
        due: list[int] = []
        for i, led in enumerate(self._leds):
            if led is None:
                continue
            bright, until = level(self._lights[i], ns, self._since[i], self._pulse)
            if until is not None:
                due.append(until)
            if bright != self._shown[i]:
                self._shown[i] = bright
                try:
                    led.value = bright
                except Exception as error:  # noqa: BLE001 - pin libraries raise whatever they like
                    self._leds[i] = None
                    self._post(Fault(ns, "leds", f"The {NAMES[i]} LED fails: {error}."))
        return min(due, default=None)

    def _run(self) -> None:
        while not self._ending:
            self._news.clear()
            due = self.step(time.monotonic_ns())
            self._news.wait(None if due is None else max(0, due - time.monotonic_ns()) / 1e9)
