"""How pitches and chords are written: key signatures, and the letter and accidental that a key gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.music.chords import NAMES, SHORT

if TYPE_CHECKING:
    from sideman.music.chords import Chord
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
    return _written(place)


def spelled_root(chord: Chord, key: Key) -> tuple[str, int]:
    """Letter and accidental of a chord's root in a key: ``Ab`` and ``Bb`` borrowed, ``F#`` but ``Db`` in C major.

    The line of fifths from the flat second to the sharp fourth of the key. A diminished chord leads up to what it
    serves, so its root is rather sharp (``C#o7`` before Dm), and nobody writes D flat minor.
    """
    return _written(_root_place(chord, key))


def spelled_bass(chord: Chord, key: Key) -> tuple[str, int]:
    """Letter and accidental of a chord's bass, by its interval from the root: ``E/G#``, ``Ab/C``."""
    root = _root_place(chord, key)
    step = (chord.bass_class - chord.root) % 12
    minor = "dim" in chord.quality
    return _written(root + (_DIMINISHED.get(step, _INTERVALS[step]) if minor else _INTERVALS[step]))


def chord_name(chord: Chord, key: Key | None) -> str:
    """The short name of a chord (``Chord.name``) in sharps or flats of a key; without a key the usual ones."""
    if key is None:
        return chord.name
    tail = "" if chord.bass in (None, chord.root) else f"/{_text(spelled_bass(chord, key), chord.bass_class)}"
    return f"{_text(spelled_root(chord, key), chord.root)}{SHORT.get(chord.quality, chord.quality)}{tail}"


def chord_label(chord: Chord, key: Key | None) -> str:
    """The Harte label of a chord (``Chord.label``) in sharps or flats of a key."""
    if key is None:
        return chord.label
    tail = "" if chord.bass in (None, chord.root) else f"/{_text(spelled_bass(chord, key), chord.bass_class)}"
    return f"{_text(spelled_root(chord, key), chord.root)}:{chord.quality}{tail}"


def key_name(key: Key) -> str:
    """A key with the fewer accidentals: ``Db maj``, ``C# min``."""
    return f"{_text(spelled(key[0], fifths(key)), key[0])} {key[1]}"


_INTERVALS = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
"""Fifths from a root to what stands so many semitones above it: thirds as thirds, sevenths as sevenths."""
_DIMINISHED = {6: -6, 9: -9}
"""The fifth and seventh of a diminished chord."""
_SHARPER = {"dim": 3, "min": 1}
"""Fifths by which the roots of diminished and minor chords lie towards the sharps."""
_FLATTEST = -6
"""G flat: a minor chord beyond it is written in sharps, nobody reads C flat minor."""


def _root_place(chord: Chord, key: Key) -> int:
    """Place of a root on the line of fifths: C 0, G 1, F -1."""
    first = fifths(key) + (3 if key[1] == "min" else 0) - 5 + _SHARPER.get(chord.triad.quality, 0)
    place = first + (chord.root * 7 - first) % 12
    return place + 12 if place < _FLATTEST and chord.triad.quality == "min" else place


def _written(place: int) -> tuple[str, int]:
    return _LINE[(place + 1) % 7], (place + 1) // 7


def _text(spelling: tuple[str, int], pitch_class: int) -> str:
    """A spelling as text; a double accidental is nobody's wish on a stage."""
    letter, alter = spelling
    if abs(alter) > 1:
        return NAMES[pitch_class]
    return letter + {1: "#", -1: "b", 0: ""}[alter]
