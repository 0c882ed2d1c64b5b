"""What the box remembers over a power-off: the last commit and the choices of the foot menu, in one JSON file."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sideman.band.messages import Phrase
from sideman.jam.codec import decode, encode

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept.

    Attributes:
        phrase: The last committed phrase, or None.
        choices: Settings chosen in the menu: dotted key and text as in the settings file.
    """

    phrase: Phrase | None = None
    choices: tuple[tuple[str, str], ...] = ()


def state_folder() -> Path:
    """Where the box keeps what it remembers: ``$STATE_DIRECTORY`` (systemd), ``$XDG_DATA_HOME`` or the home folder."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "sideman"


def recall(file: Path) -> tuple[Remembered, str]:
    """Read what was remembered.

    Returns:
        What was kept, and one sentence when the file had to be ignored (empty when all is well or there is none).
    """
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
        if tree["schema"] != SCHEMA:
            raise ValueError(f"it is of schema {tree['schema']}")  # noqa: TRY301 - one place tells every reason
        phrase = decode(tree["phrase"])
        choices = tuple((str(name), str(text)) for name, text in tree["choices"])
        if not isinstance(phrase, Phrase | None):
            raise ValueError("its phrase is something else")  # noqa: TRY301, TRY004 - as above
    except FileNotFoundError:
        return Remembered(), ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return Remembered(), f"{file} is ignored, the box starts without its last phrase: {error}"
    return Remembered(phrase, choices), ""


def remember(file: Path, kept: Remembered) -> None:
    """Write what is kept, atomically: after a power cut the file is either the old or the new one.

    Raises:
        OSError: The disk is full, read-only or missing.
    """
    tree: dict[str, Any] = {"schema": SCHEMA, "phrase": encode(kept.phrase), "choices": [list(c) for c in kept.choices]}
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with fresh.open("w", encoding="utf-8") as out:
            json.dump(tree, out, separators=(",", ":"))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Keeper:
    """Writes on a thread of its own, so that the conductor never waits for a disk; the newest wins."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.trouble = ""
        self._newest: Remembered | None = None
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="state", daemon=True)
        self._thread.start()

    def keep(self, kept: Remembered) -> None:
        """Remember this soon; returns at once."""
        self._newest = kept
        self._wake.set()

    def close(self) -> None:
        """Write what is still to be written and end the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=2)

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            ending = self._closing
            kept, self._newest = self._newest, None
            if kept is not None:
                try:
                    remember(self.file, kept)
                    self.trouble = ""
                except OSError as error:
                    self.trouble = f"{self.file} cannot be written, nothing will be remembered: {error.strerror}"
            if ending:
                return
