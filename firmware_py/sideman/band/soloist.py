"""The soloist: answers the call in its own motif and rhythm for the length of the form, another way each turn."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.music.meter import FRAME_TICKS
from sideman.music.notes import Note, fold, mean_pitch
from sideman.music.solo_rules import answer_pitches, answer_rhythm, in_register

if TYPE_CHECKING:
    from sideman.band.context import Context
    from sideman.band.messages import Ask
    from sideman.music.harmony import ChordSpan
    from sideman.music.meter import Meter
    from sideman.music.solo_rules import Slot

LOW, HIGH = 48, 88
"""Where a soloist plays, whatever the call's register."""
FREE_BARS = 4
"""Length of an answer while there is no form."""
_BREATH = FRAME_TICKS // 8


def play(ask: Ask, context: Context) -> list[PartNote]:
    """The answer's notes in the turns that the window touches; silent where the ask does not want a solo."""
    if not ask.solo:
        return []
    size = context.form or FREE_BARS * ask.meter.bar_frames
    first, last = (ask.start - ask.origin) // size, (ask.end - 1 - ask.origin) // size
    out: list[PartNote] = []
    for turn in range(first, last + 1):
        start = ask.origin + turn * size
        for note in answer(ask, context, start, size, turn):
            length = max(FRAME_TICKS // 4, note.duration - _BREATH)
            pitch = fold(note.pitch + ask.knobs.transpose, 36, 96)
            out.append(PartNote("solo", note.tick, length, pitch, note.velocity))
    return out


def answer(ask: Ask, context: Context, start: int, frames: int, turn: int) -> list[Note]:
    """A whole turn's line on the jam's timeline, from frame ``start`` on."""
    call = in_register(context.call)
    if not call:
        return []
    seed = context.rng("solo", turn).getrandbits(32)
    bar = ask.meter.bar_ticks
    before = -(-max(n.end for n in call) // bar) * ask.meter.bar_frames
    base = before * FRAME_TICKS
    slots = answer_rhythm(call, 0, base, frames * FRAME_TICKS, seed=seed, vary=0.1 if turn < 2 else 0.25)
    if not slots:
        return []
    # The call under the form's first chords, the answer under those of its own turn.
    under = [replace(s, onset=s.onset - start) for s in context.changes.within(start, start + before)]
    spans = tuple(replace(s, onset=s.onset - start + before) for s in context.changes.within(start, start + frames))
    if context.models.melody is not None:
        pitches = context.models.melody.pitches(ask, call, slots, [*under, *spans], turn)
    else:
        pitches = _by_rules(tuple(call), tuple(slots), spans, ask.meter, seed)
    ticks = start * FRAME_TICKS - base
    found = [Note(at + ticks, length, fold(p, LOW, HIGH)) for (at, length), p in zip(slots, pitches, strict=True)]
    return _voiced(found, call, context, start * FRAME_TICKS)


@lru_cache(maxsize=4)
def _by_rules(
    call: tuple[Note, ...], slots: tuple[Slot, ...], spans: tuple[ChordSpan, ...], meter: Meter, seed: int
) -> list[int]:
    """Pitches by rule, remembered: every window of a turn needs the whole turn."""
    middle = round(mean_pitch(call))
    low, high = max(LOW, middle - 12), min(HIGH, middle + 12)
    return answer_pitches(call, slots, spans, meter, seed=seed, low=low, high=high)


def _voiced(notes: list[Note], call: list[Note], context: Context, zero: int) -> list[Note]:
    """The notes as loud as the call was at the same place of its own line, strong beats leaning a little."""
    length = max(n.end for n in call) or 1
    onsets = [n.tick for n in call]
    out = []
    for note in notes:
        place = note.tick - zero
        at = max(bisect_right(onsets, place % length) - 1, 0)
        lean = 2 * context.ask.meter.weight(place) - 2
        velocity = round(0.5 * call[at].velocity + 0.5 * context.level) + lean
        out.append(replace(note, velocity=min(120, max(40, velocity))))
    return out


def final_note(ask: Ask, context: Context) -> list[PartNote]:
    """A chord tone on the final downbeat, ringing two bars."""
    chord = None if ask.ending is None else context.changes.at(ask.ending)
    if ask.ending is None or chord is None or not ask.solo:
        return []
    wish = fold(round(mean_pitch(context.call, 67.0)), 60, 79)
    near = [p for p in range(wish - 6, wish + 7) if p % 12 in chord.core]
    pitch = fold(min((abs(p - wish), p) for p in near)[1] + ask.knobs.transpose, 36, 96)
    return [PartNote("solo", ask.ending * FRAME_TICKS, 2 * ask.meter.bar_ticks, pitch, min(115, context.level + 6))]
