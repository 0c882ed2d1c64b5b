"""A line of progress at least every two seconds, with the time that is left."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


class Progress:
    """Prints ``label  step/total  figures  left m:ss``; on a terminal the line is overwritten.

    Args:
        label: What is being done.
        total: Steps in all.
        start: Steps done before (a resumed training).
        out: Where to print; None is standard error.
    """

    EVERY_S = 1.5

    def __init__(self, label: str, total: int, start: int = 0, out: TextIO | None = None) -> None:
        self._label = label
        self._total = total
        self._first = start
        self._out = out or sys.stderr
        self._began = time.monotonic()
        self._last = -self.EVERY_S

    def update(self, step: int, **figures: float) -> None:
        """Tell how far it is; prints when the last line is old enough or all is done."""
        now = time.monotonic() - self._began
        done = step >= self._total
        if not done and now - self._last < self.EVERY_S:
            return
        self._last = now
        shown = "".join(f"  {name} {value:.4g}" for name, value in figures.items())
        fresh = step - self._first
        left = "" if done or fresh <= 0 else f"  left {clock((self._total - step) * now / fresh)}"
        terminal = self._out.isatty()
        text = f"{self._label}  {step}/{self._total}{shown}{left}"
        self._out.write(f"\r{text:<78}" + ("\n" if done else "") if terminal else text + "\n")
        self._out.flush()


def clock(seconds: float) -> str:
    """Seconds as ``m:ss`` or ``h:mm:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
