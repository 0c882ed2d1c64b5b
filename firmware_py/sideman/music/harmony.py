"""Chords in time, and harmony by rules: what to play under a line when no model says."""

from __future__ import annotations

from dataclasses import dataclass

from sideman.music.chords import Chord


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord and where it stands: onset and length in frames (16ths), how sure we are of it 0-1."""

    onset: int
    frames: int
    chord: Chord
    confidence: float
