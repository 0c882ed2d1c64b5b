"""How pitches are written: key signatures, and the letter and accidental that a key gives a pitch class."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sideman.music.harmony import Key

_LINE = "FCGDAEB"
_MAJOR = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
"""Sharps (flats negative) of the major key on each pitch class."""
_MINOR = (-3, 4, -1, -6, 1, -4, 3, -2, 5, 0, -5, 2)
"""The same of the minor keys."""
_LOWEST = -3
"""Fifths from the major tonic to its flattest spelling (b3); the twelve go up from there to #5."""


def fifths(key: Key) -> int:
    """Sharps of a key's signature; flats are negative."""
    return (_MINOR if key[1] == "min" else _MAJOR)[key[0]]


def spelled(pitch_class: int, sharps: int) -> tuple[str, int]:
    """Letter and accidental (semitones, -2 to 2) of a pitch class under a key signature.

    Tones of the key as it has them; others as the nearest on the line of fifths, from its flat third to its sharp
    fifth (the leading note of the relative minor).
    """
    first = sharps + _LOWEST
    # On the line of fifths C is 0, G 1 ...: the place whose pitch class this is, in the window of twelve.
    place = first + (pitch_class * 7 - first) % 12
    letter = _LINE[(place + 1) % 7]
    return letter, (place + 1) // 7
