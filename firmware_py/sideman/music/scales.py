"""Scales that a player may choose: the chords keep to them (RJ32)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sideman.music.chords import TRIADS, Chord, triad_index

if TYPE_CHECKING:
    from sideman.music.harmony import Key, Mode

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale: whether it is felt as major or minor, its semitones above the tonic, and chords it has beside its own.

    Attributes:
        mode: The tonic triad's.
        steps: Semitones above the tonic.
        also: Classes of triads (above the tonic) that are played though not all of their tones are in it.
    """

    mode: Mode
    steps: tuple[int, ...]
    also: tuple[int, ...] = ()


SCALES: dict[str, Scale] = {
    "major": Scale("maj", (0, 2, 4, 5, 7, 9, 11)),
    "minor": Scale("min", (0, 2, 3, 5, 7, 8, 10)),
    "harmonic_minor": Scale("min", (0, 2, 3, 5, 7, 8, 11)),
    "dorian": Scale("min", (0, 2, 3, 5, 7, 9, 10)),
    "phrygian": Scale("min", (0, 1, 3, 5, 7, 8, 10)),
    "lydian": Scale("maj", (0, 2, 4, 6, 7, 9, 11)),
    "mixolydian": Scale("maj", (0, 2, 4, 5, 7, 9, 10)),
    "hijaz": Scale("maj", (0, 1, 4, 5, 7, 8, 10)),
    "pentatonic": Scale("maj", (0, 2, 4, 7, 9), (5, 7)),
    "minor_pentatonic": Scale("min", (0, 3, 5, 7, 10), (10, 17)),
    "blues": Scale("maj", (0, 3, 4, 5, 6, 7, 9, 10), (5, 7)),
}
"""By name. Over the five tones of a pentatonic scale its neighbours in the circle of fifths are played too, for a bare
tonic and its relative are no harmony; the blues has its three major chords."""
NAMES = (AUTO, *SCALES)


@lru_cache(maxsize=256)
def tones_of(name: str, tonic: int) -> frozenset[int]:
    """Pitch classes of a scale and of the chords it has beside its own; all twelve for ``auto``."""
    scale = SCALES.get(name)
    if scale is None:
        return frozenset(range(12))
    also = {tone for chord in scale.also for tone in TRIADS[_moved(chord, tonic)].pitch_classes}
    return frozenset((tonic + step) % 12 for step in scale.steps) | also


@lru_cache(maxsize=256)
def triads_of(name: str, tonic: int) -> frozenset[int]:
    """Classes of the triads of a scale; all 36 for ``auto``."""
    scale = SCALES.get(name)
    if scale is None:
        return frozenset(range(len(TRIADS)))
    own = {(tonic + step) % 12 for step in scale.steps}
    inside = {index for index, triad in enumerate(TRIADS) if set(triad.pitch_classes) <= own}
    if name == "blues":
        inside = set()
    home = triad_index(Chord(tonic % 12, scale.mode))
    return frozenset(inside | {home} | {_moved(chord, tonic) for chord in scale.also})


def key_in(name: str, key: Key) -> Key:
    """A key's tonic with the mode of the scale."""
    return key if name not in SCALES else (key[0], SCALES[name].mode)


def _moved(chord: int, tonic: int) -> int:
    return chord // 12 * 12 + (chord + tonic) % 12


__all__ = ["AUTO", "NAMES", "SCALES", "Scale", "key_in", "tones_of", "triads_of"]
