"""Which chords the comper and the bassist go by: those that stand, the player's own, else found under the line."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sideman.band import form_given
from sideman.band.changes import Changes, fill_form, laid_out
from sideman.band.following import hear, live
from sideman.band.home import with_ending
from sideman.band.played import broad, in_key, said
from sideman.music.bass_line import is_bass_line
from sideman.music.chords import pitch_class
from sideman.music.colour import coloured
from sideman.music.forms import BLUES
from sideman.music.functional import Wanted, functional
from sideman.music.harmony import ChordSpan, fits, histogram_of, overlay
from sideman.music.heard import heard_chords
from sideman.music.meter import FRAME_TICKS
from sideman.music.scales import AUTO
from sideman.music.spelling import key_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.messages import Ask, Phrase
    from sideman.band.models import Models
    from sideman.music.harmony import Key
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

_DEEP = 48
"""C3: what the player plays below it is a bass."""
_BEGAN = 2.0
"""What the first note of a bass line counts for its key, in nats."""
_RECENT_BARS = 9
"""Bars of what was heard that the rules of ``follow`` harmonise: a period of eight and the one in progress."""


def changes_for(ask: Ask, phrase: Phrase | None, heard: Sequence[Note], models: Models) -> Changes:
    """The changes of an ask; chords that the ask says stand are kept, but for the one that ends the song."""
    found = _changes(ask, phrase, heard, models)
    return found if ask.ending is None else with_ending(ask, found, _key_of_form(ask, phrase, heard, found))


def _key_of_form(ask: Ask, phrase: Phrase | None, heard: Sequence[Note], found: Changes) -> Key | None:
    """The key in which a song ends: the one given, else the one the form was harmonised in, else the one felt."""
    notes = phrase.notes if phrase is not None else heard
    given = parsed_key(ask.knobs.key) or parsed_key(phrase.key if phrase is not None else "")
    if given is None and ask.knobs.form == BLUES:
        given = form_given.key_for(ask, notes)
    return given or parsed_key(found.key) or _key_in(notes)


def _changes(ask: Ask, phrase: Phrase | None, heard: Sequence[Note], models: Models) -> Changes:
    standing = standing_of(ask)
    if phrase is not None:
        return _of_form(ask, phrase, standing, models)
    reach = ask.end if ask.ending is None else max(ask.end, ask.ending + 1)
    if models.chords is not None:
        live = models.chords.ahead(ask, heard, standing)
        return standing if ask.held and standing.covers(ask.start, reach) else _painted(ask, heard, standing, live)
    if ask.start < ask.end and standing.covers(ask.start, reach):
        return replace(standing, key=standing.key or _key_of(heard))
    return _painted(ask, heard, standing, ahead(ask, heard, standing))


def standing_of(ask: Ask) -> Changes:
    """The chords that an ask says stand."""
    return Changes(laid_out(ask.chords), ask.origin, form_of(ask), ask.knobs.key, _sure(ask.chords))


def _of_form(ask: Ask, phrase: Phrase, standing: Changes, models: Models) -> Changes:
    """The changes over a committed phrase: the player's own chords, the rest found and coloured, what stands kept."""
    if not phrase.notes and not (phrase.key or ask.knobs.key):
        return standing  # drum pads alone: no harmony is guessed
    # Without a note there is nothing to hear for the network: the key's own chords.
    network = models.chords if phrase.notes else None
    found = of_phrase(phrase, ask.knobs.key, ask.knobs.scale) if network is None else network.of_phrase(phrase, ask)
    length = phrase.bars * phrase.meter.bar_frames
    key = parsed_key(found.key)
    own = said(phrase.notes, phrase.meter, length, key)
    bound = ask.knobs.scale != AUTO  # a scale has chords of its own
    whole = overlay(found.spans if bound else in_key(found.spans, phrase.notes, key), own)
    chorus = form_given.chorus(ask, phrase.notes, 0, 0, standing.form or length)
    if chorus and not form_given.comps(phrase.notes):
        length, whole, own = standing.form or length, chorus, []
    painted = coloured(
        whole,
        key,
        ask.knobs.complexity,
        ask.knobs.style,
        phrase.notes,
        own=frozenset(s.chord for s in own),
        scale=ask.knobs.scale,
    )
    spans = rooted(painted, phrase.notes)
    found = replace(found, spans=laid_out(spans))
    form = standing.form or length
    base = [replace(s, onset=s.onset + ask.origin) for s in fill_form(found.spans, length, form)]
    every = overlay(base, _folded(standing.spans, ask.origin, form))
    made = Changes(laid_out(every), ask.origin, form, found.key, found.confidence)
    if any(made.at(f) != s.chord for s in standing.spans for f in range(s.onset, s.onset + s.frames)):
        made = replace(made, spans=laid_out(overlay(made.spans, standing.spans)))
    return made


def _painted(ask: Ask, heard: Sequence[Note], standing: Changes, live: Changes) -> Changes:
    """The fresh chords of a live plan coloured: neither those that stand nor those that the player comps."""
    if ask.knobs.complexity <= 0 or not live.spans:
        return live
    begin = max([ask.start, *(s.end for s in standing.spans)])
    key = key_heard(ask, heard)
    known = hear(ask, heard, key)
    own = frozenset(s.chord for s in known.said) if known is not None else frozenset()
    done = [replace(s, frames=min(s.end, begin) - s.onset) for s in live.spans if s.onset < begin]
    fresh = [replace(s, onset=max(s.onset, begin), frames=s.end - max(s.onset, begin)) for s in live.spans]
    painted = coloured(
        [s for s in fresh if s.frames > 0],
        key,
        ask.knobs.complexity,
        ask.knobs.style,
        heard,
        before=standing.spans,
        own=own,
        scale=ask.knobs.scale,
    )
    return replace(live, spans=laid_out([*done, *painted]))


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


def of_phrase(phrase: Phrase, key: str = "", scale: str = AUTO) -> Changes:
    """Chords of a phrase by rules, frame 0 its first downbeat: the player's own, the rest harmonised."""
    return _of_notes(phrase.notes, phrase.bars, phrase.meter, phrase.key or key, scale)


@lru_cache(maxsize=8)
def _of_notes(notes: tuple[Note, ...], bars: int, meter: Meter, key: str, scale: str) -> Changes:
    frames = bars * meter.bar_frames
    found = functional(notes, frames, broad(meter), Wanted(parsed_key(key), scale=scale))
    spans = rooted(laid_out(overlay(found.spans, heard_chords(notes, meter, frames))), notes)
    return Changes(spans, 0, 0, key or (key_text(found.key) if notes else ""), _sure(spans))


def rooted(spans: Sequence[ChordSpan], notes: Sequence[Note]) -> tuple[ChordSpan, ...]:
    """The same chords, a foreign bass kept only where the player played one: an inversion in mid-register is none."""
    out = []
    for span in spans:
        low, high = span.onset * FRAME_TICKS, (span.onset + span.frames) * FRAME_TICKS
        deep = any(n.pitch < _DEEP and n.end > low and n.tick < high for n in notes)
        out.append(span if span.chord.bass is None or deep else replace(span, chord=replace(span.chord, bass=None)))
    return tuple(out)


def ahead(ask: Ask, heard: Sequence[Note], standing: Changes) -> Changes:
    """``follow`` by rules: what the player comps, what came round, else the last chord found goes on."""
    key = key_heard(ask, heard)
    text = ask.knobs.key or (key_text(key) if key else "")
    known = hear(ask, heard, key)
    if known is None or key is None:
        return replace(standing, key=text)
    size = ask.meter.bar_frames
    since = max(known.base, known.base + ((known.until - known.base - 1) // size + 1 - _RECENT_BARS) * size)
    low = since * FRAME_TICKS
    frames = -(-(known.until - since) // size) * size
    recent = [n.moved(-low) for n in known.notes if n.end > low]
    wanted = Wanted(key, closes=False, scale=ask.knobs.scale)
    found = [replace(s, onset=s.onset + since) for s in functional(recent, frames, broad(ask.meter), wanted).spans]
    past = [replace(s, frames=min(s.end, known.until) - s.onset) for s in found if s.onset < known.until]
    known = known.with_past(past)
    spans = live(ask, known, standing, past)
    return Changes(spans, ask.origin, form_of(ask), text, 0.4)


def key_heard(ask: Ask, heard: Sequence[Note]) -> Key | None:
    """The key that was set, else the one of what was heard; None before the first note."""
    if ask.knobs.form == BLUES:
        return form_given.key_for(ask, heard)
    return parsed_key(ask.knobs.key) or _key_in(heard)


def _sure(spans: Sequence[ChordSpan]) -> float:
    frames = sum(s.frames for s in spans)
    return sum(s.confidence * s.frames for s in spans) / frames if frames else 0.0


def _key_in(notes: Sequence[Note]) -> Key | None:
    """The key of what was heard; a bass line without the tones that tell two keys apart is at home where it began."""
    return _key_of_notes(tuple(notes))


@lru_cache(maxsize=4)  # one answer asks for it many times
def _key_of_notes(notes: tuple[Note, ...]) -> Key | None:
    if not notes:
        return None
    scores = fits(histogram_of(notes))
    if is_bass_line(notes):
        first = min(notes).pitch % 12
        scores = {key: score + (_BEGAN if key[0] == first else 0.0) for key, score in scores.items()}
    return max(scores, key=lambda key: scores[key])


def _key_of(heard: Sequence[Note]) -> str:
    key = _key_in(heard)
    return key_text(key) if key else ""


def key_text(key: Key) -> str:
    """``(9, "min")`` as the box shows it: ``A min``."""
    return key_name(key)


def parsed_key(text: str) -> Key | None:
    """``A min`` as a tonic and a mode; None for an empty text or one that is no key."""
    name, _, mode = text.partition(" ")
    try:
        return pitch_class(name), "min" if mode.startswith("min") else "maj"
    except ValueError:
        return None
