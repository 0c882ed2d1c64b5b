"""What each sound is measured with: a phrase of its part's range, touch and rhythm, the same every time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import mido

from sideman.music.drumkit import OUT_PITCH, Voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Note = tuple[float, float, int, int]
"""Onset and length in beats, pitch, velocity."""
SEED = 1
BEATS = 16
BPM = 120
SLOT_S = 10.0
"""A phrase's 8 s and what rings after it."""
_TICKS = 480
_CHORDS = ((48, 55, 59, 64), (50, 53, 57, 60), (53, 57, 60, 64), (50, 55, 59, 65))
"""Voicings as the comper has them, from C3 up."""
_SCALE = (0, 2, 4, 5, 7, 9, 11)


def lead(seed: int = SEED) -> list[Note]:
    """A line of one voice between C4 and A5: quarters, eighths and held ends, mezzo forte."""
    random, notes, at, step = Random(f"lead {seed}"), [], 0.0, 7
    while at < BEATS:
        length = 2.0 if at % 4 == 2 and random.random() < 0.4 else random.choice((0.5, 0.5, 1.0))
        step = min(max(step + random.choice((-2, -1, -1, 1, 1, 2)), 0), 12)
        octave, degree = divmod(step, 7)
        notes.append((at, 0.9 * length, 60 + 12 * octave + _SCALE[degree], random.randint(70, 92)))
        at += length
    return notes


def chords(seed: int = SEED) -> list[Note]:
    """Four voices, a chord a bar: a long stroke and two short ones, softer than the lead."""
    random, notes = Random(f"chords {seed}"), []
    for bar in range(BEATS // 4):
        for beat, length in ((0.0, 1.4), (1.5, 0.9), (2.5, 1.2)):
            touch = random.randint(58, 74)
            notes += [(4 * bar + beat, length, pitch, touch) for pitch in _CHORDS[bar]]
    return notes


def bass(seed: int = SEED) -> list[Note]:
    """Roots, fifths and octaves between E1 and D3, quarters and eighths."""
    random, notes = Random(f"bass {seed}"), []
    for bar, root in enumerate((36, 38, 41, 31)):
        for beat, length in ((0.0, 1.0), (1.0, 0.5), (1.5, 0.5), (2.0, 1.0), (3.0, 0.5), (3.5, 0.5)):
            pitch = root if beat in (0.0, 2.0) else root + random.choice((0, 7, 12))
            notes.append((4 * bar + beat, 0.85 * length, min(pitch, 50), random.randint(66, 88)))
    return notes


def drums(seed: int = SEED) -> list[Note]:
    """A plain beat: kick, snare with ghosts, closed hat, one open, the ride in the second half, a crash and toms."""
    random, notes = Random(f"drums {seed}"), []

    def stroke(at: float, voice: Voice, velocity: int) -> None:
        notes.append((at, 0.2, OUT_PITCH[voice], velocity + random.randint(-6, 6)))

    for bar in range(BEATS // 4):
        zero = 4 * bar
        for beat in (0.0, 2.0, 2.5):
            stroke(zero + beat, Voice.KICK, 84)
        for beat, velocity in ((1.0, 84), (3.0, 86), (1.75, 38), (3.75, 36)):
            stroke(zero + beat, Voice.SNARE, velocity)
        for eighth in range(8):
            opened = bar == 1 and eighth == 7
            voice = Voice.RIDE if bar >= 2 else Voice.OPEN_HAT if opened else Voice.CLOSED_HAT
            stroke(zero + eighth / 2, voice, 66 if eighth % 2 == 0 else 52)
    for at, voice in ((0.0, Voice.CRASH), (15.0, Voice.HIGH_TOM), (15.25, Voice.MID_TOM), (15.5, Voice.LOW_TOM)):
        stroke(at, voice, 84)
    return sorted(notes)


PHRASES = {"drums": drums, "bass": bass, "chords": chords, "solo": lead, "player": lead}
"""The phrase of each part; the solo and the player play melodies."""


def write(path: Path, notes: Sequence[Note], channel: int, setups: Iterable[Sequence[bytes]]) -> None:
    """One phrase again and again, a slot of ``SLOT_S`` each, with other programs and controllers before it.

    Args:
        path: The MIDI file.
        notes: The phrase.
        channel: 0-15.
        setups: Channel messages sent before each time.
    """
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM))])
    timed: list[tuple[float, int, mido.Message]] = []
    slot = SLOT_S * BPM / 60
    for number, setup in enumerate(setups):
        zero = number * slot
        timed += [(zero, 0, mido.Message.from_bytes(list(data))) for data in setup]
        for at, length, pitch, velocity in notes:
            timed.append((zero + at, 2, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
            timed.append((zero + at + length, 1, mido.Message("note_off", channel=channel, note=pitch)))
        # all sound off: a pad that rings must not be heard in the next one's time
        timed.append((zero + slot - 0.2, 3, mido.Message("control_change", channel=channel, control=120)))
    now = 0
    for at, _, message in sorted(timed, key=lambda each: (each[0], each[1])):
        tick = round(at * _TICKS)
        track.append(message.copy(time=tick - now))
        now = tick
    mido.MidiFile(type=0, ticks_per_beat=_TICKS, tracks=[track]).save(str(path))
