"""Which controllers, programs and keys of an instrument or MIDI pedal ask for an effect instead of sounding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sideman.jam.events import Controller, EffectAsked, Event, NoteOff, NoteOn, OtherMidi, SettingChanged
from sideman.jam.knobs import CONTINUOUS

Kind = Literal["cc", "program", "note"]
KINDS: tuple[Kind, ...] = ("cc", "program", "note")
THRESHOLD = 64
"""A controller asks at this value and above: pedals send 127 down and 0 up, or 127 on every press."""

_FIELDS = {"port", "kind", "number", "channel", "effect"}


class MidiMapError(ValueError):
    """A mapping in the settings that cannot be understood; the message says what to write."""


@dataclass(frozen=True, slots=True)
class MidiMapping:
    """One mapping.

    Attributes:
        port: Pattern that must occur in the port's name (any case); empty for every port.
        kind: What is mapped.
        number: Controller, program or pitch as it stands on the wire, 0-127.
        channel: 1-16, or 0 for any.
        effect: Name of the effect asked for.
    """

    port: re.Pattern[str]
    kind: Kind
    number: int
    channel: int
    effect: str


class MidiMap:
    """All mappings of the settings, asked for each event of an instrument."""

    def __init__(self, settings: Iterable[Mapping[str, object]] = ()) -> None:
        self._mappings = tuple(_mapping(i, entry) for i, entry in enumerate(settings, 1))

    def translate(self, event: Event) -> Event | None:
        """The effect that an event asks for, None where a mapping swallows it, else the event itself.

        What is mapped never sounds: the note-off of a mapped key and a controller's value below 64 are swallowed.
        A controller mapped to a level or a knob becomes that setting's change, its 0-127 spread over the knob's values;
        what no mapping names (an instrument's own controllers 7 and 11) passes.
        """
        level = 0
        match event:
            case Controller(port=port, channel=channel, number=number, value=value):
                kind: Kind = "cc"
                acts, level = value >= THRESHOLD, value
            case NoteOn(port=port, channel=channel, pitch=number):
                kind, acts = "note", True
            case NoteOff(port=port, channel=channel, pitch=number):
                kind, acts = "note", False
            case OtherMidi(port=port, data=data) if data[0] & 0xF0 == 0xC0:
                kind, channel, number, acts = "program", data[0] & 0x0F, data[1], True
            case _:
                return event
        for entry in self._mappings:
            same = (entry.kind, entry.number) == (kind, number) and entry.channel in (0, channel + 1)
            if same and entry.port.search(port):
                if entry.effect in CONTINUOUS:
                    knob = CONTINUOUS[entry.effect]
                    return SettingChanged(event.ns, knob.key, knob.of_controller(level))
                return EffectAsked(event.ns, entry.effect) if acts else None
        return event


def _mapping(place: int, entry: Mapping[str, object]) -> MidiMapping:
    where = f"MIDI mapping {place}"
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        raise MidiMapError(f"{where}: unknown key '{unknown[0]}'; allowed are {', '.join(sorted(_FIELDS))}")
    kind, effect, source = entry.get("kind"), entry.get("effect"), entry.get("port", "")
    if kind not in KINDS:
        raise MidiMapError(f"{where}: kind is {kind!r}, but must be one of {', '.join(KINDS)}")
    if not isinstance(effect, str) or not effect.strip():
        raise MidiMapError(f"{where}: effect is {effect!r}, but must name one, such as 'press START' or 'tap'")
    if effect.strip() in CONTINUOUS and kind != "cc":
        raise MidiMapError(f"{where}: kind is {kind!r}, but '{effect.strip()}' follows a controller: write cc")
    if not isinstance(source, str):
        raise MidiMapError(f"{where}: port is {source!r}, but must be part of a port's name, or empty for all")
    try:
        pattern = re.compile(source, re.IGNORECASE)
    except re.error as error:
        raise MidiMapError(f"{where}: port {source!r} is not a pattern ({error}): write part of the name") from None
    number = _number(where, "number", entry.get("number"), 0, 127)
    channel = _number(where, "channel", entry.get("channel", 0), 0, 16)
    return MidiMapping(pattern, kind, number, channel, effect.strip())


def _number(where: str, name: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise MidiMapError(f"{where}: {name} is {value!r}, but must be a whole number from {low} to {high}")
    return value
