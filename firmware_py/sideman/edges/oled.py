"""The display on the I2C bus: newest status wins, unchanged frames are skipped, trouble on the bus is survived."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, Protocol

from sideman.edges import oled_face
from sideman.jam.cues import Status

FRAME_NS = 40_000_000
"""25 frames a second at most; one frame takes 25-30 ms on a 400 kHz bus."""
REOPEN_NS = 2_000_000_000
"""How long a display that failed or is missing is left alone."""
STILL_S = 0.5
"""How often a picture that does not move is looked at again."""


@dataclass(frozen=True, slots=True)
class OledOptions:
    """Where the display is and how it is used; field names are those of the settings file's ``[oled]``."""

    on: bool = True
    driver: str = "ssd1306"
    bus: int = 1
    address: int = 0x3C
    rotate: bool = False
    show_chords: bool = True


class Display(Protocol):
    """What a luma device is to us."""

    def display(self, image: Any) -> None:
        """Show a frame; raises OSError or a luma error when the bus fails."""

    def cleanup(self) -> None:
        """Let go of the bus."""


def open_display(options: OledOptions) -> Display:
    """Open the display.

    Raises:
        OSError: There is no such bus.
        luma.core.error.Error: Nothing answers at that address, or access is denied.
        ImportError: luma.oled is not installed.
    """
    from luma.core.interface.serial import i2c  # noqa: PLC0415 - a box without display never loads the driver
    from luma.oled import device as chips  # noqa: PLC0415 - the same

    driver = {"ssd1306": chips.ssd1306, "sh1106": chips.sh1106, "ssd1309": chips.ssd1309}[options.driver]
    bus = i2c(port=options.bus, address=options.address)
    display: Display = driver(bus, rotate=2 if options.rotate else 0)
    display.persist = True  # type: ignore[attr-defined]  # luma blanks at exit otherwise, and raises if the bus is gone
    return display


class Screen:
    """Draws frames on a display that may fail or be absent; not thread-safe: one thread calls ``refresh``.

    Args:
        options: Where the display is.
        opener: Opens it; tests pass their own.
        report: Told one sentence when the display goes and an empty one when it is back.
    """

    def __init__(
        self,
        options: OledOptions,
        *,
        opener: Callable[[OledOptions], Display] = open_display,
        report: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._options = options
        self._opener = opener
        self._report = report
        self._display: Display | None = None
        self._sent: bytes | None = None
        self._retry_ns: int | None = None
        self._said = ""
        self.frames = 0

    def refresh(self, status: Status, now_ns: int) -> bool:
        """Show the status as it looks now; True when pixels travelled. Never raises."""
        if not self._ready(now_ns):
            return False
        image = oled_face.draw(status, now_ns, show_chords=self._options.show_chords)
        pixels = image.tobytes()
        if pixels == self._sent or self._display is None:
            return False
        try:
            self._display.display(image)
        except Exception as error:  # noqa: BLE001 - luma wraps EIO in classes of its own; none may end the thread
            self._lose(error, now_ns)
            return False
        self._sent = pixels
        self.frames += 1
        self._say("")
        return True

    def close(self) -> None:
        """Blank and let go."""
        if self._display is not None:
            with contextlib.suppress(Exception):  # the bus may be gone, which is all the same now
                self._display.cleanup()
            self._display = None

    def _ready(self, now_ns: int) -> bool:
        if self._display is not None:
            return True
        if self._retry_ns is not None and now_ns < self._retry_ns:
            return False
        try:
            self._display = self._opener(self._options)
        except Exception as error:  # noqa: BLE001 - no bus, no chip, no right, no library: all mean no display
            self._lose(error, now_ns)
            return False
        self._sent = None
        self._retry_ns = None
        return True

    def _lose(self, error: Exception, now_ns: int) -> None:
        self.close()
        self._sent = None
        self._retry_ns = now_ns + REOPEN_NS
        self._say(f"no display: {error}")

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._report(text)


class OledThread:
    """Keeps a screen up to date from its own thread; ``show`` only replaces the status that is drawn next."""

    def __init__(self, screen: Screen, *, now: Callable[[], int] = monotonic_ns) -> None:
        self._screen = screen
        self._now = now
        self._status: Status | None = None
        self._news = threading.Event()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="oled", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    def show(self, status: Status) -> None:
        """The newest status; older ones that were not drawn yet never will be."""
        self._status = status
        self._news.set()

    def close(self) -> None:
        """End the thread and let go of the display."""
        self._stop = True
        self._news.set()
        self._thread.join(timeout=1.0)
        self._screen.close()

    def _run(self) -> None:
        pause = threading.Event()
        while not self._stop:
            status, begun = self._status, self._now()
            self._news.clear()
            moving = False
            if status is not None:
                self._screen.refresh(status, begun)
                moving = oled_face.moves(status, begun)
            if moving:
                left = FRAME_NS - (self._now() - begun)
                pause.wait(max(0, left) / 1e9)
            elif status is self._status and not self._stop:
                self._news.wait(STILL_S)
                pause.wait(0.01)
