import numpy as np
import pytest

from sideman.models.chord_fit import PRIOR, USUAL, Fit
from sideman.models.chord_form import FormDetector
from sideman.models.chord_played import Played
from sideman.music.chords import TRIADS
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter

COMMON = Meter(4, 4)


def fit_of(pitch_class, frames=64, *, calls=1):
    """The fit after a C major triad stood under one pitch class, counted in so many calls."""
    form, played, fit = FormDetector(COMMON), Played(COMMON, 0), Fit(0)
    span = ChordSpan(0, frames, TRIADS[0], 1.0)
    for call in range(calls):
        stop = (call + 1) * frames // calls
        while form.heard < stop:
            form.hear(np.eye(12, dtype=np.float32)[pitch_class])
        played.settle([span], stop)
        fit.settle(played, form, stop)
    return fit.value


def test_before_anything_was_played_it_is_what_is_usual():
    assert Fit(0).value == pytest.approx(USUAL)


def test_a_melody_inside_the_chord_raises_it_and_one_outside_lowers_it():
    assert fit_of(4) == pytest.approx((USUAL * PRIOR + 64) / (PRIOR + 64), abs=0.01)
    assert fit_of(1) == pytest.approx(USUAL * PRIOR / (PRIOR + 64), abs=0.01)


def test_each_frame_counts_once():
    assert fit_of(4, calls=8) == pytest.approx(fit_of(4), abs=0.01)
