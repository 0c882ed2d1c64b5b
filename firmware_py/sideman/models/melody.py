"""The melody net as the band uses it: encode a note's place, step the graph, decode a pitch. One pass per note."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.melody_features import INTERVALS, Memory, NoteContext, encode, summarise
from sideman.models.melody_rules import COPIED, Options, Place, terms
from sideman.models.sampling import generator, sample
from sideman.music.notes import fold, mean_pitch
from sideman.music.solo_rules import MAJOR, chord_at, scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from numpy.typing import NDArray

    from sideman.models.melody_features import Call
    from sideman.music.harmony import ChordSpan
    from sideman.music.meter import Meter
    from sideman.music.notes import Note
    from sideman.music.solo_rules import Slot

    Floats = NDArray[np.float32]

    class Runs(Protocol):
        """What a net needs of a graph."""

        def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
            """One step."""
            ...

    class Steps(Protocol):
        """What an answer needs of a net; ``MelodyNet`` and the lab's baselines offer it."""

        def start(self) -> State:
            """Before the first note."""
            ...

        def step(self, state: State, context: NoteContext) -> tuple[State, Floats]:
            """Log-probabilities of the next interval."""
            ...

        def sounded(self, state: State, onset: int, duration: int, pitch: int, meter: Meter) -> State:
            """Remember what it became."""
            ...

        def heard(self, state: State, notes: Sequence[Note], chords: Sequence[ChordSpan], meter: Meter) -> State:
            """Listen to a line."""
            ...


HIDDEN = 256
"""Size of each recurrent state."""
HEARD = 128
"""Notes of the call that warm the state up; older ones would not change the answer audibly."""

__all__ = ["MelodyNet", "NoteContext", "Options", "State", "answer", "answer_with", "context_at"]


@dataclass(frozen=True, slots=True)
class State:
    """All the net knows at one moment; branching is free, nothing in it is ever changed.

    Attributes:
        first: State of the lower GRU, (1, 256).
        second: State of the upper GRU, (1, 256).
        memory: The line so far.
    """

    first: Floats
    second: Floats
    memory: Memory


class MelodyNet:
    """Pitch given rhythm: steps over notes.

    A note takes two calls: ``step`` tells how likely each interval is, ``sounded`` says which pitch it became.
    """

    def __init__(self, graph: Runs) -> None:
        self._graph = graph

    def start(self) -> State:
        """Before the first note."""
        return State(np.zeros((1, HIDDEN), np.float32), np.zeros((1, HIDDEN), np.float32), Memory())

    def step(self, state: State, context: NoteContext) -> tuple[State, Floats]:
        """Log-probabilities (25,) of -12 to +12 semitones from the last pitch, and the state after this place."""
        x = encode(state.memory, context)[None]
        out = self._graph.run({"x": x, "first_in": state.first, "second_in": state.second})
        logits = out["logits"][0]
        top = logits - logits.max()
        return State(out["first_out"], out["second_out"], state.memory), top - np.log(np.exp(top).sum())

    def sounded(self, state: State, onset: int, duration: int, pitch: int, meter: Meter) -> State:
        """The state that remembers which pitch the last step became."""
        memory = state.memory.copy()
        memory.add(onset, duration, pitch, meter.bar_ticks)
        return State(state.first, state.second, memory)

    def heard(self, state: State, notes: Sequence[Note], chords: Sequence[ChordSpan], meter: Meter) -> State:
        """The state after listening to a line."""
        for note in notes:
            state, _ = self.step(state, context_at(note.tick, note.duration, chords, meter))
            state = self.sounded(state, note.tick, note.duration, note.pitch, meter)
        return state


def context_at(
    onset: int, duration: int | None, chords: Sequence[ChordSpan], meter: Meter, call: Call | None = None
) -> NoteContext:
    """Context of a note under a chord plan.

    Args:
        onset: Tick of the onset from the bar line the plan is counted from.
        duration: Ticks the note will last, None when not known.
        chords: The plan, in order of onset.
        meter: Meter in force.
        call: Summary of the phrase that is answered.
    """
    chord, following, ticks = chord_at(chords, onset)
    return NoteContext(onset, meter, duration, chord, following, ticks, call=call)


def answer(
    graph: Runs,
    call: Sequence[Note],
    slots: Sequence[Slot],
    chords: Sequence[ChordSpan],
    meter: Meter,
    *,
    key: int | None = None,
    options: Options | None = None,
    seed: int = 0,
) -> list[int]:
    """Pitches for an answer whose rhythm is given: :func:`answer_with` on the shipped net."""
    return answer_with(MelodyNet(graph), call, slots, chords, meter, key=key, options=options, seed=seed)


def answer_with(
    net: Steps,
    call: Sequence[Note],
    slots: Sequence[Slot],
    chords: Sequence[ChordSpan],
    meter: Meter,
    *,
    key: int | None = None,
    options: Options | None = None,
    seed: int = 0,
) -> list[int]:
    """Pitches for an answer whose rhythm is given.

    Args:
        net: What steps over notes.
        call: The player's line (see ``music.notes.line``), ticks from the bar line of the plan; may be empty.
        slots: Onset and duration in ticks of each note to come, in order, after the call.
        chords: The plan in order of onset; covers call and answer as far as it is known.
        meter: Meter of the plan.
        key: Tonic's pitch class of the major key (the relative major of a minor one), or None to estimate it.
        options: Knobs.
        seed: Same seed, same answer.

    Returns:
        One MIDI pitch a slot. The first lies within 4 semitones of the player's last note wherever harmony allows.
    """
    options = options or Options()
    dice = generator(seed, "answer")
    state = net.heard(net.start(), call[-HEARD:], chords, meter)
    summary = summarise(call)
    mean = mean_pitch(call)
    scale = scale_of(call, chords) if key is None else frozenset((key + step) % 12 for step in MAJOR)
    line = [note.pitch for note in call[-4:]] or [fold(round(mean))]
    motif = _motif(call, slots, meter)
    pitches: list[int] = []
    for i, (onset, duration) in enumerate(slots):
        context = context_at(onset, duration, chords, meter, summary)
        state, logp = net.step(state, context)
        if not state.memory.pitches:
            logp = np.full(INTERVALS, -np.log(INTERVALS), np.float32)
        place = Place(line, i == 0, i == len(slots) - 1, mean, motif[i], _continuations(state.memory), scale)
        choice = sample(logp + terms(context, place, options), dice, options.temperature)
        pitch = min(127, max(0, line[-1] + choice - 12))
        line = [*line[-4:], pitch]
        pitches.append(pitch)
        state = net.sounded(state, onset, duration, pitch, meter)
    return pitches


def _continuations(memory: Memory) -> frozenset[int]:
    """Intervals that would go on copying a run of ``COPIED`` or more earlier intervals."""
    found = np.flatnonzero(memory.runs[:-1] >= COPIED)
    return frozenset(int(memory.steps[j + 1]) for j in found)


def _motif(call: Sequence[Note], slots: Sequence[Slot], meter: Meter) -> list[int | None]:
    """For each slot the call's interval at the same place of its phrase, or at the same count."""
    if len(call) < 2 or not slots:
        return [None] * len(slots)
    base = call[0].tick // meter.bar_ticks * meter.bar_ticks
    steps = [note.pitch - last.pitch for last, note in pairwise(call)]
    at = {note.tick - base: step for note, step in zip(call[1:], steps, strict=True)}
    start = slots[0][0] // meter.bar_ticks * meter.bar_ticks
    span = max(meter.bar_ticks, (call[-1].tick - base) // meter.bar_ticks * meter.bar_ticks + meter.bar_ticks)
    found: list[int | None] = []
    for i, (onset, _) in enumerate(slots):
        step = at.get((onset - start) % span)
        found.append(step if step is not None else steps[(i - 1) % len(steps)] if i else None)
    return found
