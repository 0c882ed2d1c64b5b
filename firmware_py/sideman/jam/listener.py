"""The ear: every note the player plays, with its own time; phrases are cut from it afterwards."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from sideman.jam.events import NoteOff, NoteOn
from sideman.music.notes import Note
from sideman.music.tempo import TempoMap

DRUM_CHANNEL = 9
"""General MIDI channel 10, counted from 0: drum pads and electronic kits."""
MAX_NOTES = 8192
"""About an hour of busy playing; older notes are forgotten."""


@dataclass(slots=True)
class Played:
    """One note as it was played: onset and end in nanoseconds (end None while the key is down)."""

    ns: int
    pitch: int
    velocity: int
    port: str
    channel: int
    off_ns: int | None = None


class Listener:
    """Collects notes; says which of them count (ghost notes do not)."""

    def __init__(self, ghost_ns: int, ghost_velocity: int) -> None:
        self.ghost_ns = ghost_ns
        self.ghost_velocity = ghost_velocity
        self.notes: deque[Played] = deque(maxlen=MAX_NOTES)
        self._down: dict[tuple[str, int, int], Played] = {}

    def note_on(self, event: NoteOn) -> Played:
        """Take a note-on; the same key pressed twice ends its first note."""
        key = (event.port, event.channel, event.pitch)
        old = self._down.get(key)
        if old is not None:
            old.off_ns = event.ns
        note = Played(event.ns, event.pitch, event.velocity, event.port, event.channel)
        self._down[key] = note
        self.notes.append(note)
        return note

    def note_off(self, event: NoteOff) -> Played | None:
        """Take a note-off; returns the note it ends."""
        note = self._down.pop((event.port, event.channel, event.pitch), None)
        if note is not None:
            note.off_ns = max(event.ns, note.ns)
        return note

    def vanished(self, port: str, ns: int) -> None:
        """End every note of an instrument that was pulled out."""
        for key in [k for k in self._down if k[0] == port]:
            self._down.pop(key).off_ns = ns

    def counts(self, note: Played) -> bool:
        """Whether a note is meant: loud enough, and not shorter than a ghost."""
        if note.velocity < self.ghost_velocity:
            return False
        return note.off_ns is None or note.off_ns - note.ns >= self.ghost_ns

    def between(self, start_ns: int, end_ns: int) -> list[Played]:
        """Notes that count, with their onset from ``start_ns`` on and before ``end_ns``."""
        found = []
        for note in reversed(self.notes):
            if note.ns < start_ns:
                break
            if note.ns < end_ns and self.counts(note):
                found.append(note)
        found.reverse()
        return found

    def last_ns(self) -> int | None:
        """When the player last played: the latest onset or end, None if never."""
        if not self.notes:
            return None
        last = self.notes[-1]
        return max(last.ns, last.off_ns or last.ns)


def as_notes(played: list[Played], tempo: TempoMap, now_ns: int, zero: int) -> tuple[Note, ...]:
    """Played notes on the jam's ticks, counted from tick ``zero``; notes still held end now, drum pads are left out."""
    return _placed([n for n in played if n.channel != DRUM_CHANNEL], tempo, now_ns, zero)


def as_taps(played: list[Played], tempo: TempoMap, now_ns: int, zero: int) -> tuple[Note, ...]:
    """What was struck on drum pads (MIDI channel 10), placed like :func:`as_notes`: rhythm alone."""
    return _placed([n for n in played if n.channel == DRUM_CHANNEL], tempo, now_ns, zero)


def pitches_of(played: list[Played]) -> list[int]:
    """The pitch of each played note for the finding of tempo; all the same where drum pads were struck."""
    return [] if any(n.channel == DRUM_CHANNEL for n in played) else [n.pitch for n in played]


def _placed(played: list[Played], tempo: TempoMap, now_ns: int, zero: int) -> tuple[Note, ...]:
    notes = []
    for note in played:
        onset = tempo.tick_at(note.ns)
        end = tempo.tick_at(note.off_ns if note.off_ns is not None else now_ns)
        notes.append(Note(onset - zero, max(30, end - onset), note.pitch, note.velocity))
    return tuple(notes)
