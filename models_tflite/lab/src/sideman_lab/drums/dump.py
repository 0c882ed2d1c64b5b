"""Write what a model played, so that anybody can score it with code of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import mido
import numpy as np

from sideman.music.drumkit import OUT_PITCH

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman_lab.drums.play import Played
    from sideman_lab.drums.windows import Split

TICKS_PER_QUARTER = 480
STEP_TICKS = TICKS_PER_QUARTER // 4
NOTE_TICKS = 30


def write(folder: Path, played: Played, split: Split) -> int:
    """Write ``index.jsonl`` and one MIDI file for each loop of each condition; returns how many.

    An index line holds ``file``, ``condition``, ``reference`` (``midi_filename``), ``start_step``, ``bpm``,
    ``take`` and ``seed``. Onsets are ``(step + offset) x 120`` ticks at 480 a quarter, clipped at 0.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    with (folder / "index.jsonl").open("w", encoding="utf-8") as index:
        for (condition, take), grids in played.grids.items():
            place = folder / f"{condition}-{take}"
            place.mkdir(exist_ok=True)
            for i, grid in enumerate(grids):
                name = f"{place.name}/{i:05d}.mid"
                midi_of(grid, float(split.bpm[i])).save(folder / name)
                row = {
                    "file": name,
                    "condition": condition,
                    "reference": split.names[split.piece[i]],
                    "start_step": int(split.start[i]),
                    "bpm": float(split.bpm[i]),
                    "take": take,
                    "seed": i,
                }
                index.write(json.dumps(row) + "\n")
                written += 1
    return written


def midi_of(grid: NDArray[np.float32], bpm: float) -> mido.MidiFile:
    """A loop, steps x 9 x (hit, velocity 0-1, offset late positive), as a one-track MIDI file on channel 10."""
    events: list[tuple[int, int, int]] = []
    for step, voice in zip(*np.nonzero(grid[..., 0]), strict=True):
        tick = max(0, round((int(step) + float(grid[step, voice, 2])) * STEP_TICKS))
        velocity = max(1, min(127, round(float(grid[step, voice, 1]) * 127)))
        events += [(tick, OUT_PITCH[voice], velocity), (tick + NOTE_TICKS, OUT_PITCH[voice], 0)]
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(60_000_000 / bpm))])
    now = 0
    for tick, pitch, velocity in sorted(events, key=lambda event: (event[0], event[2] > 0)):
        track.append(mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=tick - now))
        now = tick
    return mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])
