"""The last chord of a song is home: the tonic of the form's key, in the colour that the form gives it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.band.changes import Changes, laid_out
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan, overlay

if TYPE_CHECKING:
    from sideman.band.messages import Ask
    from sideman.music.harmony import Key

_MAJOR_THIRD, _MINOR_THIRD = 4, 3
RING_BARS = 2
"""Bars that the last chord rings."""


def home_chord(changes: Changes, key: Key) -> Chord:
    """The tonic as the changes have it most of the time (``C:maj7`` stays one), else its triad."""
    tonic, mode = key
    third, other = (_MINOR_THIRD, _MAJOR_THIRD) if mode == "min" else (_MAJOR_THIRD, _MINOR_THIRD)
    counts: Counter[Chord] = Counter()
    for span in changes.spans:
        steps = {(pc - tonic) % 12 for pc in span.chord.pitch_classes}
        if span.chord.root == tonic and third in steps and other not in steps and 7 in steps:
            counts[replace(span.chord, bass=None)] += span.frames
    if not counts:
        return Chord(tonic, "min" if mode == "min" else "maj")
    return max(counts, key=lambda chord: (counts[chord], -len(chord.pitch_classes), chord.label))


def with_ending(ask: Ask, changes: Changes, key: Key | None) -> Changes:
    """The changes with the home chord from the final downbeat on; as they are where no end or no key is known."""
    if ask.ending is None or key is None or not changes.spans:
        return changes
    last = ChordSpan(ask.ending, RING_BARS * ask.meter.bar_frames, home_chord(changes, key), 1.0)
    before = [replace(s, frames=min(s.end, ask.ending) - s.onset) for s in changes.spans if s.onset < ask.ending]
    later = [s for s in changes.spans if s.onset >= last.end]
    return replace(changes, spans=laid_out(overlay([*before, *later], [last])))
