"""A piece of the common form on 16th frames, as the chord evaluation scores it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.music.chords import NO_CHORD, parse_chord
from sideman.music.harmony import MelodyFrame
from sideman.music.meter import FRAME_TICKS, Meter

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FramedPiece:
    """One piece, frame by frame; row 0 is frame ``first``.

    Attributes:
        id: Its name.
        meter: Its meter.
        first: Frame of the first row from the first bar line (negative in a pickup).
        pitch: MIDI pitch sounding, 0 for none, shape (frames,).
        struck: Whether a note begins, shape (frames,).
        human: Triad class of the written chord, NO_CHORD for none, shape (frames,).
        human_tones: Sounding pitch classes of the written chord before its reduction, shape (frames,).
        dropped: Frames of empty bars left out before the first note: the player's first note starts the phrase.
    """

    id: str
    meter: Meter
    first: int
    pitch: Ints
    struck: NDArray[np.bool_]
    human: Ints
    human_tones: Ints
    dropped: int

    def __len__(self) -> int:
        return len(self.pitch)

    @property
    def classes(self) -> Ints:
        """Pitch class sounding in each frame, -1 for none."""
        return np.where(self.pitch > 0, self.pitch % 12, -1)

    @property
    def strong(self) -> NDArray[np.bool_]:
        """Whether each frame is a strong beat."""
        at = (self.first + np.arange(len(self))) % self.meter.bar_frames
        return np.isin(at, [tick // FRAME_TICKS for tick in self.meter.groups])

    @property
    def bars(self) -> float:
        """Length in bars."""
        return len(self) / self.meter.bar_frames

    def heard(self) -> list[MelodyFrame]:
        """The melody as the stream hears it."""
        return [
            MelodyFrame((int(p),) if p else (), (int(p),) if p and s else (), (80,) if p else ())
            for p, s in zip(self.pitch, self.struck, strict=True)
        ]


def meter_of(piece: dict[str, Any]) -> Meter:
    """The meter, with 2/2 counted in its two halves (strong beats 1 and 3 of its quarters)."""
    numerator, denominator = (int(n) for n in piece["meter"])
    return Meter(2, 2, (1, 1)) if (numerator, denominator) == (2, 2) else Meter(numerator, denominator)


def half_up(x: float) -> int:
    """Round to the nearest integer, halves up."""
    return math.floor(x + 0.5)


def triad_of(label: str) -> int:
    """Triad class of a Harte label: min* minor, dim and hdim diminished, all else major; ``N`` and ``X`` none.

    Raises:
        ValueError: The label has no root that is a note.
    """
    chord = parse_chord(label)
    if chord is None:
        return NO_CHORD
    quality = label.partition("/")[0].partition(":")[2].strip()
    kind = 2 if quality.startswith(("dim", "hdim")) else 1 if quality.startswith("min") else 0
    return 12 * kind + chord.root


def frame_piece(piece: dict[str, Any], frames: int) -> FramedPiece | None:
    """The first ``frames`` frames of a piece from its pickup on; None where no melody meets a chord.

    Frames round half up; of notes (or chords) that overlap, the latest onset wins.
    """
    meter = meter_of(piece)
    bar = meter.bar_frames
    # Sorted by the onset as written: two onsets that round to one frame are still one after the other.
    written = sorted((float(o), float(d), int(p)) for o, d, p in piece["melody"])
    notes = [(half_up(o), max(half_up(o + d), half_up(o) + 1), p) for o, d, p in written]
    if not notes:
        return None
    first = min(-half_up(float(piece.get("pickup", 0))), notes[0][0])
    dropped = 0
    if notes[0][0] >= bar:
        dropped = notes[0][0] // bar * bar
        first = 0
    length = min(frames, max(end for _, end, _ in notes) - dropped - first)
    pitch, struck = np.zeros(length, np.int64), np.zeros(length, bool)
    for onset, end, p in notes:
        at = onset - dropped - first
        if 0 <= at < length:
            pitch[at : end - dropped - first] = p
            struck[at] = True
    human, tones = np.full(length, NO_CHORD, np.int64), np.zeros(length, np.int64)
    for onset, duration, label in sorted(piece["chords"], key=lambda row: float(row[0])):
        start, stop = (half_up(at) - dropped - first for at in (onset, onset + duration))
        chord = parse_chord(label)
        if stop > 0:
            human[max(start, 0) : stop] = triad_of(label)
            tones[max(start, 0) : stop] = len(chord.pitch_classes) if chord else 0
    if not ((pitch > 0) & (human < NO_CHORD)).any():
        return None
    return FramedPiece(str(piece["id"]), meter, first, pitch, struck, human, tones, dropped)


def read_pieces(file: Path, frames: int) -> list[FramedPiece]:
    """Pieces of a JSON-lines file that can be scored.

    Raises:
        ValueError: A line is not a piece; the message names file and line.
    """
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            piece = frame_piece(json.loads(line), frames)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{file.name} line {number} is not a piece ({error}): write one with sideman-lab pieces"
            ) from error
        if piece is not None:
            found.append(piece)
    return found
