"""The figures that ``tune`` needs of many pieces at once, in a fraction of the time ``measure`` takes for the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD
from sideman_lab.chords import measure as m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LONGEST = 33


def laid_out(rows: Sequence[Ints], value: int = NO_CHORD) -> Ints:
    """Rows under each other, shorter ones filled up."""
    out = np.full((len(rows), max(map(len, rows))), value, np.int64)
    for line, row in zip(out, rows, strict=True):
        line[: len(row)] = row
    return out


class Quick:
    """Pieces side by side, and what of the rule depends on the written chords alone."""

    def __init__(self, pieces: Sequence[FramedPiece]) -> None:
        """Lay the pieces out, shorter ones filled up with silence."""
        self.pieces = list(pieces)
        self.pitch = laid_out([p.pitch for p in pieces], 0)
        self.human = laid_out([p.human for p in pieces])
        self.strong = laid_out([p.strong.astype(np.int64) for p in pieces], 0) > 0
        self.onset = self.strong & (laid_out([p.struck.astype(np.int64) for p in pieces], 0) > 0)
        self.tonic = np.array([m.tonic_of(p) for p in pieces])
        self.bars = sum(p.bars for p in pieces)
        self.written = self.rule_of([p.human for p in pieces])

    def nic(self, played: Ints, *, strong_onsets: bool = False) -> float:
        """Note-in-chord, mean over the pieces that have any."""
        where = (self.pitch > 0) & (played < NO_CHORD)
        if strong_onsets:
            where &= self.onset
        hits = (TONES[np.minimum(played, 35), self.pitch % 12] * where).sum(axis=1)
        seen = where.sum(axis=1)
        return float((hits[seen > 0] / seen[seen > 0]).mean())

    def accuracy(self, played: Ints) -> float:
        """Share of frames with the written triad, mean over pieces."""
        where = (self.pitch > 0) & (self.human < NO_CHORD)
        return float((((played == self.human) & where).sum(axis=1) / where.sum(axis=1)).mean())

    def rule_of(self, all_played: Sequence[Ints]) -> dict[str, float]:
        """Changes a bar, entropy of chords and of their lengths, Vendi score and strong share."""
        played = laid_out(all_played)
        sounds = played < NO_CHORD
        began = np.cumsum(sounds, axis=1) > 0
        moved = np.zeros_like(sounds)
        moved[:, 1:] = (played[:, 1:] != played[:, :-1]) & sounds[:, 1:] & began[:, :-1]
        count = int(moved.sum())
        n = len(played)
        jam, row = np.nonzero(sounds)
        shares = np.zeros((n, 36))
        np.add.at(shares, (jam, played[jam, row]), 1)
        lengths = np.concatenate([np.minimum(m.lengths(p), LONGEST) for p in all_played]).astype(np.int64)
        return {
            "rate ratio": count / self.bars,
            "chord entropy ratio": float(_entropy(shares).mean()),
            "length entropy ratio": float(_entropy(np.bincount(lengths)[None].astype(float))[0]),
            "Vendi ratio": self._vendi(played, sounds),
            "strong share": float(self.strong[moved].sum()) / count if count else 0.0,
        }

    def _vendi(self, played: Ints, sounds: NDArray[np.bool_]) -> float:
        rows = np.zeros((len(played), 36 * 36))
        for line, row, heard, tonic in zip(rows, played, sounds, self.tonic, strict=True):
            new = np.concatenate([[True], row[1:] != row[:-1]]) & heard
            chords = row[new]
            relative = chords // 12 * 12 + (chords % 12 - tonic) % 12
            if len(relative) == 1:
                relative = np.repeat(relative, 2)
            np.add.at(line, relative[:-1] * 36 + relative[1:], 1)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.where(norms > 0, norms, 1)
        values = np.linalg.eigvalsh(rows @ rows.T / len(rows))
        values = values[values > 1e-12]
        values /= values.sum()
        return float(np.exp(-(values * np.log(values)).sum()))

    def rule(self, all_played: Sequence[Ints]) -> list[m.RulePart]:
        """The parts of the anti-gaming rule in which a decoder has a say."""
        bounds = {
            "rate ratio": (0.8, 1.25),
            "chord entropy ratio": (0.0, 1.15),
            "length entropy ratio": (0.0, 1.15),
            "Vendi ratio": (0.0, math.inf),
            "strong share": (0.75, math.inf),
        }
        found = self.rule_of(all_played)
        of = {name: value / (1 if name == "strong share" else self.written[name]) for name, value in found.items()}
        return [m.RulePart(name, of[name], *bounds[name]) for name in bounds]


def _entropy(counts: Floats) -> Floats:
    p = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    out: Floats = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
    return out
