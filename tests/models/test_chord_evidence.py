import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.chord_evidence import EMISSION, TRANSITIONS, Evidence
from sideman.models.chord_features import FeatureStream
from sideman.models.chord_form import FormDetector, FormView
from sideman.models.chord_terms import contradiction
from sideman.music.harmony import MelodyFrame
from sideman.music.meter import Meter


def heard(pitches, meter=None):
    meter = meter or Meter()
    features, evidence, form = FeatureStream(meter), Evidence(meter), FormDetector(meter)
    for frame, pitch in enumerate(pitches):
        x = features.step(MelodyFrame((pitch,), (pitch,), (80,)))
        evidence.hear(frame, x[:12])
        form.hear(x[:12])
    return evidence, features, form


def test_the_tables_are_of_probabilities():
    assert (EMISSION < 0).all()
    for table in TRANSITIONS:
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("shift", range(12))
def test_an_arpeggio_is_its_triad_in_every_key(shift):
    evidence, *_ = heard([60 + shift + step for step in (0, 4, 7, 4)] * 4)
    assert int(evidence.alpha.argmax()) == shift
    evidence, *_ = heard([60 + shift + step for step in (0, 3, 7, 3)] * 4)
    assert int(evidence.alpha.argmax()) == 12 + shift


def test_looking_ahead_changes_nothing():
    evidence, *said = heard([60, 64, 67, 72] * 20)
    before = evidence.alpha.copy()
    first = evidence.ahead(*said, FormView(), 80, 112)
    np.testing.assert_array_equal(evidence.alpha, before)
    for one, two in zip(first, evidence.ahead(*said, FormView(), 80, 112), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_form_that_comes_round_says_what_stands_there():
    line = [60] * 16 + [65] * 16
    evidence, *said = heard(line * 4)
    _, echo = evidence.ahead(*said, FormView(), 128, 160)
    c_major, b_flat_major = 0, 10
    assert echo[0, c_major] > echo[16, c_major]
    assert echo[16, b_flat_major] > echo[0, b_flat_major]


def test_nothing_is_expected_of_a_line_without_repeats():
    evidence, *said = heard([40 + (7 * k * k) % 41 for k in range(40)])
    assert not evidence.ahead(*said, FormView(), 40, 56)[1].any()


def test_the_other_third_speaks_against_a_triad():
    memory = np.bincount([0, 4, 7, 4], minlength=12).astype(np.float32)
    against = contradiction(memory)
    assert against[0] == 0
    assert against[12] > 1


@given(st.lists(st.integers(0, 11), max_size=30), st.integers(0, 11))
def test_contradiction_moves_with_the_key(classes, shift):
    memory = np.bincount(classes, minlength=12).astype(np.float32)
    moved = contradiction(np.roll(memory, shift)).reshape(3, 12)
    np.testing.assert_allclose(np.roll(contradiction(memory).reshape(3, 12), shift, axis=1), moved, atol=1e-5)
