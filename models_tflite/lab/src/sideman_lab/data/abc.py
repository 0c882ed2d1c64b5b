"""A small ABC reader for scores in parts: header, voices, bars. Times are quarters from the start of the piece.

It knows what hymns need: lengths, broken rhythm, tuplets, ties, accidentals that last a bar, keys, overlays (``&``) and
chords. Decorations, fermatas, slurs, grace notes, annotations and words are passed over; repeats are played once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS = "FCGDAEB"
FIFTHS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
MODES = {"maj": 0, "min": -3, "m": -3, "dor": -2, "mix": -1, "phr": -4, "lyd": 1, "aeo": -3, "ion": 0, "loc": -5}
ALTERS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
SWING = {1: Fraction(3, 2), 2: Fraction(7, 4)}
"""Length of the longer of two notes in broken rhythm, by the number of arrows."""
IN_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
TOKEN = re.compile(
    r"""(?P<skip>![^!]*!|"[^"]*"|\{[^}]*\}|\\|\$|`|y)
    |\[(?P<field>[A-Za-z]):(?P<value>[^\]]*)\]
    |(?P<bar>:*\|+[:\]]*|\[\||::|\[\d)
    |(?P<overlay>&)
    |\((?P<tuplet>\d)(?P<in>:\d?)?(?P<over>:\d?)?
    |(?P<chord>\[)(?P<inside>(?:[_^=]*[A-Ga-g][,']*[\d/]*-?)+)\](?P<chord_length>[\d/]*)
    |(?P<accidental>\^\^|\^|__|_|=)?(?P<letter>[A-Ga-gxz])(?P<octave>[,']*)(?P<length>[\d/]*)
    |(?P<dotted>\.-)|(?P<tie>-)|(?P<broken>>+|<+)""",
    re.VERBOSE,
)
MEMBER = re.compile(
    r"(?P<accidental>\^\^|\^|__|_|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<length>[\d/]*)(?P<tie>-?)"
)
Note = tuple[Fraction, Fraction, int]
"""Onset, end (quarters) and MIDI pitch."""


@dataclass
class Voice:
    """One part.

    Attributes:
        notes: Of the part's own line, sorted; of a chord, all tones.
        overlaid: Notes of overlays.
        bars: Where bar lines stand.
        end: Where it ends.
    """

    notes: list[Note] = field(default_factory=list)
    overlaid: list[Note] = field(default_factory=list)
    bars: list[Fraction] = field(default_factory=list)
    end: Fraction = Fraction(0)


@dataclass
class Score:
    """A piece of several parts.

    Attributes:
        meter: Numerator and denominator; None where the score is not measured.
        fifths: Sharps (flats negative) of the first signature.
        voices: In the order in which they first sound.
    """

    meter: tuple[int, int] | None
    fifths: int
    voices: dict[str, Voice]


def read_score(text: str) -> Score:
    """Read one ABC tune whose lines of music name their voice (``[V: S1V1]``).

    Raises:
        ValueError: A length, key or meter cannot be read.
    """
    header: dict[str, str] = {}
    lines: dict[str, list[str]] = {}
    for raw in text.splitlines():
        voice = re.match(r"\[V:\s*(\S+?)\s*\]", raw)
        if voice:
            lines.setdefault(voice[1], []).append(raw[voice.end() :].partition("%")[0])
        elif re.match(r"[KML]:", raw):
            header.setdefault(raw[0], raw[2:].partition("%")[0].strip())
    unit = 4 * Fraction(header.get("L", "1/8"))
    fifths = signature(header.get("K", "C"))
    voices = {name: _Reader(unit, fifths).read(" ".join(music)) for name, music in lines.items()}
    return Score(_meter(header.get("M", "none")), fifths, voices)


def signature(key: str) -> int:
    """Sharps (flats negative) of a key such as ``Eb``, ``F#m`` or ``D dor``."""
    found = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)", key)
    if not found:
        return 0
    accidental = {"#": 7, "b": -7, "": 0}[found[2]]
    return FIFTHS[found[1]] + accidental + MODES.get(found[3].lower()[:3], 0)


def _meter(text: str) -> tuple[int, int] | None:
    if text in {"C", "C|"}:
        return (4, 4) if text == "C" else (2, 2)
    found = re.match(r"(\d+)/(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _length(text: str) -> Fraction:
    top, slash, under = text.partition("/")
    if not slash:
        return Fraction(int(top or 1))
    halves = 2 ** (1 + under.count("/")) if not under.strip("/") else int(under.strip("/"))
    return Fraction(int(top or 1), halves)


class _Reader:
    """Reads the music of one part."""

    def __init__(self, unit: Fraction, fifths: int) -> None:
        self.unit, self.voice = unit, Voice()
        self.at = self.bar_start = self.main_at = Fraction(0)
        self.over = False
        self.altered: dict[tuple[str, int], int] = {}
        self.spelt: dict[tuple[str, int], int] = {}
        self.tied: dict[int, int] = {}
        self.last: list[int] = []
        self.stretch = Fraction(1)
        self.tuplet = (0, Fraction(1))
        self._sign(fifths)

    def _sign(self, fifths: int) -> None:
        sharp = SHARPS[: max(fifths, 0)]
        flat = SHARPS[::-1][: max(-fifths, 0)]
        self.signed = {c: (c in sharp) - (c in flat) for c in LETTERS}

    def read(self, music: str) -> Voice:
        for token in TOKEN.finditer(music):
            self._take(token)
        self._close()
        self.voice.end = self.at
        self.voice.notes.sort()
        return self.voice

    def _take(self, token: re.Match[str]) -> None:
        if token["field"]:
            self._field(token["field"], token["value"].strip())
        elif token["bar"]:
            self._close()
            if self.at > self.bar_start:
                self.voice.bars.append(self.at)
            self.bar_start, self.altered = self.at, {}
        elif token["overlay"]:
            if not self.over:
                self.main_at, self.over = self.at, True
            self.at, self.altered, self.tied = self.bar_start, {}, {}
        elif token["tuplet"]:
            count = int(token["tuplet"])
            within = (token["in"] or ":").strip(":") or str(IN_TIME_OF.get(count, 2))
            over = (token["over"] or ":").strip(":") or str(count)
            self.tuplet = (int(over), Fraction(int(within), count))
        elif token["chord"]:
            members = list(MEMBER.finditer(token["inside"]))
            length = _length(members[0]["length"]) * _length(token["chord_length"])
            pitches = [self._pitch(m["letter"], m["octave"], m["accidental"]) for m in members]
            self._sound(pitches, length)
            self._tie(self.last[i] for i, m in enumerate(members) if m["tie"])
        elif token["letter"]:
            rest = token["letter"] in "xz"
            pitches = [] if rest else [self._pitch(token["letter"], token["octave"], token["accidental"])]
            self._sound(pitches, _length(token["length"]))
        elif token["tie"]:
            self._tie(self.last)
        elif token["broken"]:
            self._break(token["broken"])

    def _field(self, name: str, value: str) -> None:
        if name == "K":
            self._sign(signature(value))
        elif name == "L":
            self.unit = 4 * Fraction(value)

    def _close(self) -> None:
        if self.over:
            self.at, self.over, self.tied = self.main_at, False, {}

    def _pitch(self, letter: str, octave: str, accidental: str | None) -> int:
        step = letter.upper()
        height = 5 + letter.islower() + octave.count("'") - octave.count(",")
        if accidental:
            self.altered[step, height] = ALTERS[accidental]
        held = self.spelt.get((step, height), -1)
        if held in self.tied and (step, height) not in self.altered:
            return held  # a tie over the bar line keeps its accidental
        pitch = 12 * height + LETTERS[step] + self.altered.get((step, height), self.signed[step])
        self.spelt[step, height] = pitch
        return pitch

    @property
    def _notes(self) -> list[Note]:
        return self.voice.overlaid if self.over else self.voice.notes

    def _sound(self, pitches: list[int], length: Fraction) -> None:
        left, ratio = self.tuplet
        if left:
            self.tuplet = (left - 1, ratio)
        length *= self.unit * self.stretch * (ratio if left else 1)
        self.stretch = Fraction(1)
        until, held = self.at + length, {}
        self.last = []
        for pitch in pitches:
            index = self.tied.get(pitch)
            if index is not None:
                self._notes[index] = (self._notes[index][0], until, pitch)
            else:
                index = len(self._notes)
                self._notes.append((self.at, until, pitch))
            held[pitch] = index
            self.last.append(index)
        self.tied, self.at = {}, until

    def _tie(self, indices: Iterable[int]) -> None:
        for index in list(indices):
            self.tied[self._notes[index][2]] = index

    def _break(self, arrows: str) -> None:
        longer = SWING[min(len(arrows), 2)]
        first, self.stretch = (longer, 2 - longer) if arrows[0] == ">" else (2 - longer, longer)
        for index in self.last:
            onset, end, pitch = self._notes[index]
            moved = self.at + (end - onset) * (first - 1)
            self._notes[index] = (onset, moved, pitch)
        if self.last:
            onset, end, _ = self._notes[self.last[0]]
            self.at = end
