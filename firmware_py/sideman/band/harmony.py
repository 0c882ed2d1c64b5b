"""Which chords the comper and the bassist go by: those that stand, the player's own, else found under the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band.changes import Changes, fill_form, laid_out
from sideman.music.chords import TRIADS, Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.messages import Ask, Phrase
    from sideman.band.models import Models
    from sideman.music.notes import Note


def changes_for(ask: Ask, phrase: Phrase | None, heard: Sequence[Note], models: Models) -> Changes:
    """The changes of an ask; chords that the ask says stand are never contradicted."""
    standing = Changes(laid_out(ask.chords), ask.origin, ask.form_frames, ask.knobs.key)
    reach = ask.end if ask.ending is None else max(ask.end, ask.ending + 1)
    if standing.covers(ask.start, reach):
        return standing
    if phrase is not None:
        found = of_phrase(phrase, ask) if models.chords is None else models.chords.of_phrase(phrase, ask)
        length = phrase.bars * phrase.meter.bar_frames
        form = fill_form(found.spans, length, ask.form_frames or length)
        moved = [ChordSpan(s.onset + ask.origin, s.frames, s.chord, s.confidence) for s in form]
        spans = laid_out([*moved, *ask.chords])
        return Changes(spans, ask.origin, ask.form_frames or length, found.key, found.confidence)
    if models.chords is not None:
        return models.chords.ahead(ask, heard, standing)
    return ahead(ask, heard, standing)


def of_phrase(phrase: Phrase, ask: Ask) -> Changes:
    """Chords of a phrase by rules, frame 0 its first downbeat."""
    size = phrase.meter.bar_frames
    spans: list[ChordSpan] = []
    chord: Chord | None = None
    for bar in range(phrase.bars):
        chord = _under(phrase.notes, bar * size, (bar + 1) * size, chord) or chord or Chord(0)
        spans.append(ChordSpan(bar * size, size, chord, 0.4))
    return Changes(tuple(spans), 0, 0, phrase.key or ask.knobs.key, 0.4)


def ahead(ask: Ask, heard: Sequence[Note], standing: Changes) -> Changes:
    """``follow`` by rules: the chord of the last beats goes on until more is heard."""
    end = max((s.onset + s.frames for s in standing.spans), default=ask.start)
    last = standing.spans[-1].chord if standing.spans else None
    chord = _under(heard, ask.heard_until - 2 * ask.meter.bar_frames, ask.heard_until, last) or last
    if chord is None:
        return standing
    begin = min(end, ask.start) if not standing.spans else end
    spans = laid_out([*standing.spans, ChordSpan(begin, max(1, ask.end - begin), chord, 0.3)])
    return Changes(spans, ask.origin, ask.form_frames, ask.knobs.key, 0.3)


def _under(notes: Sequence[Note], start: int, end: int, before: Chord | None) -> Chord | None:
    """The triad that most of what sounds in a window belongs to."""
    weights = [0.0] * 12
    low, high = start * FRAME_TICKS, end * FRAME_TICKS
    for note in notes:
        heard = min(note.end, high) - max(note.tick, low)
        if heard > 0:
            weights[note.pitch_class] += heard
    if not any(weights):
        return None

    def fit(chord: Chord) -> float:
        rank = (1.1, 1.0, 0.9)
        inside = sum(w * weights[pc] for w, pc in zip(rank, chord.pitch_classes, strict=False))
        return inside * (0.8 if chord.quality == "dim" else 1.0) * (1.05 if chord == before else 1.0)

    return max(TRIADS, key=fit)
