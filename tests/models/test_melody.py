"""The melody net and its answers: what holds for the shipped graph and for any other."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.models import library
from sideman.models.melody import HIDDEN, MelodyNet, Options, answer, context_at
from sideman.models.melody_features import INTERVALS, WIDTH
from sideman.models.melody_rules import Place, terms
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter
from sideman.music.notes import Note

POP = tuple(
    ChordSpan(16 * k, 16, chord, 1.0)
    for k, chord in enumerate((Chord(0), Chord(9, "min"), Chord(5), Chord(7), Chord(0), Chord(9, "min")))
)
CALL = [Note(480 * i, 480, pitch) for i, pitch in enumerate((60, 62, 64, 67, 69, 67, 64, 62, 60, 64, 67, 72, 71, 67))]
SLOTS = [(7680 + 480 * i, 480) for i in range(16)]


class Flat:
    """A graph that knows nothing: every interval is as likely."""

    def run(self, inputs):
        assert inputs["x"].shape == (1, WIDTH)
        return {
            "logits": np.zeros((1, INTERVALS), np.float32),
            "first_out": inputs["first_in"],
            "second_out": inputs["second_in"],
        }


@pytest.fixture(scope="module")
def graph():
    return library.load("melody")


def chord_at(onset):
    return context_at(onset, None, POP, Meter()).chord


def test_a_step_gives_log_probabilities_and_leaves_the_state_alone(graph):
    net = MelodyNet(graph)
    state = net.heard(net.start(), CALL, POP, Meter())
    before = state.first.copy()
    after, logp = net.step(state, context_at(7680, None, POP, Meter()))
    assert np.exp(logp).sum() == pytest.approx(1.0, abs=1e-4)
    assert logp.shape == (INTERVALS,)
    np.testing.assert_array_equal(state.first, before)
    assert after.second.shape == (1, HIDDEN)
    assert len(state.memory.pitches) == len(CALL)


def test_the_net_hears_the_chord(graph):
    net = MelodyNet(graph)
    state = net.heard(net.start(), CALL, POP, Meter())
    asked = [
        net.step(state, context_at(7680, 960, (ChordSpan(32, 16, chord, 1.0),), Meter()))[1]
        for chord in (Chord(0), Chord(6))
    ]
    assert np.abs(asked[0] - asked[1]).max() > 0.05


def test_a_verse_that_comes_again_is_expected(graph):
    net = MelodyNet(graph)
    state = net.heard(net.start(), [*CALL[:8], *(n.moved(3840) for n in CALL[:7])], (), Meter())
    _, logp = net.step(state, context_at(3840 + 7 * 480, 480, (), Meter()))
    assert int(np.argmax(logp)) - 12 == CALL[7].pitch - CALL[6].pitch


def test_answers_are_seeded_and_differ(graph):
    lines = {tuple(answer(graph, CALL, SLOTS, POP, Meter(), seed=seed)) for seed in range(6)}
    assert len(lines) > 3
    assert answer(graph, CALL, SLOTS, POP, Meter(), seed=3) == answer(graph, CALL, SLOTS, POP, Meter(), seed=3)


def test_strong_beats_of_answers_are_mostly_chord_tones(graph):
    hits = [
        pitch % 12 in chord_at(onset).pitch_classes
        for seed in range(8)
        for (onset, _), pitch in zip(SLOTS, answer(graph, CALL, SLOTS, POP, Meter(), seed=seed), strict=True)
        if Meter().weight(onset) >= 3
    ]
    assert np.mean(hits) >= 0.8


calls = st.lists(st.integers(30, 100), max_size=20).map(lambda row: [Note(480 * i, 480, p) for i, p in enumerate(row)])


@given(calls, st.lists(st.integers(1, 6), max_size=16), st.integers(0, 50), st.sampled_from([(), POP]))
@settings(max_examples=40, deadline=None)
def test_the_rules_hold_even_for_a_net_that_knows_nothing(call, lengths, seed, chords):
    start = 480 * (len(call) + 1)
    slots = [(start + 480 * sum(lengths[:i]), 480 * n) for i, n in enumerate(lengths)]
    pitches = answer(Flat(), call, slots, chords, Meter(), seed=seed)
    assert len(pitches) == len(slots)
    assert all(0 <= pitch <= 127 for pitch in pitches)
    for k in range(len(pitches) - 3):
        assert len(set(pitches[k : k + 4])) > 1


def test_strictness_is_monotone():
    shares = []
    for strictness in (0.0, 0.25, 0.5, 0.75, 1.0):
        options = Options(strictness=strictness, temperature=1.0)
        hits = []
        for seed in range(12):
            pitches = answer(Flat(), CALL, SLOTS, POP, Meter(), options=options, seed=seed)
            hits += [
                pitch % 12 in chord_at(onset).pitch_classes
                for (onset, _), pitch in zip(SLOTS[1:-1], pitches[1:-1], strict=True)
                if Meter().weight(onset) >= 3
            ]
        shares.append(np.mean(hits))
    assert all(a <= b + 0.05 for a, b in pairwise(shares))
    assert shares[-1] > shares[0] + 0.2


def place(**more):
    common = {"line": (60, 62), "first": False, "final": False, "mean": 62.0, "motif": None}
    return Place(**common | {"copying": frozenset(), "scale": frozenset((0, 2, 4, 5, 7, 9, 11))} | more)


def test_the_entry_keeps_near_the_players_last_note():
    bent = terms(context_at(0, 480, POP, Meter()), place(first=True), Options())
    assert int(np.argmax(bent)) - 12 in range(-4, 5)
    assert bent[12 + 10] < bent[12 + 2] - 10


def test_a_long_copy_is_held_back():
    free = terms(context_at(0, 480, (), Meter()), place(), Options())
    held = terms(context_at(0, 480, (), Meter()), place(copying=frozenset((2,))), Options())
    assert held[14] < free[14] - 5
    assert held[13] == free[13]


def test_a_leap_asks_for_a_step_back():
    bent = terms(context_at(480, 480, (), Meter()), place(line=(55, 64), mean=62.0), Options(echo=0.0))
    assert bent[12 - 2] > bent[12 + 3] + 3


def test_the_last_note_is_a_root_third_or_fifth():
    last = [answer(Flat(), CALL, SLOTS[:9], POP, Meter(), seed=seed)[-1] for seed in range(20)]
    home = chord_at(SLOTS[8][0]).pitch_classes[:3]
    assert np.mean([pitch % 12 in home for pitch in last]) > 0.9
