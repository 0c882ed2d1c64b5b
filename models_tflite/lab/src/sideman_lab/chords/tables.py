"""The decoder over many pieces at once: what each plan of the stream would weigh, kept, so that a trial is cheap.

Deciding at strong beats only is what the stream does anyway (without hysteresis).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_decoder import FRAME_TICKS, MOTION, MOTION_CENTRE, cuts_of, noise_at
from sideman.models.chords import ChordStream
from sideman.music.chords import NO_CHORD
from sideman_lab.chords.streaming import LOOKAHEAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chord_decoder import DecoderWeights
    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

MOST_CUTS = 5
N_PARTS = 9
BAR, STRONG, NEVER = 0, 1, 2


class Tables:
    """Everything that plans at one commit depend on but the weights."""

    def __init__(self, pieces: list[FramedPiece], commit: int) -> None:
        """Room for pieces at a commit in frames; ``fill`` plays them."""
        self.pieces, self.commit = pieces, commit
        self.rows = [decisions(piece, commit) for piece in pieces]
        shape = (max(map(len, self.rows)), len(pieces), MOST_CUTS)
        self.parts = np.zeros((*shape, 36, N_PARTS), np.float32)
        self.noise = np.zeros((*shape, 36), np.float32)
        self.chance = np.full(shape, 0.5, np.float32)
        self.place = np.full(shape, NEVER, np.int64)
        self.there = np.zeros(shape, bool)

    def fill(self, number: int, row: int, stream: ChordStream) -> None:
        """Keep what the plan for a row of a piece weighs, the stream having heard what it may."""
        piece, at = self.pieces[number], self.rows[number].index(row)
        begin = piece.first + row
        outlook = stream.outlook(begin, begin + LOOKAHEAD)
        cuts = cuts_of(piece.meter, begin, begin + LOOKAHEAD, weak_beats=False)
        parts = outlook.parts()
        strong = {tick // FRAME_TICKS for tick in piece.meter.groups}
        for i, (start, stop) in enumerate(pairwise([*cuts, begin + LOOKAHEAD])):
            within = start % piece.meter.bar_frames
            self.parts[at, number, i] = parts[start - begin : stop - begin].sum(axis=0)
            if at or i:
                self.noise[at, number, i] = noise_at(0, start)
            self.chance[at, number, i] = np.clip(outlook.change[start - begin], 0.02, 0.98)
            self.place[at, number, i] = BAR if within == 0 else STRONG if within in strong else NEVER
            self.there[at, number, i] = True

    def play(self, weights: DecoderWeights) -> list[NDArray[np.int64]]:
        """Triad class in each frame of each piece."""
        linear = weights.of_parts()
        motion = (weights.motion * (MOTION - MOTION_CENTRE)).astype(np.float32)
        stay = weights.change * np.log(1 - self.chance)
        costs = np.array([weights.bar, weights.strong, 1e6], np.float32)
        move = weights.change * np.log(self.chance) - costs[self.place]
        out = [np.full(len(piece), NO_CHORD, np.int64) for piece in self.pieces]
        previous = np.full(len(self.pieces), -1, np.int64)
        own = np.arange(36)
        for k in range(len(self.parts)):
            live = np.flatnonzero(self.there[k, :, 0])
            emitted = self.parts[k, live] @ linear + weights.noise * self.noise[k, live]
            value = np.zeros((len(live), 36), np.float32)
            for i in range(MOST_CUTS - 1, 0, -1):
                there = self.there[k, live, i]
                if not there.any():
                    continue
                value = value + emitted[:, i]
                table = value[:, None, :] + motion + move[k, live, i, None, None]
                table[:, own, own] = value + stay[k, live, i, None]
                value = np.where(there[:, None], table.max(axis=2), 0)
            value = value + emitted[:, 0]
            before = previous[live]
            into = motion[np.maximum(before, 0)] + move[k, live, 0, None]
            into[np.arange(len(live)), np.maximum(before, 0)] = stay[k, live, 0]
            chosen = (value + np.where(before[:, None] >= 0, into, 0)).argmax(axis=1)
            previous[live] = chosen
            for number, chord in zip(live.tolist(), chosen.tolist(), strict=True):
                out[number][self.rows[number][k] :] = chord
        return out


def decisions(piece: FramedPiece, commit: int) -> list[int]:
    """Rows at which a chord may begin: when the first note has been heard, and every strong beat after that."""
    first = int(np.flatnonzero(piece.pitch > 0)[0]) + 1 + commit
    rows = {first, *(row for row in np.flatnonzero(piece.strong).tolist() if row >= first)}
    return sorted(row for row in rows if row < len(piece))


def tables_of(graph: Graph, pieces: list[FramedPiece], commits: tuple[int, ...]) -> dict[int, Tables]:
    """Play every piece to the stream once and keep what its plans weigh, for each commit in frames."""
    found = {commit: Tables(pieces, commit) for commit in commits}
    for number, piece in enumerate(pieces):
        wanted: dict[int, list[tuple[int, Tables]]] = {}
        for commit, table in found.items():
            for row in table.rows[number]:
                wanted.setdefault(row - commit, []).append((row, table))
        stream = ChordStream(graph, piece.meter, piece.first)
        for at, heard in enumerate(piece.heard()):
            for row, table in wanted.get(at, ()):
                table.fill(number, row, stream)
            stream.advance(heard)
    return found
