"""Tempo, downbeat and whole bars of a phrase from its onsets alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sideman.music.meter import Meter


@dataclass(frozen=True, slots=True)
class PhraseTempo:
    """What was found: quarters a minute, moment of the first downbeat, whole bars, confidence 0-1."""

    bpm: float
    downbeat_ns: int
    bars: int
    confidence: float


def find_phrase_tempo(
    onsets: Sequence[tuple[int, int]], close_ns: int | None, meter: Meter, *, pitches: Sequence[int] = ()
) -> PhraseTempo:
    """Placeholder of the looper's rule: whole bars between the first note and the closing press near 100 BPM."""
    del pitches
    first = onsets[0][0]
    length = (close_ns if close_ns is not None else onsets[-1][0]) - first
    bar_beats = meter.bar_ticks / 960
    bars = max(1, round(length / 60e9 * 100 / bar_beats))
    return PhraseTempo(bars * bar_beats * 60e9 / length, first, bars, 0.5)
