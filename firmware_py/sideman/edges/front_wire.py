"""How shown items travel to the front process: plain tuples through ``marshal``, which costs the clock microseconds."""

from __future__ import annotations

import marshal
from operator import attrgetter
from typing import Any

from sideman.jam.cues import (
    BeatCue,
    ControlSounds,
    NoteAhead,
    NoteSounds,
    PlanShown,
    Shown,
    StageCue,
    Status,
    StripChord,
)

LIMIT = 65536
"""Longest datagram."""

_KINDS: tuple[Any, ...] = (Status, NoteAhead, NoteSounds, ControlSounds, BeatCue, StageCue, PlanShown)
_CODES = {kind: code for code, kind in enumerate(_KINDS)}
_FIELDS = tuple(tuple(kind.__dataclass_fields__) for kind in _KINDS)
_READ = tuple(attrgetter(*names) for names in _FIELDS)
_STRIP = _FIELDS[0].index("strip")
_STRIP_READ = attrgetter(*StripChord.__dataclass_fields__)


def packed(item: Shown) -> bytes:
    """One item as bytes; both ends are the same Python, which is all that ``marshal`` asks.

    Raises:
        ValueError: A field holds something that is no plain value.
    """
    code = _CODES[type(item)]
    values = _READ[code](item)
    if code == 0:
        strip = tuple(map(_STRIP_READ, values[_STRIP]))
        values = (*values[:_STRIP], strip, *values[_STRIP + 1 :])
    return marshal.dumps((code, values))


def unpacked(data: bytes) -> Shown:
    """The item again.

    Raises:
        ValueError, EOFError, TypeError: These bytes are not an item.
    """
    code, values = marshal.loads(data)  # noqa: S302 - the other end of a socket pair of our own
    if code == 0:
        strip = tuple(StripChord(*chord) for chord in values[_STRIP])
        values = (*values[:_STRIP], strip, *values[_STRIP + 1 :])
    item: Shown = _KINDS[code](*values)
    return item
