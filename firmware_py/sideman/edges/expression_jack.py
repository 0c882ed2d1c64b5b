"""The expression pedal at the box's own jack, by an ADS1115 on the display's bus: it moves the band's level.

The register layout is that of Texas Instruments' ADS1115 data sheet (SBAS444), section 8.1.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from sideman.edges.expression import GAP_NS, Thinner
from sideman.jam.events import Event, Fault, SettingChanged

KEY = "levels.band"
FULL = 127
_I2C_SLAVE = 0x0703
_POINT_VALUE, _POINT_CONFIG = 0, 1
_SINGLE_SHOT = 0x8000 | (1 << 9) | (1 << 8) | (7 << 5) | 3
"""Start one conversion, ±4.096 V, single shot, 860 a second, comparator off."""
_CONVERSION_NS = 2_000_000
_PLUGGED = 4000
"""Less than this at the ring (0.5 V) is no pedal: the jack's resting contact, or a mono plug, lies on ground."""
_MOVED = 4
"""A pedal takes over when it has moved so far from where it stood; then every change beyond the noise counts."""
_END = 0.02
"""Potentiometers do not reach their ends: the outer two per cent count as them."""
RETRY_NS = 2_000_000_000


class Converter(Protocol):
    """A converter with several inputs."""

    def read(self, channel: int) -> int:
        """The voltage at an input, in eighths of a millivolt; OSError when the bus or the chip fails."""

    def close(self) -> None:
        """Give the bus back."""


class Ads1115:
    """The chip on a Linux I2C bus.

    Args:
        bus: Number of the bus: 1 is ``/dev/i2c-1``.
        address: The chip's address.

    Raises:
        OSError: There is no such bus, or no right to it.
    """

    def __init__(self, bus: int, address: int) -> None:
        self._line = os.open(f"/dev/i2c-{bus}", os.O_RDWR)
        fcntl.ioctl(self._line, _I2C_SLAVE, address)

    def read(self, channel: int) -> int:
        """One conversion at an input against ground."""
        os.write(self._line, bytes([_POINT_CONFIG]) + (_SINGLE_SHOT | (4 + channel) << 12).to_bytes(2, "big"))
        threading.Event().wait(_CONVERSION_NS / 1e9)
        os.write(self._line, bytes([_POINT_VALUE]))
        return int.from_bytes(os.read(self._line, 2), "big", signed=True)

    def close(self) -> None:
        """Give the bus back."""
        os.close(self._line)


def level_of(wiper: int, ring: int) -> int | None:
    """The pedal's position as a level 0-127, whatever its resistance; None without a pedal."""
    if ring < _PLUGGED:
        return None
    inside = (wiper / ring - _END) / (1 - 2 * _END)
    return round(min(1.0, max(0.0, inside)) * FULL)


class ExpressionJack:
    """Reads the pedal on a thread of its own. A pedal that nobody moves changes nothing, nor does one pulled out.

    Args:
        post: The conductor's entrance.
        opener: Opens the converter; tried again every two seconds while it fails.
        wiper: Input at the jack's tip.
        ring: Input at the jack's ring.
    """

    def __init__(
        self, post: Callable[[Event], None], opener: Callable[[], Converter], *, wiper: int, ring: int
    ) -> None:
        self._post, self._opener, self._inputs = post, opener, (wiper, ring)
        self._thinner = Thinner(post)
        self._converter: Converter | None = None
        self._retry_ns = 0
        self._failed = False
        self._stood: int | None = None
        self._moving = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="expression-jack", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Read no more."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        self._thinner.close()
        self._lose()

    def step(self, ns: int) -> None:
        """Read once at a moment and pass a change on."""
        if ns < self._retry_ns:
            return
        try:
            if self._converter is None:
                self._converter = self._opener()
            level = level_of(*(self._converter.read(each) for each in self._inputs))
        except OSError as error:
            self._lose()
            self._retry_ns = ns + RETRY_NS
            self._say(ns, f"No expression pedal: its converter does not answer ({error}).")
            return
        self._say(ns, "")
        self._take(ns, level)

    def _take(self, ns: int, level: int | None) -> None:
        if level is None or self._stood is None:
            self._stood, self._moving = level, False
            return
        if abs(level - self._stood) >= (1 if self._moving and level in {0, FULL} else 2 if self._moving else _MOVED):
            self._stood, self._moving = level, True
            self._thinner.offer(SettingChanged(ns, KEY, str(level)))

    def _say(self, ns: int, text: str) -> None:
        if bool(text) != self._failed:
            self._failed = bool(text)
            self._post(Fault(ns, "expression", text))

    def _lose(self) -> None:
        if self._converter is not None:
            self._converter.close()
            self._converter = None
        self._stood, self._moving = None, False

    def _run(self) -> None:
        due = time.monotonic_ns()
        while not self._ending.is_set():
            self.step(time.monotonic_ns())
            due = max(due + GAP_NS, time.monotonic_ns())
            self._ending.wait((due - time.monotonic_ns()) / 1e9)
