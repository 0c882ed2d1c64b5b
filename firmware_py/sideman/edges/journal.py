"""The event log of a jam: one JSON object a line, written by a thread of its own."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from sideman.edges.takes import sentence
from sideman.jam import codec

MAX_WAITING = 100_000
"""Records that may wait for a slow disk (minutes of playing) before new ones are dropped and that is said."""

_END = None


class JournalFile:
    """Implements :class:`sideman.jam.ports.Journal`: ``write`` puts a record into a queue and returns.

    Lines are flushed whenever the queue runs empty. When the disk fails, ``fault`` gets one sentence; what comes is
    kept trying, and when a line can be written again ``fault`` gets an empty text. Lines lost in between are counted
    in ``lost`` and a ``{"lost": n}`` record says so, so that a replay does not take the log for whole.

    Args:
        path: The file; its folder is made. None keeps nothing.
        fault: Called with a sentence, or with an empty text when all is well again; on the writer's thread.
    """

    def __init__(self, path: Path, fault: Callable[[str], None]) -> None:
        self.lost = 0
        self._path, self._fault = path, fault
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._file: TextIO | None = None
        self._said = ""
        self._unsaid = 0
        self._torn = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def write(self, record: dict[str, Any]) -> None:
        """Keep one record; never waits."""
        if self._queue.qsize() < MAX_WAITING:
            self._queue.put(record)
        else:
            self.lost += 1
            self._unsaid += 1

    def close(self, limit_s: float = 2.0) -> bool:
        """Write what waits and close; returns whether that was done within the limit."""
        self._queue.put(_END)
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (record := self._queue.get()) is not _END:
            self._keep(record)
        if self._file:
            try:
                self._file.close()
            except OSError as error:
                self._say(sentence(error, self._path.parent))

    def _keep(self, record: dict[str, Any]) -> None:
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8", buffering=1)
            if self._torn:  # a line that was cut off by a full disk is ended first
                self._file.write("\n")
                self._torn = False
            if self._unsaid:
                self._file.write(json.dumps({"lost": self._unsaid}) + "\n")
                self._unsaid = 0
            self._file.write(codec.line(record) + "\n")
        except OSError as error:
            self.lost += 1
            self._unsaid += 1
            self._forget()
            self._say(sentence(error, self._path.parent))
        else:
            self._say("")

    def _forget(self) -> None:
        """Give the file up without its buffer: what the disk refused must not be tried again by the closing."""
        file, self._file = self._file, None
        if file is not None:
            self._torn = True
            try:
                file.close()
            except OSError:
                return

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._fault(text)
