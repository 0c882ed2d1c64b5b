"""From what the jam recorded to a take: everything on one line of ticks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from sideman.jam.core import Jam
from sideman.jam.levels import leaders
from sideman.jam.listener import DRUM_CHANNEL
from sideman.jam.options import DEFAULT_PARTS, Options
from sideman.jam.record import Recorded, Recorder
from sideman.jam.take_data import TakeData, TakeNote, TakePart
from sideman.jam.timeline import Timeline
from sideman.music.meter import parse_meter
from sideman.music.mix import VOLUME, placed, volume
from sideman.music.sounds import program_of

ORDER = ("player", "pads", "drums", "bass", "chords", "solo", "click")


class TakeSource(Protocol):
    """What a take is made of: a jam, or a snapshot of one."""

    @property
    def timeline(self) -> Timeline:
        """Its tempo map."""

    @property
    def recorder(self) -> Recorder:
        """What sounded."""

    @property
    def options(self) -> Options:
        """Channels and programs."""

    @property
    def now(self) -> int:
        """Moment at which notes that still sound end."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A jam's material at one moment, for another thread."""

    timeline: Timeline
    recorder: Recorder
    options: Options
    now: int


def snapshot(jam: Jam) -> Snapshot:
    """Lists are copied, notes are not: taken when nothing sounds, they change no more."""
    kept = jam.recorder
    copied = replace(
        kept, band=list(kept.band), player=list(kept.player), markers=list(kept.markers), meters=list(kept.meters)
    )
    return Snapshot(jam.timeline.copy(), copied, jam.options, jam.now)


def take_of(jam: TakeSource, name: str = "Sideman") -> TakeData:
    """The take so far: due ticks for the band, the player's moments on the final tempo map."""
    line, kept = jam.timeline, jam.recorder
    notes: dict[str, list[TakeNote]] = {part: [] for part in ORDER}
    end = line.tick(jam.now)
    for note in kept.player:
        off = line.tick(note.off) if note.off is not None else end
        on = line.tick(note.on)
        notes[note.part].append((on, max(1, off - on), note.pitch, note.velocity))
    for note in kept.band:
        notes[note.part].append((note.on, _length(note, end), note.pitch, note.velocity))
    parts = {}
    set_up = set(leaders(jam.options))
    for part in ORDER:
        if part == "pads":
            if notes[part]:
                parts[part] = TakePart(DRUM_CHANNEL, None, tuple(notes[part]))
            continue
        own = jam.options.part(part)
        if notes[part] or part != "click":
            program = None if part == "click" else program_of(part, own.program, jam.options.style)
            controls = _controls(jam.options, part) if part in set_up else ()
            parts[part] = TakePart(own.channel, program, tuple(notes[part]), controls=controls)
    tempo = tuple((s.tick, s.quarter) for s in line.tempo.segments)
    meters = tuple((tick, parse_meter(text)) for tick, text in kept.meters) or ((0, line.meter),)
    markers = tuple((line.tick(ns), text) for ns, text in kept.markers)
    return TakeData(tempo, meters, markers, parts, name)


def _controls(options: Options, part: str) -> tuple[tuple[int, int], ...]:
    """Volume and place in the mix, as the box's own synthesiser has them; the band's pedal does not count."""
    own = options.part(part)
    level = own.level or DEFAULT_PARTS[part].level
    if options.balance == "off":
        return ((VOLUME, level),)
    return ((VOLUME, volume(part, program_of(part, own.program, options.style), level)), *placed(part))


def spans_of(jam: Jam) -> list[tuple[int, int, str]]:
    """The states the box went through: (first tick, end tick, state) each."""
    line, spans = jam.timeline, jam.recorder.spans
    ends = [ns for ns, _ in spans[1:]] + [jam.now]
    return [(line.tick(ns), line.tick(end), state) for (ns, state), end in zip(spans, ends, strict=True)]


def _length(note: Recorded, end: int) -> int:
    off = note.off if note.off is not None else end
    return max(1, off - note.on)
