"""The terminal panel of ``--simulate``: display and LEDs in characters, drawn by the front process."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from time import monotonic_ns
from typing import TextIO

from PIL import Image

from sideman.edges.oled_face import draw, moves
from sideman.jam.cues import Light, Status
from sideman.sim.panel_keys import HELP

FRAME_S = 0.06
_LEDS = (("31", "listening"), ("33", "committed"), ("32", "playing"))
_HALVES = " ▀▄█"
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def half_blocks(face: Image.Image) -> list[str]:
    """Two pixels a character, one above the other: 128 columns, 32 lines."""
    lit = _pixels(face)
    return [
        "".join(_HALVES[lit[y][x] + 2 * lit[y + 1][x]] for x in range(face.width)) for y in range(0, face.height, 2)
    ]


def braille(face: Image.Image) -> list[str]:
    """Eight pixels a character: 64 columns, 16 lines, for a terminal of 80 x 24."""
    lit = _pixels(face)
    return [
        "".join(
            chr(
                0x2800
                + sum(_BRAILLE[row][column] for row in range(4) for column in range(2) if lit[y + row][x + column])
            )
            for x in range(0, face.width, 2)
        )
        for y in range(0, face.height, 4)
    ]


def led_lit(light: Light, now_ns: int, *, beat_phase: float = 0.0) -> bool:
    """Whether an LED that behaves like this is lit at a moment."""
    ms = now_ns // 1_000_000
    return {
        "off": False,
        "on": True,
        "dim": True,
        "blink": ms % 1000 < 500,
        "fast": ms % 250 < 125,
        "beat": beat_phase % 1.0 < 0.25,
        "slow": ms % 2000 < 400,
        "twice": ms % 1000 < 120 or 240 <= ms % 1000 < 360,
    }[light]


def frame(status: Status, now_ns: int, columns: int, lines: int) -> str:
    """The whole panel as text with colours, fitted to the terminal."""
    face = draw(status, now_ns)
    rows = half_blocks(face) if columns >= face.width + 2 and lines >= 38 else braille(face)
    wide = len(rows[0])
    phase = status.beat_phase
    if status.quarter_ns > 0:
        phase += (now_ns - status.ns) / status.quarter_ns
    lamps = "   ".join(
        f"\x1b[{colour}m{'●' if led_lit(light, now_ns, beat_phase=phase) else '○'}\x1b[0m {name}"
        for (colour, name), light in zip(_LEDS, status.leds, strict=True)
    )
    body = [f"╭{'─' * wide}╮", *(f"│{row}│" for row in rows), f"╰{'─' * wide}╯", f" {lamps}", "", f" {HELP}"]
    return "\r\n".join(f"{line}\x1b[K" for line in body)


class PanelScreen:
    """Draws into a terminal from a thread of its own; what does not change is not written again.

    Args:
        out: The terminal.
        now: Clock.
    """

    def __init__(self, out: TextIO, *, now: Callable[[], int] = monotonic_ns) -> None:
        self._out = out
        self._now = now
        self._status: Status | None = None
        self._news = threading.Event()
        self._stop = threading.Event()
        self._shown = ""
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)
        self._write("\x1b[?1049h\x1b[?25l\x1b[2J")
        self._thread.start()

    def apply(self, status: Status) -> None:
        """The newest status."""
        self._status = status
        self._news.set()

    def close(self) -> None:
        """Give the terminal its old picture back."""
        self._stop.set()
        self._news.set()
        self._thread.join(1.0)
        self._write("\x1b[?25h\x1b[?1049l")

    def _run(self) -> None:
        while not self._stop.is_set():
            self._news.clear()
            status, now = self._status, self._now()
            if status is not None:
                columns, lines = shutil.get_terminal_size()
                text = frame(status, now, columns, lines)
                if text != self._shown:
                    self._shown = text
                    self._write(f"\x1b[H{text}\x1b[J")
            lively = status is not None and (moves(status, now) or any(led not in ("on", "off") for led in status.leds))
            self._stop.wait(FRAME_S)
            if not lively and not self._stop.is_set():
                self._news.wait(0.5)

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):
            self._stop.set()


def open_screen() -> PanelScreen:
    """The panel on standard output, as the front process opens it."""
    return PanelScreen(sys.stdout)


def _pixels(face: Image.Image) -> list[list[bool]]:
    data = face.convert("L").tobytes()
    return [[data[y * face.width + x] > 127 for x in range(face.width)] for y in range(face.height)]
