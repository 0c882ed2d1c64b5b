"""What the melody net is told before each note: everything relative to the last pitch, so every key looks the same.

The frame of reference moves with the line: chords, the pitch-class histogram and the notes a copy would give are all
rotated to the last pitch. Transposing the music changes nothing but the register number (``models.md`` 5.1 asks for
either an estimated key or training in 12 keys; this gives both for nothing). Copying is an input too: the memory
finds where the line's last intervals were played before and what came then, and what was played 1, 2, 4 and 8 bars
ago at this place; the net learns when to believe it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.music.meter import TICKS_PER_QUARTER, Meter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.music.chords import Chord
    from sideman.music.notes import Note

    Floats = NDArray[np.float32]

INTERVALS = 25
"""Classes: -12 to +12 semitones from the last pitch; wider leaps are clipped."""
FIRST_PITCH = 66
"""Stands for the last pitch before the first note."""
LAGS = (1, 2, 4, 8)
"""Bars ago that are looked up."""
LONGEST = 512
"""Notes remembered."""
_LENGTHS = (0.5, 1.5, 2.5, 3.5, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 48.0)
_DURATIONS = len(_LENGTHS) + 1
_TO_CHANGE = (1, 2, 4, 8)

SLICES: dict[str, slice] = {}
"""Where each group of inputs lies."""


def _lay_out() -> int:
    at = 0
    for name, width in (
        ("intervals", 2 * INTERVALS + 2),
        ("histogram", 24),
        ("chord", 24),
        ("next_chord", 24),
        ("change", 7),
        ("register", 4),
        ("onset", 2 * _DURATIONS + 2),
        ("length", _DURATIONS + 1),
        ("metre", 33),
        ("phrase", 7),
        ("call", 27),
        ("direction", 4),
        ("match", 2 * (INTERVALS + 4)),
        ("lags", len(LAGS) * (INTERVALS + 2)),
    ):
        SLICES[name] = slice(at, at + width)
        at += width
    return at


WIDTH = _lay_out()
"""Numbers the net reads before each note."""


def interval_class(interval: int) -> int:
    """Class 0-24 of an interval in semitones; leaps beyond an octave count as an octave."""
    return min(max(interval, -12), 12) + 12


@dataclass(frozen=True, slots=True)
class Call:
    """Summary of the phrase that is answered: pitch-class histogram, register, intervals, density."""

    classes: tuple[float, ...]
    mean: float
    spread: float
    intervals: tuple[float, ...]
    density: float


def summarise(call: Sequence[Note]) -> Call | None:
    """The summary of a call; None for fewer than two notes."""
    if len(call) < 2:
        return None
    classes, steps = [0.0] * 12, [0.0] * 9
    for note in call:
        classes[note.pitch % 12] += 1 / len(call)
    for last, note in pairwise(call):
        gap = note.pitch - last.pitch
        size = 0 if gap == 0 else 1 if abs(gap) <= 2 else 2 if abs(gap) <= 4 else 3 if abs(gap) <= 7 else 4
        steps[4 + (size if gap > 0 else -size)] += 1 / (len(call) - 1)
    pitches = [note.pitch for note in call]
    beats = max(1.0, (call[-1].end - call[0].tick) / TICKS_PER_QUARTER)
    return Call(
        tuple(classes), sum(pitches) / len(pitches), float(max(pitches) - min(pitches)), tuple(steps), len(call) / beats
    )


@dataclass(frozen=True, slots=True)
class NoteContext:
    """What is known when a pitch is chosen.

    Attributes:
        onset: Tick of the onset, counted from a bar line at 0.
        meter: Meter in force.
        duration: Ticks the note will last, or None at a key-press.
        chord: Chord sounding at the onset, or None.
        next_chord: The chord that follows it, or None.
        to_change: Ticks until ``next_chord``.
        direction: -1, 0 or 1 when the pressed key lies below, on or above the last one, or None.
        call: Summary of the phrase that is answered, or None.
    """

    onset: int
    meter: Meter
    duration: int | None = None
    chord: Chord | None = None
    next_chord: Chord | None = None
    to_change: int = 0
    direction: int | None = None
    call: Call | None = None


def _no_run() -> NDArray[np.int32]:
    return np.zeros(0, np.int32)


@dataclass(slots=True)
class Memory:
    """The line so far, with what is needed to find repetitions in it in constant Python time a note."""

    onsets: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    pitches: list[int] = field(default_factory=list)
    steps: NDArray[np.int32] = field(default_factory=_no_run)
    places: NDArray[np.int32] = field(default_factory=_no_run)
    runs: NDArray[np.int32] = field(default_factory=_no_run)
    placed_runs: NDArray[np.int32] = field(default_factory=_no_run)
    at: dict[int, int] = field(default_factory=dict)
    long: Floats = field(default_factory=lambda: np.zeros(12, np.float32))
    short: Floats = field(default_factory=lambda: np.zeros(12, np.float32))
    mean: float = float(FIRST_PITCH)
    agree: tuple[float, ...] = (0.0,) * len(LAGS)
    since_rest: int = 0

    def copy(self) -> Memory:
        """An independent memory that goes on from here."""
        return Memory(
            list(self.onsets),
            list(self.durations),
            list(self.pitches),
            self.steps,
            self.places,
            self.runs,
            self.placed_runs,
            dict(self.at),
            self.long,
            self.short,
            self.mean,
            self.agree,
            self.since_rest,
        )

    @property
    def last_pitch(self) -> int:
        """Pitch that intervals are counted from."""
        return self.pitches[-1] if self.pitches else FIRST_PITCH

    def add(self, onset: int, duration: int, pitch: int, bar_ticks: int) -> None:
        """Remember a note that sounded."""
        step = np.int32(pitch - self.last_pitch if self.pitches else 99)
        place = np.int32(onset % bar_ticks)
        agree = []
        for lag, old in zip(LAGS, self.agree, strict=True):
            j = self.at.get(_cell(onset - lag * bar_ticks))
            same = j is not None and self.pitches[j] == pitch
            agree.append(0.7 * old + (0.3 if same else 0.0))
        self.agree = tuple(agree)
        rested = self.onsets and onset - (self.onsets[-1] + self.durations[-1]) >= TICKS_PER_QUARTER
        self.since_rest = 0 if rested else self.since_rest + 1
        same_step = self.steps == step
        self.runs = _grown(self.runs, same_step)
        self.placed_runs = _grown(self.placed_runs, same_step & (self.places == place))
        self.steps = np.append(self.steps, step)
        self.places = np.append(self.places, place)
        one = np.zeros(12, np.float32)
        one[pitch % 12] = 1.0
        self.long = 0.97 * self.long + 0.03 * one
        self.short = 0.8 * self.short + 0.2 * one
        self.mean = 0.93 * self.mean + 0.07 * pitch if self.pitches else float(pitch)
        self.at[_cell(onset)] = len(self.pitches)
        self.onsets.append(onset)
        self.durations.append(duration)
        self.pitches.append(pitch)
        if len(self.pitches) >= 2 * LONGEST:
            self._forget()

    def _forget(self) -> None:
        drop = len(self.pitches) - LONGEST
        del self.onsets[:drop], self.durations[:drop], self.pitches[:drop]
        self.steps, self.places = self.steps[drop:], self.places[drop:]
        self.runs, self.placed_runs = self.runs[drop:], self.placed_runs[drop:]
        self.at = {cell: j - drop for cell, j in self.at.items() if j >= drop}


def _grown(runs: NDArray[np.int32], same: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Length of the match that ends at each earlier note with the line that ends now, one note later."""
    grown = np.zeros(len(runs) + 1, np.int32)
    if len(runs):
        grown[0] = same[0]
        grown[1:-1] = np.where(same[1:], runs[:-1] + 1, 0)
    return grown


def _cell(onset: int) -> int:
    """A twelfth of a quarter: the same place again, give or take a triplet's rounding."""
    return (onset + 40) // 80


@lru_cache(maxsize=4096)
def _length_class(ticks: int) -> int:
    sixteenths = ticks * 4 / TICKS_PER_QUARTER
    return sum(1 for bound in _LENGTHS if sixteenths >= bound)


@lru_cache(maxsize=4096)
def _metre(place: int, meter: Meter) -> tuple[tuple[int, float], ...]:
    """Sparse inputs of a place in the bar: weight, phase, position, kind of meter."""
    phase = place / meter.bar_ticks
    beat = meter.beats[meter.beat_of(place)]
    inside = (place - beat) / meter.beat_ticks
    found = [(meter.weight(place), 1.0)]
    for k, cycles in enumerate((1, 2, 4)):
        found += [
            (5 + 2 * k, math.sin(2 * math.pi * phase * cycles)),
            (6 + 2 * k, math.cos(2 * math.pi * phase * cycles)),
        ]
    found += [(11, math.sin(2 * math.pi * inside)), (12, math.cos(2 * math.pi * inside))]
    found.append((13 + min(15, place * 4 // TICKS_PER_QUARTER), 1.0))
    kind = 0 if meter.compound else 1 if len(meter.beats) == 3 else 2 if len(meter.beats) % 2 == 0 else 3
    found.append((29 + kind, 1.0))
    return tuple(found)


def encode(memory: Memory, context: NoteContext) -> Floats:
    """The input vector (``WIDTH`` numbers, most of them 0) before a note."""
    x = np.zeros(WIDTH, np.float32)
    last = memory.last_pitch
    count = len(memory.pitches)
    at = SLICES["intervals"].start
    if count >= 2:
        x[at + interval_class(int(memory.steps[-1]))] = 1.0
    else:
        x[at + 2 * INTERVALS] = 1.0
    if count >= 3:
        x[at + INTERVALS + interval_class(int(memory.steps[-2]))] = 1.0
    else:
        x[at + 2 * INTERVALS + 1] = 1.0
    at = SLICES["histogram"].start
    turn = -(last % 12)
    x[at : at + 12] = np.roll(memory.long, turn) * 3
    x[at + 12 : at + 24] = np.roll(memory.short, turn) * 2
    _encode_chords(x, context, last)
    at = SLICES["register"].start
    x[at] = (last - FIRST_PITCH) / 12
    x[at + 1] = (last - memory.mean) / 12
    if count:
        recent = memory.pitches[-16:]
        x[at + 2] = (max(recent) - last) / 12
        x[at + 3] = (last - min(recent)) / 12
    _encode_rhythm(x, memory, context)
    _encode_call(x, context, last)
    _encode_copies(x, memory, context, last)
    return np.clip(x, -1.9, 1.9, out=x)


def _encode_chords(x: Floats, context: NoteContext, last: int) -> None:
    change = SLICES["change"].start
    for name, chord, flag in (("chord", context.chord, 5), ("next_chord", context.next_chord, 6)):
        if chord is None:
            continue
        at = SLICES[name].start
        for pitch_class in chord.pitch_classes:
            x[at + (pitch_class - last) % 12] = 1.0
        x[at + 12 + (chord.root - last) % 12] = 1.0
        x[change + flag] = 1.0
    if context.next_chord is not None:
        beats = context.to_change / TICKS_PER_QUARTER
        x[change + sum(1 for bound in _TO_CHANGE if beats > bound)] = 1.0


def _encode_rhythm(x: Floats, memory: Memory, context: NoteContext) -> None:
    onset, meter = context.onset, context.meter
    at = SLICES["onset"].start
    if memory.onsets:
        x[at + _length_class(min(onset - memory.onsets[-1], 1 << 14))] = 1.0
        gap = onset - memory.onsets[-1] - memory.durations[-1]
        x[at + 2 * _DURATIONS] = min(gap / TICKS_PER_QUARTER, 8) / 4
    if len(memory.onsets) >= 2:
        x[at + _DURATIONS + _length_class(min(memory.onsets[-1] - memory.onsets[-2], 1 << 14))] = 1.0
        x[at + 2 * _DURATIONS + 1] = min(1.0, memory.durations[-1] / TICKS_PER_QUARTER / 4)
    if context.duration is not None:
        at = SLICES["length"].start
        x[at + _length_class(min(context.duration, 1 << 14))] = 1.0
        x[at + _DURATIONS] = 1.0
    at = SLICES["metre"].start
    for i, value in _metre(onset % meter.bar_ticks, meter):
        x[at + i] = value
    at = SLICES["phrase"].start
    bar = onset // meter.bar_ticks
    x[at + bar % 4] = 1.0
    x[at + 4] = 1.0 if bar % 8 >= 4 else 0.0
    x[at + 5] = min(memory.since_rest, 24) / 16
    if memory.onsets and onset - memory.onsets[-1] - memory.durations[-1] >= TICKS_PER_QUARTER:
        x[at + 6] = 1.0


def _encode_call(x: Floats, context: NoteContext, last: int) -> None:
    call = context.call
    if call is not None:
        at = SLICES["call"].start
        x[at] = 1.0
        x[at + 1] = (call.mean - last) / 12
        x[at + 2] = call.spread / 24
        x[at + 3] = call.density / 4
        for pitch_class, share in enumerate(call.classes):
            x[at + 4 + (pitch_class - last) % 12] = share * 3
        x[at + 16 : at + 25] = call.intervals
        x[at + 25] = max(-1.0, min(1.0, (last - call.mean - call.spread / 2) / 12))
        x[at + 26] = max(-1.0, min(1.0, (call.mean - call.spread / 2 - last) / 12))
    if context.direction is not None:
        at = SLICES["direction"].start
        x[at + 1 + context.direction] = 1.0
        x[at + 3] = 1.0


def _encode_copies(x: Floats, memory: Memory, context: NoteContext, last: int) -> None:
    bar = context.meter.bar_ticks
    at = SLICES["match"].start
    if len(memory.runs) >= 3:
        same_place = np.append(memory.places[1:] == context.onset % bar, [False])
        _encode_match(x, at, memory, memory.runs)
        _encode_match(x, at + INTERVALS + 4, memory, np.where(same_place, memory.placed_runs + 1, 0))
    at = SLICES["lags"].start
    for k, lag in enumerate(LAGS):
        j = memory.at.get(_cell(context.onset - lag * bar))
        if j is not None and abs(memory.pitches[j] - last) <= 12:
            x[at + interval_class(memory.pitches[j] - last)] = 1.0
            x[at + INTERVALS] = 1.0
        x[at + INTERVALS + 1] = memory.agree[k]
        at += INTERVALS + 2


def _encode_match(x: Floats, at: int, memory: Memory, runs: NDArray[np.int32]) -> None:
    """Mark the interval that followed the longest earlier match (the latest of equals)."""
    runs = runs[:-1]
    best = len(runs) - 1 - int(np.argmax(runs[::-1]))
    length = int(runs[best])
    if length >= 1:
        x[at + interval_class(int(memory.steps[best + 1]))] = 1.0
        x[at + INTERVALS] = min(length, 8) / 4
        x[at + INTERVALS + 1] = 1.0 if length >= 2 else 0.0
        x[at + INTERVALS + 2] = 1.0 if length >= 4 else 0.0
        x[at + INTERVALS + 3] = 1.0 if length >= 8 else 0.0
