import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.models.chord_form import LONGEST_BARS, PERIOD_BARS, FormDetector, FormView, cadence_scores
from sideman.music.meter import Meter, parse_meter

EIGHTH = 2


def heard(pitches, meter=None, detector=None):
    detector = detector or FormDetector(meter or Meter())
    for pitch in pitches:
        sound = np.zeros(12, np.float32)
        if pitch is not None:
            sound[pitch % 12] = 1
        detector.hear(sound)
    return detector


def wander(frames, seed=0):
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(0, 12, frames // EIGHTH + 1), EIGHTH)[:frames].tolist()


@pytest.mark.parametrize("meter", ["4/4", "3/4", "6/8", "2/4"])
@pytest.mark.parametrize("bars", PERIOD_BARS)
def test_a_loop_is_found_within_two_cycles(meter, bars):
    meter = parse_meter(meter)
    detector = heard(wander(bars * meter.bar_frames) * 2, meter)
    assert detector.period == bars * meter.bar_frames
    view = detector.view()
    assert view.belief > 0.9
    assert not view.given


def test_what_never_comes_round_has_no_period():
    assert heard(wander(1024)).view().period == 0


def test_one_held_note_is_no_loop():
    assert heard([60] * 512).view().period == 0


def test_silence_is_no_loop():
    assert heard([None] * 512).view().period == 0


def test_a_period_is_given_up_when_the_music_goes_on_elsewhere():
    detector = heard(wander(64) * 3)
    assert detector.period == 64
    heard(wander(256, seed=5), detector=detector)
    assert detector.period == 0


def test_the_shorter_of_two_true_periods_is_taken():
    assert heard(wander(64) * 8).period == 64


def test_a_given_form_is_believed_at_once():
    view = heard(wander(40)).view(128, 16)
    assert (view.period, view.belief, view.origin, view.given) == (128, 1.0, 16, True)


def test_a_given_form_of_any_length_knows_how_far_the_melody_comes_round():
    assert heard(wander(5 * 16) * 3).view(5 * 16).match == pytest.approx(1)
    assert heard(wander(512)).view(5 * 16).match < 0.5
    assert heard(wander(64)).view((LONGEST_BARS + 1) * 16).match == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 11)), max_size=200), st.integers(1, 11))
def test_the_same_in_every_key(line, shift):
    one = heard(line)
    other = heard([None if p is None else p + shift for p in line])
    np.testing.assert_allclose(one.matches(), other.matches(), atol=1e-5)


def test_a_copy_goes_its_own_way():
    detector = heard(wander(64) * 2)
    twin = copy.deepcopy(detector)
    heard(wander(256, seed=3), detector=twin)
    assert detector.period == 64
    assert detector.heard == 128


@pytest.mark.parametrize(("meter", "closing", "leading"), [("4/4", 120, 112), ("3/4", 84, 72), ("6/8", 90, 84)])
def test_a_form_ends_on_its_tonic_after_a_dominant(meter, closing, leading):
    meter = parse_meter(meter)
    period = 8 * meter.bar_frames
    view = FormView(period, 1.0, 1.0, given=True)
    scores = cadence_scores(meter, np.arange(2 * period), view, (2, "maj"))
    for start in (0, period):
        assert (scores[start + closing : start + period].argmax(axis=1) == 2).all()
        rows = scores[start + leading : start + closing]
        assert (rows.argmax(axis=1) == 9).all()
        assert (rows[:, 7] > 0).all()
        assert (rows[:, 24 + 1] > 0).all()
        assert (rows[:, 2] < 0).all()
        assert not scores[start : start + leading].any()


def test_a_form_that_was_found_asks_less_than_one_that_was_given():
    frames = np.arange(128)
    given = cadence_scores(Meter(), frames, FormView(128, 1.0, 1.0, given=True), (0, "min"))
    found = cadence_scores(Meter(), frames, FormView(128, 1.0, 1.0), (0, "min"))
    assert 0 < found.max() < given.max()
    assert given[127].argmax() == 12


def test_without_a_form_there_is_no_cadence():
    assert not cadence_scores(Meter(), np.arange(64), FormView(), (0, "maj")).any()


def test_a_phrase_has_its_cadence_where_it_ends():
    scores = cadence_scores(Meter(), np.arange(64), FormView(), (0, "maj"), end=48)
    assert scores[47].argmax() == 0
    assert scores[39].argmax() == 7
    assert not scores[48:].any()
