"""The decoder over many pieces at once: what each plan of the stream would weigh, kept, so that a trial is cheap.

With the box's default temperature, as the evaluation plays.

Deciding at beats only is what the stream does anyway; between them the last chord goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.band.warm_start import warm_start
from sideman.models.chord_decoder import noise_at
from sideman.models.chord_habits import Habits
from sideman.models.chord_search import Wishes, choose
from sideman.models.chord_terms import BAR, NEVER, PARTS, STRONG, Ground, beats_of, cuts_of, ground_of
from sideman.models.chords import ChordStream
from sideman.music.chords import NO_CHORD
from sideman.music.harmony import ChordSpan, merged
from sideman_lab.chords.entry import after_listening
from sideman_lab.chords.shipped import shipped
from sideman_lab.chords.streaming import LOOKAHEAD, WARM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chord_weights import DecoderWeights
    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST_CUTS = 6
TWO_BEATS = 8


class Tables:
    """Everything that plans at one commit depend on but the weights."""

    def __init__(self, pieces: list[FramedPiece], commit: int, *, listen: bool = False) -> None:
        """Room for pieces at a commit, the band listening first or not; ``fill`` plays them."""
        self.pieces = pieces
        self.commit = np.full(len(pieces), commit, np.int64)
        self.rows = [decisions(piece, commit, after_listening(piece) if listen else 0) for piece in pieces]
        self.share = np.array([len(p.meter.groups) / p.meter.bar_frames for p in pieces], np.float32)
        shape = (max(map(len, self.rows)), len(pieces))
        cuts = (*shape, MOST_CUTS)
        self.at = np.full((shape[0] + 1, shape[1]), -1, np.int64)
        for number, (rows, piece) in enumerate(zip(self.rows, pieces, strict=True)):
            self.at[: len(rows) + 1, number] = [*rows, len(piece)]
        self.parts = np.zeros((*cuts, 36, len(PARTS)), np.float32)
        self.chance = np.full(cuts, 0.5, np.float32)
        self.unsure = np.zeros(cuts, np.float32)
        self.place = np.full(cuts, NEVER, np.int64)
        self.frames = np.zeros(cuts, np.int64)
        self.period = np.zeros(shape, np.int64)
        self.belief = np.zeros(shape, np.float32)
        self.variety = np.zeros(shape, np.float32)
        self.palette = np.zeros(shape, np.float32)
        self.pace = np.zeros(shape, np.float32)
        self.lean = np.zeros(shape, np.float32)
        self.young = np.zeros(shape, np.float32)
        self.expected = np.zeros((*shape, 36), np.float32)
        self.noise = np.zeros((*cuts, 36), np.float32)
        self.habits = Habits(len(pieces))
        self.before = np.full((len(pieces), max(map(len, pieces)) + 1), -1, np.int64)

    def begin(self, number: int, stream: ChordStream) -> None:
        """Keep what the stream takes for played before a piece's first decision: what the warm start found."""
        row, first = self.rows[number][0], self.pieces[number].first
        for name, value in vars(stream.played.upto((), first + row)).items():
            getattr(self.habits, name)[number] = value[0]
        self.before[number, :row] = stream.played.at(np.arange(first, first + row))

    def fill(self, number: int, row: int, stream: ChordStream) -> None:
        """Keep what the plan for a row of a piece weighs, the stream having heard what it may."""
        piece, k = self.pieces[number], self.rows[number].index(row)
        begin = piece.first + row
        stop = begin + LOOKAHEAD
        outlook = stream.outlook(begin, stop)
        cuts = cuts_of(piece.meter, begin, stop)
        ground = ground_of(outlook, piece.meter, cuts, stop)
        n = len(cuts)
        self.parts[k, number, :n] = ground.parts[0]
        self.chance[k, number, :n] = ground.chance[0]
        self.unsure[k, number, :n] = ground.unsure[0]
        self.place[k, number, :n] = ground.place[0]
        self.frames[k, number, :n] = ground.frames[0]
        self.period[k, number] = stream.form.view().period
        self.belief[k, number] = outlook.belief
        self.variety[k, number] = outlook.variety
        self.palette[k, number] = outlook.palette
        self.pace[k, number] = outlook.pace
        self.lean[k, number] = outlook.lean
        self.young[k, number] = outlook.young
        self.expected[k, number] = ground.expected[0]
        options = shipped(piece.meter)
        self.noise[k, number, :n] = [options.temperature * noise_at(options.seed, cut) for cut in cuts]
        if k == 0:
            self.noise[k, number, 0] = 0  # the first chord of all is the best one

    def play(self, weights: DecoderWeights) -> tuple[list[Ints], Floats]:
        """Triad class in each frame of each piece, and how stable its plans two beats beyond what is fixed were."""
        n = len(self.pieces)
        played = self.before.copy()
        cuts = self.frames.shape[2]
        told = np.full((n, cuts), -1, np.int64)
        told_at, told_frames = np.zeros((n, cuts), np.int64), np.zeros((n, cuts), np.int64)
        habits, previous = self.habits.copy(), np.full(n, -1, np.int64)
        announced: list[tuple[Ints, Ints, Ints]] = []
        for k in range(len(self.parts)):
            live = np.flatnonzero(self.frames[k, :, 0] > 0)
            frames = self.frames[k, live]
            rows = self.at[k, live, None] + np.cumsum(frames, axis=1) - frames
            inside = (told_at[live, None, :] <= rows[:, :, None]) & (
                rows[:, :, None] < (told_at + told_frames)[live, None, :]
            )
            before = np.where(inside, told[live, None, :], -1).max(axis=2)
            then = rows - self.period[k, live, None]
            known = (
                (self.period[k, live, None] > 0)
                & (then >= 0)
                & (then < self.at[k, live, None] - self.commit[live, None])
            )
            again = np.where(known, played[live[:, None], np.where(known, then, 0)], -1)
            ground = Ground(
                parts=self.parts[k, live],
                chance=self.chance[k, live],
                place=self.place[k, live],
                frames=frames,
                unsure=self.unsure[k, live],
                before=before,
                again=again,
                belief=self.belief[k, live],
                expected=self.expected[k, live],
                variety=self.variety[k, live],
                palette=self.palette[k, live],
                pace=self.pace[k, live],
                lean=self.lean[k, live],
                young=self.young[k, live],
            )
            path = choose(ground, habits, live, previous[live], weights, Wishes(self.noise[k, live]))
            on_beat = ground.place[:, 0] != NEVER
            told[live[on_beat]], told_at[live[on_beat]] = path[on_beat], rows[on_beat]
            told_frames[live[on_beat]] = frames[on_beat]
            two = self.at[k, live, None] + TWO_BEATS
            jam, cut = np.nonzero((rows <= two) & (two < rows + frames))
            announced.append((live[jam], two[jam, 0], path[jam, cut]))
            lasts = self.at[k + 1, live] - self.at[k, live]
            strong = (ground.place[:, 0] == BAR) | (ground.place[:, 0] == STRONG)
            habits.add(live, path[:, 0], lasts, (lasts * self.share[live]).astype(np.float32), strong)
            previous[live] = path[:, 0]
            for number, chord in zip(live.tolist(), path[:, 0].tolist(), strict=True):
                played[number, self.at[k, number] : self.at[k + 1, number]] = chord
        out = []
        for row, piece, rows in zip(played, self.pieces, self.rows, strict=True):
            row[: rows[0]] = -1
            out.append(np.where(row < 0, NO_CHORD, row)[: len(piece)])
        jams, rows, told_chords = (np.concatenate(column) for column in zip(*announced, strict=True))
        there = rows < np.array([len(p) for p in self.pieces])[jams]
        jams, kept = jams[there], played[jams[there], rows[there]] == told_chords[there]
        stable = np.bincount(jams, kept, n) / np.maximum(np.bincount(jams, minlength=n), 1)
        return out, stable


def joined(tables: list[Tables]) -> Tables:
    """Several tables as one, which plays them all at the price of little more than the largest."""
    twin = Tables.__new__(Tables)
    longest = max(len(t.parts) for t in tables)
    cuts = 1 + max(int(np.nonzero(t.frames.max(axis=(0, 1)))[0].max()) for t in tables)
    twin.pieces = [piece for t in tables for piece in t.pieces]
    twin.rows = [rows for t in tables for rows in t.rows]
    for name in ("commit", "share"):
        setattr(twin, name, np.concatenate([getattr(t, name) for t in tables]))
    for name in (
        "at",
        "parts",
        "chance",
        "unsure",
        "place",
        "frames",
        "period",
        "belief",
        "variety",
        "palette",
        "pace",
        "lean",
        "young",
        "noise",
        "expected",
    ):
        stretched = []
        for t in tables:
            value = getattr(t, name)
            if name in {"parts", "chance", "unsure", "place", "frames", "noise"}:
                value = value[:, :, :cuts]
            more = longest + (name == "at") - len(value)
            stretched.append(np.concatenate([value, np.zeros((more, *value.shape[1:]), value.dtype)]))
        setattr(twin, name, np.concatenate(stretched, axis=1))
    twin.habits = Habits(0)
    for name in vars(twin.habits):
        setattr(twin.habits, name, np.concatenate([getattr(t.habits, name) for t in tables]))
    width = max(t.before.shape[1] for t in tables)
    wider = [((0, 0), (0, width - t.before.shape[1])) for t in tables]
    twin.before = np.concatenate(
        [np.pad(t.before, more, constant_values=-1) for t, more in zip(tables, wider, strict=True)]
    )
    return twin


def decisions(piece: FramedPiece, commit: int, enters: int = 0) -> list[int]:
    """Rows at which a chord may begin: from this one on and when a note has been heard, and every beat after that."""
    first = max(int(np.flatnonzero(piece.pitch > 0)[0]) + 1 + commit, enters)
    beats, bar = beats_of(piece.meter), piece.meter.bar_frames
    return [row for row in range(first, len(piece)) if row == first or (piece.first + row) % bar in beats]


def tables_of(
    graph: Graph, pieces: list[FramedPiece], commits: tuple[int, ...], *, listen: bool = False
) -> dict[int, Tables]:
    """Play every piece to the stream once and keep what its plans weigh.

    Args:
        graph: The model.
        pieces: The pieces.
        commits: Frames fixed ahead.
        listen: Whether the band listens before it enters, as the box does by default.

    Returns:
        For each commit its table.
    """
    found = {commit: Tables(pieces, commit, listen=listen) for commit in commits}
    for number, piece in enumerate(pieces):
        wanted: dict[int, list[tuple[int, Tables]]] = {}
        for commit, table in found.items():
            for row in table.rows[number]:
                wanted.setdefault(row - commit, []).append((row, table))
        stream = ChordStream(graph, piece.meter, piece.first)
        every = piece.heard()
        enters = after_listening(piece) if listen else 0
        for at, heard in enumerate(every):
            if enters and at == max(0, enters - WARM):
                warm_start(stream, graph, every[:at], shipped(piece.meter))
                for table in found.values():
                    table.begin(number, stream)
            for row, table in wanted.get(at, ()):
                table.fill(number, row, stream)
            stream.advance(heard)
    return found


def alike(graph: Graph, other: Graph, piece: FramedPiece, commit: int = 0) -> float:
    """Share of decisions in which two graphs choose the same chord, what was played before being the first one's.

    What was played has a say in what comes next, so that two bands that differ once go on differently for a while;
    decision by decision from the same past, it is the graphs that are compared.
    """
    one, two = (ChordStream(g, piece.meter, piece.first) for g in (graph, other))
    rows = decisions(piece, commit)
    ends = dict(zip(rows, [*rows[1:], len(piece)], strict=True))
    committed: list[ChordSpan] = []
    same: list[bool] = []
    for at, heard in enumerate(piece.heard()):
        row = at + commit
        if row in ends:
            begin = piece.first + row
            plans = [stream.plan(begin, committed, begin + LOOKAHEAD) for stream in (one, two)]
            chosen = [next(s for s in plan if s.onset <= begin < s.end) for plan in plans]
            same.append(chosen[0].chord == chosen[1].chord)
            two.announced = list(one.announced)
            committed = merged([*committed, ChordSpan(begin, ends[row] - row, chosen[0].chord, chosen[0].confidence)])
        one.advance(heard)
        two.advance(heard)
    return float(np.mean(same))
