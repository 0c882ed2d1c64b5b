"""Checks of settings that limits and choices cannot express; each returns the value or raises ValueError."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from sideman.jam.knobs import CONTINUOUS, turn_of
from sideman.music.chords import pitch_class
from sideman.music.meter import MeterError, parse_meter

SWITCHES = ("START", "STOP", "PLAY", "TAP", "NEXT")
EFFECTS = (
    "listen", "commit", "start", "end", "silence", "tap", "undo", "redo", "panic", "new", "fill", "next_part", "menu",
)  # fmt: skip
"""Effects of the pedal table that a key, controller or program change may ask for by name."""
MAPPABLE = SWITCHES + EFFECTS
KNOBS = tuple(CONTINUOUS)
"""What an expression pedal or a controller's knob may move: its value is spread over the knob's."""
WANTED = (
    f"one of {', '.join(MAPPABLE)}; for a controller that sweeps 'level band' or 'knob NAME'; for a step 'NAME up', "
    "'NAME down', 'NAME next' or 'set NAME VALUE' with a NAME that 'sideman settings --knobs' lists"
)


def effect_known(effect: str) -> bool:
    """Whether a press can bring this about: a switch, an effect of the pedal table, or a step of a knob."""
    return effect in MAPPABLE or turn_of(effect) is not None


@dataclass(frozen=True, slots=True)
class MidiMap:
    """One MIDI message mapped to a switch or an effect.

    Attributes:
        kind: ``cc`` (value 64 and more = down; for a level or a knob the value itself), ``program`` or ``note``.
        number: Controller, program (from 0) or pitch, 0-127.
        effect: ``press START`` and the like, an effect by name, ``level band`` or ``knob NAME`` (a controller sweeps
            it), or a step: ``NAME up``, ``NAME next``, ``set NAME VALUE``.
        channel: 1-16, 0 = any.
        port: Regular expression found in the port's name; empty = any port.
    """

    kind: str
    number: int
    effect: str
    channel: int = 0
    port: str = ""

    def text(self) -> str:
        """As an inline table of TOML."""
        said = [f'kind = "{self.kind}"', f"number = {self.number}", f'effect = "{self.effect}"']
        said += [f"channel = {self.channel}"] if self.channel else []
        said += ["port = '" + self.port.replace("'", ".") + "'"] if self.port else []
        return "{" + ", ".join(said) + "}"


def midi_maps(found: tuple[dict[str, Any], ...]) -> tuple[MidiMap, ...]:
    """Read the array of tables ``midi.map``."""
    return tuple(_midi_map(entry) for entry in found)


def _midi_map(entry: dict[str, Any]) -> MidiMap:
    known = {f.name for f in fields(MidiMap)}
    shape = "each [[midi.map]] has kind, number and effect, and may have channel and port"
    if not set(entry) <= known or not {"kind", "number", "effect"} <= set(entry):
        raise ValueError(shape)
    kind, number, effect = entry["kind"], entry["number"], entry["effect"]
    channel, port = entry.get("channel", 0), entry.get("port", "")
    if kind not in {"cc", "program", "note"}:
        raise ValueError("kind is cc, program or note")
    if type(number) is not int or not 0 <= number <= 127:
        raise ValueError("number is a whole number from 0 to 127")
    if not isinstance(effect, str) or not (effect in KNOBS or effect_known(effect.removeprefix("press "))):
        raise ValueError(f"effect is {WANTED}")
    if effect in KNOBS and kind != "cc":
        raise ValueError(f"'{effect}' follows a controller: kind is cc")
    if effect in SWITCHES:
        effect = f"press {effect}"
    if type(channel) is not int or not 0 <= channel <= 16:
        raise ValueError("channel is 1 to 16, or 0 for any")
    if not isinstance(port, str):
        raise ValueError("port is a regular expression")  # noqa: TRY004 - the caller turns ValueError into a sentence
    patterns((port,))
    return MidiMap(kind, number, effect, channel, port)


def patterns(found: tuple[str, ...]) -> tuple[str, ...]:
    """A list of regular expressions."""
    for text in found:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"regular expressions, and '{text}' is none: {error}") from None
    return found


def meter(found: str) -> str:
    """A meter as text, with its grouping when given."""
    try:
        parse_meter(found)
    except MeterError as error:
        raise ValueError(f"a meter such as 4/4, 6/8 or 7/8 2+2+3 ({error})") from None
    return " ".join(found.split())


def musical_key(found: str) -> str:
    """``auto``, or a tonic with ``maj`` or ``min``: ``A min``, ``Bb maj``."""
    if found.strip().lower() == "auto":
        return "auto"
    tonic, _, scale = found.strip().partition(" ")
    tonic = tonic[:1].upper() + tonic[1:]
    scale = {"major": "maj", "minor": "min"}.get(scale.strip().lower(), scale.strip().lower())
    try:
        pitch_class(tonic)
    except ValueError:
        scale = ""
    if scale not in {"maj", "min"}:
        raise ValueError("auto, or a key such as A min, Bb maj or F# min")
    return f"{tonic} {scale}"


def targets(found: tuple[str, ...]) -> tuple[str, ...]:
    """OSC receivers as ``host:port``."""
    for text in found:
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise ValueError(f"a list of host:port such as 192.168.1.20:9000, and '{text}' is none")
    return found


def addresses(found: tuple[str, ...]) -> tuple[str, ...]:
    """IPv4 addresses in their plain form."""
    for text in found:
        parts = text.split(".")
        if len(parts) != 4 or not all(
            p.isdecimal() and p.isascii() and str(int(p)) == p and int(p) < 256 for p in parts
        ):
            raise ValueError(f"a list of IPv4 addresses such as 192.168.1.20, and '{text}' is none")
    return found


def usb_keys(found: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Keys of a USB pedal (Linux key names in small letters without KEY_) and the switch or effect of each."""
    for name, effect in found:
        if not re.fullmatch(r"[a-z0-9_]+", name):
            raise ValueError(f"key names such as a, f14 or pagedown on the left, and '{name}' is none")
        if not effect_known(effect):
            raise ValueError(f"on the right {WANTED}; '{effect}' is none")
    return found
