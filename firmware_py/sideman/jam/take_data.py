"""A take as a value: what was played, by whom, in beat time; the writer of files takes it from here."""

from __future__ import annotations

from dataclasses import dataclass, field

from sideman.music.meter import Meter

TakeNote = tuple[int, int, int, int]
"""Onset tick, duration in ticks (at least 1), MIDI pitch, velocity 1-127."""


@dataclass(frozen=True, slots=True)
class TakePart:
    """One part's track.

    Attributes:
        channel: 0-15.
        program: General MIDI program 0-127, None to leave it.
        notes: Every note with its due time in ticks, in any order.
        texts: (tick, text), such as the names of chords.
        controls: (controller, value) that hold from the beginning: the part's place in the mix.
    """

    channel: int
    program: int | None
    notes: tuple[TakeNote, ...]
    texts: tuple[tuple[int, str], ...] = ()
    controls: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TakeData:
    """Everything a take's file says. Ticks count from the jam's first bar line, 960 a quarter; pickups are negative.

    Attributes:
        tempo: (tick, nanoseconds a quarter): each holds from its tick on.
        meters: (tick, meter); the first also holds before its tick.
        markers: (tick, text), such as ``listen`` or ``commit``.
        parts: Tracks by name, in the order they get in the file.
        name: Title of the take.
        keys: (tick, sharps with flats negative, whether minor), where a key is known.
    """

    tempo: tuple[tuple[int, int], ...]
    meters: tuple[tuple[int, Meter], ...]
    markers: tuple[tuple[int, str], ...] = ()
    parts: dict[str, TakePart] = field(default_factory=dict)
    name: str = ""
    keys: tuple[tuple[int, int, bool], ...] = ()
