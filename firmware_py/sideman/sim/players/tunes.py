"""Tunes on paper: seeded, made by rules over common progressions, and what may happen to a tune.

They stand for a test set where none may be: a melody with the chords it was thought with. The models were not
trained on them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sideman.music.chords import Chord, parse_chord
from sideman.music.meter import Meter

BAR = 16
"""16ths of a bar of 4/4, the meter of every tune made here."""
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_LOW, _HIGH = 57, 83
_REACH = 6
"""Scale steps from the middle of the register that a melody goes."""

Line = tuple[tuple[float, float, int], ...]
"""Onset and duration in 16ths from the first bar line, MIDI pitch."""
_Bar = tuple[tuple[int, str], ...]
"""Chords of a bar, equal in length: semitones above the tonic, quality."""


@dataclass(frozen=True, slots=True)
class Tune:
    """A melody and the chords meant by it.

    Attributes:
        melody: In order of onset; notes may overlap.
        chords: (onset, duration in 16ths, Harte label), in order.
        frames: Whole length in 16ths.
        meter: Its meter.
        marks: (16th, name) of what happens to it.
    """

    melody: Line
    chords: tuple[tuple[float, float, str], ...]
    frames: float
    meter: Meter = field(default_factory=Meter)
    marks: tuple[tuple[float, str], ...] = ()


def _bars(text: str) -> tuple[_Bar, ...]:
    """``"0 9m 5,7 0"``: a word a bar, its chords between commas; ``m`` is minor."""
    return tuple(
        tuple((int(one.rstrip("m")), "min" if one.endswith("m") else "maj") for one in word.split(","))
        for word in text.split()
    )


_OPEN = {
    "maj": ("0 9m 5 7", "0 7 9m 5", "0 5 2m 7", "0 4m 5 7", "0 0 5 0,7", "9m 5 0 7", "0 0,9m 2m 7"),
    "min": ("0m 8 3 10", "0m 5m 0m 7", "0m 10 8 7", "0m 8 5m 7", "0m 3 10 7"),
}
_CLOSE = {
    "maj": ("0 9m 2m,7 0", "5 7 0 0", "2m 7 0 0", "0,7 9m 5,7 0"),
    "min": ("0m 5m 7 0m", "8 10 0m 0m", "5m 7 0m 0m", "0m 8 5m,7 0m"),
}
_MIDDLE = {
    "maj": ("5 5 0 0 5 5 2m 7", "9m 4m 5 0 9m 4m 2m 7", "2m 7 0 9m 2m 2m 7 7"),
    "min": ("3 10 8 3 3 10 5m 7", "5m 5m 0m 0m 8 8 7 7", "8 10 3 3 8 10 5m 7"),
}
_RHYTHMS = (
    (0, 4, 8, 12), (0, 6, 8, 12), (0, 4, 6, 8, 12), (0, 2, 4, 8, 12, 14), (0, 8, 12), (0, 3, 6, 8, 12),
    (2, 4, 8, 10, 12),
)  # fmt: skip
_ENDS = ((0, 4, 8), (0, 8), (0, 4))


def tune(seed: int, bars: int = 32) -> Tune:
    """A song of the form AABA in 4/4: its melody leans on chord tones on strong beats and moves by steps between.

    Args:
        seed: The same seed gives the same tune.
        bars: Length; the form begins again after 32.
    """
    rng = random.Random(f"tune {seed}")
    tonic, mode = rng.randrange(12), rng.choice(("maj", "maj", "min"))
    scale = [p for p in range(_LOW, _HIGH + 1) if (p - tonic) % 12 in (_MAJOR if mode == "maj" else _MINOR)]
    start = _bars(rng.choice(_OPEN[mode]))
    a = start + _bars(rng.choice(_CLOSE[mode]))
    b = _bars(rng.choice(_MIDDLE[mode]))
    sections = {}
    for name, harmony in (("a", a), ("b", b)):
        motif = [rng.choice(_RHYTHMS[:-1]), rng.choice(_RHYTHMS), rng.choice(_RHYTHMS)]
        sections[name] = (
            harmony,
            _melody(rng, harmony, [motif[0], motif[1], motif[2], rng.choice(_ENDS)], scale, tonic),
        )
    melody: list[tuple[float, float, int]] = []
    chords: list[tuple[float, float, str]] = []
    for eight in range(-(-bars // 8)):
        harmony, line = sections["aaba"[eight % 4]]
        melody += [(at + eight * 8 * BAR, length, pitch) for at, length, pitch in line]
        for i, bar in enumerate(harmony):
            length = BAR / len(bar)
            for k, (degree, quality) in enumerate(bar):
                label = Chord((tonic + degree) % 12, "maj" if quality == "maj" else "min").label
                chords.append(((eight * 8 + i) * BAR + k * length, length, label))
    frames = bars * BAR
    return Tune(tuple(n for n in melody if n[0] < frames), tuple(c for c in chords if c[0] < frames), frames)


def _melody(
    rng: random.Random, harmony: Sequence[_Bar], rhythms: Sequence[Sequence[int]], scale: list[int], tonic: int
) -> Line:
    """Four rhythms, a bar each, over the harmony; the line stays around the middle of the scale and rarely sits."""
    out: list[tuple[float, float, int]] = []
    middle = len(scale) // 2
    at = middle + rng.randrange(-2, 3)
    for number, bar in enumerate(harmony):
        onsets = rhythms[number % 4]
        for onset, end in zip(onsets, (*onsets[1:], BAR), strict=True):
            degree, quality = bar[onset * len(bar) // BAR]
            root = (tonic + degree) % 12
            tones = {root, (root + (4 if quality == "maj" else 3)) % 12, (root + 7) % 12}
            before = at
            step = rng.choice((-2, -1, -1, 0, 1, 1, 2))
            at += -step if abs(at + step - middle) > _REACH else step
            if rng.random() < (0.9 if onset in (0, 8) else 0.45):
                sits = rng.random() < 0.3
                near = [i for i, p in enumerate(scale) if p % 12 in tones and (sits or i != before)]
                at = min(near, key=lambda i: (abs(i - at) + abs(i - middle) / _REACH, i))
            out.append((number * BAR + onset, min(end - onset, 8) - 0.5, scale[at]))
    return tuple(out)


def of_piece(piece: dict[str, Any]) -> Tune:
    """A piece of the common form (``sideman-lab pieces`` writes them) as a tune; empty bars before it are left out.

    Raises:
        ValueError: It is not a piece.
    """
    try:
        meter = Meter(int(piece["meter"][0]), int(piece["meter"][1]))
        melody = sorted((float(o), float(d), int(p)) for o, d, p in piece["melody"])
        chords = sorted((float(o), float(d), str(label)) for o, d, label in piece["chords"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is not a piece ({error}): write one with sideman-lab pieces") from error
    if not melody:
        raise ValueError("this piece has no melody")
    empty = max(0.0, melody[0][0]) // meter.bar_frames * meter.bar_frames
    kept = tuple((o - empty, d, label) for o, d, label in chords if parse_chord(label) is not None and o + d > empty)
    return Tune(tuple((o - empty, d, p) for o, d, p in melody), kept, max(o + d for o, d, _ in melody) - empty, meter)


def first(one: Tune, frames: float) -> Tune:
    """Its first so many 16ths."""
    return replace(
        one,
        melody=tuple(n for n in one.melody if n[0] < frames),
        chords=tuple((o, min(d, frames - o), label) for o, d, label in one.chords if o < frames),
        frames=min(frames, one.frames),
    )


def looped(one: Tune, bars: int, times: int) -> Tune:
    """Its first bars, round and round."""
    size = bars * one.meter.bar_frames
    part = first(one, size)
    return replace(
        part,
        melody=tuple((o + i * size, d, p) for i in range(times) for o, d, p in part.melody),
        chords=tuple((o + i * size, d, label) for i in range(times) for o, d, label in part.chords),
        frames=size * times,
    )


def moved(one: Tune, bar: int, semitones: int) -> Tune:
    """From a bar on (counted from 1) in another key."""
    at = (bar - 1) * one.meter.bar_frames
    chords = []
    for onset, length, label in one.chords:
        chord = parse_chord(label)
        chords.append((onset, length, label if chord is None or onset < at else chord.transposed(semitones).label))
    melody = tuple((o, d, p + semitones if o >= at else p) for o, d, p in one.melody)
    return replace(one, melody=melody, chords=tuple(chords), marks=(*one.marks, (at, "change")))


def with_slips(one: Tune, seed: int, share: float) -> Tune:
    """Some notes a semitone or a tone beside where they belong."""
    rng = random.Random(f"slips {seed}")
    return replace(
        one,
        melody=tuple((o, d, p + rng.choice((-2, -1, 1, 2)) if rng.random() < share else p) for o, d, p in one.melody),
    )


def with_rest(one: Tune, bar: int, frames: float) -> Tune:
    """Silent for so many 16ths from a bar on (counted from 1); what comes after stands where it stood."""
    start = (bar - 1) * one.meter.bar_frames
    end = start + frames
    melody = [(o, min(d, start - o) if o < start else d, p) for o, d, p in one.melody if not start <= o < end]
    return replace(one, melody=tuple(melody), marks=(*one.marks, (start, "stop"), (end, "back")))
