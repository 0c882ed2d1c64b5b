"""The box put together: every edge, the band, the front and the conductor, wired by events and ports alone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from sideman.edges.footswitch import Footswitches
from sideman.edges.front import FrontProcess
from sideman.edges.leds import Leds
from sideman.edges.midi import MidiPorts
from sideman.edges.midi_backend import Opener
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.cues import Shown
from sideman.jam.events import BandChanged, Event, Fault, PhraseRecalled, PortAppeared, Shutdown
from sideman.jam.ports import Front
from sideman.service.band_process import BandProcess
from sideman.service.keeping import Keeping
from sideman.service.live import LiveSettings
from sideman.service.loop import Loop, MonotonicClock
from sideman.service.options import options_of
from sideman.service.pins import pin_factory, pins_wanted
from sideman.service.rehearsal import rehearse
from sideman.service.settings import Settings
from sideman.service.wiring import (
    contact_ns,
    expression_jack,
    front_options,
    keyboard,
    led_lines,
    midi_settings,
    osc_input,
    switches_of,
    usb_pedals,
)

log = logging.getLogger(__name__)

NEW_JAM_NS = 60_000_000_000
NEW_JAM_SIZE = 20_000
"""A jam of so many notes and records (about ten minutes of busy playing) ends with the next silence of a minute."""
PATIENCE_NS = 1_000_000_000
"""The box is ready after this long even if the models are still loading: everybody plays by rules until then."""
CLOSE_NS = 900_000_000
"""All parts together get this long to close."""


class Fronts:
    """Several fronts as one."""

    def __init__(self, fronts: Sequence[Front]) -> None:
        self._fronts = tuple(fronts)

    def show(self, item: Shown) -> None:
        """Show everywhere."""
        for front in self._fronts:
            front.show(item)


class Teller(Protocol):
    """Who is told how the service is; systemd through :class:`sideman.service.notify.Notifier`."""

    def ready(self, status: str = "") -> None:
        """The box can play."""

    def status(self, text: str) -> None:
        """One line about how it is."""


class Box:
    """All parts of the running box; made on the main thread, whose loop the conductor then owns.

    Args:
        settings: What holds.
        trouble: A sentence about settings that could not be read; it is shown.
        choices: Whether what was chosen in the menu before holds too.
        alive: Called from the conductor's loop, for the watchdog.
        tell: Told when the box can play, and how it is.
        panel: Draw the terminal panel and take its keys.
        opener: Opens the system of MIDI ports; None for the machine's own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        trouble: str = "",
        choices: bool = True,
        alive: Callable[[], None] = lambda: None,
        tell: Teller | None = None,
        panel: bool = False,
        opener: Opener | None = None,
    ) -> None:
        self._tell = tell
        self._said: str | None = None
        self._alive = alive
        self._began = time.monotonic_ns()
        self.loop = Loop(self._round)
        self.keeping = Keeping(settings, self.post, choices=choices)
        self.midi = MidiPorts(self.post, midi_settings(settings), opener)
        self.front = FrontProcess(front_options(settings, panel=panel), report=self._trouble)
        models = Path(settings.band.models_folder) if settings.band.models_folder else None
        self.band = BandProcess(self.post, models)
        self.leds: Leds | None = None
        self.switches: Footswitches | None = None
        if pins_wanted(settings):
            factory, said = pin_factory()
            if factory is not None:
                self.leds = Leds(self.post, led_lines(settings), factory)
                self.switches = switches_of(settings, self.post, factory)
            if said:
                self._trouble("pins", said)
        self.pedals = usb_pedals(settings, self.post) if settings.pedal.usb else None
        self.expression = expression_jack(settings, self.post)
        self.live = LiveSettings(
            self.keeping.settings, self.post, {"midi": self._midi_changed, "pedal": self._feet_changed}
        )
        self.osc = osc_input(settings, self.post, self.live.change)
        self.keys = keyboard(self.post) if panel else None
        self.clock = MonotonicClock()
        self.fronts = Fronts([self.front, *([self.leds] if self.leds else [])])
        self.conductor = self._jam()
        for device, sentence in (("settings", trouble), *(("state", said) for said in self.keeping.trouble)):
            if sentence:
                self._trouble(device, sentence)
        if self.keeping.remembered.phrase is not None:
            self.post(PhraseRecalled(self.clock.now(), self.keeping.remembered.phrase))

    # threads come in here -----------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        """An event from any thread."""
        self.loop.post(event)

    def shutdown(self) -> None:
        """End the jam; from any thread or signal handler."""
        self.post(Shutdown(time.monotonic_ns()))

    def _midi_changed(self, settings: Settings) -> None:
        self.midi.configure(midi_settings(settings))

    def _feet_changed(self, settings: Settings) -> None:
        for each in (self.switches, self.pedals):
            if each is not None:
                each.board.configure(*contact_ns(settings))

    def _trouble(self, device: str, text: str) -> None:
        if text:
            log.warning("%s: %s", device, text)
        self.post(Fault(time.monotonic_ns(), device, text))

    # life ---------------------------------------------------------------------------------------------------

    def run(self, before: Callable[[], None] = lambda: None) -> None:
        """Start every part, play until shutdown, stop every part; notes are off and ports closed at the end."""
        try:
            feet = (self.leds, self.switches, self.pedals, self.expression)
            for part in (self.band, self.front, *feet, self.osc, self.keys, self.midi):
                if part is not None:
                    part.start()
            rehearse(self.conductor.jam.options)  # the models load meanwhile
            before()
            self.loop.run(self.conductor)
        finally:
            self.close()

    def _jam(self) -> Conductor:
        """A conductor for the jam that begins."""
        ports = Ports(self.clock, self.midi, self.fronts, self.band, self.keeping.journal)
        return Conductor(options_of(self.keeping.settings), ports, self.clock.now())

    def _round(self) -> None:
        """Once round the loop, on the conductor's thread."""
        self._alive()
        now = self.clock.now()
        silent = self.keeping.round(self.conductor, now)
        if silent > NEW_JAM_NS and self.keeping.size(self.conductor) > NEW_JAM_SIZE:
            self._new_jam(now)
        self._say(now)

    def _say(self, now: int) -> None:
        """READY once the band is up, known to be down, or slow to load: the rules can play; then what changes."""
        jam = self.conductor.jam
        if self._tell is None:
            return
        if self._said is None and not (jam.models or "band" in jam.faults or now - self._began > PATIENCE_NS):
            return
        rules = [family for family, state in jam.models.items() if state != "ok"]
        words = [jam.options.mode, f"output {jam.output or 'none'}"]
        words += [f"without model: {', '.join(rules)}"] if rules else []
        words += [f"trouble: {', '.join(jam.faults)}"] if jam.faults else []
        text = "; ".join(words)
        if self._said is None:
            self._tell.ready(text)
        elif text != self._said:
            self._tell.status(text)
        self._said = text

    def _new_jam(self, now: int) -> None:
        """The jam has grown long and nobody has played for a while: its take ends, another begins as after a restart.

        So neither memory nor log grow for ever, and each log is replayed to its own take. The phrase stays; what
        could be undone does not.
        """
        old = self.conductor
        jam, material = old.jam, old.jam.session.material
        later = [payload for _, _, _, kind, payload in jam.heap if kind == "event"]
        old.post(Shutdown(now))
        while not old.done:
            old.advance(old.next_due() or now)
        self.keeping.end(old)
        self.band.forget()
        self.keeping.begin(dict(jam.chosen) | self.live.changed)
        self.conductor = self.loop.conductor = new = self._jam()
        now = self.clock.now()
        new.post(BandChanged(now, up=jam.band_up, models=tuple(jam.models.items()), why=jam.faults.get("band", "")))
        for name, here in jam.instruments.items():
            if here:
                new.post(PortAppeared(now, name, "in"))
        if jam.output:
            new.post(PortAppeared(now, jam.output, "out"))
        for device, text in jam.faults.items():
            if device != "band" and not device.startswith("model "):
                new.post(Fault(now, device, text))
        if material is not None:
            new.post(PhraseRecalled(now, material.phrase))
        for event in later:
            new.post(event)

    def close(self) -> None:
        """Silence first, then everything else at once; nothing here may keep the rest from closing."""
        _closed(self.midi.panic)
        parts = (self.midi, self.front, self.switches, self.pedals, self.expression, self.leds, self.osc, self.keys)
        closers = [lambda: self.keeping.close(self.conductor), self.band.stop]
        closers += [part.close for part in parts if part is not None]
        threads = [threading.Thread(target=_closed, args=(close,), name="close") for close in closers]
        for thread in threads:
            thread.daemon = True
            thread.start()
        deadline = time.monotonic_ns() + CLOSE_NS
        for thread in threads:
            thread.join(max(0, deadline - time.monotonic_ns()) / 1e9)


def _closed(close: Callable[[], object]) -> None:
    try:
        close()
    except Exception:
        log.exception("a part did not fall silent or close")
