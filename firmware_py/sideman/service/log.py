"""Logging that never holds up the clock: a short queue, one thread, and the journal where there is one."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sys
from logging.handlers import QueueHandler, QueueListener
from typing import Any

_LIMIT = 2000
_SYSLOG = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _Dropping(QueueHandler):
    """Puts records on the queue, or drops them and counts when it is full."""

    dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class _Listener(QueueListener):
    """Can be ended while its queue is full."""

    def enqueue_sentinel(self) -> None:
        waiting: Any = self.queue
        with contextlib.suppress(queue.Full):
            waiting.put(None, timeout=2)


class _Prefixed(logging.Formatter):
    """Writes the priority in front of a line, as the journal reads it from a stream."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return f"<{_SYSLOG.get(record.levelno, 6)}>" + text.replace("\n", "\n  ")


class Log:
    """Logging of one process, from the making until ``close``."""

    def __init__(self, level: str = "info", *, target: logging.Handler | None = None) -> None:
        waiting: queue.Queue[Any] = queue.Queue(_LIMIT)
        self._front = _Dropping(waiting)
        self._listener = _Listener(waiting, target or journal_or_stderr())
        root = logging.getLogger()
        root.setLevel(level.upper())
        root.addHandler(self._front)
        self._listener.start()

    @property
    def dropped(self) -> int:
        """Records that found the queue full."""
        return self._front.dropped

    def close(self) -> None:
        """Write what waits, then stop."""
        logging.getLogger().removeHandler(self._front)
        self._listener.stop()


def journal_or_stderr() -> logging.Handler:
    """The journal through systemd-python where that is present, else the error stream."""
    under_journal = "JOURNAL_STREAM" in os.environ
    if under_journal:
        with contextlib.suppress(ImportError):
            from systemd.journal import JournalHandler  # noqa: PLC0415 - only on the box

            handler: logging.Handler = JournalHandler(SYSLOG_IDENTIFIER="sideman")
            return handler
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(
        _Prefixed("%(name)s: %(message)s")
        if under_journal
        else logging.Formatter("%(levelname).1s %(name)s: %(message)s")
    )
    return stream
