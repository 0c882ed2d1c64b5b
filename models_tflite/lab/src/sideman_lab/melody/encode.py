"""Whole pieces as arrays for training: the firmware's own inputs, note by note, packed into bytes."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.melody_features import WIDTH, Call, Memory, NoteContext, encode, interval_class, summarise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sideman_lab.melody.pieces import Melody

SCALE = 64
"""Inputs lie within +-1.9; a byte holds them in 64ths."""
NO_TARGET = 255
"""Class of notes that are not learned from (the first of a piece)."""


def contexts(melody: Melody, calls: list[Call | None] | None = None) -> Iterator[NoteContext]:
    """The context of each note, with its own length."""
    for i, note in enumerate(melody.notes):
        chord, following, ticks = melody.chord_at(note.tick)
        yield NoteContext(
            note.tick,
            melody.meter,
            note.duration,
            chord,
            following,
            ticks,
            call=calls[i] if calls else None,
        )


def calls_of(melody: Melody, bars: int) -> list[Call | None]:
    """For each note the summary of the ``bars`` bars before its own group of ``bars``: the call it could answer."""
    size = bars * melody.meter.bar_ticks
    groups: dict[int, list[int]] = {}
    for i, note in enumerate(melody.notes):
        groups.setdefault(note.tick // size, []).append(i)
    found: list[Call | None] = [None] * len(melody.notes)
    for group, members in groups.items():
        call = summarise([melody.notes[i] for i in groups.get(group - 1, [])])
        for i in members:
            found[i] = call
    return found


def encode_piece(melody: Melody, *, spoiled: bool, seed: int) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """Inputs (notes, WIDTH) in 64ths and classes (notes,) of a piece.

    Args:
        melody: The piece.
        spoiled: Make what was heard as live playing is: 5 % wrong notes, 5 % an octave off, in a tenth of the pieces a
            change of key on the way. The class stays the way from what was heard to what is right.
        seed: Of the accidents and of the length of the call.
    """
    dice = random.Random(seed)
    if spoiled and dice.random() < 0.1:
        melody = _modulated(melody, dice)
    calls = calls_of(melody, dice.choice((2, 4, 8)))
    memory = Memory()
    inputs = np.zeros((len(melody.notes), WIDTH), np.int8)
    classes = np.full(len(melody.notes), NO_TARGET, np.uint8)
    for i, (note, context) in enumerate(zip(melody.notes, contexts(melody, calls), strict=True)):
        inputs[i] = np.rint(encode(memory, context) * SCALE)
        if i:
            classes[i] = interval_class(note.pitch - memory.last_pitch)
        pitch = _misheard(note.pitch, dice) if spoiled else note.pitch
        memory.add(note.tick, note.duration, pitch, melody.meter.bar_ticks)
    return inputs, classes


def _misheard(pitch: int, dice: random.Random) -> int:
    chance = dice.random()
    if chance < 0.05:
        return pitch + dice.choice((-2, -1, 1, 2))
    if chance < 0.1:
        return pitch + dice.choice((-12, 12))
    return pitch


def _modulated(melody: Melody, dice: random.Random) -> Melody:
    where = melody.notes[dice.randrange(len(melody.notes))].tick
    where -= where % melody.meter.bar_ticks
    shift = dice.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
    return replace(
        melody,
        notes=tuple(note.transposed(shift) if note.tick >= where else note for note in melody.notes),
        spans=tuple(
            replace(span, chord=span.chord.transposed(shift)) if span.start >= where else span for span in melody.spans
        ),
    )
