"""One line, one note a frame: the first note struck in a 16th has it (ReaLJam's rule, RJ24).

The rule is for a line alone. Notes that sound together are no line: they all count, weighted by velocity and age
(``models/chord_features.hear``); taking one of them only, the paper's code lets a held bass note hide the melody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.music.notes import Note

LEGATO_TICKS = FRAME_TICKS // 4
"""A finger that lets go so much too late still plays one note after the other."""


def first_in_frame(notes: Iterable[Note]) -> list[Note]:
    """The notes with the rule applied where one follows another inside a frame.

    The first keeps the frame; a later one begins with the next frame if it sounds until then, else it is not heard.

    Args:
        notes: In any order.

    Returns:
        Notes by onset; those struck together are all there, untouched.
    """
    out: list[Note] = []
    held: list[Note] = []
    for note in sorted(notes):
        held = [one for one in held if one.frame == note.frame]
        late = any(one.end <= note.tick + LEGATO_TICKS and one.tick < note.tick - LEGATO_TICKS for one in held)
        if not late:
            held.append(note)
            out.append(note)
            continue
        begin = (note.frame + 1) * FRAME_TICKS
        if note.end > begin:
            out.append(replace(note, tick=begin, duration=note.end - begin))
    return sorted(out)
