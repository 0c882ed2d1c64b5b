"""A world of instruments on a real JACK server without a sound card, with the same face as the fake world."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from sideman.edges.midi_backend import alone, give_up, jack_runs, open_rtmidi

LIMIT_S = 30.0


def missing():
    """Why the real ports cannot be tested here, empty when they can."""
    if not shutil.which("jackd"):
        return "no jackd: apt install jackd2"
    try:
        import rtmidi
    except ImportError as error:
        return f"python-rtmidi does not load: {error}"
    return "" if rtmidi.API_UNIX_JACK in rtmidi.get_compiled_api() else "python-rtmidi was built without JACK"


def until(condition, limit_s=LIMIT_S):
    """Wait for something another thread or process does; fails after the limit."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.005)


def _free_name():
    """A name that no other run of the tests uses now, and the lock that keeps it.

    JACK knows eight servers at most. A killed one keeps its place until a server of the same name starts, so names
    are few and come again.
    """
    for number in range(7):
        name = f"/dev/shm/sideman-jack-{os.getuid()}-{number}.lock"  # noqa: S108 - beside JACK's own table
        lock = os.open(name, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return f"sideman{number}", lock
    raise AssertionError("seven other runs of these tests use JACK: wait for them")


class JackServer:
    """jackd with the dummy driver under a name of its own.

    It waits for its clients, however busy the machine is: of two periods only, its own limit, messages would be lost.
    """

    def __init__(self):
        self.name, self._lock = _free_name()
        self._process = None

    def start(self):
        os.environ["JACK_DEFAULT_SERVER"] = self.name
        os.environ["JACK_NO_AUDIO_RESERVATION"] = "1"
        os.environ["JACK_NO_START_SERVER"] = "1"
        command = f"setpriv --pdeathsig TERM jackd --no-realtime -S -t 4000 -n {self.name} -d dummy -r 48000 -p 64"
        for path in Path("/dev/shm").glob(f"jack*_{self.name}_*"):  # noqa: S108 - left there by a killed server
            path.unlink(missing_ok=True)
        with tempfile.TemporaryFile("w+") as said:
            self._process = subprocess.Popen(command.split(), stdout=said, stderr=said)
            until(lambda: jack_runs() or self._process.poll() is not None, 30.0)
            if self._process.poll() is not None:
                said.seek(0)
                raise AssertionError(f"jackd ended: {said.read()[-800:]}")

    def stop(self):
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def free(self):
        """Stop for good."""
        self.stop()
        os.close(self._lock)


class JackInstrument:
    def __init__(self, name, *, plays, listens):
        import rtmidi

        self.received = []
        self._mouth = self._ear = None
        with alone():
            if plays:
                self._mouth = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
                self._mouth.open_virtual_port("out")
            if listens:
                self._ear = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=name)
                self._ear.open_virtual_port("in")

    def play(self, data):
        self._mouth.send_message(data)

    def heard(self):
        while self._ear and (message := self._ear.get_message()) is not None:
            self.received.append((time.monotonic_ns(), bytes(message[0])))
        return [data for _, data in self.received]

    def close(self):
        for port in (self._mouth, self._ear):
            if port:
                give_up(port)


class JackWorld:
    """Instruments are clients of the server; unplugging one ends its clients."""

    def __init__(self):
        self.instruments = []

    def open(self):
        return open_rtmidi()

    def plug(self, name, *, plays=True, listens=True):
        device = JackInstrument(name, plays=plays, listens=listens)
        self.instruments.append(device)
        return device

    def unplug(self, device):
        self.instruments.remove(device)
        device.close()

    def close(self):
        for device in list(self.instruments):
            with contextlib.suppress(OSError):
                self.unplug(device)
