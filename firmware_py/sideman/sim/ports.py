"""Stand-ins for MIDI ports: an output that counts, and a world of instruments to plug, play and pull."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from sideman.edges.midi_backend import CLIENT, Backend, Heard

Sent = tuple[int, bytes]
"""Monotonic nanoseconds and the bytes of one message."""


class FakeMidiOut:
    """Implements :class:`sideman.jam.ports.MidiOut`: keeps every message and knows which notes hang.

    Args:
        clock: Gives the stamp of each message; the manual clock of an offline jam, or the real one.
    """

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self.sent: list[Sent] = []
        self.on: Counter[tuple[int, int]] = Counter()
        self.off: Counter[tuple[int, int]] = Counter()
        self._sounding: set[tuple[int, int]] = set()

    def send(self, data: bytes, *, source: str = "") -> None:  # noqa: ARG002 - the protocol's signature
        """Keep one message."""
        self.sent.append((self._clock(), data))
        kind, key = data[0] & 0xF0, (data[0] & 0x0F, data[1])
        if kind == 0x90 and data[2]:
            self.on[key] += 1
            self._sounding.add(key)
        elif kind in (0x80, 0x90):
            self.off[key] += 1
            self._sounding.discard(key)
        elif kind == 0xB0 and data[1] in (120, 123):
            self._sounding = {each for each in self._sounding if each[0] != key[0]}

    def panic(self) -> None:
        """All sound off and all notes off on all channels."""
        for channel in range(16):
            for number in (120, 123):
                self.send(bytes((0xB0 | channel, number, 0)))

    def hung(self) -> set[tuple[int, int]]:
        """Notes (channel, pitch) that are still sounding."""
        return set(self._sounding)


class FakeInstrument:
    """A plugged device with up to one input side (we hear it) and one output side (it hears us)."""

    def __init__(self, raw: str, *, plays: bool, listens: bool) -> None:
        self.raw, self.plays, self.listens = raw, plays, listens
        self.received: list[Sent] = []
        self.ears: list[Heard] = []
        self.incarnation = 0

    def play(self, data: bytes) -> None:
        """Send bytes as the instrument would; nobody may be listening."""
        for heard in tuple(self.ears):
            heard(time.monotonic_ns(), data)

    def heard(self) -> list[bytes]:
        """Every message that reached the instrument."""
        return [data for _, data in self.received]


class FakeMidiWorld:
    """A system of ports with ALSA's habits: addresses in the names, and another address after each replug."""

    def __init__(self) -> None:
        self.instruments: list[FakeInstrument] = []
        self.own: FakeInstrument | None = None
        self.up = True
        self.refuse: set[str] = set()
        self.opened = 0
        self._address = 20

    def open(self) -> tuple[Backend | None, str]:
        """An :data:`sideman.edges.midi_backend.Opener`."""
        return (_FakeBackend(self), "") if self.up else (None, "No MIDI ports: the stand-in is down.")

    def plug(self, name: str, *, plays: bool = True, listens: bool = True) -> FakeInstrument:
        """Plug in a device called ``name``."""
        self._address += 4
        device = FakeInstrument(f"{name}:{name} MIDI 1 {self._address}:0", plays=plays, listens=listens)
        self.instruments.append(device)
        return device

    def unplug(self, device: FakeInstrument) -> None:
        """Pull the plug: nothing is heard from it or reaches it any more."""
        self.instruments.remove(device)
        device.ears.clear()

    def slip(self, device: FakeInstrument) -> None:
        """The plug loses contact for less than a look at the ports: same address, but what was open to it is dead."""
        device.ears.clear()
        device.incarnation += 1


class _FakeBackend:
    def __init__(self, world: FakeMidiWorld) -> None:
        self._world = world

    def inputs(self) -> list[str]:
        own = [f"{CLIENT}:band 130:0"] if self._world.own else []
        return own + [each.raw for each in self._world.instruments if each.plays]

    def outputs(self) -> list[str]:
        own = [f"{CLIENT}:in 131:0"] if self._world.own else []
        return own + [each.raw for each in self._world.instruments if each.listens]

    def open_input(self, raw: str, heard: Heard) -> _FakePort:
        device = self._find(raw)
        device.ears.append(heard)
        return _FakePort(self._world, device, heard)

    def open_output(self, raw: str) -> _FakePort:
        return _FakePort(self._world, self._find(raw), None)

    def open_virtual(self, heard: Heard) -> tuple[_FakePort, _FakePort]:
        own = self._world.own = FakeInstrument(CLIENT, plays=True, listens=True)
        own.ears.append(heard)
        return _FakePort(self._world, own, heard), _FakePort(self._world, own, None)

    def incarnation(self, raw: str) -> object:
        return next((each.incarnation for each in self._world.instruments if each.raw == raw), None)

    def alive(self) -> bool:
        return self._world.up

    def close(self) -> None:
        """Nothing to give up."""

    def _find(self, raw: str) -> FakeInstrument:
        if raw in self._world.refuse:
            raise OSError("the stand-in refuses")
        self._world.opened += 1
        return next(each for each in self._world.instruments if each.raw == raw)


class _FakePort:
    def __init__(self, world: FakeMidiWorld, device: FakeInstrument, heard: Heard | None) -> None:
        self._world, self._device, self._heard = world, device, heard
        self._incarnation = device.incarnation

    def send(self, data: bytes) -> None:
        if self._device not in (*self._world.instruments, self._world.own):
            raise OSError("unplugged")
        if self._incarnation == self._device.incarnation:  # ALSA says nothing when nobody is connected any more
            self._device.received.append((time.monotonic_ns(), data))

    def close(self) -> None:
        if self._heard in self._device.ears:
            self._device.ears.remove(self._heard)
