"""From the settings to the parts of the box: what each edge is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

from sideman.edges.expression_jack import Ads1115, ExpressionJack
from sideman.edges.footswitch import Footswitches
from sideman.edges.front import FrontOptions
from sideman.edges.hid_pedal import HidPedals
from sideman.edges.midi import MidiSettings
from sideman.edges.osc_in import OscInput
from sideman.jam.events import Event, Switch
from sideman.service.pin_table import pin_table
from sideman.service.settings import Settings


def osc_input(settings: Settings, post: Callable[[Event], None], change: Callable[[str, str], str]) -> OscInput | None:
    """The port on which messages are taken, where one is set."""
    if not settings.osc.listen:
        return None
    return OscInput(post, settings.osc.listen, allow=settings.osc.allow, change=change)


def keyboard(post: Callable[[Event], None]) -> Any:
    """The terminal's keys as switches and piano."""
    from sideman.sim.panel_keys import Keyboard  # noqa: PLC0415 - only in a terminal

    return Keyboard(post)


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


def switches_of(settings: Settings, post: Callable[[Event], None], factory: Any) -> Footswitches:
    """The wired switches."""
    pins = settings.pins
    lines = cast(
        "dict[Switch, int]",
        {"START": pins.start, "STOP": pins.stop, "PLAY": pins.play, "TAP": pins.tap, "NEXT": pins.next},
    )
    window, stuck = contact_ns(settings)
    return Footswitches(post, lines, factory=factory, active_low=pins.active_low, window_ns=window, stuck_ns=stuck)


def usb_pedals(settings: Settings, post: Callable[[Event], None]) -> HidPedals:
    """The USB pedals."""
    window, stuck = contact_ns(settings)
    return HidPedals(post, keys=dict(settings.pedal.usb_keys), window_ns=window, stuck_ns=stuck)


def expression_jack(settings: Settings, post: Callable[[Event], None]) -> ExpressionJack | None:
    """The expression pedal at the box's own jack, where one is set."""
    if not settings.pedal.expression:
        return None
    table = pin_table()
    inputs = table.expression
    return ExpressionJack(
        post, lambda: Ads1115(settings.oled.bus, table.adc), wiper=inputs.wiper, ring=inputs.reference
    )


def contact_ns(settings: Settings) -> tuple[int, int]:
    """How long a contact may bounce, and when it counts as stuck, in nanoseconds."""
    return round(settings.pedal.debounce_ms * 1e6), round(settings.pedal.stuck_s * 1e9)


def front_options(settings: Settings, *, panel: bool) -> FrontOptions:
    """What the front process drives."""
    osc = {"on": settings.osc.on, "targets": settings.osc.targets, "ofx_targets": settings.osc.ofx_targets}
    oled = asdict(settings.oled)
    return FrontOptions(
        oled=oled if settings.oled.on and not panel else None, osc=osc if settings.osc.on else None, panel=panel
    )
