"""An expression pedal sends hundreds of values a second: one in 20 ms is passed on, and the newest always arrives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from sideman.jam.events import Event, SettingChanged

GAP_NS = 20_000_000


class Thinner:
    """Passes on the first change of a setting at once, then at most one every 20 ms, the newest.

    A helper thread runs from the first change that has to wait; what waits carries the moment at which it is passed on.

    Args:
        post: The conductor's entrance.
        gap_ns: Least time between two changes of one setting.
    """

    def __init__(self, post: Callable[[Event], None], gap_ns: int = GAP_NS) -> None:
        self._post, self._gap = post, gap_ns
        self._last: dict[str, tuple[int, str]] = {}
        self._waiting: dict[str, SettingChanged] = {}
        self._changed = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None

    def offer(self, event: SettingChanged) -> None:
        """Take a change at its moment."""
        with self._changed:
            last_ns, value = self._last.get(event.key, (event.ns - self._gap, ""))
            if event.key not in self._waiting and event.ns - last_ns >= self._gap:
                if event.value != value:
                    self._pass(event)
                return
            self._waiting[event.key] = event
            if self._thread is None and not self._ending:
                self._thread = threading.Thread(target=self._run, name="expression", daemon=True)
                self._thread.start()
            self._changed.notify()

    def poll(self, ns: int) -> int | None:
        """Pass on what is due by a moment; returns when the next one is due, None when nothing waits."""
        with self._changed:
            return self._poll(ns)

    def close(self) -> None:
        """Pass on nothing more."""
        with self._changed:
            self._ending = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread:
            self._thread.join(1.0)

    def _poll(self, ns: int) -> int | None:
        for key, event in list(self._waiting.items()):
            last_ns, value = self._last[key]
            if ns - last_ns >= self._gap:
                del self._waiting[key]
                if event.value != value:
                    self._pass(replace(event, ns=ns))
        return min((self._last[key][0] + self._gap for key in self._waiting), default=None)

    def _pass(self, event: SettingChanged) -> None:
        self._last[event.key] = (event.ns, event.value)
        self._post(event)

    def _run(self) -> None:
        with self._changed:
            while not self._ending:
                due = self._poll(time.monotonic_ns())
                self._changed.wait(None if due is None else max(0, due - time.monotonic_ns()) / 1e9)
