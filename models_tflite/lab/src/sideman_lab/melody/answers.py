"""Whole answers: the model answers calls from the pieces, in the calls' own rhythm, and each answer is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.melody import answer_with
from sideman.models.sampling import seed_for
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.solo_rules import LEAP, STRONG, answer_pitches, answer_rhythm, chord_at, scale_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.models.melody import Options, Steps
    from sideman.music.meter import Meter
    from sideman.music.notes import Note
    from sideman.music.solo_rules import Slot
    from sideman_lab.melody.pieces import Melody

BARS = 4
"""Length of a call, and of its answer."""
FEWEST = 8
"""Notes that a call must have."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call, where its answer lies, and the chords under both; ticks from a bar line."""

    song: str
    call: tuple[Note, ...]
    slots: tuple[Slot, ...]
    human: tuple[Note, ...]
    chords: tuple[ChordSpan, ...]
    meter: Meter

    @property
    def key_scale(self) -> frozenset[int]:
        """Major scale that holds most of call and chords."""
        return scale_of(self.call, self.chords)


def exchanges(melodies: Iterable[Melody], count: int, *, octaves: int = 0) -> list[Exchange]:
    """Up to ``count`` exchanges, one a piece: the first four bars with enough notes, then four bars that go on.

    Args:
        melodies: The pieces.
        count: How many at most.
        octaves: Move the first half of each call so many octaves (up where there is room, else down), so that the
            call's register is not where the player's hand ends.
    """
    found: list[Exchange] = []
    for melody in melodies:
        exchange = _first(melody)
        if exchange is not None:
            found.append(_split(exchange, octaves) if octaves else exchange)
        if len(found) >= count:
            break
    return found


def _first(melody: Melody) -> Exchange | None:
    size = BARS * melody.meter.bar_ticks
    if not melody.notes:
        return None
    last = melody.notes[-1].tick // size
    for group in range(last):
        start = group * size
        call = tuple(n.moved(-start) for n in melody.notes if start <= n.tick < start + size)
        human = tuple(n.moved(-start) for n in melody.notes if start + size <= n.tick < start + 2 * size)
        if len(call) < FEWEST or len(human) < FEWEST // 2:
            continue
        slots = tuple(answer_rhythm(call, 0, size, size, seed=seed_for("rhythm", melody.song)))
        spans = tuple(
            ChordSpan((s.start - start) // FRAME_TICKS, (s.end - s.start) // FRAME_TICKS, s.chord, 1.0)
            for s in melody.spans
            if s.end > start and s.start < start + 3 * size
        )
        return Exchange(melody.song, call, slots, human, spans, melody.meter)
    return None


def _split(exchange: Exchange, octaves: int) -> Exchange:
    half = exchange.call[len(exchange.call) // 2].tick
    lowest = min(note.pitch for note in exchange.call)
    shift = 12 * octaves * (-1 if lowest - 12 * octaves >= 24 else 1)
    call = tuple(n.transposed(shift) if n.tick < half else n for n in exchange.call)
    return replace(exchange, call=call)


def model_answer(net: Steps, exchange: Exchange, options: Options, seed: int, *, chords: bool = True) -> list[Note]:
    """The answer of a net, or of a baseline in its place."""
    spans = exchange.chords if chords else ()
    pitches = answer_with(
        net, exchange.call, exchange.slots, spans, exchange.meter, options=options, seed=seed_for(seed, exchange.song)
    )
    return _notes(exchange, pitches)


def rule_answer(exchange: Exchange, seed: int) -> list[Note]:
    """The answer of the soloist's rules."""
    pitches = answer_pitches(
        exchange.call, exchange.slots, exchange.chords, exchange.meter, seed=seed_for(seed, exchange.song)
    )
    return _notes(exchange, pitches)


def _notes(exchange: Exchange, pitches: Sequence[int]) -> list[Note]:
    model = exchange.call[0]
    return [
        replace(model, tick=onset, duration=duration, pitch=pitch)
        for (onset, duration), pitch in zip(exchange.slots, pitches, strict=True)
    ]


def chord_tones(exchange: Exchange, notes: Sequence[Note]) -> dict[str, list[int]]:
    """[chord tones, notes] on strong beats, in the beat after a change of chord, and elsewhere."""
    rows = {"strong": [0, 0], "after": [0, 0], "else": [0, 0]}
    changes = [span.onset * FRAME_TICKS for span in exchange.chords]
    for note in notes:
        chord, _, _ = chord_at(exchange.chords, note.tick)
        if chord is None:
            continue
        hit = int(note.pitch % 12 in chord.pitch_classes)
        fresh = any(0 <= note.tick - change < TICKS_PER_QUARTER for change in changes)
        for name in ("after" if fresh else "else", *(("strong",) if _strong(exchange, note) else ())):
            rows[name][0] += hit
            rows[name][1] += 1
    return rows


def _strong(exchange: Exchange, note: Note) -> bool:
    return exchange.meter.weight(note.tick) >= STRONG


def leaps_resolved(call: Sequence[Note], notes: Sequence[Note]) -> list[int]:
    """[leaps over 5 semitones followed by a contrary step of at most 4, leaps with a note after them]."""
    pitches = [call[-1].pitch, *(note.pitch for note in notes)]
    done = total = 0
    for a, b, c in zip(pitches, pitches[1:], pitches[2:], strict=False):
        if abs(b - a) > LEAP:
            total += 1
            done += (c - b) * (b - a) < 0 and abs(c - b) <= 4
    return [done, total]


def repeated(notes: Sequence[Note]) -> list[int]:
    """[notes in runs of four or more equal pitches, notes]."""
    count, run = 0, 1
    pitches = [note.pitch for note in notes]
    for i in range(1, len(pitches) + 1):
        if i < len(pitches) and pitches[i] == pitches[i - 1]:
            run += 1
            continue
        count += run if run >= 4 else 0
        run = 1
    return [count, len(pitches)]


def out_of_key(exchange: Exchange, notes: Sequence[Note]) -> list[int]:
    """[notes that are neither in the key's scale nor in their chord, notes]."""
    scale, out = exchange.key_scale, 0
    for note in notes:
        chord, _, _ = chord_at(exchange.chords, note.tick)
        tones = frozenset(chord.pitch_classes) if chord else frozenset()
        out += note.pitch % 12 not in scale | tones
    return [out, len(notes)]


def motifs(notes: Sequence[Note]) -> set[tuple[int, ...]]:
    """Every four notes in a row as three directions and three inter-onset times in 16ths."""
    found: set[tuple[int, ...]] = set()
    for k in range(len(notes) - 3):
        four = notes[k : k + 4]
        ways = [int(np.sign(b.pitch - a.pitch)) for a, b in pairwise(four)]
        times = [round((b.tick - a.tick) / FRAME_TICKS) for a, b in pairwise(four)]
        found.add((*ways, *times))
    return found


def longest_copy(source: Sequence[Note], notes: Sequence[Note]) -> int:
    """Notes in the longest run whose intervals were taken over unchanged from a source."""
    a = [y.pitch - x.pitch for x, y in pairwise(source)]
    b = [y.pitch - x.pitch for x, y in pairwise(notes)]
    best, last = 0, [0] * (len(a) + 1)
    for step in b:
        row = [0] * (len(a) + 1)
        for j, other in enumerate(a):
            if other == step:
                row[j + 1] = last[j] + 1
                best = max(best, row[j + 1])
        last = row
    return best + 1 if best else 0


def entropy(notes: Sequence[Note]) -> float:
    """Pitch-class entropy in bits."""
    counts = np.bincount([note.pitch % 12 for note in notes], minlength=12)
    shares = counts[counts > 0] / max(1, len(notes))
    return float(-(shares * np.log2(shares)).sum())
