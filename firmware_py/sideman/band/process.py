"""The band's own process: reads asks from a pipe, answers with plans, ends when the pipe does.

Run by :class:`sideman.service.band_process.BandProcess` as
``python -m sideman.band.process FD [MODELS_FOLDER [BACKEND]]``.
Messages out: ``("up", models)`` once, ``("plan", plan)`` (and once more where it has other chords beside it),
``("models", models)`` when one of them gave up, ``("beat",)`` every second without an ask.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from sideman.band.ensemble import Ensemble

if TYPE_CHECKING:
    from sideman.band.messages import Ask, Plan

log = logging.getLogger(__name__)

BEAT_S = 1.0
"""Idle seconds after which the process says that it lives."""
_NICE = 5
"""Below the conductor, so that planning never takes its core."""


def main(argv: list[str]) -> int:
    """Serve asks until the pipe closes.

    Args:
        argv: File descriptor of the duplex pipe, then optionally the models' folder and the runtime's name.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the service ends the band by closing the pipe
    _modest()
    pipe = Connection(int(argv[0]))
    folder = Path(argv[1]) if len(argv) > 1 and argv[1] else None
    backend = argv[2] if len(argv) > 2 and argv[2] else None
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        serve(pipe, Ensemble(folder, backend))  # type: ignore[arg-type] # the name is checked where it is used
    return 0


def serve(pipe: Connection, ensemble: Ensemble) -> None:
    """Answer asks in order; raises EOFError when the other end is gone."""
    gc.collect()
    gc.freeze()
    said = ensemble.models
    pipe.send(("up", said))
    while True:
        if not pipe.poll(BEAT_S):
            gc.collect()
            pipe.send(("beat",))
            continue
        ask: Ask | str = pipe.recv()
        if isinstance(ask, str):  # another jam begins
            ensemble.forget()
            continue
        told: list[Plan] = []
        plan = ensemble.answer(ask, early=partial(_tell, pipe, told))
        if not told or plan.alternatives:
            pipe.send(("plan", plan))
        if not pipe.poll(0):  # nobody waits
            ensemble.prepare()
        if ensemble.models != said:
            said = ensemble.models
            pipe.send(("models", said))


def _tell(pipe: Connection, told: list[Plan], plan: Plan) -> None:
    """Send a plan that may still get other chords beside it."""
    told.append(plan)
    pipe.send(("plan", plan))


def _modest() -> None:
    """No realtime rights here, whatever thread started us, and a little below everybody else."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    with contextlib.suppress(OSError):
        os.nice(_NICE)


if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    sys.exit(main(sys.argv[1:]))
