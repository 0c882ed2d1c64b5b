"""The chords of what was heard while following, found with hindsight once a bar; needs NumPy through the stream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chords import HINDSIGHT
from sideman.music.chords import TRIADS
from sideman.music.functional import Wanted, cuts_of, functional
from sideman.music.harmony import ChordSpan, merged, overlay, segments
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from sideman.band.following import Heard
    from sideman.models.chord_decoder import PlanOptions
    from sideman.models.chords import ChordStream

_UNKNOWN = 0.02
"""Share of every triad in a frame that the stream does not remember, and at least in one that it does."""


class Retrospect:
    """What is thought of the past, remembered until another bar is over."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        self._key: tuple[Any, ...] = ()
        self._found: tuple[ChordSpan, ...] = ()
        self._now: tuple[Any, ...] = ()
        self._lately: list[ChordSpan] = []

    def past(self, stream: ChordStream, zero: int, known: Heard, options: PlanOptions) -> list[ChordSpan]:
        """Chords for what was heard: whole bars by function, key and net together, the bar in progress by the net.

        Args:
            stream: It has heard all of it.
            zero: Frame of the jam that is the stream's frame 0.
            known: What was heard, on the jam's frames.
            options: The player's wishes.
        """
        bar = stream.meter.bar_frames
        bars = (known.until - known.base) // bar
        key = (stream, zero, known.base, bars, options)
        if key != self._key and bars > 0:
            self._key, self._found = key, self._of_bars(stream, zero, known, bars * bar, options)
        now = (stream, zero, known.base, stream.next_frame)
        if now != self._now:
            self._now = now
            self._lately = [replace(s, onset=s.onset + zero) for s in settled(stream, known.base - zero)]
        lately = self._lately
        return overlay(lately, self._found) if bars > 0 else list(lately)

    def _of_bars(
        self, stream: ChordStream, zero: int, known: Heard, frames: int, options: PlanOptions
    ) -> tuple[ChordSpan, ...]:
        meter = stream.meter
        starts = [cut.frame for cut in cuts_of(meter, frames, options.harmonic_rhythm)]
        at = np.arange(known.base - zero, known.base - zero + frames)
        mass = stream.remembered(at)
        logs = np.log(mass + _UNKNOWN)
        said = np.add.reduceat(logs, starts, axis=0) / 4
        low = known.base * FRAME_TICKS
        notes = [n.moved(-low) for n in known.notes if n.tick - low < frames * FRAME_TICKS]
        wanted = Wanted(options.key, options.key_lock, options.harmonic_rhythm, options.cadence, False, options.scale)
        found = functional(notes, frames, meter, wanted, said.tolist())
        return tuple(replace(s, onset=s.onset + known.base) for s in found.spans)


def settled(stream: ChordStream, since: int) -> list[ChordSpan]:
    """The chords of the past as the stream remembers them, one a stretch between strong beats.

    Args:
        stream: It has heard them.
        since: First frame, as the stream counts.
    """
    until = stream.next_frame - HINDSIGHT + 1
    since = max(since, until - len(stream.past))
    out = []
    for start, end in segments(stream.meter, until - since, since) if until > since else ():
        mass = stream.past[[frame % len(stream.past) for frame in range(start, end)]].mean(axis=0)
        if mass.sum() > 0:
            best = int(mass.argmax())
            out.append(ChordSpan(start, end - start, TRIADS[best], float(mass[best])))
    return merged(out)


__all__ = ["Retrospect", "settled"]
