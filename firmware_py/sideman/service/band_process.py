"""The band as the service sees it: a supervised process that is asked without waiting and answers by events."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from multiprocessing import Pipe
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from sideman.jam.events import BandChanged, PlanReady

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from sideman.band.messages import Ask
    from sideman.jam.events import Event

log = logging.getLogger(__name__)

ANSWER_S = 3.0
"""An ask unanswered for so long: the process hangs and is replaced."""
SILENT_S = 6.0
"""No sign of life for so long, asked or not: the same."""
START_S = 30.0
"""Time to load and check the models on the slowest board."""
BACK_OFF_S, LONGEST_BACK_OFF_S = 0.2, 5.0
_STOP_S = 0.25
_LOOK_S = 0.1
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class BandProcess:
    """Starts the band in a process of its own, restarts it whenever it dies or hangs, and is a ``BandLink``.

    Three threads: the supervisor reads what the band says, the sender writes asks (a pipe may be full; the caller
    must never wait), and ``ask`` only puts on a queue.

    Args:
        post: Takes events from any thread; must not wait.
        models_folder: Folder of the models' manifest; None takes the package's own.
        backend: TFLite runtime; None takes the installed one.
        answer_s: Seconds after which an unanswered ask means that the band hangs.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        models_folder: Path | None = None,
        backend: str | None = None,
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._post = post
        self._arguments = ["" if models_folder is None else str(models_folder), backend or ""]
        self._answer_s = answer_s
        self._asks: SimpleQueue[Ask | str | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, float]] = deque()
        self._pipe: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor = threading.Thread(target=self._supervise, name="band-supervisor", daemon=True)
        self._sender = threading.Thread(target=self._send, name="band-sender", daemon=True)

    def start(self) -> None:
        """Begin; ``BandChanged(up=True)`` is posted when the models are loaded and checked."""
        self._supervisor.start()
        self._sender.start()

    def ask(self, ask: Ask) -> None:
        """Send a request; never waits. While the band is down it is dropped: the conductor plays by rules then."""
        self._asks.put(ask)

    def forget(self) -> None:
        """Another jam begins: epochs and asks are counted anew. Never waits."""
        self._asks.put("forget")

    def stop(self) -> None:
        """End the process and the threads, within half a second."""
        self._stopping.set()
        self._asks.put(None)
        self._close()
        process = self._process
        if process is not None:
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._supervisor.is_alive():
            self._supervisor.join(_STOP_S)

    @property
    def pid(self) -> int | None:
        """Process id of the band, None while there is none."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    # the supervisor's thread ----------------------------------------------------------------------------------

    def _supervise(self) -> None:
        back_off = BACK_OFF_S
        while not self._stopping.is_set():
            began = _seconds()
            why = self._one_life()
            if self._stopping.is_set():
                return
            log.warning("the band went down: %s", why)
            self._tell(BandChanged(time.monotonic_ns(), up=False, why=why))
            if _seconds() - began > LONGEST_BACK_OFF_S:
                back_off = BACK_OFF_S
            self._stopping.wait(back_off)
            back_off = min(LONGEST_BACK_OFF_S, 2 * back_off)

    def _one_life(self) -> str:
        """Start the process and read until it dies; says why it did."""
        try:
            pipe, process = self._spawned()
        except OSError as error:
            return f"it could not be started ({error})"
        why = ""
        try:
            why = self._read(pipe)
        finally:
            self._close()
            process.kill()
            code = process.wait()
        return why or (f"killed by signal {-code}" if code < 0 else f"it ended with status {code}")

    def _spawned(self) -> tuple[Connection, subprocess.Popen[bytes]]:
        ours, theirs = Pipe()
        with theirs:
            command = [sys.executable, "-m", "sideman.band.process", str(theirs.fileno()), *self._arguments]
            environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
            process = subprocess.Popen(  # noqa: S603 - our own module by our own interpreter
                command,
                pass_fds=(theirs.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        with self._lock:
            self._waiting.clear()
            self._pipe = ours
        self._process = process
        if self._stopping.is_set():
            self._close()
        return ours, process

    def _read(self, pipe: Connection) -> str:
        """Post what the band says; returns why it must be replaced, empty when it died by itself."""
        heard, up = _seconds(), False
        while True:
            try:
                message = pipe.recv() if pipe.poll(_LOOK_S) else None
            except (EOFError, OSError):
                return ""
            except TypeError:  # the pipe was closed while it was read: its number is gone
                if not pipe.closed:
                    raise
                return ""
            if message is not None:
                heard = _seconds()
                up = self._take(message) or up
                continue
            now = _seconds()
            if not up:
                if now - heard > START_S:
                    return f"it did not get ready within {START_S:.0f} s"
                with self._lock:  # asks sent while it loads count from when it is ready
                    self._waiting = deque((number, now) for number, _ in self._waiting)
                continue
            with self._lock:
                oldest = self._waiting[0] if self._waiting else None
            if oldest is not None and now - oldest[1] > self._answer_s:
                return f"it left ask {oldest[0]} unanswered for {self._answer_s:.0f} s"
            if now - heard > max(SILENT_S, self._answer_s):
                return f"it gave no sign of life for {SILENT_S:.0f} s"

    def _take(self, message: tuple[Any, ...]) -> bool:
        """Post one message as an event; True when it says that the band is up."""
        kind, *rest = message
        if kind == "plan":
            plan = rest[0]
            with self._lock:
                self._waiting = deque(entry for entry in self._waiting if entry[0] != plan.ask)
            self._tell(PlanReady(time.monotonic_ns(), plan))
        elif kind in ("up", "models"):
            self._tell(BandChanged(time.monotonic_ns(), up=True, models=rest[0]))
        return bool(kind == "up")

    def _tell(self, event: Event) -> None:
        if not self._stopping.is_set():
            self._post(event)

    # the sender's thread --------------------------------------------------------------------------------------

    def _send(self) -> None:
        while (ask := self._asks.get()) is not None:
            with self._lock:
                pipe = self._pipe
                if pipe is not None and not isinstance(ask, str):
                    self._waiting.append((ask.id, _seconds()))
            if pipe is None:
                continue
            try:
                pipe.send(ask)
            except (OSError, ValueError):
                self._forget_queue()
            except TypeError:  # what a pipe that is closed while it is written to raises; anything else is a mistake
                if not pipe.closed:
                    raise
                self._forget_queue()

    def _forget_queue(self) -> None:
        """The band just died: what else was meant for it is stale."""
        while True:
            try:
                ask = self._asks.get_nowait()
            except Empty:
                return
            if ask is None:
                self._asks.put(None)
                return

    def _close(self) -> None:
        with self._lock:
            pipe, self._pipe = self._pipe, None
            self._waiting.clear()
        if pipe is not None:
            pipe.close()


def _seconds() -> float:
    return time.monotonic_ns() / 1e9
