"""The hidden Markov baselines: 36 triads, melody pitch classes out of them, chord motion between them.

Fitted by counting on POP909's training songs (``python -m sideman_lab.chords.hmm DATA``); the counts lie beside this
file, so that ``evaluate`` needs no data set but the one it is given.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_motion import log_motion
from sideman.music.chords import NO_CHORD
from sideman.music.meter import FRAME_TICKS
from sideman_lab.chords.piece import FramedPiece, frame_piece

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

COUNTS = Path(__file__).with_name("hmm_counts.json")
WEIGHT = 0.3
"""Frames are not independent: each counts this much (chosen on POP909's validation songs)."""
FORM_BARS = (2, 4, 8, 16)


@dataclass(frozen=True)
class Kind:
    """Which HMM.

    Attributes:
        metre: Chances of a change by metrical place, not alike on every beat.
        form: Expect what was heard one period ago (2 to 16 bars, the best matching).
        strong_only: Change on strong beats only.
    """

    metre: bool = False
    form: bool = False
    strong_only: bool = False


@dataclass(frozen=True)
class Fitted:
    """Parameters.

    Attributes:
        emission: (36, 12) log probability of a pitch class under a triad.
        tables: Transition matrices (36, 36) on a bar line, another strong beat, another beat; and on any beat.
        degree: (12,) most frequent triad relative to the tonic for each melody degree.
    """

    emission: Floats
    tables: tuple[Floats, ...]
    degree: Ints


def count(pieces: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Counts of emissions, changes by metrical place, and chords by degree."""
    from sideman_lab.chords.measure import changes, tonic_of

    emission = np.ones((3, 12))
    changed, seen = np.zeros(3), np.zeros(3)
    degree = np.zeros((12, 36))
    for raw in pieces:
        piece = frame_piece(raw, 100_000)
        if piece is None:
            continue
        tonic = tonic_of(piece)
        both = (piece.pitch > 0) & (piece.human < NO_CHORD)
        for pitch, chord in zip(piece.pitch[both], piece.human[both], strict=True):
            emission[chord // 12, (pitch - chord) % 12] += 1
            degree[(pitch - tonic) % 12, chord // 12 * 12 + (chord - tonic) % 12] += 1
        moved = set(changes(piece.human).tolist())
        for row, place in enumerate(places(piece)):
            if place >= 0:
                seen[place] += 1
                changed[place] += row in moved
    return {
        "emission": (emission / emission.sum(axis=1, keepdims=True)).round(5).tolist(),
        "change": [*(changed / seen).round(4).tolist(), round(float(changed.sum() / seen.sum()), 4)],
        "degree": degree.argmax(axis=1).tolist(),
    }


def places(piece: FramedPiece) -> Ints:
    """Metrical place of each frame: 0 bar line, 1 other strong beat, 2 other beat, -1 none."""
    bar = piece.meter.bar_frames
    groups = {t // FRAME_TICKS for t in piece.meter.groups}
    beats = {t // FRAME_TICKS for t in piece.meter.beats}
    of = [0 if f == 0 else 1 if f in groups else 2 if f in beats else -1 for f in range(bar)]
    return np.array([of[(piece.first + row) % bar] for row in range(len(piece))], np.int64)


@cache
def fitted() -> Fitted:
    """The model behind the baselines."""
    data = json.loads(COUNTS.read_text(encoding="utf-8"))
    relative = np.log(np.array(data["emission"]))
    emission = np.array([[relative[c // 12, (pc - c) % 12] for pc in range(12)] for c in range(36)])
    return Fitted(emission, tuple(_transition(c) for c in data["change"]), np.array(data["degree"], np.int64))


def _transition(chance: float) -> Floats:
    table = np.exp(log_motion().astype(np.float64))
    np.fill_diagonal(table, 0)
    table *= chance / table.sum(axis=1, keepdims=True)
    np.fill_diagonal(table, 1 - chance)
    return table


class Follower:
    """The forward pass of one piece."""

    def __init__(self, piece: FramedPiece, kind: Kind) -> None:
        self.kind = kind
        self.classes = piece.classes
        self.where = places(piece)
        self.segment = piece.meter.bar_frames // 2 if kind.strong_only else 4
        self.matches = matches(piece) if kind.form else {}
        self.alpha = np.full(36, 1 / 36)
        self.alpha[24:] *= 0.1
        self.heard = 0

    def _moved(self, alpha: Floats, row: int) -> Floats:
        place = int(self.where[row])
        if place < 0 or (self.kind.strong_only and place == 2):
            return alpha
        return np.asarray(alpha @ fitted().tables[place if self.kind.metre else 3], np.float64)

    def _step(self, alpha: Floats, row: int, pitch_class: int, weight: float = 1.0) -> Floats:
        alpha = self._moved(alpha, row)
        if pitch_class >= 0:
            alpha = alpha * np.exp(WEIGHT * weight * fitted().emission[:, pitch_class])
        return np.asarray(alpha / alpha.sum(), np.float64)

    def hear_until(self, row: int) -> None:
        """Take every frame before a row."""
        while self.heard < row:
            self.alpha = self._step(self.alpha, self.heard, int(self.classes[self.heard]))
            self.heard += 1

    def chord_at(self, row: int) -> int:
        """The chord at a row: forward over what is not heard yet, then the melody expected under it."""
        lag, sure = 0, 0.0
        if self.matches:
            lag = max(self.matches, key=lambda k: float(self.matches[k][self.heard]))
            sure = max(0.0, (float(self.matches[lag][self.heard]) - 0.3) / 0.7)
        alpha = self.alpha
        for at in range(self.heard, row):
            alpha = self._step(alpha, at, self._expected(at, lag, sure), sure)
        score = np.log(self._moved(alpha, row) + 1e-12)
        for at in range(row, row + self.segment):
            expected = self._expected(at, lag, sure)
            if expected >= 0:
                score = score + WEIGHT * sure * fitted().emission[:, expected]
        return int(score.argmax())

    def _expected(self, at: int, lag: int, sure: float) -> int:
        return int(self.classes[at - lag]) if sure > 0 and 0 <= at - lag < self.heard else -1


def run(piece: FramedPiece, commit: int, kind: Kind) -> Ints:
    """Chords by the HMM, each decided with the melody before ``t - commit`` only."""
    follower = Follower(piece, kind)
    played = np.full(len(piece), NO_CHORD, np.int64)
    current = NO_CHORD
    for row in range(len(piece)):
        follower.hear_until(row - commit)
        place = follower.where[row]
        decide = place >= 0 and (place < 2 or not kind.strong_only)
        if (decide or current == NO_CHORD) and (piece.pitch[: follower.heard] > 0).any():
            current = follower.chord_at(row)
        played[row] = current
    return played


def matches(piece: FramedPiece) -> dict[int, Floats]:
    """For each lag, how well the melody before each row repeats the one a lag earlier, 0-1."""
    classes = piece.classes
    out = {}
    for bars in FORM_BARS:
        lag = bars * piece.meter.bar_frames
        same, mass = 0.0, 0.0
        match = np.zeros(len(classes) + 1)
        for row in range(len(classes)):
            same, mass = same * 0.96, mass * 0.96
            if row >= lag and (classes[row] >= 0 or classes[row - lag] >= 0):
                same += float(classes[row] == classes[row - lag])
                mass += 1
            match[row + 1] = same / (mass + 4)
        out[lag] = match
    return out


if __name__ == "__main__":
    from sideman_lab.data import pop909
    from sideman_lab.splits import split

    COUNTS.write_text(json.dumps(count(split(pop909.read(Path(sys.argv[1])))[0])) + "\n", encoding="utf-8")
