"""Everything that can happen to the box: each event carries the monotonic nanosecond at which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sideman.band.messages import Phrase, Plan

Switch = Literal["START", "STOP", "PLAY", "TAP", "NEXT"]
SWITCHES: tuple[Switch, ...] = ("START", "STOP", "PLAY")


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A key went down: channel 0-15, pitch 0-127, velocity 1-127 (a note-on of velocity 0 never gets here)."""

    ns: int
    port: str
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class NoteOff:
    """A key came up."""

    ns: int
    port: str
    channel: int
    pitch: int


@dataclass(frozen=True, slots=True)
class Controller:
    """A control change that no mapping took: the player's own sustain pedal, wheel, volume."""

    ns: int
    port: str
    channel: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class OtherMidi:
    """Any other channel message of an instrument (pitch bend, aftertouch, program), passed through as it is."""

    ns: int
    port: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SwitchEdge:
    """A footswitch changed, already debounced; the stamp is that of the first contact."""

    ns: int
    switch: Switch
    down: bool


@dataclass(frozen=True, slots=True)
class EffectAsked:
    """A mapped key, controller, program change or OSC message asks for an effect by name (no release known)."""

    ns: int
    name: str


@dataclass(frozen=True, slots=True)
class PortAppeared:
    """An instrument or output was plugged in."""

    ns: int
    port: str
    direction: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class PortVanished:
    """An instrument or output was pulled out."""

    ns: int
    port: str
    direction: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class PlanReady:
    """The band answered."""

    ns: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class BandChanged:
    """The band process came up or went down; ``models`` says for each family ``ok`` or what is wrong."""

    ns: int
    up: bool
    models: tuple[tuple[str, str], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A setting got another value, by menu, OSC or script: dotted key and its text as in the settings file."""

    ns: int
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A device, file or model has trouble; an empty text means it is well again."""

    ns: int
    device: str
    text: str


@dataclass(frozen=True, slots=True)
class PhraseRecalled:
    """The box wakes as it was left: the last phrase is there again, silent."""

    ns: int
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End of the jam: everything is silenced and the conductor returns."""

    ns: int


Event = (
    NoteOn
    | NoteOff
    | Controller
    | OtherMidi
    | SwitchEdge
    | EffectAsked
    | PortAppeared
    | PortVanished
    | PlanReady
    | BandChanged
    | SettingChanged
    | Fault
    | PhraseRecalled
    | Shutdown
)
