"""The clip of the demo, written for the project: a bass line, a melody over the band, then chords.

``python -m sideman.sim.clip`` writes it again; timing and velocity waver a little, as hands do, from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "clips" / "first_evening.mid"
BPM = 104
TICKS = 480
BAR = 4 * TICKS
JITTER = 7
"""Standard deviation of onsets in ticks: about 8 ms."""

Line = Sequence[tuple[float, float, int]]
"""Beat in the bar from 0, length in beats, pitch."""

BASS: tuple[Line, ...] = (
    ((0, 0.9, 33), (1.5, 0.45, 33), (2, 0.45, 36), (2.5, 0.45, 38), (3, 0.9, 40)),
    ((0, 0.9, 29), (1.5, 0.45, 29), (2, 0.45, 33), (2.5, 0.45, 36), (3, 0.9, 41)),
    ((0, 0.9, 36), (1.5, 0.45, 36), (2, 0.45, 40), (2.5, 0.45, 43), (3, 0.9, 40)),
    ((0, 0.9, 31), (1.5, 0.45, 31), (2, 0.45, 35), (2.5, 0.45, 38), (3, 0.45, 35), (3.5, 0.45, 32)),
)
MELODY: tuple[Line, ...] = (
    ((0, 1.4, 76), (1.5, 0.45, 74), (2, 0.9, 72), (3, 0.9, 69)),
    ((0, 0.9, 69), (1, 0.45, 72), (1.5, 0.9, 77), (2.5, 0.45, 76), (3, 0.9, 72)),
    ((0, 1.4, 79), (1.5, 0.45, 76), (2, 0.9, 72), (3, 0.45, 74), (3.5, 0.45, 76)),
    ((0, 1.9, 74), (2, 0.45, 71), (2.5, 0.45, 74), (3, 0.9, 79)),
)
CHORDS: tuple[tuple[int, ...], ...] = ((57, 60, 64, 67), (53, 57, 60, 64), (50, 53, 57, 60), (52, 56, 59, 62))
"""Am7, Fmaj7, Dm7, E7: the player's own changes, which the band must take."""
COMP = ((0, 1.4), (1.5, 0.4), (2.5, 1.4))

BASS_BAR, MELODY_BAR, CHORD_BAR = 1, 10, 14
"""First bar (from 1) of each section."""


def clip() -> Any:
    """The performance as a ``mido.MidiFile``: tracks BASS, MELODY and CHORDS on one tempo."""
    import mido  # noqa: PLC0415 - the appliance does not write clips

    rng = random.Random(7)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    head = mido.MidiTrack()
    head.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    head.append(mido.MetaMessage("time_signature", numerator=4, denominator=4))
    file.tracks.append(head)
    chords = [[(beat, length, p) for beat, length in COMP for p in pitches] for pitches in CHORDS]
    for name, first, bars in (("BASS", BASS_BAR, BASS), ("MELODY", MELODY_BAR, MELODY), ("CHORDS", CHORD_BAR, chords)):
        file.tracks.append(_track(mido, name, first, bars, rng))
    return file


def _track(mido: Any, name: str, first: int, bars: Sequence[Line], rng: random.Random) -> Any:
    timed: list[tuple[int, int, int, int]] = []
    for i, bar in enumerate(bars):
        for beat, length, pitch in bar:
            at = (first - 1 + i) * BAR + round(beat * TICKS)
            onset = max(0, at + round(rng.gauss(0, JITTER)))
            velocity = min(127, max(30, round(rng.gauss(92 if beat in (0, 2) else 80, 6))))
            timed.append((onset, 1, pitch, velocity))
            timed.append((onset + round(length * TICKS), 0, pitch, 0))
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=name))
    now = 0
    for tick, on, pitch, velocity in sorted(timed):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, note=pitch, velocity=velocity, time=tick - now))
        now = tick
    return track


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    clip().save(str(FILE))
