"""Plays a piece to the real stream, frame by frame, and keeps what it committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chords import ChordStream, PlanOptions
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.harmony import ChordSpan, merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

LOOKAHEAD = 16


@dataclass(frozen=True)
class Played:
    """What a stream did with a piece.

    Attributes:
        spans: The committed chords.
        classes: Triad class in each frame, NO_CHORD where silent.
        stability: Share of announced frames (two beats beyond what is fixed) that were played as announced, or NaN.
        confidence: Shown confidence of each frame, 0 where silent.
    """

    spans: tuple[ChordSpan, ...]
    classes: NDArray[np.int64]
    stability: float
    confidence: NDArray[np.float32]


def play(
    graph: Graph,
    piece: FramedPiece,
    commit: int,
    silence: int = 0,
    options: PlanOptions | None = None,
    *,
    just_in_time: bool = False,
) -> Played:
    """Play a piece to the stream; a chord sounding from frame t is decided with frames before ``t - commit`` only.

    Args:
        graph: The model.
        piece: The piece.
        commit: Frames that are fixed ahead of now.
        silence: Frames before the band enters.
        options: The player's wishes.
        just_in_time: The chord of a frame may hear that frame (breaks the rule; a row of its own).
    """
    stream = ChordStream(graph, piece.meter, piece.first)
    heard = piece.heard()
    committed: list[ChordSpan] = []
    announced = np.full(len(piece), -2, np.int64)
    for row, now in enumerate(range(piece.first, piece.first + len(piece))):
        if just_in_time:
            stream.advance(heard[row])
        fixed_until = now + commit + 1
        begin = max(fixed_until - 1, piece.first + silence)
        plan = stream.plan(begin, committed, begin + LOOKAHEAD, options=options)
        for span in plan:
            start = max(span.onset, committed[-1].end if committed else begin)
            stop = min(span.end, fixed_until)
            if stop > start:
                committed = merged([*committed, ChordSpan(start, stop - start, span.chord, span.confidence)])
            two = begin - piece.first + 8
            if two < len(piece) and span.onset <= begin + 8 < span.end:
                announced[two] = triad_index(span.chord)
        if not just_in_time:
            stream.advance(heard[row])
    classes = np.full(len(piece), NO_CHORD, np.int64)
    confidence = np.zeros(len(piece), np.float32)
    for span in committed:
        rows = slice(max(span.onset - piece.first, 0), span.end - piece.first)
        classes[rows] = triad_index(span.chord)
        confidence[rows] = span.confidence
    known = announced >= 0
    stability = float((announced[known] == classes[known]).mean()) if known.any() else float("nan")
    return Played(tuple(s for s in committed if s.onset < piece.first + len(piece)), classes, stability, confidence)
