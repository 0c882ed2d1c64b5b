"""Keeping with the player: a found tempo is never exact, so a follower leans on what it hears, bar by bar.

A two-state tracker (phase and period, linear correction): part of the phase error is made up within the next bar,
a smaller part goes into the tempo itself. Ticks that already sounded stay where they are; the line only bends.
"""

from __future__ import annotations

from statistics import median

from sideman.jam.core import Jam
from sideman.music.meter import FRAME_TICKS

PHASE_GAIN, PERIOD_GAIN = 0.5, 0.2
NEAR = 6
"""An onset within a sixth of a beat of a beat tells something; others are off the beat on purpose."""
ENOUGH = 2
STEP, RANGE = 0.02, 0.08
"""Bounds of one bar's correction and of all corrections together, as shares of the tempo."""


def lean(jam: Jam, frame: int) -> None:
    """At a bar line, bend the tempo towards the player (only where the tempo was found from the playing)."""
    line = jam.timeline
    tick = frame * FRAME_TICKS
    if line.within(tick) or jam.options.tempo_fixed or jam.session.tapped is not None or jam.found_bpm is None:
        return
    late = _lateness(jam, tick)
    if late is None:
        return
    share = late / jam.meter.bar_ticks
    found = jam.found_bpm
    base = jam.base_bpm / (1 + _bounded(PERIOD_GAIN * share, STEP))
    jam.base_bpm = min(found * (1 + RANGE), max(found * (1 - RANGE), base))
    bpm = jam.base_bpm / (1 + _bounded(PHASE_GAIN * share, STEP))
    line.tempo.change(max(tick, line.floor), bpm)
    jam.log("lean", bpm=round(bpm, 3), late_ticks=round(late))
    jam.retime()


def _lateness(jam: Jam, tick: int) -> float | None:
    """Median distance of the last bar's on-beat onsets from their beats in ticks, late = positive; None if few."""
    line, beat = jam.timeline, jam.meter.beat_ticks
    start = tick - jam.meter.bar_ticks - beat // NEAR
    offsets = []
    for note in jam.listener.between(line.ns(start), jam.now + 1):
        at = line.tick(note.ns) - line.bar_zero
        off = (at + beat // 2) % beat - beat // 2
        if abs(off) <= beat // NEAR:
            offsets.append(off)
    return float(median(offsets)) if len(offsets) >= ENOUGH else None


def _bounded(value: float, limit: float) -> float:
    return min(limit, max(-limit, value))
