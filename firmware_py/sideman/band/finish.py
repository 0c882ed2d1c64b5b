"""The last touch on every part: inside the window, no pitch over itself, sane velocities, a clean ending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.band.messages import Ask, PartNote

MIN_TICKS = 30
"""Shortest note."""
HALF_FRAME = FRAME_TICKS // 2


def finished(notes: Iterable[PartNote], ask: Ask) -> tuple[PartNote, ...]:
    """Notes fit to be sent: those of the window (and not past the ending), tidied, by tick, part and pitch."""
    end = ask.end if ask.ending is None else min(ask.end, ask.ending + 1)
    low, high = ask.start * FRAME_TICKS - HALF_FRAME, end * FRAME_TICKS - HALF_FRAME
    inside = [note for note in notes if low <= note.tick < high]
    return tuple(sorted(without_overlap(inside), key=lambda note: (note.tick, note.part, note.pitch)))


def without_overlap(notes: Iterable[PartNote]) -> list[PartNote]:
    """Each note cut where its own pitch sounds again in its part; of two that start together the louder stays."""
    by_key: dict[tuple[str, int], list[PartNote]] = {}
    for note in notes:
        by_key.setdefault((note.part, note.pitch), []).append(note)
    out: list[PartNote] = []
    for same in by_key.values():
        kept: list[PartNote] = []
        for note in sorted(same, key=lambda n: n.tick):
            if kept and note.tick - kept[-1].tick < MIN_TICKS:
                if note.velocity > kept[-1].velocity:
                    kept[-1] = replace(note, tick=kept[-1].tick)
                continue
            if kept and kept[-1].tick + kept[-1].duration > note.tick:
                kept[-1] = replace(kept[-1], duration=note.tick - kept[-1].tick)
            kept.append(note)
        out += [replace(n, duration=max(MIN_TICKS, n.duration), velocity=min(127, max(1, n.velocity))) for n in kept]
    return out
