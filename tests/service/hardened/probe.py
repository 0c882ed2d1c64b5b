"""Stands in for the program inside its own unit: tries what the program needs and writes what came of it.

Its first life hangs after READY, so that the watchdog has to end it; its second one answers SIGTERM.
"""

import ctypes
import json
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

STATE = Path(os.environ["STATE_DIRECTORY"])
FOUND = {}


def attempt(case):
    """Run one case; its value, or its error in words."""
    try:
        FOUND[case.__name__] = case()
    except BaseException as error:  # noqa: BLE001 - every kind of failure is a finding
        FOUND[case.__name__] = f"{type(error).__name__}: {error}"
    return case


def spawned(queue):
    """Runs in another process, as the band does."""
    queue.put((os.getpid(), os.sched_getscheduler(0)))


def device(path):
    """What opening a device node says: open, or the error's name."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        return type(error).__name__ if error.errno is None else os.strerror(error.errno)
    return "open"


def main():
    from sideman.service.notify import Notifier
    from sideman.service.realtime import ask_for_fifo, lock_memory

    @attempt
    def user():
        return [os.getuid() != 0, Path.cwd() == STATE, os.access(os.environ["RUNTIME_DIRECTORY"], os.W_OK)]

    @attempt
    def fifo():
        said = []

        def clock():
            said.append(ask_for_fifo(70))
            said.append(os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK)

        thread = threading.Thread(target=clock)
        thread.start()
        thread.join()
        return said

    @attempt
    def memory():
        return lock_memory()

    @attempt
    def callback():
        return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1)(41)

    @attempt
    def band():
        context = multiprocessing.get_context("spawn")
        queue = context.Queue()
        child = context.Process(target=spawned, args=(queue,))
        child.start()
        pid, policy = queue.get(timeout=20)
        child.join(20)
        return [pid == child.pid, policy]

    @attempt
    def sockets():
        datagram = socket.SOCK_DGRAM
        with (
            socket.socket(socket.AF_UNIX, datagram),
            socket.socket(socket.AF_INET, datagram) as out,
            socket.socket(socket.AF_INET, datagram) as receiver,
        ):
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(2)
            out.sendto(b"/sideman/state", receiver.getsockname())
            return receiver.recv(99).decode()

    @attempt
    def numpy_and_interpreter():
        import numpy as np

        from sideman.models.library import families, load

        total = float(np.ones((32, 32)).dot(np.ones((32, 32))).sum())
        return [total, {family: type(load(family)).__name__ for family in families()}]

    @attempt
    def forbidden():
        try:
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        except OSError as error:
            packet = os.strerror(error.errno)
        try:
            Path("/usr/sideman-was-here").write_text("x", encoding="utf-8")
        except OSError as error:
            usr = os.strerror(error.errno)
        return [packet, usr]

    FOUND["devices"] = {path: device(path) for path in sys.argv[2:]}
    first = not (STATE / "first.json").exists()
    name = "first.json" if first else "second.json"
    (STATE / f".{name}").write_text(json.dumps(FOUND), encoding="utf-8")
    (STATE / f".{name}").rename(STATE / name)

    notifier = Notifier()
    notifier.ready("probing")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if first:
        time.sleep(3600)
    while True:
        notifier.watchdog()
        time.sleep(0.2)


if __name__ == "__main__":
    main()
