"""Made-up melodies over four chords, for smoke runs and tests: no data set needed."""

from __future__ import annotations

import random

from sideman.music.chords import Chord
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman_lab.melody.pieces import Melody, Span

PROGRESSION = (Chord(0), Chord(9, "min"), Chord(5), Chord(7))


def made_up_pieces(count: int, seed: int) -> list[Melody]:
    """Pieces of 16 bars of 4/4: one chord a bar, chord tones on the beat, steps between, each in its own key."""
    return [_piece(f"made-up-{k}", random.Random(seed * 1000 + k)) for k in range(count)]


def _piece(song: str, dice: random.Random) -> Melody:
    meter = Meter(4, 4)
    key = dice.randrange(12)
    spans = tuple(
        Span(bar * meter.bar_ticks, (bar + 1) * meter.bar_ticks, PROGRESSION[bar % 4].transposed(key))
        for bar in range(16)
    )
    notes: list[Note] = []
    pitch = 60 + key
    for span in spans:
        for k in range(4):
            tick = span.start + 4 * k * FRAME_TICKS
            near = [p for p in range(pitch - 5, pitch + 6) if p % 12 in span.chord.pitch_classes and 50 <= p <= 80]
            pitch = dice.choice(near) if near else 60 + key
            notes.append(Note(tick, 2 * FRAME_TICKS, pitch))
            if dice.random() < 0.5:
                pitch += dice.choice((-2, 2))
                notes.append(Note(tick + 2 * FRAME_TICKS, 2 * FRAME_TICKS, pitch))
    return Melody(song, meter, tuple(notes), spans)
