"""Events and plans as JSON-ready values and back: the form of the event log."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from sideman.band.messages import Alternative, Knobs, PartNote, Phrase, Plan
from sideman.jam import events
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter
from sideman.music.notes import Note

_EVENTS = (
    events.NoteOn,
    events.NoteOff,
    events.Controller,
    events.OtherMidi,
    events.SwitchEdge,
    events.EffectAsked,
    events.PortAppeared,
    events.PortVanished,
    events.PlanReady,
    events.BandChanged,
    events.SettingChanged,
    events.Fault,
    events.PhraseRecalled,
    events.Shutdown,
)
_KNOWN: dict[str, type] = {
    cls.__name__: cls for cls in (*_EVENTS, Plan, Alternative, PartNote, Phrase, Knobs, ChordSpan, Chord, Meter, Note)
}


def encode(value: Any) -> Any:
    """A dataclass of the jam (or a tuple, bytes or plain value) as JSON-ready lists and dicts."""
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        if name not in _KNOWN:
            raise TypeError(f"{name} has no place in the event log")
        return {"_": name} | {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, bytes):
        return {"_": "bytes", "hex": value.hex()}
    return value


def line(record: dict[str, Any]) -> str:
    """A record of the journal, events and all, as its line of the event log."""
    return json.dumps(record, separators=(",", ":"), sort_keys=True, default=encode)


def decode(value: Any) -> Any:
    """What :func:`encode` made, as it was (lists become tuples).

    Raises:
        ValueError: The log names something this version does not know.
    """
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    if not isinstance(value, dict):
        return value
    name = value.get("_")
    if name == "bytes":
        return bytes.fromhex(value["hex"])
    if name not in _KNOWN:
        raise ValueError(f"the log holds '{name}', which this version does not know")
    return _KNOWN[name](**{key: decode(item) for key, item in value.items() if key != "_"})
