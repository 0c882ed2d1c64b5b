"""Next interval, note by note: the model through the interpreter, every baseline beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.melody import MelodyNet, State
from sideman.models.melody_features import Memory, interval_class
from sideman.models.sampling import generator, sample
from sideman_lab.melody.baselines import COPY, copied
from sideman_lab.melody.encode import contexts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sideman.models.melody_features import NoteContext
    from sideman_lab.melody.baselines import Baselines
    from sideman_lab.melody.pieces import Melody

MODES = ("press", "known")
"""Length of the note to come: not known, as at a key-press; known, as in an answer."""
OPENING = 64
"""Notes of a piece that count as its opening, where little can be copied yet."""


@dataclass(slots=True)
class Scores:
    """Sums over one piece: for each row name [negative log-likelihood, notes, hits].

    Attributes:
        song: Id of the piece.
        rows: The sums.
        wall: Milliseconds of each step, encoding included, as a clock on the wall sees them.
        ms: The same as the processor counts them for this thread.
        same: 1 for each note on which the unquantised model decides alike with the same seed.
    """

    song: str
    rows: dict[str, list[float]] = field(default_factory=dict)
    wall: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    same: list[float] = field(default_factory=list)

    def add(self, name: str, logp: float, *, hit: bool) -> None:
        """Count one note."""
        row = self.rows.setdefault(name, [0.0, 0.0, 0.0])
        row[0] -= logp
        row[1] += 1
        row[2] += hit


def score(
    melody: Melody,
    net: MelodyNet,
    baselines: Baselines | None,
    floating: MelodyNet | None = None,
    dump: Callable[[dict[str, Any]], None] | None = None,
) -> Scores:
    """Step through a piece as a live player would play it, every pitch told after it was guessed."""
    scores = Scores(melody.song)
    memory = Memory()
    states = {mode: net.start() for mode in MODES}
    floats = {mode: floating.start() for mode in MODES} if floating else {}
    for i, (note, context) in enumerate(zip(melody.notes, contexts(melody), strict=True)):
        truth = interval_class(note.pitch - memory.last_pitch)
        for mode in MODES:
            asked = replace(context, duration=None) if mode == "press" else context
            began, busy = time.perf_counter_ns(), time.thread_time_ns()
            state, logp = net.step(_with(states[mode], memory), asked)
            scores.ms.append((time.thread_time_ns() - busy) / 1e6)
            scores.wall.append((time.perf_counter_ns() - began) / 1e6)
            states[mode] = state
            if floating:
                floats[mode], float_logp = floating.step(_with(floats[mode], memory), asked)
            if i == 0:
                continue
            _count(scores, mode, i, logp, truth)
            if floating:
                _count(scores, f"float {mode}", i, float_logp, truth)
                scores.same.append(float(_decision(logp, melody.song, i) == _decision(float_logp, melody.song, i)))
            if dump:
                dump({"id": melody.song, "i": i, "logp": [round(float(v), 4) for v in logp], "mode": mode})
        if i and baselines is not None:
            _count_baselines(scores, baselines, memory, context, i, truth)
        memory.add(note.tick, note.duration, note.pitch, melody.meter.bar_ticks)
    return scores


def _with(state: State, memory: Memory) -> State:
    return State(state.first, state.second, memory)


def _decision(logp: Any, song: str, i: int) -> int:
    return sample(logp, generator("same", song, i), 1.0)


def _count(scores: Scores, name: str, i: int, logp: Any, truth: int) -> None:
    hit = int(np.argmax(logp)) == truth
    scores.add(name, float(logp[truth]), hit=hit)
    if i < OPENING:
        scores.add(f"{name} opening", float(logp[truth]), hit=hit)


def _count_baselines(
    scores: Scores, baselines: Baselines, memory: Memory, context: NoteContext, i: int, truth: int
) -> None:
    for name, probabilities in baselines.all(memory, context).items():
        _count(scores, name, i, np.log(probabilities), truth)
    guess = copied(memory, context)
    row = scores.rows.setdefault(COPY, [0.0, 0.0, 0.0])
    row[1] += 1
    row[2] += guess == truth
