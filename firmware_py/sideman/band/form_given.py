"""A form that the player chose: where its beat one is, and its chords where it has some (the blues)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.music.forms import BLUES, bars_of, blues_key, given, key_of
from sideman.music.harmony import histogram_of
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.messages import Ask
    from sideman.music.harmony import ChordSpan, Key
    from sideman.music.notes import Note

_COMPS = 0.5
"""Share of the notes that are struck three and more at once from which the player comps."""


def frames_of(ask: Ask) -> int:
    """Length of the given form in frames, 0 where none is given."""
    return bars_of(ask.knobs.form) * ask.meter.bar_frames


def beat_one(ask: Ask) -> int:
    """Frame of a given form's beat one: the player's first bar line, or the origin of a committed phrase."""
    return ask.origin if ask.one is None else ask.one


def comps(notes: Sequence[Note]) -> bool:
    """Whether the player strikes chords, rather than a line."""
    ordered = sorted(notes, key=lambda note: note.tick)
    struck, first = 0, 0
    for place, note in enumerate(ordered):
        while note.tick - ordered[first].tick > FRAME_TICKS // 2:
            first += 1
        last = place + 1 == len(ordered) or ordered[place + 1].tick - ordered[first].tick > FRAME_TICKS // 2
        if last:
            together = ordered[first : place + 1]
            struck += len(together) * (len({n.pitch % 12 for n in together}) > 2)
            first = place + 1
    return bool(notes) and struck >= _COMPS * len(notes)


def key_for(ask: Ask, notes: Sequence[Note]) -> Key | None:
    """Key of the blues: the one that was set, else that of the line; None before the first note."""
    if not notes or ask.knobs.key:
        return key_of(ask.knobs.key)
    return blues_key(histogram_of(notes))


def chorus(ask: Ask, notes: Sequence[Note], origin: int, start: int, end: int) -> list[ChordSpan]:
    """The blues over a window of frames; empty where it was not chosen, or no key is known.

    Args:
        ask: The request.
        notes: What was heard, for the key where none is set.
        origin: Frame of a chorus's beat one.
        start: First frame of the window.
        end: The frame after its last one.
    """
    key = key_for(ask, notes) if ask.knobs.form == BLUES else None
    return [] if key is None else given(BLUES, key, ask.meter, origin, start, end, ask.knobs.complexity)
