"""Plain tunes made by code: dances over three or four chords, a third validation set for the decoder.

What people sing at home is plainer than pop songs or lieder, and no such music is among the validation songs. These
tunes are of the commonest kind: two parts of eight bars, each played twice, a chord a bar, the melody on chord tones
where it counts and by steps between them. Nothing in them comes from a data set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.music.chords import NAMES
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter

if TYPE_CHECKING:
    from sideman.music.harmony import Mode

PARTS: dict[Mode, tuple[str, ...]] = {
    "maj": (
        "I I IV V I I IV,V I",
        "I IV I V I IV V,V I",
        "I I,IV I V I I,IV I,V I",
        "I I V V I I,IV V I",
        "I V I V I V I,V I",
        "IV I V I IV I V I",
        "I I,V I IV,V I I,V I,V I",
        "vi IV I V vi IV V I",
        "I IV I,V I I,IV I ii,V I",
        "V I V I,IV V I I,V I",
        "I,IV I,V I,IV V I,IV I,V IV,V I",
    ),
    "min": (
        "i VII i V i VII i,V i",
        "i i,VII VII i i VI,VII VII i",
        "i iv i V i iv i,V i",
        "III VII i V III VII i,V i",
        "i VI III VII i VI V i",
    ),
}
"""A part's chords by bar; a comma halves a bar."""
DEGREES = {
    "I": (0, "maj"),
    "ii": (2, "min"),
    "IV": (5, "maj"),
    "V": (7, "maj"),
    "vi": (9, "min"),
    "i": (0, "min"),
    "III": (3, "maj"),
    "iv": (5, "min"),
    "VI": (8, "maj"),
    "VII": (10, "maj"),
}
RELATED = {"I": "vi", "IV": "ii", "i": "VI", "VII": "III"}
RICHER = 0.12
"""How often a bar has the chord related to the plain one."""
SCALES: dict[Mode, tuple[int, ...]] = {"maj": (0, 2, 4, 5, 7, 9, 11), "min": (0, 2, 3, 5, 7, 8, 10)}
METERS = ("4/4", "4/4", "2/4", "6/8", "6/8", "3/4")
RHYTHMS = {
    4: ((4,), (2, 2), (2, 2), (3, 1), (2, 1, 1), (1, 1, 1, 1)),
    6: ((6,), (4, 2), (2, 2, 2), (2, 2, 2), (3, 1, 2)),
}
"""Note lengths that fill a beat of so many frames."""


def tunes(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Lead sheets of such tunes; the same seed gives the same ones."""
    rng = np.random.default_rng(seed)
    return [_tune(f"plain-{seed}-{i}", parse_meter(METERS[i % len(METERS)]), rng) for i in range(count)]


def _tune(name: str, meter: Meter, rng: np.random.Generator) -> dict[str, Any]:
    mode: Mode = "min" if rng.random() < 0.25 else "maj"
    key = int(rng.integers(12))
    parts = [_part(str(rng.choice(PARTS[mode])), mode, key, meter, rng) for _ in range(2)]
    melody, chords, at = [], [], 0
    for part in (0, 0, 1, 1):
        notes, spans = parts[part]
        melody += [[at + o, d, p] for o, d, p in notes]
        chords += [[at + o, d, c] for o, d, c in spans]
        at += 8 * meter.bar_frames
    return {"id": name, "meter": [meter.numerator, meter.denominator], "melody": melody, "chords": chords}


def _part(
    form: str, mode: Mode, key: int, meter: Meter, rng: np.random.Generator
) -> tuple[list[list[int]], list[list[Any]]]:
    bar = meter.bar_frames
    scale = [p for p in range(58, 84) if (p - key) % 12 in SCALES[mode]]
    beats = sorted({tick // FRAME_TICKS for tick in meter.beats})
    pitch = min((p for p in scale if (p - key) % 12 in (0, 4, 7)), key=lambda p: abs(p - 70))
    notes: list[list[int]] = []
    spans: list[list[Any]] = []
    bars: list[list[list[int]]] = []
    symbols = form.split()
    for number in range(1, 6):
        if rng.random() < RICHER:
            symbols[number] = RELATED.get(symbols[number], symbols[number])
    for number, symbol in enumerate(symbols):
        halves = symbol.split(",")
        size = bar // len(halves)
        for i, degree in enumerate(halves):
            step, quality = DEGREES[degree]
            spans.append([number * bar + i * size, size, f"{NAMES[(key + step) % 12]}:{quality}"])
        again = number >= 4 and symbol == symbols[number - 4] and number < 6 and rng.random() < 0.8
        made: list[list[int]] = []
        if again:
            made = bars[number - 4]
            pitch = made[-1][2]
        else:
            for beat, stop in zip(beats, [*beats[1:], bar], strict=True):
                step, quality = DEGREES[halves[min(beat // size, len(halves) - 1)]]
                third = 4 if quality == "maj" else 3
                tones = {(key + step + t) % 12 for t in (0, third, 7)}
                if number == len(symbols) - 1 and beat == beats[-1]:
                    made.append(
                        [beat, stop - beat, min((p for p in scale if p % 12 == key), key=lambda p: abs(p - pitch))]
                    )
                    continue
                at = beat
                lengths = RHYTHMS[stop - beat][int(rng.integers(len(RHYTHMS[stop - beat])))]
                for j, length in enumerate(lengths):
                    if j == 0 and rng.random() < (0.9 if beat == 0 else 0.7):
                        near = [p for p in scale if p % 12 in tones and p != pitch]
                        pitch = int(rng.choice(sorted(near, key=lambda p: abs(p - pitch))[:3]))
                    else:
                        place = scale.index(pitch) + int(rng.choice([-2, -1, -1, 1, 1, 2]))
                        pitch = scale[min(max(place, 0), len(scale) - 1)]
                    made.append([at, length, pitch])
                    at += length
        bars.append(made)
        notes += [[number * bar + o, d, p] for o, d, p in made]
    return notes, spans
