"""Where each part stands in the mix: its loudness, its place from left to right, its share of the room.

A part at level 100 is as loud as the mix wants it, whatever program it plays: the trims of ``sound_trims``, measured
with the box's own synthesiser and font, even the programs out, :data:`PLACES` sets the parts against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from sideman.music.sound_trims import TRIMS

VOLUME, PAN, REVERB, CHORUS = 7, 10, 91, 93
"""The controllers of a mix; General MIDI's volume is 40 log10(value / 127) dB."""
NEUTRAL = {PAN: 64, REVERB: 40, CHORUS: 0}
"""What General MIDI 2 has where nothing was said."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part's place in the mix.

    Attributes:
        balance: dB over the reference of the trims, chosen on whole takes (``sideman-lab evaluate mix``): thin
            velocities and rests are made up for by level, so that touch stays as it was played.
        pan: 0 = left, 64 = middle, 127 = right; narrow, for one side alone may feed an amplifier.
        reverb: Send to the room, 0-127; low notes muddy it.
        chorus: Send to the chorus, 0-127.
    """

    balance: float
    pan: int
    reverb: int
    chorus: int = 0


PLACES: dict[str, Place] = {
    "drums": Place(-2.0, 64, 24),
    "bass": Place(0.5, 64, 6),
    "chords": Place(1.0, 50, 44, 12),
    "solo": Place(2.1, 78, 52),
    "player": Place(1.5, 64, 44),
}
_TRIMMED_AS = {"player": "solo"}
"""The player is measured with the solo's phrase."""


def trim(part: str, program: int) -> float:
    """How much louder (dB) a program of a part must be to sound as the mix wants it."""
    return TRIMS[_TRIMMED_AS.get(part, part)][program] + PLACES[part].balance


def volume(part: str, program: int, level: float) -> int:
    """Controller 7 for a part's level (0-127): silence stays silence, and nothing becomes it."""
    if level <= 0:
        return 0
    return min(127, max(1, round(level * 10 ** (trim(part, program) / 40))))


def placed(part: str) -> tuple[tuple[int, int], ...]:
    """Controllers that put a part in its place, with their values."""
    place = PLACES[part]
    return ((PAN, place.pan), (REVERB, place.reverb), (CHORUS, place.chorus))
