"""USB pedals without USB: devices made of pipes, for :class:`sideman.edges.hid_pedal.HidPedals`."""

from __future__ import annotations

import os
import threading

from sideman.edges.hid_pedal import HidDevice

IKKEGOL = (0x1A86, 0xE026)


class FakePedal:
    """A pedal (or any keyboard, by its ids) that is pressed by hand."""

    def __init__(self, path: str, name: str, ids: tuple[int, int]) -> None:
        self.path, self.name, self.ids = path, name, ids
        self.grabbed = self.busy = False
        self._reader, self._writer = os.pipe()
        self._queue: list[tuple[str, int]] = []
        self._lock = threading.Lock()

    def key(self, name: str, value: int) -> None:
        """Change a key: 0 up, 1 down, 2 repeated."""
        with self._lock:
            self._queue.append((name, value))
            os.write(self._writer, b".")

    def fileno(self) -> int:
        """For select."""
        return self._reader

    def grab(self) -> None:
        """Keep its keys from everybody else."""
        if self.busy:
            raise OSError("Device or resource busy")
        self.grabbed = True

    def read(self) -> list[tuple[str, int]]:
        """Keys that changed."""
        if not os.read(self._reader, 1024):
            raise OSError("No such device")
        with self._lock:
            changes, self._queue = self._queue, []
        return changes

    def pull(self) -> None:
        """Pull the plug: the next read fails."""
        with self._lock:  # the reading thread closes it too
            if self._writer >= 0:
                os.close(self._writer)
            self._writer = -1

    def close(self) -> None:
        """Give it up."""
        self.pull()
        if self._reader >= 0:
            os.close(self._reader)
            self._reader = -1


class FakeHid:
    """Where the stand-in devices are found."""

    def __init__(self) -> None:
        self.devices: dict[str, FakePedal] = {}
        self._count = 0

    def plug(self, name: str = "FS2020U1IR", ids: tuple[int, int] = IKKEGOL) -> FakePedal:
        """Plug in a device."""
        self._count += 1
        device = FakePedal(f"/dev/input/event{self._count}", name, ids)
        self.devices[device.path] = device
        return device

    def unplug(self, device: FakePedal) -> None:
        """Pull it out."""
        del self.devices[device.path]
        device.pull()

    def paths(self) -> frozenset[str]:
        """Paths of all devices that are there."""
        return frozenset(self.devices)

    def scan(self, known: frozenset[str]) -> list[HidDevice]:
        """Devices whose path is not known yet."""
        return [device for path, device in tuple(self.devices.items()) if path not in known]
