"""Chords as values: root, quality, bass; Harte labels; the 37 triad classes the models speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "5": (0, 7),
    "maj6": (0, 4, 7, 9),
    "min6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "minmaj7": (0, 3, 7, 11),
    "dim7": (0, 3, 6, 9),
    "hdim7": (0, 3, 6, 10),
    "aug7": (0, 4, 8, 10),
    "7sus4": (0, 5, 7, 10),
    "9": (0, 4, 7, 10, 2),
    "maj9": (0, 4, 7, 11, 2),
    "min9": (0, 3, 7, 10, 2),
    "add9": (0, 4, 7, 2),
    "11": (0, 4, 7, 10, 2, 5),
    "13": (0, 4, 7, 10, 2, 9),
}
"""Semitones above the root of every quality the box can name (Harte's words)."""

SHORT = {
    "maj": "",
    "min": "m",
    "min7": "m7",
    "maj7": "M7",
    "dim": "o",
    "dim7": "o7",
    "hdim7": "h7",
    "aug": "+",
    "sus4": "sus",
    "maj6": "6",
    "min6": "m6",
    "minmaj7": "mM7",
    "7sus4": "7sus",
    "min9": "m9",
    "maj9": "M9",
}


@dataclass(frozen=True, slots=False, order=True)
class Chord:
    """A chord symbol.

    Attributes:
        root: Pitch class 0-11.
        quality: A key of ``QUALITIES``.
        bass: Pitch class in the bass, or None for the root.
    """

    root: int
    quality: str = "maj"
    bass: int | None = None

    @cached_property
    def pitch_classes(self) -> tuple[int, ...]:
        """Sounding pitch classes, root first (a foreign bass is not counted)."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])

    @property
    def bass_class(self) -> int:
        """Pitch class the bassist starts from."""
        return self.root if self.bass is None else self.bass

    @property
    def triad(self) -> Chord:
        """Major, minor or diminished triad this chord reduces to (min* minor, dim and hdim diminished, else major)."""
        kind = "dim" if "dim" in self.quality else "min" if self.quality.startswith("min") else "maj"
        return Chord(self.root, kind)

    @property
    def core(self) -> tuple[int, ...]:
        """Pitch classes of its triad; of a power chord root and fifth, no third being guessed."""
        return self.pitch_classes if self.quality == "5" else self.triad.pitch_classes

    @property
    def label(self) -> str:
        """Harte label, ``A:min7/G`` with the bass as a note name."""
        tail = "" if self.bass is None or self.bass == self.root else f"/{NAMES[self.bass]}"
        return f"{NAMES[self.root]}:{self.quality}{tail}"

    @property
    def name(self) -> str:
        """Short name for a display: ``Am7``, ``F``, ``G7/B``."""
        tail = "" if self.bass is None or self.bass == self.root else f"/{NAMES[self.bass]}"
        return f"{NAMES[self.root]}{SHORT.get(self.quality, self.quality)}{tail}"

    def transposed(self, semitones: int) -> Chord:
        """The same chord some semitones higher."""
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.quality, bass)


TRIADS: tuple[Chord, ...] = tuple(Chord(r, q) for q in ("maj", "min", "dim") for r in range(12))
"""The 36 triads in the models' order: major C to B, minor, diminished. Index 36 is 'no chord'."""
NO_CHORD = 36


def triad_index(chord: Chord | None) -> int:
    """Class 0-36 of a chord as the models count it (36 for None)."""
    if chord is None:
        return NO_CHORD
    return ("maj", "min", "dim").index(chord.triad.quality) * 12 + chord.root


def pitch_class(name: str) -> int:
    """Pitch class of a note name such as ``F#``, ``Bb`` or ``Cbb``.

    Raises:
        ValueError: The name is not a note.
    """
    found = re.fullmatch(r"([A-G])([#b♯♭]*)", name)
    if not found:
        raise ValueError(f"'{name}' is not a note name")
    sharps = sum(1 if s in "#♯" else -1 for s in found[2])
    return (_LETTERS[found[1]] + sharps) % 12


_DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 2, "11": 5, "13": 9}
_ALIASES = {
    "": "maj",
    "maj(9)": "maj9",
    "sus4(b7)": "7sus4",
    "7(b9)": "7",
    "min7b5": "hdim7",
    "hdim": "hdim7",
    "min(9)": "min9",
    "maj(2)": "add9",
    "maj6(9)": "maj6",
    "maj11": "maj9",
    "min11": "min9",
    "maj13": "maj9",
    "min13": "min9",
    "sus4(b7,9)": "7sus4",
    "1": "5",
}


def parse_chord(label: str) -> Chord | None:
    """Read a Harte label (``C:maj7``, ``A:min/5``, ``G:sus4(b7)``, ``N``); unknown extensions are dropped.

    Returns:
        The chord, or None for ``N`` and ``X``.

    Raises:
        ValueError: The label has no root that is a note.
    """
    text = label.strip()
    if text in ("N", "X", "NC", "N.C."):
        return None
    body, _, bass_text = text.partition("/")
    root_text, _, quality = body.partition(":")
    root = pitch_class(root_text)
    quality = _ALIASES.get(quality, quality)
    while quality not in QUALITIES:
        shorter = quality.partition("(")[0] if "(" in quality else quality[:-1]
        quality = _ALIASES.get(shorter, shorter) if shorter else "maj"
    return Chord(root, quality, _bass_class(root, bass_text))


def _bass_class(root: int, text: str) -> int | None:
    if not text:
        return None
    if text[0] in _LETTERS:
        return pitch_class(text)
    found = re.fullmatch(r"([#b]*)(\d+)", text)
    if not found or found[2] not in _DEGREES:
        return None
    return (root + _DEGREES[found[2]] + found[1].count("#") - found[1].count("b")) % 12
