"""What the net must beat: counts and copies, fitted on the same songs, under the same causal rules.

Fitted once and kept as counts beside this file, so that ``evaluate`` needs no data set but the pieces it is given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.melody import State
from sideman.models.melody_features import INTERVALS, LONGEST, Memory, NoteContext, interval_class
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.solo_rules import MAJOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from sideman.music.harmony import ChordSpan
    from sideman.music.meter import Meter
    from sideman.music.notes import Note
    from sideman_lab.melody.pieces import Melody

    Probabilities = NDArray[np.float64]

FILE = Path(__file__).with_name("baselines.npz")
PRIOR = 4.0
"""Weight, in notes, of the shorter context that a longer one is smoothed with."""
LONGEST_MATCH = 12
Levels = tuple[int, ...]
"""Codes of the contexts of one note, shortest first; each is smoothed with the one before it."""


def tonic(memory: Memory) -> int:
    """Tonic of the major scale that holds most of the notes so far (online, no look ahead)."""
    histogram = np.bincount([pitch % 12 for pitch in memory.pitches[-LONGEST:]], minlength=12).astype(float)
    if memory.pitches:
        histogram[memory.pitches[0] % 12] += 0.5
    return int(np.argmax(_SCALES @ histogram))


_SCALES = np.array([[1.0 if (pc - key) % 12 in MAJOR else 0.0 for pc in range(12)] for key in range(12)])


def _last(memory: Memory, count: int) -> list[int]:
    steps = [interval_class(int(step)) for step in memory.steps[1:][-count:]]
    return [INTERVALS] * (count - len(steps)) + steps


def unigram(_memory: Memory, _context: NoteContext) -> Levels:
    """No context."""
    return (0,)


def degree(memory: Memory, _context: NoteContext) -> Levels:
    """The last pitch's degree in the key found so far."""
    return (0, 1 + (memory.last_pitch - tonic(memory)) % 12)


def degree_interval(memory: Memory, context: NoteContext) -> Levels:
    """The degree and the last interval."""
    levels = degree(memory, context)
    return (*levels, 100 + levels[1] * 26 + _last(memory, 1)[0])


def chord_interval(memory: Memory, context: NoteContext) -> Levels:
    """The last pitch against the chord's root and kind, and the last interval."""
    kind = triad_index(context.chord)
    place = 36 if kind == NO_CHORD else (kind // 12) * 12 + (memory.last_pitch - kind) % 12
    return (0, 1 + place, 100 + (1 + place) * 26 + _last(memory, 1)[0])


def order_4(memory: Memory, _context: NoteContext) -> Levels:
    """The last one to four intervals."""
    code, levels = 0, [0]
    for k, step in enumerate(reversed(_last(memory, 4)), 1):
        code = code * 27 + step + 1
        levels.append(k * 27**5 + code)
    return tuple(levels)


MODELS: dict[str, Callable[[Memory, NoteContext], Levels]] = {
    "unigram": unigram,
    "Markov, degree": degree,
    "Markov, degree + 1 interval": degree_interval,
    "Markov, chord + 1 interval": chord_interval,
    "order 4": order_4,
}
REPEAT = "longest repeat"
COPY = "copy 4 bars ago"


@dataclass(slots=True)
class Baselines:
    """Counts of every baseline.

    Attributes:
        counts: For each baseline, context code to counts (25,).
        trust: For each length of a match (0 to 12), the share of notes on which copying it was right.
    """

    counts: dict[str, dict[int, NDArray[np.float64]]] = field(default_factory=dict)
    trust: NDArray[np.float64] = field(default_factory=lambda: np.zeros(LONGEST_MATCH + 1))

    def all(self, memory: Memory, context: NoteContext) -> dict[str, Probabilities]:
        """Probabilities (25,) of the next interval under every baseline."""
        found = {name: self.one(name, memory, context) for name in MODELS}
        length, step = longest_match(memory)
        trust = self.trust[length]
        mixed = (1 - trust) * found["Markov, degree + 1 interval"]
        if step is not None:
            mixed[step] += trust
        found[REPEAT] = mixed / mixed.sum()
        return found

    def one(self, name: str, memory: Memory, context: NoteContext) -> Probabilities:
        """Probabilities (25,) under one of ``MODELS``: each context smoothed with the shorter one."""
        probabilities = np.full(INTERVALS, 1 / INTERVALS)
        for code in MODELS[name](memory, context):
            counts = self.counts[name].get(code)
            if counts is not None:
                probabilities = (counts + PRIOR * probabilities) / (counts.sum() + PRIOR)
        return probabilities

    def save(self, path: Path) -> None:
        """Keep the counts, sparsely; contexts of order 4 seen once are dropped."""
        arrays: dict[str, NDArray[np.float64] | NDArray[np.int64] | NDArray[np.uint8]] = {"trust": self.trust}
        for k, name in enumerate(MODELS):
            rows = [
                (code, step, int(counts[step]))
                for code, counts in sorted(self.counts[name].items())
                if counts.sum() > 1
                for step in np.flatnonzero(counts)
            ]
            table = np.array(rows, np.int64)
            arrays[f"codes{k}"] = np.diff(table[:, 0], prepend=0)
            arrays[f"steps{k}"] = table[:, 1].astype(np.uint8)
            arrays[f"counts{k}"] = table[:, 2]
        np.savez_compressed(path, **arrays)


def longest_match(memory: Memory) -> tuple[int, int | None]:
    """Length of the longest earlier run of intervals that ends like the line does, and the class that followed."""
    runs = memory.runs[:-1]
    if len(runs) < 2:
        return 0, None
    best = len(runs) - 1 - int(np.argmax(runs[::-1]))
    length = min(LONGEST_MATCH, int(runs[best]))
    return (length, interval_class(int(memory.steps[best + 1]))) if length else (0, None)


def copied(memory: Memory, context: NoteContext, bars: int = 4) -> int | None:
    """Class of the interval to the pitch that sounded at this place some bars ago, or None."""
    j = memory.at.get((context.onset - bars * context.meter.bar_ticks + 40) // 80)
    return None if j is None else interval_class(memory.pitches[j] - memory.last_pitch)


def fit(melodies: Iterable[Melody]) -> Baselines:
    """Count the songs that the net is trained on."""
    from sideman_lab.melody.encode import contexts

    counts: dict[str, dict[int, Counter[int]]] = {name: defaultdict(Counter) for name in MODELS}
    right, seen = np.zeros(LONGEST_MATCH + 1), np.full(LONGEST_MATCH + 1, 2.0)
    for melody in melodies:
        memory = Memory()
        for i, (note, context) in enumerate(zip(melody.notes, contexts(melody), strict=True)):
            if i:
                step = interval_class(note.pitch - memory.last_pitch)
                for name, codes in MODELS.items():
                    for code in codes(memory, context):
                        counts[name][code][step] += 1
                length, guess = longest_match(memory)
                seen[length] += 1
                right[length] += guess == step
            memory.add(note.tick, note.duration, note.pitch, melody.meter.bar_ticks)
    dense = {
        name: {code: np.array([float(row[k]) for k in range(INTERVALS)]) for code, row in table.items()}
        for name, table in counts.items()
    }
    trust = right / seen
    trust[0] = 0.0
    return Baselines(dense, trust)


@lru_cache(maxsize=2)
def load(path: Path = FILE) -> Baselines:
    """The counts that ship with the lab."""
    found = Baselines()
    with np.load(path) as arrays:
        found.trust = arrays["trust"]
        for k, name in enumerate(MODELS):
            table: dict[int, NDArray[np.float64]] = {}
            rows = zip(np.cumsum(arrays[f"codes{k}"]), arrays[f"steps{k}"], arrays[f"counts{k}"], strict=True)
            for code, step, count in rows:
                table.setdefault(int(code), np.zeros(INTERVALS))[step] = count
            found.counts[name] = table
    return found


class CountingNet:
    """A baseline in the net's place, so that it answers under the same rules."""

    def __init__(self, baselines: Baselines, name: str) -> None:
        self._baselines, self._name = baselines, name

    def start(self) -> State:
        """Before the first note."""
        nothing = np.zeros((1, 1), np.float32)
        return State(nothing, nothing, Memory())

    def step(self, state: State, context: NoteContext) -> tuple[State, NDArray[np.float32]]:
        """Log-probabilities (25,)."""
        probabilities = self._baselines.one(self._name, state.memory, context)
        return state, np.log(probabilities).astype(np.float32)

    def sounded(self, state: State, onset: int, duration: int, pitch: int, meter: Meter) -> State:
        """Remember what was played."""
        memory = state.memory.copy()
        memory.add(onset, duration, pitch, meter.bar_ticks)
        return State(state.first, state.second, memory)

    def heard(self, state: State, notes: Sequence[Note], chords: Sequence[ChordSpan], meter: Meter) -> State:
        """Listen to a line; what it was harmonised with does not matter to counts."""
        del chords
        for note in notes:
            state = self.sounded(state, note.tick, note.duration, note.pitch, meter)
        return state
