"""The band as loud as the player: what he plays over it, 16th by 16th, and what becomes of a planned velocity.

The state moves when a frame is decided, never when a note is played: the player's own way through takes no longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.music.dynamics import USUAL, Envelope, heard, sounding
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from sideman.jam.core import Jam


def listen(jam: Jam, frame: int) -> None:
    """Hear the last bar as a frame is decided; a band that is silent has nothing to follow."""
    if not jam.playing:
        jam.book.envelope = Envelope()
        return
    tick = frame * FRAME_TICKS
    since = tick - jam.meter.bar_ticks
    if not jam.live and jam.session.entry is not None:  # the phrase itself is what the band was made for
        since = max(since, jam.session.entry * FRAME_TICKS - FRAME_TICKS // 2)
    played = jam.listener.between(jam.timeline.ns(since), jam.now + 1)
    reference = jam.book.made_for("drums", tick) or USUAL
    bar_ns = max(1, jam.timeline.ns(tick) - jam.timeline.ns(tick - jam.meter.bar_ticks))
    notes = [((jam.now - note.ns) / bar_ns, note.velocity) for note in played]
    jam.book.envelope = heard(jam.book.envelope, notes, reference, jam.meter.bar_frames)


def touch(jam: Jam, part: str, tick: int, velocity: int) -> int:
    """A planned velocity as it goes out now."""
    return sounding(velocity, jam.book.envelope, jam.book.made_for(part, tick), part)
