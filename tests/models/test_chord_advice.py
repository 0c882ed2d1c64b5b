import numpy as np
import pytest

from sideman.models.chord_advice import SURPRISING, advised, fit, surprise_of
from sideman.models.chord_confidence import Signs, confidence
from sideman.models.chord_form import FormDetector
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter

SURE = {"sure": 0.9, "key_sure": 0.9, "form_bars": 8, "repeats": 0.9, "bars": 8.0}


def heard(pitches):
    form = FormDetector(Meter())
    for pitch in pitches:
        sound = np.zeros(12, np.float32)
        if pitch is not None:
            sound[pitch % 12] = 1
        form.hear(sound)
    return form


@pytest.mark.parametrize(
    ("change", "beats"),
    [
        ({}, 4),
        ({"repeats": 0.3}, 2),
        ({"sure": 0.5}, 2),
        ({"key_sure": 0.2}, 1),
        ({"key_sure": 0.2, "sure": 0.3}, 0),
        ({"bars": 0.5}, 1),
    ],
)
def test_commit_as_far_as_is_wise(change, beats):
    assert advised(**{**SURE, **change}).commit_beats == beats


def test_a_melody_inside_its_chord_is_no_surprise():
    spans = [ChordSpan(0, 16, Chord(0), 1.0)]
    assert surprise_of(heard([60, 64, 67, 64] * 4), 16, spans) > 0
    assert surprise_of(heard([61, 66, 68, 66] * 4), 16, spans) < 0


def test_only_the_last_two_beats_count():
    spans = [ChordSpan(0, 32, Chord(0), 1.0)]
    line = [61] * 24 + [60, 64, 67, 64] * 2
    assert fit(heard(line), 32, spans) == fit(heard([60] * 24 + line[24:]), 32, spans)


def test_silence_and_no_chord_are_no_surprise():
    assert surprise_of(heard([None] * 16), 16, [ChordSpan(0, 16, Chord(0), 1.0)]) == -SURPRISING > 0
    assert surprise_of(heard([60] * 16), 16, []) > 0


def test_confidence_is_a_probability_that_grows_with_what_speaks_for_a_chord():
    def signs(posterior, other):
        return Signs(posterior, other, -2.0, 0.0, 0.0, 1.5)

    likely, unlikely = confidence(signs(-0.1, -0.5)), confidence(signs(-3.0, -3.0))
    assert 0 < unlikely < likely < 1
    assert confidence(signs(-1.0, -0.5)) > confidence(signs(-1.0, -3.0))
