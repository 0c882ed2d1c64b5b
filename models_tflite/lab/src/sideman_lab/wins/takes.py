"""Five performances as hands play them, with the scripts that play them to the box: lines by seed over set chords."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import mido

from sideman.music.chords import parse_chord

if TYPE_CHECKING:
    from pathlib import Path

BEATS, BARS = 4, 8
TURNS = 4
"""Times the phrase is played: once for the box to hear, then along with the band."""
TICKS = 480
HAND_S = 0.01
"""Standard deviation of an onset."""
START_S = 1.0


@dataclass(frozen=True, slots=True)
class Performance:
    """What one player plays.

    Attributes:
        name: Of the take.
        style: Of the band.
        mode: ``trade`` or ``follow``.
        bpm: Quarters a minute.
        swing: Where an off-beat eighth lies in its beat.
        chords: One a bar.
        cells: Rhythms of a bar in beats, off-beat eighths at .5; the first opens, later bars take one by lot.
        swell: Velocities from the softest bar to the loudest, over the phrases.
    """

    name: str
    style: str
    mode: str
    bpm: float
    swing: float
    chords: tuple[str, ...]
    cells: tuple[tuple[float, ...], ...]
    swell: tuple[int, int] = (84, 84)


PERFORMANCES = (
    Performance(
        "jazz",
        "jazz",
        "trade",
        148,
        0.63,
        ("D:min", "G:maj", "C:maj", "A:min", "D:min", "G:maj", "C:maj", "C:maj"),
        ((0, 0.5, 1, 1.5, 2, 3, 3.5), (0, 1, 1.5, 2, 2.5, 3), (0.5, 1, 2, 2.5, 3, 3.5)),
    ),
    Performance(
        "shuffle",
        "blues",
        "follow",
        112,
        0.66,
        ("A:maj", "A:maj", "D:maj", "A:maj", "A:maj", "E:maj", "A:maj", "A:maj"),
        ((0, 0.5, 1, 1.5, 2, 2.5, 3), (0, 1, 1.5, 2, 3, 3.5)),
    ),
    Performance(
        "bossa",
        "latin",
        "follow",
        126,
        0.5,
        ("C:maj", "C:maj", "D:min", "G:maj", "C:maj", "A:min", "D:min", "G:maj"),
        ((0, 1.5, 2, 3, 3.5), (0, 0.5, 1.5, 2.5, 3), (0, 1, 1.5, 2.5)),
    ),
    Performance(
        "funk",
        "funk",
        "follow",
        104,
        0.5,
        ("E:min", "E:min", "E:min", "A:maj", "E:min", "E:min", "E:min", "A:maj"),
        ((0, 0.75, 1.5, 2, 2.75, 3.5), (0, 0.5, 0.75, 1.75, 2, 3.25, 3.5)),
    ),
    Performance(
        "ballad",
        "pop",
        "trade",
        72,
        0.5,
        ("F:maj", "C:maj", "D:min", "Bb:maj", "F:maj", "Bb:maj", "C:maj", "F:maj"),
        ((0, 1, 2, 3, 3.5), (0, 2, 2.5, 3), (0, 1.5, 2, 3)),
        (52, 112),
    ),
)
_LOW, _HIGH = 60, 81


def line(performance: Performance, seed: int) -> list[tuple[float, float, int, int]]:
    """Onset and length in beats, pitch and velocity of every note, the phrase ``TURNS`` times.

    On beats a tone of the bar's chord next to the note before, off them a step of the chords' own scale.
    """
    random = Random(f"{performance.name} {seed}")
    chords = [chord for label in performance.chords if (chord := parse_chord(label)) is not None]
    scale = sorted({pc for chord in chords for pc in chord.pitch_classes})
    phrase, pitch = [], 69
    for bar, chord in enumerate(chords):
        cell = random.choice(performance.cells) if bar else performance.cells[0]
        for place, at in enumerate(cell):
            allowed = chord.pitch_classes if at == int(at) else scale
            reach = [p for p in range(_LOW, _HIGH) if p % 12 in allowed and 0 < abs(p - pitch) <= 7]
            pitch = random.choice(sorted(reach, key=lambda p: (abs(p - pitch), p))[:3])
            until = cell[place + 1] if place + 1 < len(cell) else float(BEATS)
            phrase.append((BEATS * bar + at, 0.85 * (until - at), pitch))
    sway, (soft, loud) = HAND_S * performance.bpm / 60, performance.swell
    notes, size, bars = [], BEATS * BARS, BARS * TURNS
    for turn in range(TURNS):
        for at, length, key in phrase:
            beat, part = divmod(at, 1)
            late = 1 - (1 - part) * 2 * (1 - performance.swing)
            swung = beat + (part * 2 * performance.swing if part <= 0.5 else late)
            bar = int((turn * size + at) // BEATS)
            rise = 1 - abs(2 * (bar - bars // 4) / (bars - bars // 4) - 1) if bar >= bars // 4 else 0.0
            velocity = soft + rise * (loud - soft) + random.gauss(0, 4)
            onset = max(0.0, turn * size + swung + random.gauss(0, sway))
            notes.append((onset, length, key, round(min(120, max(30, velocity)))))
    return sorted(notes)


def write(performance: Performance, folder: Path, seed: int) -> tuple[Path, Path]:
    """The performance as a MIDI file and as a script of the jam."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(performance.bpm))])
    timed = []
    for at, length, pitch, velocity in line(performance, seed):
        timed.append((round(at * TICKS), mido.Message("note_on", note=pitch, velocity=velocity)))
        timed.append((round((at + length) * TICKS), mido.Message("note_off", note=pitch)))
    now = 0
    for tick, message in sorted(timed, key=lambda each: (each[0], each[1].type)):
        track.append(message.copy(time=tick - now))
        now = tick
    midi, script = folder / f"{performance.name}.mid", folder / f"{performance.name}.toml"
    mido.MidiFile(ticks_per_beat=TICKS, tracks=[track]).save(str(midi))
    script.write_text(_script(performance), encoding="utf-8")
    return midi, script


def _script(performance: Performance) -> str:
    beat = 60 / performance.bpm
    presses = [("START", -0.4)] + ([("PLAY", float(BEATS * BARS))] if performance.mode == "trade" else [])
    end = START_S + BEATS * BARS * TURNS * beat
    rows = [f'[player]\nstart = {START_S}\n\n[settings]\n"jam.mode" = "{performance.mode}"']
    rows[0] += f'\n"jam.style" = "{performance.style}"'
    for switch, at in presses:
        rows.append(f'[[press]]\nswitch = "{switch}"\nat_s = {START_S + at * beat:.3f}\nhold_s = 0.1')
    rows.append(f"[end]\nat_s = {end:.3f}")
    return "\n\n".join(rows) + "\n"


__all__ = ["BARS", "BEATS", "PERFORMANCES", "TURNS", "Performance", "line", "write"]
