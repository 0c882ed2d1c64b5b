"""The performances of the ten situations: ``python -m tests.jams.performances`` writes them beside their scripts."""

from __future__ import annotations

import random
from pathlib import Path

import mido

HERE = Path(__file__).parent
TICKS = 480
RIFF = (60, 64, 67, 72, 69, 64, 60, 57, 65, 69, 72, 65, 67, 71, 74, 71)
"""Four bars of quarters in 4/4: C, Am, F, G."""
E7, A7, B7 = (52, 56, 59, 62), (52, 55, 57, 61), (51, 57, 59, 66)
BLUES = (E7, A7, E7, E7, A7, A7, E7, E7, B7, A7, E7, B7)
SEVEN = (40, 40, 43, 45, 47, 45, 43)
BALLAD = (67, 71, 74, 72, 71, 69, 71, 67, 64, 66, 69, 72, 71, 67, 69, 74, 72, 69, 67, 66, 64, 67, 67, 67)

Row = tuple[float, float, int]
"""Onset and length in quarters from the first bar line, pitch."""


def quarters(pitches, start, step=1.0):
    """Notes end to end."""
    return [(start + i * step, 0.9 * step, pitch) for i, pitch in enumerate(pitches)]


def file_of(rows, bpm, numerator=4, denominator=4):
    """A performance as hands play it: onsets waver by 6 ms, velocities by a few steps, from a fixed seed."""
    rng = random.Random(5)
    events = []
    for onset, length, pitch in rows:
        at = max(0, round((onset + rng.gauss(0, 0.006 * bpm / 60)) * TICKS))
        events.append((at, 1, pitch, min(120, max(50, round(rng.gauss(86, 6))))))
        events.append((at + round(length * TICKS), 0, pitch, 0))
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name="PLAYER"))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)))
    track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
    now = 0
    for tick, on, pitch, velocity in sorted(events):
        track.append(mido.Message("note_on" if on else "note_off", note=pitch, velocity=velocity, time=tick - now))
        now = tick
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS)
    file.tracks.append(track)
    return file


def performances():
    """File name to performance."""
    comp = [(4 * bar + beat, 1.4, p) for bar, chord in enumerate(BLUES) for beat in (0, 2) for p in chord]
    solo = [(48 + 0.5 * i, 0.4, 64 + (3, 5, 7, 10, 12, 10, 7, 5)[i % 8]) for i in range(48)]
    mistake = [*quarters((61, 66, 70, 63), 4), *quarters(RIFF, 12), *quarters([p + 2 for p in RIFF], 36)]
    return {
        "01_first_evening": file_of([(0, 0.9, 55), (1.5, 0.4, 59), *quarters(RIFF, 8)], 96),
        "02_trade_four": file_of([*quarters(RIFF, 4), *quarters(RIFF[::-1], 36)], 96),
        "03_blues_in_e": file_of([*comp, *solo], 88),
        "04_seven": file_of(quarters(SEVEN * 4, 0, 0.5), 110, 7, 8),
        "05_ballad": file_of(quarters(BALLAD, 0), 72, 3, 4),
        "06_mistake": file_of(mistake, 104),
        "07_another_tempo": file_of(quarters(RIFF, 0), 96),
        "08_silence_now": file_of(quarters(RIFF, 0), 126),
        "09_three_leds": file_of([*quarters(RIFF, 4), *quarters(RIFF, 40)], 96),
        "11_trouble": file_of([*quarters(RIFF, 4), *quarters(RIFF[::-1], 36)], 96),
    }


def main():
    """Write them all."""
    for name, file in performances().items():
        file.save(str(HERE / f"{name}.mid"))


if __name__ == "__main__":
    main()
