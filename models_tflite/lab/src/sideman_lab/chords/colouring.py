"""The chords as they would be named and sounded: the decoder's triads coloured as the band colours them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.band.messages import Knobs
from sideman.music.colour import SUSPENDED, coloured
from sideman.music.harmony import ChordSpan, estimate_key
from sideman.music.meter import FRAME_TICKS
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.music.harmony import Key
    from sideman_lab.chords.piece import FramedPiece

RECENT = 96
"""Frames of melody that are looked at; the colours ask for less."""


class Colours:
    """Colours the fresh part of each plan of one piece, with the melody heard by then."""

    def __init__(self, piece: FramedPiece, complexity: int | None = None, style: str | None = None) -> None:
        """Start before the first frame; None takes the box's default."""
        self.piece = piece
        self.complexity = Knobs().complexity if complexity is None else complexity
        self.style = Knobs().style if style is None else style
        self.notes = notes_of(piece)

    def painted(self, plan: Sequence[ChordSpan], row: int, committed: Sequence[ChordSpan]) -> list[ChordSpan]:
        """What a plan, made before ``row`` was heard, adds to what stands, coloured.

        A chord that only goes on keeps its colour; it is asked anew where the wish has suspensions, which resolve.
        """
        begin = committed[-1].end if committed else plan[0].onset if plan else 0
        fresh = [replace(s, onset=max(s.onset, begin), frames=s.end - max(s.onset, begin)) for s in plan]
        fresh = [s for s in fresh if s.frames > 0]
        if self.complexity <= 0 or not fresh:
            return fresh
        last = committed[-1] if committed else None
        goes_on = last is not None and last.end == fresh[0].onset and last.chord.triad == fresh[0].chord.triad
        if goes_on and self.complexity < SUSPENDED:
            return fresh
        plain = [replace(s, chord=s.chord.triad) for s in fresh]
        key, heard = self._key(row), self._heard(row)
        return list(coloured(plain, key, self.complexity, self.style, heard, before=committed))

    def _key(self, row: int) -> Key | None:
        heard = self.piece.pitch[:row]
        heard = heard[heard > 0]
        return estimate_key(np.bincount(heard % 12, minlength=12).tolist())[:2] if len(heard) else None

    def _heard(self, row: int) -> list[Note]:
        now = (self.piece.first + row) * FRAME_TICKS
        low = now - RECENT * FRAME_TICKS
        known = [n for n in self.notes if n.tick < now and n.end > low]
        return [n if n.end <= now else replace(n, duration=now - n.tick) for n in known]


def notes_of(piece: FramedPiece) -> list[Note]:
    """The melody as notes on the jam's ticks."""
    pitch, struck = piece.pitch, piece.struck
    edges = np.flatnonzero(struck | np.concatenate([[True], pitch[1:] != pitch[:-1]]))
    out = []
    for start, stop in zip(edges, [*edges[1:], len(pitch)], strict=True):
        if pitch[start] > 0:
            size = int(stop - start)
            out.append(Note((piece.first + int(start)) * FRAME_TICKS, size * FRAME_TICKS, int(pitch[start])))
    return out
