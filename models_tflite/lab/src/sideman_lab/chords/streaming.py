"""Plays a piece to the real stream, frame by frame, and keeps what it committed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.band.warm_start import warm_start
from sideman.models.chords import ChordStream
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.harmony import ChordSpan, merged
from sideman_lab.chords.colouring import Colours
from sideman_lab.chords.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sideman.models.chords import PlanOptions
    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Watch = Callable[[ChordStream, int, list[ChordSpan]], None]
    Ints = NDArray[np.int64]

LOOKAHEAD = 16
WARM = 8
"""Frames before the entry at which the box looks back on what it heard (``band/warm_start.py``)."""


@dataclass(frozen=True)
class Played:
    """What a stream did with a piece.

    Attributes:
        spans: The committed chords.
        classes: Triad class in each frame, NO_CHORD where silent.
        tones: Sounding pitch classes in each frame, 0 where silent.
        announced: Triad class announced for each frame two beats before it was fixed, -2 where none was.
        confidence: Confidence of each frame as it was shown when the frame was fixed, 0 where silent.
        replan_ms: Milliseconds of each whole re-plan: one frame heard and the plan made anew.
    """

    spans: tuple[ChordSpan, ...]
    classes: Ints
    tones: Ints
    announced: Ints
    confidence: NDArray[np.float32]
    replan_ms: NDArray[np.float64]

    @property
    def stability(self) -> float:
        """Share of announced frames (two beats beyond what is fixed) that were played as announced, or NaN."""
        known = self.announced >= 0
        return float((self.announced[known] == self.classes[known]).mean()) if known.any() else float("nan")


def play(
    graph: Graph,
    piece: FramedPiece,
    commit: int,
    enters: int = 0,
    options: PlanOptions | None = None,
    *,
    just_in_time: bool = False,
    lookahead: int = LOOKAHEAD,
    colours: Colours | None = None,
    watch: Watch | None = None,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> Played:
    """Play a piece to the stream; a chord sounding from frame t is decided with frames before ``t - commit`` only.

    Args:
        graph: The model.
        piece: The piece.
        commit: Frames that are fixed ahead of now.
        enters: Row in which the band enters; what was heard before is harmonised once by hindsight, as the box does.
        options: The player's wishes; None for the box's defaults.
        just_in_time: Chords of strong beats hear the note struck there, by the stream's own rule (a row of its own).
        lookahead: Frames planned beyond those that are fixed.
        colours: How triads are named; None for the box's default.
        watch: Called with the stream, the row and the plan in each frame, before the frame is heard.
        clock: Nanoseconds, for ``replan_ms``.
    """
    options = options or shipped(piece.meter)
    stream = ChordStream(graph, piece.meter, piece.first)
    colours = colours or Colours(piece)
    heard, strong = piece.heard(), piece.strong & piece.struck
    committed: list[ChordSpan] = []
    announced = np.full(len(piece), -2, np.int64)
    took = np.zeros(len(piece))
    confidence = np.zeros(len(piece), np.float32)
    listens = max(0, enters - WARM)
    for row, now in enumerate(range(piece.first, piece.first + len(piece))):
        if row < listens:
            stream.advance(heard[row])  # no plan yet: the first one comes with the warm start
            continue
        if enters and row == listens:
            warm_start(stream, graph, heard[:row], options)
        fixed_until = now + commit + 1
        begin = max(fixed_until - 1, piece.first + enters)
        began = clock()
        known = (int(piece.pitch[row]),) if just_in_time and strong[row] else ()
        plan = stream.plan(begin, committed, begin + lookahead, options=options, heard=known)
        took[row] += (clock() - began) / 1e6
        two = begin - piece.first + 8
        if two < len(piece):
            announced[two] = max((triad_index(s.chord) for s in plan if s.onset <= begin + 8 < s.end), default=-2)
        if plan and plan[-1].end > begin and (not committed or committed[-1].end < fixed_until):
            for span in colours.painted(plan, row, committed):
                start, stop = max(span.onset, begin), min(span.end, fixed_until)
                if stop > start:
                    confidence[start - piece.first : stop - piece.first] = span.confidence
                    committed = merged([*committed, ChordSpan(start, stop - start, span.chord, span.confidence)])
        if watch is not None:
            watch(stream, row, plan)
        began = clock()
        stream.advance(heard[row])
        if row + 1 < len(piece):
            took[row + 1] = (clock() - began) / 1e6
    end = piece.first + len(piece)
    inside = tuple(replace(s, frames=min(s.end, end) - s.onset) for s in committed if s.onset < end)
    classes = np.full(len(piece), NO_CHORD, np.int64)
    tones = np.zeros(len(piece), np.int64)
    for span in inside:
        rows = slice(max(span.onset - piece.first, 0), span.end - piece.first)
        classes[rows] = triad_index(span.chord)
        tones[rows] = len(span.chord.pitch_classes)
    return Played(inside, classes, tones, announced, confidence, took)


def net_pass_ms(graph: Graph, count: int = 400, clock: Callable[[], int] = time.perf_counter_ns) -> NDArray[np.float64]:
    """A floor: milliseconds of bare passes of the net, nothing around them."""
    inputs = {name: np.zeros(shape, dtype) for name, (shape, dtype) in graph.inputs.items()}
    took = np.zeros(count)
    for i in range(count):
        began = clock()
        graph.run(inputs)
        took[i] = (clock() - began) / 1e6
    return took


def empty_loop_ms(count: int = 400, rounds: int = 30_000) -> NDArray[np.float64]:
    """Another floor: milliseconds of a loop that does nothing for about as long; what is late here is the machine."""
    took = np.zeros(count)
    for i in range(count):
        began = time.perf_counter_ns()
        for _ in range(rounds):
            pass
        took[i] = (time.perf_counter_ns() - began) / 1e6
    return took
