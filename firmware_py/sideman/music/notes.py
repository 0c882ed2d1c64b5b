"""Notes as values: a pitch with a place in beat time, and the few facts about lines that all rooms need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS
from sideman.music.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEFAULT_VELOCITY = 80


@dataclass(frozen=True, slots=True, order=True)
class Note(Value):
    """One sounding note. Notes sort by onset, then length, pitch and velocity.

    Attributes:
        tick: Onset in ticks (960 a quarter) from the first bar line; negative in a pickup.
        duration: Length in ticks, at least 1 for a note that sounds.
        pitch: MIDI pitch 0-127.
        velocity: 1-127.
    """

    tick: int
    duration: int
    pitch: int
    velocity: int = DEFAULT_VELOCITY

    @property
    def end(self) -> int:
        """Tick at which the note is released."""
        return self.tick + self.duration

    @property
    def pitch_class(self) -> int:
        """Pitch class 0-11."""
        return self.pitch % 12

    @property
    def frame(self) -> int:
        """The 16th frame nearest to the onset."""
        return (self.tick + FRAME_TICKS // 2) // FRAME_TICKS

    def moved(self, ticks: int) -> Note:
        """The same note some ticks later (or earlier)."""
        return Note(self.tick + ticks, self.duration, self.pitch, self.velocity)

    def transposed(self, semitones: int) -> Note:
        """The same note some semitones higher, kept inside 0-127 by octaves."""
        return replace(self, pitch=fold(self.pitch + semitones))


def fold(pitch: int, low: int = 0, high: int = 127) -> int:
    """The pitch of the same class nearest to ``pitch`` inside a window.

    The window must span an octave; else the nearest bound is returned, whatever its class.
    """
    if pitch < low:
        pitch += 12 * -((pitch - low) // 12)
    elif pitch > high:
        pitch -= 12 * -((high - pitch) // 12)
    return min(max(pitch, low), high)


def line(notes: Iterable[Note]) -> list[Note]:
    """The top line of what was played: sorted, the highest note of each onset, each cut at the next.

    Onsets closer than a 32nd count as one, so that a rolled chord gives its highest note only.
    """
    top: list[Note] = []
    for note in sorted(notes):
        if top and note.tick - top[-1].tick < FRAME_TICKS // 2:
            if note.pitch > top[-1].pitch:
                top[-1] = replace(note, tick=top[-1].tick, duration=note.end - top[-1].tick)
            continue
        if top and top[-1].end > note.tick:
            top[-1] = replace(top[-1], duration=note.tick - top[-1].tick)
        top.append(note)
    return top


def mean_pitch(notes: Sequence[Note], otherwise: float = 66.0) -> float:
    """Mean MIDI pitch, or ``otherwise`` where there are no notes."""
    return sum(note.pitch for note in notes) / len(notes) if notes else otherwise
