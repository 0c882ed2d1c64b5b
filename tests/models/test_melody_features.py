"""The melody net's inputs: same in every key, blind to the future, exact about repetitions."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.models.melody_features import (
    INTERVALS,
    LONGEST,
    SLICES,
    WIDTH,
    Memory,
    NoteContext,
    encode,
    interval_class,
    summarise,
)
from sideman.music.chords import Chord
from sideman.music.meter import Meter
from sideman.music.notes import Note

pitches = st.lists(st.integers(48, 80), min_size=1, max_size=40)


def remembered(line, step=480):
    memory = Memory()
    for i, pitch in enumerate(line):
        memory.add(i * step, step, pitch, Meter().bar_ticks)
    return memory


def context(onset, **more):
    return NoteContext(onset, Meter(), 480, **more)


def test_groups_cover_the_vector_once():
    covered = np.zeros(WIDTH, int)
    for part in SLICES.values():
        covered[part] += 1
    assert (covered == 1).all()


@given(pitches, st.integers(-11, 11))
@settings(max_examples=40, deadline=None)
def test_transposing_changes_the_register_alone(line, shift):
    call = [Note(480 * i, 480, pitch) for i, pitch in enumerate(line)]
    here = context(480 * len(line), chord=Chord(7, "7"), next_chord=Chord(0), to_change=960, call=summarise(call))
    there = replace(
        here,
        chord=Chord(7, "7").transposed(shift),
        next_chord=Chord(0).transposed(shift),
        call=summarise([Note(n.tick, n.duration, n.pitch + shift) for n in call]),
    )
    a, b = encode(remembered(line), here), encode(remembered([p + shift for p in line]), there)
    a[SLICES["register"].start] = b[SLICES["register"].start] = 0
    np.testing.assert_allclose(a, b, atol=1e-4)


@given(pitches)
@settings(max_examples=40, deadline=None)
def test_inputs_are_finite_and_small(line):
    x = encode(remembered(line), context(480 * len(line)))
    assert x.shape == (WIDTH,)
    assert np.isfinite(x).all()
    assert np.abs(x).max() <= 1.9 + 1e-6


def test_a_repeated_motif_is_found():
    motif = [60, 62, 64, 67, 65]
    x = encode(remembered(motif + motif[:4]), context(480 * 9))
    at = SLICES["match"].start
    assert int(np.argmax(x[at : at + INTERVALS])) == interval_class(65 - 67)
    assert x[at + INTERVALS] == 3 / 4


def test_what_sounded_a_bar_ago_is_shown():
    x = encode(remembered([60, 62, 64, 65, 67, 69, 71, 72]), context(8 * 480))
    at = SLICES["lags"].start
    assert int(np.argmax(x[at : at + INTERVALS])) == interval_class(60 - 72)


@given(st.lists(st.integers(60, 64), min_size=3, max_size=30))
@settings(max_examples=40, deadline=None)
def test_runs_are_what_a_slow_search_finds(line):
    memory = remembered(line)
    steps = [b - a for a, b in pairwise(line)]
    for j in range(1, len(line) - 1):
        length = 0
        while length < j and steps[j - 1 - length] == steps[-1 - length]:
            length += 1
        assert int(memory.runs[j]) == length


def test_a_copy_goes_its_own_way():
    memory = remembered([60, 62, 64])
    other = memory.copy()
    other.add(1440, 480, 70, 3840)
    assert len(memory.pitches) == 3
    assert memory.last_pitch == 64
    assert len(memory.runs) == 3


def test_memory_is_bounded():
    memory = remembered([60 + i % 7 for i in range(2 * LONGEST + 10)])
    assert len(memory.pitches) < 2 * LONGEST
    assert len(memory.runs) == len(memory.steps) == len(memory.pitches)
    assert max(memory.at.values()) == len(memory.pitches) - 1
