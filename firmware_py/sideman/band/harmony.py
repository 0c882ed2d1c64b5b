"""Which chords the comper and the bassist go by: those that stand, the player's own, else found under the line."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sideman.band.changes import Changes, fill_form, laid_out
from sideman.music.bass_line import bass_line_chords
from sideman.music.chords import NAMES, pitch_class
from sideman.music.harmony import ChordSpan, estimate_key, heard_chords, histogram_of, overlay, rule_harmonise
from sideman.music.meter import FRAME_TICKS, Meter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.messages import Ask, Phrase
    from sideman.band.models import Models
    from sideman.music.harmony import Key
    from sideman.music.notes import Note

_DEEP = 48
"""C3: what the player plays below it is a bass."""
_RECENT_BARS = 4
"""Bars of what was heard that the rules of ``follow`` look at."""
_SAME = 0.85
"""Likeness (cosine of what sounded) from which bars count as having come round."""


def changes_for(ask: Ask, phrase: Phrase | None, heard: Sequence[Note], models: Models) -> Changes:
    """The changes of an ask; chords that the ask says stand are never contradicted."""
    form = form_of(ask)
    standing = Changes(laid_out(ask.chords), ask.origin, form, ask.knobs.key, _sure(ask.chords))
    if phrase is not None:
        found = of_phrase(phrase, ask.knobs.key) if models.chords is None else models.chords.of_phrase(phrase, ask)
        length = phrase.bars * phrase.meter.bar_frames
        roots = bass_line_chords(phrase.notes, phrase.meter, length, parsed_key(phrase.key or ask.knobs.key))
        found = replace(found, spans=laid_out(overlay(found.spans, roots)))
        form = form or length
        base = [replace(s, onset=s.onset + ask.origin) for s in fill_form(found.spans, length, form)]
        whole = overlay(base, _folded(standing.spans, ask.origin, form))
        made = Changes(laid_out(whole), ask.origin, form, found.key, found.confidence)
        if any(made.at(f) != s.chord for s in standing.spans for f in range(s.onset, s.onset + s.frames)):
            made = replace(made, spans=laid_out(overlay(made.spans, standing.spans)))
        return made
    reach = ask.end if ask.ending is None else max(ask.end, ask.ending + 1)
    if models.chords is not None:
        live = models.chords.ahead(ask, heard, standing)
        return standing if ask.held and standing.covers(ask.start, reach) else live
    if ask.start < ask.end and standing.covers(ask.start, reach):
        return replace(standing, key=standing.key or _key_of(heard))
    return ahead(ask, heard, standing)


def form_of(ask: Ask) -> int:
    """Frames after which the chords come round; 0 while following, whatever form was played before."""
    return 0 if ask.mode == "follow" and not ask.held else ask.form_frames


def _folded(spans: Sequence[ChordSpan], origin: int, form: int) -> tuple[ChordSpan, ...]:
    """Spans of any turn brought back into the first one, cut at its ends; later ones win."""
    out: list[ChordSpan] = []
    for span in spans:
        at, left = span.onset, span.frames
        while left > 0:
            into = (at - origin) % form
            piece = min(left, form - into)
            out = list(overlay(out, [replace(span, onset=origin + into, frames=piece)]))
            at, left = at + piece, left - piece
    return laid_out(out)


def of_phrase(phrase: Phrase, key: str = "") -> Changes:
    """Chords of a phrase by rules, frame 0 its first downbeat: the player's own, the rest harmonised."""
    return _of_notes(phrase.notes, phrase.bars, phrase.meter, phrase.key or key)


@lru_cache(maxsize=8)
def _of_notes(notes: tuple[Note, ...], bars: int, meter: Meter, key: str) -> Changes:
    frames = bars * meter.bar_frames
    found = rule_harmonise(notes, frames, broad(meter), parsed_key(key))
    spans = rooted(laid_out(overlay(found, heard_chords(notes, meter, frames))), notes)
    tonic, mode, _ = estimate_key(histogram_of(notes))
    return Changes(spans, 0, 0, key or (key_text((tonic, mode)) if notes else ""), _sure(spans))


def rooted(spans: Sequence[ChordSpan], notes: Sequence[Note]) -> tuple[ChordSpan, ...]:
    """The same chords, a foreign bass kept only where the player played one: an inversion in mid-register is none."""
    out = []
    for span in spans:
        low, high = span.onset * FRAME_TICKS, (span.onset + span.frames) * FRAME_TICKS
        deep = any(n.pitch < _DEEP and n.end > low and n.tick < high for n in notes)
        out.append(span if span.chord.bass is None or deep else replace(span, chord=replace(span.chord, bass=None)))
    return tuple(out)


def broad(meter: Meter) -> Meter:
    """The meter as harmony moves in it: short groups (7/8, 5/8, 12/8) do not each get a chord of their own."""
    if min(meter.grouping) * meter.pulse_ticks >= 8 * FRAME_TICKS:
        return meter
    pair = 2 * meter.grouping[0]
    even = len(set(meter.grouping)) == 1 and len(meter.grouping) > 2 and meter.numerator % pair == 0
    groups = (pair,) * (meter.numerator // pair) if even else (meter.numerator,)
    return Meter(meter.numerator, meter.denominator, groups)


def ahead(ask: Ask, heard: Sequence[Note], standing: Changes) -> Changes:
    """``follow`` by rules: what came round is expected again, else the last chord heard goes on."""
    size = ask.meter.bar_frames
    bars = max(1, min(_RECENT_BARS, -(-(ask.heard_until - ask.origin) // size)))
    base = ask.origin + ((ask.heard_until - 1 - ask.origin) // size + 1 - bars) * size
    low = base * FRAME_TICKS
    recent = tuple(n.moved(-low) for n in heard if n.end > low and n.tick < ask.heard_until * FRAME_TICKS)
    key = parsed_key(ask.knobs.key) or (estimate_key(histogram_of(heard))[:2] if heard else None)
    text = ask.knobs.key or (key_text(key) if key else "")
    if not recent or key is None:
        return replace(standing, key=text)
    frames = bars * size
    now = laid_out(
        overlay(rule_harmonise(recent, frames, broad(ask.meter), key), heard_chords(recent, ask.meter, frames))
    )
    past = [replace(s, onset=s.onset + base) for s in now]
    begin = max((s.onset + s.frames for s in standing.spans), default=min(base, ask.start))
    line = Changes(laid_out(overlay(past, standing.spans)), ask.origin, 0, text, 0.4)
    played = Changes(tuple(past), ask.origin, 0, text, 0.4)
    lag = _period(ask, heard)
    spans = list(line.spans) if begin <= base else list(standing.spans)
    known = max(begin, min(ask.heard_until, ask.end))
    spans += [s for s in past if begin <= s.onset < known]
    made = Changes(laid_out(spans), ask.origin, 0, text, 0.4)
    for frame in range(begin, ask.end):
        if made.covers(frame, frame + 1) and frame < known:
            continue
        before = frame - lag if lag else min(frame, ask.heard_until - 1)
        chord = played.at(before) or line.at(before)  # what the player played, not what the band made of it
        if chord is not None:
            spans.append(ChordSpan(frame, 1, chord, 0.4))
    joined = overlay(laid_out(spans), standing.spans)
    return Changes(laid_out(joined), ask.origin, form_of(ask), text, 0.4)


def _period(ask: Ask, heard: Sequence[Note]) -> int:
    """Frames after which what was heard came round (8, 4 or 2 bars), 0 when it did not."""
    size = ask.meter.bar_frames
    for bars in (8, 4, 2):
        lag, now = bars * size, ask.heard_until
        if now - ask.origin < lag + 2 * size:
            continue
        likeness = [_cosine(heard, now - (b + 1) * size, now - b * size, lag) for b in range(2)]
        if min(likeness) >= _SAME:
            return lag
    return 0


def _cosine(heard: Sequence[Note], start: int, end: int, lag: int) -> float:
    one, two = histogram_of(heard, start, end), histogram_of(heard, start - lag, end - lag)
    norm = (sum(a * a for a in one) * sum(b * b for b in two)) ** 0.5
    return sum(a * b for a, b in zip(one, two, strict=True)) / norm if norm else 0.0


def _sure(spans: Sequence[ChordSpan]) -> float:
    frames = sum(s.frames for s in spans)
    return sum(s.confidence * s.frames for s in spans) / frames if frames else 0.0


def _key_of(heard: Sequence[Note]) -> str:
    return key_text(estimate_key(histogram_of(heard))[:2]) if heard else ""


def key_text(key: Key) -> str:
    """``(9, "min")`` as the box shows it: ``A min``."""
    return f"{NAMES[key[0]]} {key[1]}"


def parsed_key(text: str) -> Key | None:
    """``A min`` as a tonic and a mode; None for an empty text or one that is no key."""
    name, _, mode = text.partition(" ")
    try:
        return pitch_class(name), "min" if mode.startswith("min") else "maj"
    except ValueError:
        return None
