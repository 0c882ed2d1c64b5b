"""What the chords of a jam are called: as they sound, in sharps or flats of the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band.harmony import parsed_key
from sideman.music import spelling

if TYPE_CHECKING:
    from sideman.jam.core import Jam
    from sideman.music.chords import Chord
    from sideman.music.harmony import Key


def key_shown(jam: Jam) -> str:
    """The key as the box shows it: the one set, the one of what stands, the one heard; empty before all that."""
    if jam.options.key != "auto":
        key = parsed_key(jam.options.key)
        return jam.options.key if key is None else spelling.key_name(key)
    material = jam.session.material
    if jam.live or material is None:
        return jam.following.key or (material.key if material is not None else "")
    return material.key


def name(jam: Jam, chord: Chord) -> str:
    """Short name of a chord as it sounds: ``Db``, ``G#m7``, ``C5``."""
    return spelling.chord_name(chord.transposed(jam.options.transpose), _key(jam))


def label(jam: Jam, chord: Chord) -> str:
    """Harte label of a chord as it sounds."""
    return spelling.chord_label(chord.transposed(jam.options.transpose), _key(jam))


def _key(jam: Jam) -> Key | None:
    """The key that sounds: transposed as the chords are."""
    key = parsed_key(key_shown(jam))
    return None if key is None else ((key[0] + jam.options.transpose) % 12, key[1])
