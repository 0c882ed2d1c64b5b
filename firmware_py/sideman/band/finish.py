"""The last touch on every part: inside the window, no pitch over itself, sane velocities, a clean ending."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.band.tune import COLOUR, is_held
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.band.messages import Ask, PartNote
    from sideman.band.swing import Swing

MIN_TICKS = 30
"""Shortest note."""
_KEPT_VOICES = 2
HALF_FRAME = FRAME_TICKS // 2


def finished(notes: Iterable[PartNote], ask: Ask, swing: Swing) -> tuple[PartNote, ...]:
    """Notes fit to be sent: swung, those of the window (and not past the ending), tidied, by tick, part and pitch."""
    end = ask.end if ask.ending is None else min(ask.end, ask.ending + 1)
    low, high = ask.start * FRAME_TICKS - HALF_FRAME, end * FRAME_TICKS - HALF_FRAME
    inside = [
        note for note in apart(swing.laid_out(notes), wide=ask.knobs.style not in COLOUR) if low <= note.tick < high
    ]
    return tuple(sorted(without_overlap(inside), key=lambda note: (note.tick, note.part, note.pitch)))


def apart(notes: Iterable[PartNote], *, wide: bool = False) -> list[PartNote]:
    """The same notes but for voices of the comper that would rub with the soloist.

    A voice goes where a solo note a semitone beside it sounds with it for an eighth or more; a chord keeps two voices.

    Args:
        notes: All parts.
        wide: Whether major sevenths and minor ninths rub as well, in any octave.
    """
    every = list(notes)
    solo = [note for note in every if note.part == "solo"]
    if not solo:
        return every
    left = Counter(note.tick for note in every if note.part == "chords")
    out: list[PartNote] = []
    for note in every:
        if (
            note.part == "chords"
            and left[note.tick] > _KEPT_VOICES
            and any(_rub(note, other, wide=wide) for other in solo)
        ):
            left[note.tick] -= 1
            continue
        out.append(note)
    return out


def _rub(one: PartNote, other: PartNote, *, wide: bool) -> bool:
    together = min(one.tick + one.duration, other.tick + other.duration) - max(one.tick, other.tick)
    if abs(one.pitch - other.pitch) == 1:
        return together >= 2 * FRAME_TICKS
    return wide and (one.pitch - other.pitch) % 12 in (1, 11) and is_held(other.duration, together, one.duration)


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
