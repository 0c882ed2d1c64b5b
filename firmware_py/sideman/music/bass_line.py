"""Chords over a bass line: a bassist's note on a strong beat is the root, the rest of the bar says major or minor."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan, Key, estimate_key, histogram_of, merged
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note

DEEP = 52
"""E3: a line whose middle lies below it is a bass line."""
NEAR_TICKS = FRAME_TICKS
"""A 16th: an onset this near to the beat is on it."""
SPLIT = 0.15
"""How much better two chords in a bar must fit than one."""
_SCALES = {"maj": (0, 2, 4, 5, 7, 9, 11), "min": (0, 2, 3, 5, 7, 8, 10)}


def is_bass_line(notes: Sequence[Note]) -> bool:
    """Whether a phrase is one low line: mostly one note at a time, its median pitch under E3."""
    if len(notes) < 3 or median(n.pitch for n in notes) >= DEEP:
        return False
    ordered = sorted(notes)
    over = sum(b.tick < a.end - NEAR_TICKS and b.tick - a.tick < NEAR_TICKS for a, b in pairwise(ordered))
    return over <= len(notes) // 10


def bass_line_chords(notes: Sequence[Note], meter: Meter, n_frames: int, key: Key | None = None) -> list[ChordSpan]:
    """Chords for the bars of a bass line; bars whose downbeat has no note are left out (the harmoniser has them).

    Args:
        notes: The phrase, tick 0 its first downbeat.
        meter: Its meter.
        n_frames: Its length in 16ths.
        key: Tonic and mode; estimated from the notes when None.

    Returns:
        Spans in frames; empty when the phrase is no bass line.
    """
    if not is_bass_line(notes):
        return []
    tonic, mode = key if key is not None else estimate_key(histogram_of(notes))[:2]
    scale = {(tonic + step) % 12 for step in _SCALES[mode]}
    bar, half = meter.bar_frames, _half(meter)
    spans: list[ChordSpan] = []
    for start in range(0, n_frames, bar):
        end = min(start + bar, n_frames)
        whole = _best(notes, start, end, scale)
        if whole is None:
            continue
        parts = [(start, end, whole)]
        if half and start + half < end:
            first, second = _best(notes, start, start + half, scale), _best(notes, start + half, end, scale)
            if first and second and min(first[1], second[1]) > whole[1] + SPLIT:
                parts = [(start, start + half, first), (start + half, end, second)]
        spans.extend(ChordSpan(a, b - a, chord, min(1.0, fit)) for a, b, (chord, fit) in parts)
    return merged(spans)


def _half(meter: Meter) -> int:
    """Frames from the bar line to the strong beat nearest to its middle, 0 in bars too short to be halved."""
    strong = [tick for tick in meter.groups if 0 < tick < meter.bar_ticks]
    if meter.bar_ticks < 16 * FRAME_TICKS or not strong:
        return 0
    return min(strong, key=lambda tick: abs(tick - meter.bar_ticks // 2)) // FRAME_TICKS


def _best(notes: Sequence[Note], start: int, end: int, scale: set[int]) -> tuple[Chord, float] | None:
    """The chord on the root that the first strong beat has, with the share of the sounding time it explains."""
    heads = [n for n in notes if abs(n.tick - start * FRAME_TICKS) <= NEAR_TICKS]
    if not heads:
        return None
    root = min(heads, key=lambda n: n.pitch).pitch_class
    weights = histogram_of(notes, start, end)
    total = sum(weights) or 1.0
    found: list[tuple[float, Chord]] = []
    for quality, likely in (("maj", 0.02), ("min", 0.01), ("dim", -0.1)):
        chord = Chord(root, quality)
        covered = sum(weights[pc] for pc in chord.pitch_classes) / total
        diatonic = sum(pc in scale for pc in chord.pitch_classes) / 3
        found.append((covered + 0.3 * diatonic + likely, chord))
    chord = max(found, key=lambda item: item[0])[1]
    return chord, sum(weights[pc] for pc in chord.pitch_classes) / total
