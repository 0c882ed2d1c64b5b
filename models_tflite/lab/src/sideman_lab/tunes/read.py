"""Known tunes: one text file each, a line a bar: chords, an alternative that is fine as well, and the melody.

``choose`` holds those that weights are chosen on, ``report`` those that only tables see. All are in the public domain
and were written down from common knowledge.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from sideman.music.chords import TRIADS, Chord, pitch_class, triad_index
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER, Meter, parse_meter
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from sideman.music.harmony import Key, Mode

Half = Literal["choose", "report"]
HALVES: tuple[Half, ...] = ("choose", "report")
LOWEST, HIGHEST = 52, 84
_CHORD = re.compile(r"([A-G][#b]?)(m|dim)?")
_NOTE = re.compile(r"([A-G][#b]?)(\d):(\d*\.?\d+)|r:(\d*\.?\d+)")
_QUALITIES = {None: "maj", "m": "min", "dim": "dim"}


class TuneError(ValueError):
    """A file is no tune; the message names it and the line."""


@dataclass(frozen=True, slots=True)
class KnownTune:
    """A tune and its standard chords; tick and frame 0 are the first bar line.

    Attributes:
        name: The file's.
        title: What people call it.
        meter: Its meter.
        key: Tonic and mode (dorian is minor, mixolydian major).
        bpm: Quarters a minute.
        notes: The melody as written; a pickup has negative ticks.
        plain: Class of the standard triad in each frame.
        other: Class of the alternative in each frame, -1 where there is none.
    """

    name: str
    title: str
    meter: Meter
    key: Key
    bpm: float
    notes: tuple[Note, ...]
    plain: tuple[int, ...]
    other: tuple[int, ...]

    @property
    def bars(self) -> int:
        """Whole bars."""
        return len(self.plain) // self.meter.bar_frames


def read_half(which: Half) -> list[KnownTune]:
    """The tunes of one half, by name.

    Raises:
        TuneError: A file is no tune.
    """
    folder = resources.files("sideman_lab.tunes") / which
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".tune")), key=lambda file: file.name)
    return [_of_file(file) for file in files]


def _of_file(file: Traversable) -> KnownTune:
    return tune(file.name.removesuffix(".tune"), file.read_text(encoding="utf-8"))


def tune(name: str, text: str) -> KnownTune:
    """A tune of its file's text.

    Raises:
        TuneError: It is none.
    """
    head, _, body = text.partition("bars:\n")
    about = _about(name, head)
    try:
        meter = parse_meter(about["meter"])
        tonic, mode = about["key"].split()
        key: Key = (pitch_class(tonic), _mode(mode))
        bpm = float(about["bpm"])
        title = about["title"]
    except (KeyError, ValueError) as error:
        raise TuneError(f"{name}: title, key, meter and bpm are needed ({error})") from error
    notes: list[Note] = []
    plain: list[int] = []
    other: list[int] = []
    at = 0
    for number, line in enumerate(body.strip().splitlines(), 1):
        left, _, right = line.partition("|")
        where = f"{name}, bar line {number}"
        row, length = _melody(where, right)
        pickup = left.strip() == "pickup"
        if pickup:
            if number > 1 or length >= meter.bar_ticks:
                raise TuneError(f"{where}: a pickup is the first line, and shorter than a bar")
            at = -length
        elif length != meter.bar_ticks:
            raise TuneError(f"{where}: {length / TICKS_PER_QUARTER:g} quarters are not a bar of {meter}")
        notes += [note.moved(at) for note in row]
        at += length
        if not pickup:
            chords, second = _chords(where, left, meter)
            plain += chords
            other += [second] * meter.bar_frames
    if not plain or not notes:
        raise TuneError(f"{name}: no bars")
    return KnownTune(name, title, meter, key, bpm, tuple(notes), tuple(plain), tuple(other))


def _about(name: str, head: str) -> dict[str, str]:
    out = {}
    for line in head.splitlines():
        word, colon, rest = line.partition(":")
        if not colon:
            raise TuneError(f"{name}: '{line}' is no 'word: value'")
        out[word.strip()] = rest.strip()
    return out


def _mode(text: str) -> Mode:
    if text not in ("maj", "min"):
        raise ValueError(f"'{text}' is neither maj nor min")
    return "maj" if text == "maj" else "min"


def _melody(where: str, text: str) -> tuple[list[Note], int]:
    out, at = [], 0
    for word in text.split():
        found = _NOTE.fullmatch(word)
        if found is None:
            raise TuneError(f"{where}: '{word}' is no note such as C4:1.5, nor a rest such as r:1")
        name, octave, length, rest = found.groups()
        ticks = round(float(length or rest) * TICKS_PER_QUARTER)
        if name:
            pitch = 12 * (int(octave) + 1) + pitch_class(name)
            if not LOWEST <= pitch <= HIGHEST:
                raise TuneError(f"{where}: {word} is out of a voice's range")
            out.append(Note(at, ticks, pitch, 80))
        at += ticks
    return out, at


def _chords(where: str, text: str, meter: Meter) -> tuple[list[int], int]:
    """Class of each frame of the bar, and of the alternative."""
    left, _, right = text.partition("/")
    classes = [_class(where, word) for word in left.split()]
    others = [_class(where, word) for word in right.split()]
    if len(others) > 1:
        raise TuneError(f"{where}: one alternative at most")
    edges = {1: [0], len(meter.groups): list(meter.groups), len(meter.beats): list(meter.beats)}.get(len(classes))
    if edges is None:
        raise TuneError(f"{where}: {len(classes)} chords are neither one nor one a strong beat or a beat")
    frames: list[int] = []
    for start, end, chord in zip(edges, [*edges[1:], meter.bar_ticks], classes, strict=True):
        frames += [chord] * ((end - start) // FRAME_TICKS)
    return frames, others[0] if others else -1


def _class(where: str, word: str) -> int:
    found = _CHORD.fullmatch(word)
    if found is None:
        raise TuneError(f"{where}: '{word}' is no triad such as F, Gm or Bdim")
    return triad_index(Chord(pitch_class(found[1]), _QUALITIES[found[2]]))


def as_piece(known: KnownTune, rounds: int = 1) -> dict[str, Any]:
    """A tune in the lab's common form, several times through; its pickup is played the first time only."""
    size = len(known.plain)
    melody = [
        [n.tick / FRAME_TICKS + turn * size, n.duration / FRAME_TICKS, n.pitch]
        for turn in range(rounds)
        for n in known.notes
        if turn == 0 or n.tick >= 0
    ]
    chords = [
        [start + turn * size, end - start, TRIADS[known.plain[start]].label]
        for turn in range(rounds)
        for start, end in runs(known.plain)
    ]
    pickup = max(0, -known.notes[0].tick) // FRAME_TICKS
    return {
        "id": f"known-{known.name}",
        "meter": [known.meter.numerator, known.meter.denominator],
        "pickup": pickup,
        "melody": melody,
        "chords": chords,
    }


def runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """First and one-past-last place of each run of equal values."""
    cuts = [0, *(i for i in range(1, len(row)) if row[i] != row[i - 1]), len(row)]
    return list(itertools.pairwise(cuts))


__all__ = ["HALVES", "Half", "KnownTune", "TuneError", "as_piece", "read_half", "runs", "tune"]
