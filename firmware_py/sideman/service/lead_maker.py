"""The lead sheet of a take, made in a process of its own with the lowest priority: never in the conductor's way.

The service holds neither NumPy nor models; harmonising needs both for a second or so, then the memory is free again.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 120.0
"""A process that has not ended by then never will."""
ENDING_S = 1.0
_WELL = (0, 1)
"""Statuses: made, or nothing was played, which is no trouble."""
SUFFIXES = ("lead.musicxml", "lead.mid")


class LeadMaker:
    """Starts ``sideman harmonise`` for one take at a time, on a thread of its own: the next take need not wait.

    Args:
        models: Folder of the models, empty for the package's own.
        said: Called with the sentence that says why there is no sheet, or with an empty text, after each.
    """

    def __init__(self, models: str = "", said: Callable[[str], None] = print) -> None:
        self._models, self._said = models, said
        self._lock = threading.Condition()
        self._wanted: dict[Path, str] = {}
        self._process: subprocess.Popen[str] | None = None
        self._ended = False
        self._thread: threading.Thread | None = None

    def want(self, take: Path, key: str = "") -> None:
        """Make the sheet of a take as soon as those asked for earlier are made; never waits. See :meth:`make`."""
        with self._lock:
            self._wanted[take] = key
            if self._thread is None and not self._ended:
                self._thread = threading.Thread(target=self._run, name="leads", daemon=True)
                self._thread.start()
            self._lock.notify()

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._wanted and not self._ended:
                    self._lock.wait()
                if self._ended:
                    return
                take = next(iter(self._wanted))
                key = self._wanted.pop(take)
            self._said(self.make(take, key))

    def make(self, take: Path, key: str = "") -> str:
        """Write the lead sheet beside a take; waits until it is there.

        Args:
            take: The take, ``000012.mid``: its sheet is ``000012.lead.musicxml``, with ``000012.lead.mid``.
            key: ``"A min"`` where the player set one.

        Returns:
            An empty text (also where nothing was played), or one sentence that says why there is none.
        """
        words = [sys.executable, "-m", "sideman.service.cli", "harmonise", str(take), "--gently"]
        words += ["--out", str(take.parent), "--prefix", f"{take.stem}."]
        words += [*(["--key", key] if key else []), *(["--models", self._models] if self._models else [])]
        with self._lock:
            if self._ended:
                return ""
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and paths, no shell
                    words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
            except OSError as error:
                return f"No lead sheet for take {take.stem}: {error.strerror}."
        process = self._process
        try:
            _, said = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            said = "it took too long"
        if process.returncode in _WELL or self._ended:
            return ""
        lines = [line for line in said.splitlines() if line.strip()]
        why = lines[-1].removeprefix("sideman harmonise: ") if lines else f"its process ended ({process.returncode})"
        return why if why.startswith(("DISK", "NO RIGHT")) else f"No lead sheet for take {take.stem}: {why}"

    def end(self) -> None:
        """Make no more; what is not finished is given up (files are whole or not there) and made at the next start."""
        with self._lock:
            self._ended = True
            process = self._process
            self._lock.notify()
        if process is not None and process.poll() is None:
            process.terminate()
        if self._thread is not None:
            self._thread.join(ENDING_S)


def without_sheet(folder: Path) -> Path | None:
    """The newest take of a folder where it has no lead sheet: the power went before it was made."""
    try:
        takes = sorted(path for path in folder.glob("*.mid") if path.stem.isdigit())
    except OSError:
        return None
    if not takes or all(takes[-1].with_name(f"{takes[-1].stem}.{suffix}").exists() for suffix in SUFFIXES):
        return None
    return takes[-1]
