"""Chooses the decoder's weights on POP909's validation songs: ``python -m sideman_lab.chords.tune DATA``.

The net is run once over each song and its outputs are replayed, so that a trial costs the decoder only. The score is
note-in-chord, its strong-beat part and twice the triad accuracy, less what the anti-gaming rule is broken by: 0.7 of it
at a commit of 0, 0.3 at 4 quarters.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sideman.models.chord_decoder import DecoderWeights, PlanOptions
from sideman.models.chords import ChordStream
from sideman.models.library import load
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.harmony import ChordSpan

from sideman_lab.chords import measure as m
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.streaming import LOOKAHEAD

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sideman.models.runtime import Graph

    from sideman_lab.chords.piece import FramedPiece

BOUNDS = {
    "posterior": (0.4, 2.5),
    "cover": (0.0, 8.0),
    "motion": (-0.4, 0.6),
    "change": (0.0, 1.0),
    "bar": (-1.0, 1.0),
    "strong": (-1.0, 2.0),
    "form": (0.0, 3.0),
    "diminished": (0.0, 1.0),
    "usual": (0.0, 2.0),
    "usual_ahead": (0.0, 2.0),
}
COMMITS = {0: 0.7, 16: 0.3}
"""Weight of each commit, in frames."""
MARGIN = 0.03
"""The rule is kept with this much to spare."""


class Recorded:
    """The stream's state at every frame of a piece at which a chord may be decided.

    Deciding at strong beats only is what the stream does anyway, and spares a trial the net.
    """

    def __init__(self, graph: Graph, piece: FramedPiece) -> None:
        """Run the net once over a piece."""
        self.piece = piece
        heard = piece.heard()
        first = int(np.flatnonzero(piece.pitch > 0)[0]) + 1
        strong = np.flatnonzero(piece.strong).tolist()
        self.rows = {c: sorted({first + c, *(r for r in strong if r >= first + c)}) for c in COMMITS}
        wanted = {row - c for c, rows in self.rows.items() for row in rows}
        self.states: dict[int, ChordStream] = {}
        stream = ChordStream(graph, piece.meter, piece.first)
        for row in range(len(piece)):
            if row in wanted:
                self.states[row] = stream.branch()
            stream.advance(heard[row])

    def play(self, commit: int, options: PlanOptions) -> NDArray[np.int64]:
        """Triad class in each frame."""
        size = len(self.piece)
        out = np.full(size, NO_CHORD, np.int64)
        last: list[ChordSpan] = []
        rows = [row for row in self.rows[commit] if row < size]
        announced: list[ChordSpan] = []
        for row, stop in pairwise([*rows, size]):
            stream = self.states[row - commit]
            stream.announced = announced
            begin = self.piece.first + row
            plan = stream.plan(begin, last, begin + LOOKAHEAD, options=options)
            announced = stream.announced
            if plan:
                chosen = next(s for s in plan if s.end > begin)
                out[row:stop] = triad_index(chosen.chord)
                last = [ChordSpan(begin, stop - row, chosen.chord, chosen.confidence)]
        return out


def score(pieces: list[FramedPiece], recorded: list[Recorded], weights: DecoderWeights) -> tuple[float, str]:
    """The composite and a line about its parts."""
    options = PlanOptions(weights=weights)
    total, words = 0.0, []
    for commit, share in COMMITS.items():
        played = [record.play(commit, options) for record in recorded]
        both = list(zip(pieces, played, strict=True))
        nic = float(np.nanmean([m.nic(p, x) for p, x in both]))
        snic = float(np.nanmean([m.nic(p, x, strong_onsets=True) for p, x in both]))
        right = float(np.mean([m.accuracy(p, x) for p, x in both]))
        broken = 0.0
        parts = m.rule(pieces, played)
        for part in parts:
            if part.name == "silence":
                continue
            broken += max(0.0, part.low + MARGIN - part.value)
            broken += max(0.0, part.value - part.high + MARGIN) if math.isfinite(part.high) else 0.0
        total += share * ((nic + snic + 2 * right) / 4 - 0.5 * broken)
        words.append(
            f"commit {commit // 4}: NiC {nic:.3f} SNiC {snic:.3f} triads {right:.3f} rule -{broken:.3f} "
            + "/".join(f"{part.value:.2f}" for part in parts[:4])
        )
    return total, " · ".join(words)


def tune(pieces: list[FramedPiece], graph: Graph, minutes: float, seed: int = 1) -> DecoderWeights:
    """Random steps from the best weights so far, ever smaller (a (1+1) evolution strategy)."""
    recorded = [Recorded(graph, piece) for piece in pieces]
    best = replace(DecoderWeights(), keep=0.0)  # a trial plans at strong beats only: no plan to keep to
    top, words = score(pieces, recorded, best)
    print(f"{top:.4f} {words}", flush=True)
    rng = np.random.default_rng(seed)
    size, began, tried = 0.2, time.monotonic(), 0
    while time.monotonic() - began < 60 * minutes:
        changed = {
            name: float(np.clip(getattr(best, name) + size * (high - low) * rng.normal(), low, high))
            for name, (low, high) in BOUNDS.items()
            if rng.random() < 0.5
        }
        trial = replace(best, **changed)
        value, words = score(pieces, recorded, trial)
        tried += 1
        if value > top:
            best, top, size = trial, value, min(size * 1.3, 0.3)
            print(f"{tried} {top:.4f} {words} {rounded(best)}", flush=True)
        else:
            size = max(size * 0.95, 0.04)
    return best


def rounded(weights: DecoderWeights) -> dict[str, float]:
    """Weights to two decimals."""
    return {name: round(float(value), 2) for name, value in asdict(weights).items()}


def main(data: Path, minutes: float = 12.0) -> None:
    """Tune and print the weights to put into ``DecoderWeights``."""
    from sideman_lab.data import pop909
    from sideman_lab.splits import split

    framed = [frame_piece(raw, 256) for raw in split(pop909.read(data))[1]]
    pieces = [piece for piece in framed if piece is not None]
    print(rounded(tune(pieces, load("chords"), minutes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(float(word) for word in sys.argv[2:3]))
