"""How sure is sure: ``python -m sideman_lab.chords.calibrate DATA`` fits the confidence and the surprise.

On the validation songs and the plain tunes, at commits of none and of four quarters, every set counting alike: the
logistic map of ``chord_confidence`` from the signs of each chord decided to whether it was the written one; and, on the
songs alone, ``SURPRISING`` of ``chord_advice``: the 2nd percentile of how well two beats of melody go with the chords
that stood, at a commit of four quarters.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_advice import fit
from sideman.models.chord_confidence import Signs
from sideman.models.chords import ChordStream, PlanOptions
from sideman.models.library import load
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.harmony import ChordSpan, merged
from sideman_lab.chords.streaming import LOOKAHEAD
from sideman_lab.chords.tables import decisions
from sideman_lab.chords.tune import COMMITS, plain_pieces
from sideman_lab.chords.validation import SETS, chosen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]

RIDGE = 1e-3
PERCENTILE = 2
SURPRISED_AT = 16
"""Commit in frames at which surprises are measured."""


@dataclass
class Seen:
    """Decisions: their signs, how many frames they lasted and in how many of these they were right; and the fits."""

    signs: list[list[float]] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    fits: list[float] = field(default_factory=list)


def decided(graph: Graph, piece: FramedPiece, commit: int, seen: Seen) -> None:
    """Play a piece and note every decision."""
    stream, rows = ChordStream(graph, piece.meter, piece.first), decisions(piece, commit)
    ends = dict(zip(rows, [*rows[1:], len(piece)], strict=True))
    committed: list[ChordSpan] = []
    for at, heard in enumerate(piece.heard()):
        row = at + commit
        if row in ends:
            begin = piece.first + row
            outlook = stream.outlook(begin, begin + LOOKAHEAD)
            told = stream.plan(begin, committed, begin + LOOKAHEAD, options=PlanOptions())
            span = next(s for s in told if s.onset <= begin < s.end)
            chord = triad_index(span.chord)
            signs = Signs.of(outlook, begin, min(span.end, begin + LOOKAHEAD), chord)
            committed = merged([*committed, ChordSpan(begin, ends[row] - row, span.chord, span.confidence)])
            human = piece.human[row : ends[row]]
            seen.signs.append([1.0, *signs.values()])
            seen.frames.append(int((human < NO_CHORD).sum()))
            seen.right.append(int((human == chord).sum()))
        stream.advance(heard)
        found = fit(stream.form, stream.next_frame, committed)
        if found is not None:
            seen.fits.append(found)


def logistic(signs: Floats, frames: Floats, right: Floats) -> Floats:
    """Weights of the logistic map that makes ``right`` of ``frames`` likeliest (Newton's method)."""
    weights = np.zeros(signs.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-signs @ weights))
        slope = signs.T @ (right - frames * p) - RIDGE * weights
        bend = (signs.T * (frames * p * (1 - p))) @ signs + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(bend, slope)
    return weights


def error(signs: Floats, frames: Floats, right: Floats, weights: Floats) -> float:
    """Expected calibration error by tenths."""
    p = 1 / (1 + np.exp(-signs @ weights))
    bins = np.clip((p * 10).astype(int), 0, 9)
    gap = np.bincount(bins, frames * p, 10) - np.bincount(bins, right, 10)
    return float(np.abs(gap).sum() / frames.sum())


def fitted(graph: Graph, sets: dict[str, list[FramedPiece]]) -> Iterable[str]:
    """The constants, and the error on each set at each commit, in words."""
    parts: dict[str, tuple[Floats, Floats, Floats]] = {}
    fits: list[float] = []
    for name, pieces in sets.items():
        for commit in COMMITS:
            seen = Seen()
            for piece in pieces:
                decided(graph, piece, commit, seen)
            frames, right = np.array(seen.frames, float), np.array(seen.right, float)
            total = frames.sum() / 1000
            parts[f"{name} c{commit // 4}"] = np.array(seen.signs), frames / total, right / total
            if commit == SURPRISED_AT and name != "plain":
                fits += seen.fits
    columns = [np.concatenate(column) for column in zip(*parts.values(), strict=True)]
    weights = logistic(columns[0], columns[1], columns[2])
    yield f"WEIGHTS {[round(float(x), 3) for x in weights]}"
    for name, part in parts.items():
        yield f"{name}: calibration error {error(*part, weights):.3f}, right {part[2].sum() / part[1].sum():.3f}"
    yield f"SURPRISING {np.percentile(fits, PERCENTILE):.2f}"


def main(data: Path) -> None:
    """Print the constants."""
    sets = {name: [piece for _, piece in chosen(read(data))] for name, read in SETS.items()}
    for line in fitted(load("chords"), {**sets, "plain": plain_pieces()}):
        print(line, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
