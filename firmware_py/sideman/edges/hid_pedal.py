"""USB pedals that pose as keyboards (VM8), by evdev: press and release, so that holds work."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from sideman.edges.debounce import WINDOW_NS
from sideman.edges.switchboard import STUCK_NS, Switchboard
from sideman.jam.events import EffectAsked, Event, Fault, Switch

PEDALS = frozenset(
    {
        (0x0C45, 0x7403),
        (0x0C45, 0x7404),
        (0x413D, 0x2107),
        (0x1A86, 0xE026),
        (0x3553, 0xB001),
        (0x3553, 0xC010),
        (0x0426, 0x3011),
        (0x055A, 0x0998),
        (0x05F3, 0x00FF),
    }
)
"""Vendor and product of the PCsensor family, Scythe's pedals and VEC's Infinity; nobody types text with these."""

KEYS: Mapping[str, str] = {"a": "START", "b": "STOP", "c": "PLAY"}
"""Factory keys of three-pedal units."""

RESCAN_S = 1.0
_SWITCHES = ("START", "STOP", "PLAY", "TAP", "NEXT")
_RELEASE, _PRESS = 0, 1


class HidDevice(Protocol):
    """One input device."""

    path: str
    name: str
    ids: tuple[int, int]

    def fileno(self) -> int:
        """For select."""

    def grab(self) -> None:
        """Keep its keys from everybody else; OSError when somebody else did."""

    def read(self) -> list[tuple[str, int]]:
        """Keys that changed: small Linux name without KEY_, and 0 up, 1 down, 2 repeated; OSError when it is gone."""

    def close(self) -> None:
        """Give it up."""


class HidSource(Protocol):
    """Where input devices are found."""

    def scan(self, known: frozenset[str]) -> list[HidDevice]:
        """Opens and returns devices whose path is not known yet."""

    def paths(self) -> frozenset[str]:
        """Paths of all devices that are there."""


class HidPedals:
    """Reads every known USB pedal, grabbed, on one thread that looks for new ones each second.

    Args:
        post: The conductor's entrance.
        source: Where devices are found; None for the machine's own by evdev.
        keys: Switch or effect of each key.
        ids: Vendor and product numbers that are pedals.
        window_ns: How long a contact may bounce.
        stuck_ns: Held this long, a switch is reported as stuck.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        *,
        source: HidSource | None = None,
        keys: Mapping[str, str] = KEYS,
        ids: frozenset[tuple[int, int]] = PEDALS,
        window_ns: int = WINDOW_NS,
        stuck_ns: int = STUCK_NS,
    ) -> None:
        self._post, self._keys, self._ids = post, dict(keys), ids
        switches = tuple(cast("Switch", name) for name in self._keys.values() if name in _SWITCHES)
        self.board = Switchboard(post, switches, window_ns=window_ns, stuck_ns=stuck_ns)
        self._devices: dict[str, HidDevice] = {}
        self._others: frozenset[str] = frozenset()
        self._ending = threading.Event()
        self._bell = os.eventfd(0)
        self._thread: threading.Thread | None = None
        self._source = source or _evdev_source(post)

    @property
    def pedals(self) -> tuple[str, ...]:
        """Names of the pedals being read."""
        return tuple(device.name for device in self._devices.values())

    def start(self) -> None:
        """Begin to read; without evdev nothing is done."""
        self.board.start()
        if self._source:
            self._thread = threading.Thread(target=self._run, name="usb-pedal", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Give all pedals back."""
        if self._ending.is_set():
            return
        self._ending.set()
        os.eventfd_write(self._bell, 1)
        if self._thread:
            self._thread.join(RESCAN_S)
        if not (self._thread and self._thread.is_alive()):  # else it still holds them; the process ends soon
            for path in list(self._devices):
                self._lose(path)
            os.close(self._bell)
        self.board.close()

    def rescan(self) -> None:
        """Look once for pedals that came or went."""
        if not self._source:
            return
        paths = self._source.paths()
        for path in [path for path in self._devices if path not in paths]:
            self._lose(path)
        self._others &= paths
        for device in self._source.scan(frozenset(self._devices) | self._others):
            if device.ids not in self._ids:
                self._others |= {device.path}
                device.close()
                continue
            try:
                device.grab()
            except OSError as error:
                self._others |= {device.path}
                device.close()
                self._fault(device.name, f"{device.name} is used by another program ({error}): close that, replug.")
                continue
            self._devices[device.path] = device
            self._fault(device.name, "")

    def read(self, timeout_s: float) -> None:
        """Pass on what the pedals do within a time."""
        sources: list[int | HidDevice] = [self._bell, *self._devices.values()]
        ready, _, _ = select.select(sources, [], [], timeout_s)
        for device in ready:
            if isinstance(device, int):
                return  # the bell: closing
            ns = time.monotonic_ns()
            try:
                changes = device.read()
            except OSError:
                self._lose(device.path)
                continue
            for key, value in changes:
                self._key(key, value, ns)

    def _key(self, key: str, value: int, ns: int) -> None:
        name = self._keys.get(key)
        if name is None or value not in (_RELEASE, _PRESS):  # 2 is the keyboard's own repeat of a held key
            return
        if name in _SWITCHES:
            self.board.contact(cast("Switch", name), value == _PRESS, ns)
        elif value == _PRESS:
            self._post(EffectAsked(ns, name))

    def _lose(self, path: str) -> None:
        device = self._devices.pop(path)
        with contextlib.suppress(OSError):
            device.close()
        self.board.release_all(time.monotonic_ns())
        if not self._ending.is_set():
            self._fault(device.name, f"{device.name} was pulled out.")

    def _fault(self, device: str, text: str) -> None:
        self._post(Fault(time.monotonic_ns(), device, text))

    def _run(self) -> None:
        due = 0
        while not self._ending.is_set():
            now = time.monotonic_ns()
            if now >= due:
                self.rescan()
                due = now + round(RESCAN_S * 1e9)
            self.read(max(0, due - time.monotonic_ns()) / 1e9)


class _EvdevDevice:
    def __init__(self, evdev: Any, path: str) -> None:
        self._device = evdev.InputDevice(path)
        self._key = evdev.ecodes.EV_KEY
        self._names = evdev.ecodes.KEY
        self.path = path
        self.name = str(self._device.name)
        self.ids = (int(self._device.info.vendor), int(self._device.info.product))

    def fileno(self) -> int:
        return int(self._device.fileno())

    def grab(self) -> None:
        self._device.grab()

    def read(self) -> list[tuple[str, int]]:
        changes = []
        for event in self._device.read():
            if event.type == self._key:
                name = self._names.get(event.code, "")
                name = name[0] if isinstance(name, list | tuple) else name
                changes.append((name.removeprefix("KEY_").lower(), int(event.value)))
        return changes

    def close(self) -> None:
        self._device.close()


class _Evdev:
    def __init__(self, evdev: Any, folder: Path = Path("/dev/input")) -> None:
        self._evdev, self._folder = evdev, folder

    def paths(self) -> frozenset[str]:
        # evdev's own list has only what may be written, too; the service's unit lets it read, no more
        return frozenset(str(path) for path in self._folder.glob("event*"))

    def scan(self, known: frozenset[str]) -> list[HidDevice]:
        devices: list[HidDevice] = []
        for path in sorted(self.paths() - known):
            try:
                devices.append(_EvdevDevice(self._evdev, path))
            except OSError:  # pulled out again, or not ours to read
                continue
        return devices


def _evdev_source(post: Callable[[Event], None]) -> HidSource | None:
    try:
        import evdev  # noqa: PLC0415 - source-only package; Debian's python3-evdev serves the box
    except ImportError:
        post(Fault(time.monotonic_ns(), "usb-pedal", "No USB pedals: install python3-evdev to use one."))
        return None
    return _Evdev(evdev)
