"""What harmony the player says himself, bar by bar: block chords, broken chords, bare fifths, a bass line."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.music.bass_line import bass_line_chords, is_bass_line
from sideman.music.chords import QUALITIES, Chord
from sideman.music.harmony import ChordSpan, histogram_of, merged
from sideman.music.heard import bars_of, comped, heard_chords, leaps
from sideman.music.meter import FRAME_TICKS, Meter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.music.harmony import Key
    from sideman.music.notes import Note

SCALES = {"maj": (0, 2, 4, 5, 7, 9, 11), "min": (0, 2, 3, 5, 7, 8, 10, 11)}
"""Tones of a key; a minor key has both its sevenths, so that its dominant may be major."""
_BARE = 0.95
"""Share of what sounds that root and fifth must make for a bare fifth."""


def broad(meter: Meter) -> Meter:
    """The meter as harmony moves in it: short groups (7/8, 5/8, 12/8) do not each get a chord of their own."""
    if min(meter.grouping) * meter.pulse_ticks >= 8 * FRAME_TICKS:
        return meter
    pair = 2 * meter.grouping[0]
    even = len(set(meter.grouping)) == 1 and len(meter.grouping) > 2 and meter.numerator % pair == 0
    groups = (pair,) * (meter.numerator // pair) if even else (meter.numerator,)
    return Meter(meter.numerator, meter.denominator, groups)


def scale_of(key: Key) -> frozenset[int]:
    """Pitch classes of a key."""
    return frozenset((key[0] + step) % 12 for step in SCALES[key[1]])


def said(notes: Sequence[Note], meter: Meter, n_frames: int, key: Key | None) -> list[ChordSpan]:
    """The chords that were played, with gaps where a line leaves them open.

    Args:
        notes: What was played; tick 0 is a bar line.
        meter: The meter.
        n_frames: Frames to look at, from 0 on; the last bar may be unfinished.
        key: Decides what a bare root or fifth is; None leaves those open.
    """
    if is_bass_line(notes):
        return bass_line_chords(notes, meter, n_frames, key)
    found = heard_chords(notes, meter, n_frames)
    if key is None:
        return found
    out = list(found)
    bar = meter.bar_frames
    said_in = {number for s in found for number in range(s.onset // bar, (s.end - 1) // bar + 1)}
    if len(said_in) * bar >= n_frames:
        return found
    for start, inside in zip(range(0, n_frames, bar), bars_of(notes, meter, n_frames), strict=True):
        size = min(bar, n_frames - start)
        if inside and start // bar not in said_in:
            bare = _bare(inside, key) if leaps(inside) and not comped(inside, size) else None
            out += [ChordSpan(start, size, bare, 0.8)] if bare is not None else []
    return merged(sorted(out, key=lambda s: s.onset))


def by_bar(notes: Sequence[Note], zero: int, bar_ticks: int, count: int) -> list[list[Note]]:
    """The notes that sound in each of ``count`` bars from tick ``zero`` on."""
    rows: list[list[Note]] = [[] for _ in range(count)]
    for note in notes:
        first = max(0, (note.tick - zero) // bar_ticks)
        for bar in range(first, min(count, (note.end - 1 - zero) // bar_ticks + 1)):
            rows[bar].append(note)
    return rows


def _bare(notes: Sequence[Note], key: Key | None) -> Chord | None:
    """The chord of a bare fifth: its third is the key's."""
    if key is None:
        return None
    weights = histogram_of(notes)
    total = sum(weights) or 1.0
    for root in range(12):
        fifth = (root + 7) % 12
        if min(weights[root], weights[fifth]) > 0 and weights[root] + weights[fifth] >= _BARE * total:
            return triad_in(root, key)
    return None


def triad_in(root: int, key: Key) -> Chord | None:
    """The triad on a root whose third and fifth are the key's; None on a root outside it.

    Where a minor key has both thirds or fifths at hand, the unraised seventh is taken, but for the dominant.
    """
    scale = scale_of(key)
    if root % 12 not in scale:
        return None
    dominant = key[1] == "min" and (root - key[0]) % 12 == 7
    order = ("maj", "min", "dim") if dominant else ("min", "maj", "dim") if key[1] == "min" else ("maj", "min", "dim")
    leading = (key[0] + 11) % 12 if key[1] == "min" and not dominant else None
    for quality in order:
        tones = {(root + step) % 12 for step in QUALITIES[quality]}
        if tones <= scale - ({leading} if leading is not None else set()):
            return Chord(root % 12, quality)
    return None


def in_key(spans: Sequence[ChordSpan], notes: Sequence[Note], key: Key | None) -> list[ChordSpan]:
    """Found chords with a third that nobody played and that is not the key's, put right.

    Args:
        spans: Chords found under a line.
        notes: What was played, on the spans' ticks; where nothing sounds in a span, all of it speaks.
        key: The key found or set; None changes nothing.
    """
    if key is None:
        return list(spans)
    scale = scale_of(key)
    everything = histogram_of(notes)
    onsets = [n.tick for n in notes]
    ordered, longest = onsets == sorted(onsets), max((n.duration for n in notes), default=0)
    out: list[ChordSpan] = []
    for span in spans:
        near: Sequence[Note] = notes
        if ordered:  # what cannot sound in the span need not be looked at
            low, high = span.onset * FRAME_TICKS - longest, span.end * FRAME_TICKS
            near = notes[bisect_left(onsets, low) : bisect_left(onsets, high)]
        weights = histogram_of(near, span.onset, span.end)
        if not any(weights):
            weights = everything
        chord = _tasteful(span.chord, weights, key, scale)
        out.append(span if chord is span.chord else replace(span, chord=chord))
    return merged(out)


def _tasteful(chord: Chord, weights: Sequence[float], key: Key, scale: frozenset[int]) -> Chord:
    total = sum(weights)
    foreign = {pc for pc in chord.triad.pitch_classes if pc not in scale}
    diatonic = sum(weights[pc] for pc in scale) >= _BARE * total
    if not foreign or not diatonic or total == 0 or any(weights[pc] > 0 for pc in foreign):
        return chord
    wanted = triad_in(chord.root, key)
    if wanted is not None and sum(weights[pc] for pc in chord.pitch_classes) > 0:
        return wanted
    # A root outside the key under notes inside it: the diatonic triad that holds most of them.
    options = [found for pc in sorted(scale) if (found := triad_in(pc, key)) is not None]
    return max(options, key=lambda c: (sum(weights[pc] for pc in c.pitch_classes), weights[c.root]))
