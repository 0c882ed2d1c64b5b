"""The box put together: every edge, the band, the front and the conductor, wired by events and ports alone."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from sideman.edges.footswitch import Footswitches
from sideman.edges.front import FrontOptions, FrontProcess
from sideman.edges.hid_pedal import HidPedals
from sideman.edges.leds import Leds
from sideman.edges.midi import MidiPorts, MidiSettings
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.cues import Shown
from sideman.jam.events import Event, Fault, PhraseRecalled, Shutdown, Switch
from sideman.jam.ports import Front
from sideman.service.band_process import BandProcess
from sideman.service.keeping import Keeping
from sideman.service.loop import Loop, MonotonicClock
from sideman.service.options import options_of
from sideman.service.settings import Settings

log = logging.getLogger(__name__)


class Fronts:
    """Several fronts as one."""

    def __init__(self, fronts: Sequence[Front]) -> None:
        self._fronts = tuple(fronts)

    def show(self, item: Shown) -> None:
        """Show everywhere."""
        for front in self._fronts:
            front.show(item)


class Box:
    """All parts of the running box; made on the main thread, whose loop the conductor then owns.

    Args:
        settings: What holds.
        trouble: Sentences about settings or state that could not be read; they are shown.
        alive: Called from the conductor's loop, for the watchdog.
        ready: Called once, when the box can play.
        panel: Draw the terminal panel and take its keys.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        trouble: Sequence[str] = (),
        alive: Callable[[], None] = lambda: None,
        ready: Callable[[str], None] = lambda _text: None,
        panel: bool = False,
    ) -> None:
        self.settings = settings
        self._ready: Callable[[str], None] | None = ready
        self._alive = alive
        self.loop = Loop(self._round)
        self.keeping = Keeping(settings, self.post)
        self.midi = MidiPorts(self.post, midi_settings(settings))
        self.leds = Leds(self.post, led_lines(settings)) if settings.pins.on else None
        self.front = FrontProcess(front_options(settings, panel=panel), report=self._trouble)
        models = Path(settings.band.models_folder) if settings.band.models_folder else None
        self.band = BandProcess(self.post, models)
        self.switches = switches_of(settings, self.post) if settings.pins.on else None
        self.pedals = HidPedals(self.post, keys=dict(settings.pedal.usb_keys)) if settings.pedal.usb else None
        clock = MonotonicClock()
        fronts: list[Front] = [self.front, *([self.leds] if self.leds else [])]
        ports = Ports(clock, self.midi, Fronts(fronts), self.band, self.keeping.journal)
        options = options_of(self.keeping.settings)
        self.conductor = Conductor(options, ports, clock.now())
        for sentence in (*trouble, *self.keeping.trouble):
            self._trouble("settings", sentence)

    # threads come in here -----------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        """An event from any thread."""
        self.loop.post(event)

    def shutdown(self) -> None:
        """End the jam; from any thread or signal handler."""
        self.post(Shutdown(time.monotonic_ns()))

    def _trouble(self, device: str, text: str) -> None:
        if text:
            log.warning("%s: %s", device, text)
        self.post(Fault(time.monotonic_ns(), device, text))

    # life ---------------------------------------------------------------------------------------------------

    def run(self, before: Callable[[], None] = lambda: None) -> None:
        """Start every part, play until shutdown, stop every part; notes are off and ports closed at the end."""
        self.front.start()
        if self.leds:
            self.leds.start()
        self.band.start()
        self.midi.start()
        for part in (self.switches, self.pedals):
            if part is not None:
                part.start()
        if self.keeping.remembered.phrase is not None:
            self.post(PhraseRecalled(time.monotonic_ns(), self.keeping.remembered.phrase))
        before()
        try:
            self.loop.run(self.conductor)
        finally:
            self.close()

    def _round(self) -> None:
        """Once round the loop, on the conductor's thread."""
        self._alive()
        jam = self.conductor.jam
        if self._ready is not None and (jam.models or jam.faults.get("band")):
            self._ready(f"{jam.options.mode}, models {', '.join(f'{k} {v}' for k, v in jam.models.items())}")
            self._ready = None
        self.keeping.round(self.conductor)

    def close(self) -> None:
        """Silence first, then everything else; nothing here may keep the rest from closing."""
        parts: list[tuple[str, Any]] = [
            ("midi", self.midi),
            ("switches", self.switches),
            ("pedals", self.pedals),
            ("front", self.front),
            ("leds", self.leds),
        ]
        with contextlib.suppress(Exception):
            self.midi.panic()
        with contextlib.suppress(Exception):
            self.keeping.close(self.conductor)
        for name, part in parts:
            if part is None:
                continue
            try:
                part.close()
            except Exception:
                log.exception("%s did not close", name)
        self.band.stop()


def midi_settings(settings: Settings) -> MidiSettings:
    """The MIDI edge's settings."""
    midi = settings.midi
    return MidiSettings(
        output=midi.output,
        virtual=midi.virtual,
        thru=midi.thru,
        ignore=midi.ignore,
        map=tuple(asdict(m) for m in midi.map),
    )


def led_lines(settings: Settings) -> tuple[int, int, int]:
    """BCM lines of the LEDs."""
    return settings.pins.red, settings.pins.amber, settings.pins.green


def switches_of(settings: Settings, post: Callable[[Event], None]) -> Footswitches:
    """The wired switches."""
    pins = settings.pins
    lines = cast(
        "dict[Switch, int]",
        {"START": pins.start, "STOP": pins.stop, "PLAY": pins.play, "TAP": pins.tap, "NEXT": pins.next},
    )
    window = round(settings.pedal.debounce_ms * 1e6)
    stuck = round(settings.pedal.stuck_s * 1e9)
    return Footswitches(post, lines, active_low=pins.active_low, window_ns=window, stuck_ns=stuck)


def front_options(settings: Settings, *, panel: bool) -> FrontOptions:
    """What the front process drives."""
    osc = {"on": settings.osc.on, "targets": settings.osc.targets, "ofx": settings.osc.ofx}
    oled = asdict(settings.oled)
    return FrontOptions(
        oled=oled if settings.oled.on and not panel else None, osc=osc if settings.osc.on else None, panel=panel
    )
