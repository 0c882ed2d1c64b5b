"""Music made by code for ``--smoke``: enough structure to learn from, no data set needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.music.chords import NAMES, parse_chord

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAR = 16

PROGRESSIONS: dict[str, tuple[tuple[int, str, int], ...]] = {
    # Each chord: semitones above the key, quality, bars.
    "pop": ((0, "maj", 1), (7, "maj", 1), (9, "min", 1), (5, "maj", 1)),
    "doo-wop": ((0, "maj", 1), (9, "min", 1), (5, "maj", 1), (7, "maj", 1)),
    "blues": ((0, "7", 4), (5, "7", 2), (0, "7", 2), (7, "7", 1), (5, "7", 1), (0, "7", 1), (7, "7", 1)),
    "jazz": ((2, "min7", 1), (7, "7", 1), (0, "maj7", 2), (9, "min7", 1), (2, "7", 1), (2, "min7", 1), (7, "7", 1)),
}

RHYTHMS = ((0, 4, 8, 12), (0, 6, 8, 14), (0, 3, 6, 10, 12), (0, 8), (0, 2, 4, 8, 10, 12), (4, 6, 8, 12))
"""Onsets of one bar of melody, in 16ths."""

LOWEST, HIGHEST = 57, 84
_MAJOR = (0, 2, 4, 5, 7, 9, 11)


def lead_sheets(count: int, seed: int = 0, bars: int = 16) -> list[dict[str, Any]]:
    """Lead sheets in the common form.

    The melody walks the scale by small steps and lands on a chord tone on the strong beats, so the chord is
    learnable from it; every fourth bar repeats the rhythm of the one four bars before.

    Args:
        count: Pieces.
        seed: The same seed gives the same pieces.
        bars: Length of each; all are in 4/4.

    Returns:
        ``{"id", "meter", "melody": [[onset, duration, midi]], "chords": [[onset, duration, label]]}``.
    """
    rng = np.random.default_rng(seed)
    names = tuple(PROGRESSIONS)
    return [_lead_sheet(f"synthetic-{seed}-{i}", names[i % len(names)], rng, bars) for i in range(count)]


def _lead_sheet(name: str, style: str, rng: np.random.Generator, bars: int) -> dict[str, Any]:
    key = int(rng.integers(12))
    spans = _chords(style, key, bars)
    per_bar = [label for onset, duration, label in spans for _ in range(duration // BAR)]
    rhythms = [RHYTHMS[int(rng.integers(len(RHYTHMS)))] for _ in range(4)]
    scale = [p for p in range(LOWEST, HIGHEST + 1) if (p - key) % 12 in _MAJOR]
    pitch = scale[len(scale) // 2]
    melody = []
    for bar in range(bars):
        onsets = rhythms[bar % 4]
        chord = parse_chord(per_bar[bar])
        assert chord is not None  # every label here is a chord, none is silence
        tones = chord.pitch_classes[:3]
        for onset, end in zip(onsets, (*onsets[1:], BAR), strict=True):
            pitch = _next_pitch(pitch, tones if onset % 8 == 0 else None, scale, rng)
            melody.append([bar * BAR + onset, end - onset, pitch])
    return {"id": name, "meter": [4, 4], "melody": melody, "chords": spans}


def _chords(style: str, key: int, bars: int) -> list[list[Any]]:
    spans: list[list[Any]] = []
    bar = 0
    while bar < bars:
        for degree, quality, length in PROGRESSIONS[style]:
            held = min(length, bars - bar)
            if held > 0:
                spans.append([bar * BAR, held * BAR, f"{NAMES[(key + degree) % 12]}:{quality}"])
            bar += length
    return spans


def _next_pitch(pitch: int, tones: tuple[int, ...] | None, scale: list[int], rng: np.random.Generator) -> int:
    """A step of at most a third or so; on strong beats the nearest chord tone of those within a fourth."""
    step = int(rng.choice((-2, -1, -1, 1, 1, 2)))
    near = int(np.argmin([abs(p - pitch) for p in scale])) + step
    moved = scale[min(max(near, 0), len(scale) - 1)]
    if tones is None:
        return moved
    return min((p for p in range(LOWEST, HIGHEST + 1) if p % 12 in tones), key=lambda p: (abs(p - moved), p))


def drum_loops(count: int, seed: int = 0, bars: int = 2) -> list[NDArray[np.float32]]:
    """Drum loops with feel, as the grids the drum data are read into.

    Args:
        count: Loops.
        seed: The same seed gives the same loops.
        bars: Bars of 4/4 in each.

    Returns:
        Arrays (steps, 9 voices, 3): hit, velocity 0-1, offset as a fraction of a 16th (late is positive).
        Backbeat or four on the floor with eighths or sixteenths on the hat; off-beats lie late by a swing
        drawn per loop and weak steps are softer, so that both can be learned from a tapped groove.
    """
    rng = np.random.default_rng(seed)
    return [_drum_loop(rng, bars) for _ in range(count)]


def _drum_loop(rng: np.random.Generator, bars: int) -> NDArray[np.float32]:
    grid = np.zeros((bars * BAR, 9, 3), np.float32)
    floor = bool(rng.integers(2))
    fine = int(rng.choice((1, 2, 2, 4)))
    swing = float(rng.uniform(0, 0.4))
    syncopation = float(rng.uniform(0, 0.3))
    for step in range(bars * BAR):
        place = step % BAR
        voices = [2] if place % fine == 0 else []
        if place in (4, 12):
            voices.append(1)
        kick = place % 4 == 0 if floor else place in (0, 8)
        if kick or (place % 4 == 2 and rng.random() < syncopation):
            voices.append(0)
        accent = 1.0 if place % 4 == 0 else 0.8 if place % 2 == 0 else 0.55
        late = swing if place % 4 == 2 else swing / 2 if place % 2 else 0.0
        for voice in voices:
            velocity = np.clip(accent * rng.normal(0.8, 0.05), 0.1, 1.0)
            offset = np.clip(late + rng.normal(0, 0.03), -0.49, 0.49)
            grid[step, voice] = (1.0, velocity, offset)
    return grid
