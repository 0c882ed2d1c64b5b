"""All MIDI ports at once: every instrument is heard, one output is chosen, plugs may come and go while playing."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sideman.edges.expression import Thinner
from sideman.edges.midi_backend import CLIENT, Backend, InPort, Opener, open_rtmidi
from sideman.edges.midi_bytes import MidiParser
from sideman.edges.midi_map import MidiMap
from sideman.edges.midi_names import NameBook, client_of, device_of
from sideman.edges.midi_output import Output
from sideman.jam.events import Event, Fault, PortAppeared, PortVanished, SettingChanged
from sideman.jam.levels import is_fluidsynth

POLL_S = 0.5
CLOSE_LIMIT_S = 1.0
NO_OUTPUT = "NO OUTPUT: plug in a synthesiser or start FluidSynth."


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """What the settings file says about ports.

    Attributes:
        output: Part of the output port's name; empty for FluidSynth, else the first external port.
        virtual: Offer an input and an output of our own to other programs.
        thru: ``auto`` (never back to the device it came from), ``on`` (back too) or ``off``.
        ignore: Patterns of port names that are left alone.
        map: Mappings of pedals, see :class:`sideman.edges.midi_map.MidiMap`.
        client: Name under which the box's own ports appear.
    """

    output: str = ""
    virtual: bool = False
    thru: str = "auto"
    ignore: tuple[str, ...] = ("Midi Through", "Timer", "Announce")
    map: tuple[Mapping[str, object], ...] = ()
    client: str = CLIENT


class _Input:
    """One instrument. The lock keeps its last note before the word that it is gone, or no note-off would follow."""

    def __init__(self, name: str, ports: MidiPorts, incarnation: object = None) -> None:
        self.name = name
        self.incarnation = incarnation
        self.port: InPort | None = None
        self.lock = threading.Lock()
        self.live = True
        self._parser = MidiParser(name)
        self._ports = ports

    def heard(self, ns: int, data: bytes) -> None:
        """Called on the driver's thread for each message."""
        with self.lock:
            if self.live:
                for event in self._parser.feed(data, ns):
                    mapped = self._ports.map.translate(event)
                    if isinstance(mapped, SettingChanged):
                        self._ports.thinner.offer(mapped)
                    elif mapped is not None:
                        self._ports.post(mapped)


class MidiPorts:
    """The MIDI edge; implements :class:`sideman.jam.ports.MidiOut`.

    ``start`` opens what is there and begins to watch; the watcher lists the ports twice a second (rtmidi has no
    events for it) and touches them only when something changed. ``send`` and ``panic`` belong to one thread, the
    conductor's; opening and closing to the watcher's.
    """

    def __init__(
        self, post: Callable[[Event], None], settings: MidiSettings | None = None, opener: Opener | None = None
    ) -> None:
        self.post = post
        self._settings = settings or MidiSettings()
        self.map = MidiMap(self._settings.map)
        self.thinner = Thinner(post)
        self._opener = opener or (lambda: open_rtmidi(self._settings.client))
        self._backend: Backend | None = None
        self._in_names, self._out_names = NameBook(), NameBook()
        self._inputs: dict[str, _Input] = {}
        self._devices: dict[str, str] = {}
        self._failed: set[str] = set()
        self._main: Output | None = None
        self._main_raw = ""
        self._main_incarnation: object = None
        self._virtual: tuple[_Input, Output] | None = None
        self._outs: tuple[Output, ...] = ()
        self._faults: dict[str, str] = {}
        self._lost: list[Backend] = []
        self._closers: list[threading.Thread] = []
        self._wake = threading.Event()
        self._ending = False
        self._watcher: threading.Thread | None = None

    # --- the conductor's side ---

    def send(self, data: bytes, *, source: str = "") -> None:
        """Hand one channel message to every open output; never back to where it came from when thru is auto."""
        back = ""
        if source:
            if self._settings.thru == "off":
                return
            if self._settings.thru == "auto":
                back = self._devices.get(source, "")
        for out in self._outs:
            if not back or out.device != back:
                out.send(data)

    def panic(self) -> None:
        """All notes off and all sound off on every channel of every open output."""
        for out in self._outs:
            out.panic()

    # --- the service's side ---

    @property
    def output(self) -> str:
        """Name of the output in use, empty when there is none."""
        return self._main.name if self._main else ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the instruments being heard."""
        return tuple(each.name for each in self._inputs.values())

    def start(self) -> None:
        """Open what is there, then watch for plugs."""
        self.scan()
        self._watcher = threading.Thread(target=self._watch, name="midi-watch", daemon=True)
        self._watcher.start()

    def configure(self, settings: MidiSettings) -> None:
        """Take other settings while playing; ports follow with the next look."""
        self.map = MidiMap(settings.map)
        self._settings = settings
        self._wake.set()

    def close(self) -> None:
        """Silence every output, then give up all ports; takes a second at most, whatever the drivers do."""
        self._ending = True
        self._wake.set()
        if self._watcher:
            self._watcher.join(CLOSE_LIMIT_S / 2)
        self.thinner.close()
        self.panic()
        closers = [each.port.close for each in self._inputs.values() if each.port]
        closers += [out.close for out in self._outs]
        if self._virtual and self._virtual[0].port:
            closers.append(self._virtual[0].port.close)
        self._inputs, self._outs, self._main, self._virtual = {}, (), None, None
        if self._backend:
            closers.append(self._backend.close)
            self._backend = None
        _join_all([*self._closers, *map(_in_background, closers)], CLOSE_LIMIT_S)

    # --- the watcher's side ---

    def _watch(self) -> None:
        while not self._ending:
            self._wake.wait(POLL_S)
            self._wake.clear()
            if not self._ending:
                self.scan()

    def scan(self) -> None:
        """Look at the ports once and follow every change. Not for two threads at a time."""
        if self._backend and not self._backend.alive():
            self._drop()
        if not self._backend and not self._ending:
            self._backend, why = self._opener()
            self._fault("midi", why)
        backend = self._backend  # closing takes it away from a look that lasts too long
        if backend:
            try:
                ins, outs = backend.inputs(), backend.outputs()
            except OSError as error:
                self._fault("midi", f"The MIDI ports cannot be listed: {error}.")
                return
            if self._ending:
                return
            self._follow_virtual(backend)
            self._follow_inputs(backend, self._in_names.name(filter(self._wanted, ins)))
            self._follow_output(backend, self._out_names.name(filter(self._wanted, outs)))
        self._fault("output", "" if self._main else NO_OUTPUT)

    def _wanted(self, raw: str) -> bool:
        own = client_of(raw) == self._settings.client
        return not own and not any(re.search(p, raw, re.IGNORECASE) for p in self._settings.ignore)

    def _follow_inputs(self, backend: Backend, names: dict[str, str]) -> None:
        for raw, entry in list(self._inputs.items()):
            if raw not in names or backend.incarnation(raw) != entry.incarnation:
                self._lose_input(raw)
        self._failed &= names.keys()
        for raw, name in names.items():
            if raw in self._inputs or self._ending:
                continue
            entry = _Input(name, self, backend.incarnation(raw))
            self._devices = {**self._devices, name: device_of(raw)}
            with entry.lock:  # nothing is heard before the word that it is there
                try:
                    entry.port = backend.open_input(raw, entry.heard)
                except OSError as error:
                    if raw not in self._failed:
                        self._failed.add(raw)
                        self._fault(name, f"{name} cannot be opened: {error}. Unplug it and plug it in again.")
                    continue
                self._inputs[raw] = entry
                self.post(PortAppeared(time.monotonic_ns(), name, "in"))
            self._fault(name, "")

    def _lose_input(self, raw: str) -> None:
        entry = self._inputs.pop(raw)
        with entry.lock:
            entry.live = False
            self.post(PortVanished(time.monotonic_ns(), entry.name, "in"))
        if entry.port:
            self._give_up(entry.port.close)

    def _follow_output(self, backend: Backend, names: dict[str, str]) -> None:
        if self._main and (
            self._main_raw not in names
            or not self._main.open
            or backend.incarnation(self._main_raw) != self._main_incarnation
        ):
            self._lose_output()
        ranked = sorted(names, key=lambda raw: self._rank(raw, names[raw]))  # stable: the system's order within a rank
        if not ranked or (
            self._main and self._rank(self._main_raw, self._main.name) <= self._rank(ranked[0], names[ranked[0]])
        ):
            return
        for raw in ranked:
            if self._main and raw == self._main_raw:
                return
            incarnation = backend.incarnation(raw)
            try:
                out = Output(names[raw], device_of(raw), backend.open_output(raw))
            except OSError:
                continue
            if self._main:
                self._lose_output()
            out.panic()  # a synthesiser may still hold what it was playing when it was pulled out
            self._main, self._main_raw, self._main_incarnation = out, raw, incarnation
            self._outs = (*self._outs, out)
            self.post(PortAppeared(time.monotonic_ns(), out.name, "out"))
            return

    def _rank(self, raw: str, name: str) -> int:
        wanted = self._settings.output.strip().lower()
        if wanted and (wanted in name.lower() or wanted in raw.lower()):
            return 0
        return 1 if is_fluidsynth(raw) else 2

    def _lose_output(self) -> None:
        if self._main:
            old, self._main, self._main_raw = self._main, None, ""
            self._outs = tuple(out for out in self._outs if out is not old)
            old.panic()
            self._give_up(old.close)
            self.post(PortVanished(time.monotonic_ns(), old.name, "out"))

    def _follow_virtual(self, backend: Backend) -> None:
        if self._settings.virtual and not self._virtual:
            entry = _Input(self._settings.client, self)
            try:
                entry.port, out = backend.open_virtual(entry.heard)
            except OSError as error:
                self._fault("virtual", f"No virtual ports here: {error}.")
                return
            self._devices = {**self._devices, entry.name: entry.name}
            self._virtual = entry, Output(entry.name, entry.name, out)
            self._outs = (*self._outs, self._virtual[1])
        elif self._virtual and not self._settings.virtual:
            entry, own = self._virtual
            self._virtual = None
            self._outs = tuple(out for out in self._outs if out is not own)
            own.panic()
            self._give_up(own.close)
            if entry.port:
                self._give_up(entry.port.close)

    def _drop(self) -> None:
        """The system of ports went away: everything on it is gone."""
        for raw in list(self._inputs):
            self._lose_input(raw)
        self._lose_output()
        if self._backend:
            self._lost.append(self._backend)  # kept: to end the client of a server that is gone may never return
        self._outs, self._virtual, self._backend = (), None, None

    def _give_up(self, close: Callable[[], None]) -> None:
        self._closers = [thread for thread in self._closers if thread.is_alive()]
        self._closers.append(_in_background(close))

    def _fault(self, device: str, text: str) -> None:
        if self._faults.get(device, "") != text:
            self._faults[device] = text
            self.post(Fault(time.monotonic_ns(), device, text))


def _in_background(close: Callable[[], None]) -> threading.Thread:
    def quietly() -> None:
        try:
            close()
        except OSError:  # a pulled port may refuse to be closed; it is gone anyway
            return

    thread = threading.Thread(target=quietly, name="midi-close", daemon=True)
    thread.start()
    return thread


def _join_all(threads: list[threading.Thread], limit_s: float) -> None:
    """Wait for them, within a time: a thread inside the driver when the interpreter ends would abort the process."""
    deadline = time.monotonic_ns() + round(limit_s * 1e9)
    for thread in threads:
        thread.join(max(0.0, (deadline - time.monotonic_ns()) / 1e9))
