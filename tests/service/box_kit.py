"""The box as a process of its own, and in a thread of the test's, with what a test needs to look at it."""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from pythonosc.osc_packet import OscPacket

from sideman.edges.osc_schema import SCHEMA
from sideman.jam.events import NoteOff, NoteOn, SwitchEdge
from sideman.service.box import Box
from sideman.service.settings import Settings
from sideman.sim.ports import FakeMidiWorld

PATIENCE_S = 60.0
"""A machine may be busy; nothing here is a measurement."""
QUIET = {"osc.on": "false", "oled.on": "false", "pins.on": "false", "pedal.usb": "false", "midi.virtual": "false"}


def until(condition, what="it did not happen", limit_s=PATIENCE_S):
    deadline = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.005)
    return found


class Ears:
    """Hears OSC: the newest message of each address, by the names of the schema."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.said = []
        names = {message.address: [arg.name for arg in message.args] for message in SCHEMA}
        threading.Thread(target=self._run, args=(names,), daemon=True).start()

    def _run(self, names):
        while True:
            try:
                data = self._socket.recv(65536)
            except OSError:
                return
            for timed in OscPacket(data).messages:
                message = timed.message
                if message.address in names:
                    self.said.append((message.address, dict(zip(names[message.address], message.params, strict=False))))

    def of(self, address):
        return [values for where, values in self.said if where == address]

    def last(self, address):
        return (self.of(address) or [{}])[-1]

    def close(self):
        self._socket.close()


class RunningBox:
    """``sideman run`` as systemd would start it, on a machine without MIDI, pins and display unless told otherwise."""

    def __init__(self, folder, settings="", **environ):
        self.folder = Path(folder)
        self.ears = Ears()
        file = self.folder / "settings.toml"
        file.write_text(f'[osc]\ntargets = ["127.0.0.1:{self.ears.port}"]\n{settings}', encoding="utf-8")
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(str(self.folder / "notify"))
        self._manager.settimeout(PATIENCE_S)
        self.errors = self.folder / "stderr"
        self.state = self.folder / "state"
        environ = {
            **os.environ, "JACK_NO_START_SERVER": "1", "STATE_DIRECTORY": str(self.state),
            "NOTIFY_SOCKET": str(self.folder / "notify"), "WATCHDOG_USEC": "1000000", **environ,
        }  # fmt: skip
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sideman.service.cli", "run", "--settings", str(file)],
                env=environ, stdin=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip

    def told(self, start):
        """Wait for a message to systemd that starts with some words."""
        while True:
            said = self._manager.recv(4096).decode()
            if said.startswith(start):
                return said

    def children(self, module):
        """Process ids of the box's children that run a module."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                words = (stat.parent / "cmdline").read_bytes().split(b"\0")
            except (OSError, ValueError):
                continue
            if parent == self.process.pid and module.encode() in words:
                found.append(int(stat.parent.name))
        return found

    def seen(self, address, **values):
        """Wait until the front said something."""

        def said():
            return any(all(found.get(k) == v for k, v in values.items()) for found in self.ears.of(address))

        until(said, lambda: f"{address} {values}: last {self.ears.last(address)}; {self.errors.read_text()}")

    def now(self, address, **values):
        """Wait until the last thing the front said is this."""

        def said():
            return all(self.ears.last(address).get(k) == v for k, v in values.items())

        until(said, lambda: f"{address} {values}: last {self.ears.last(address)}; {self.errors.read_text()}")

    def stop(self, number):
        """Send a signal and wait for the end; returns the status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._manager.close()
        self.ears.close()


class ThreadBox:
    """The box with its real band and front processes, on stand-in ports, its loop in a thread of the test's process."""

    def __init__(self, settings=None, trouble=""):
        chosen = Settings()
        for key, text in {**QUIET, **(settings or {})}.items():
            chosen = chosen.with_value(key, text)
        self.world = FakeMidiWorld()
        self.keys = self.world.plug("Keys", listens=False)
        self.synth = self.world.plug("Synth", plays=False)
        self.box = Box(chosen, trouble=trouble, opener=self.world.open)
        self._thread = threading.Thread(target=self.box.run)
        self._thread.start()

    @property
    def jam(self):
        return self.box.conductor.jam

    @property
    def state(self):
        return self.jam.session.state.value

    def press(self, switch):
        now = time.monotonic_ns()
        self.box.post(SwitchEdge(now, switch, True))
        self.box.post(SwitchEdge(now + 50_000_000, switch, False))

    def play(self, *pitches, beat_s=0.15):
        """A phrase, its stamps as regular as a machine's, however busy this one is."""
        start = time.monotonic_ns()
        for i, pitch in enumerate(pitches):
            on = start + round(i * beat_s * 1e9)
            self.box.post(NoteOn(on, "Keys", 0, pitch, 90))
            self.box.post(NoteOff(on + round(beat_s * 0.9e9), "Keys", 0, pitch))
        until(lambda: time.monotonic_ns() >= start + round(len(pitches) * beat_s * 1e9))

    def commit(self):
        """A phrase of two bars at 400 crotchets a minute, then the band plays."""
        self.press("START")
        until(lambda: self.state == "ARMED")
        self.play(60, 64, 67, 72, 69, 64, 60, 57)
        self.press("STOP")
        until(lambda: self.state == "COMMITTED", lambda: self.state)
        time.sleep(0.12)  # sooner, the next press would make a pair with this one

    def sounded(self):
        """How many notes went out so far, the player's not counted."""
        return sum(1 for data in self.synth.heard() if data[0] & 0xF0 == 0x90 and data[0] & 15)

    def goes_on(self):
        """Wait for ten more notes of the band."""
        wanted = self.sounded() + 10
        until(lambda: self.sounded() >= wanted, lambda: f"{self.state} {self.jam.faults}")

    def faults(self):
        return dict(self.jam.faults)

    def close(self):
        self.box.shutdown()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


def hung(messages):
    """Notes (channel, pitch) still sounding after some messages."""
    sounding = set()
    for data in messages:
        kind, channel = data[0] & 0xF0, data[0] & 15
        if kind == 0x90 and data[2]:
            sounding.add((channel, data[1]))
        elif kind in (0x80, 0x90):
            sounding.discard((channel, data[1]))
        elif kind == 0xB0 and data[1] in (120, 123):
            sounding = {note for note in sounding if note[0] != channel}
    return sounding
