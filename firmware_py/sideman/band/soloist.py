"""The soloist: answers the call in its own motif and rhythm for the length of the form, another way each turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.music.meter import FRAME_TICKS
from sideman.music.notes import Note, fold, line, mean_pitch

if TYPE_CHECKING:
    from sideman.band.context import Context
    from sideman.band.messages import Ask
    from sideman.music.chords import Chord

LOW, HIGH = 48, 88
FREE_BARS = 4
"""Length of an answer while there is no form."""


def play(ask: Ask, context: Context) -> list[PartNote]:
    """The answer's notes in the turns that the window touches; silent where the ask does not want a solo."""
    if not ask.solo:
        return []
    size = ask.form_frames or FREE_BARS * ask.meter.bar_frames
    first, last = (ask.start - ask.origin) // size, (ask.end - 1 - ask.origin) // size
    out: list[PartNote] = []
    for turn in range(first, last + 1):
        out += [
            PartNote("solo", n.tick, n.duration, fold(n.pitch + ask.knobs.transpose, 36, 96), n.velocity)
            for n in answer(ask, context, ask.origin + turn * size, size, turn)
        ]
    return out


def answer(ask: Ask, context: Context, start: int, frames: int, turn: int) -> list[Note]:
    """A whole turn's line on the jam's timeline."""
    call = _call(context)
    if not call:
        return []
    if context.models.melody is not None:
        return context.models.melody.answer(ask, call, context.changes, start, frames, turn)
    return _echo(call, context, start, frames, turn)


def _call(context: Context) -> list[Note]:
    """The player's top line, from tick 0."""
    notes = line(note for note in context.played if note.tick >= 0)
    if context.phrase is None and notes:
        base = notes[0].tick // context.ask.meter.bar_ticks * context.ask.meter.bar_ticks
        notes = [note.moved(-base) for note in notes]
    return notes


def _echo(call: list[Note], context: Context, start: int, frames: int, turn: int) -> list[Note]:
    """The call's rhythm; its contour turned, moved or kept, then bent to the chords on strong beats."""
    rng = context.rng("solo", turn)
    centre = fold(round(mean_pitch(call)), 60, 76)
    shape = rng.choice((1, 1, -1))
    shift = rng.choice((0, 2, -2, 3, 5))
    out: list[Note] = []
    length = frames * FRAME_TICKS
    span = max(n.end for n in call)
    bar = context.ask.meter.bar_ticks
    span = -(-span // bar) * bar
    previous = centre
    for turn_start in range(0, length, span):
        for note in call:
            tick = turn_start + note.tick
            if tick >= length or (rng.random() < 0.12 and context.ask.meter.weight(note.tick) < 3):
                continue
            wish = fold(centre + shape * (note.pitch - round(mean_pitch(call))) + shift, LOW, HIGH)
            frame = start + (tick + FRAME_TICKS // 2) // FRAME_TICKS
            chord = context.changes.at(frame)
            if chord is not None and (context.weight(frame) >= 2 or note.duration >= FRAME_TICKS * 4):
                wish = _chord_tone(chord, wish, previous)
            previous = wish
            out.append(Note(start * FRAME_TICKS + tick, min(note.duration, length - tick), wish, note.velocity))
    return out


def _chord_tone(chord: Chord, wish: int, previous: int) -> int:
    """The chord tone nearest to a wish, and then to the note before."""
    near = [p for p in range(wish - 6, wish + 7) if p % 12 in chord.pitch_classes]
    return min((abs(p - wish) + 0.3 * abs(p - previous), p) for p in near)[1]


def final_note(ask: Ask, context: Context) -> list[PartNote]:
    """A chord tone on the final downbeat, ringing two bars."""
    chord = None if ask.ending is None else context.changes.at(ask.ending)
    if ask.ending is None or chord is None or not ask.solo:
        return []
    wish = fold(round(mean_pitch(line(context.played), 67.0)), 60, 79)
    pitch = fold(_chord_tone(chord.triad, wish, wish) + ask.knobs.transpose, 36, 96)
    return [PartNote("solo", ask.ending * FRAME_TICKS, 2 * ask.meter.bar_ticks, pitch, min(115, context.level + 6))]
