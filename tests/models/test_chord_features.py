import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.chord_features import FORM_BARS, METER_AT, N_FEATURES, FeatureStream, meter_table
from sideman.music.harmony import MelodyFrame
from sideman.music.meter import Meter, parse_meter


@given(st.integers(2, 16), st.sampled_from([2, 4, 8, 16]))
def test_every_meter_has_one_downbeat_and_its_strong_beats(numerator, denominator):
    meter = Meter(numerator, denominator)
    table = meter_table(meter)
    assert len(table) == meter.bar_frames
    assert table[:, 8].sum() == 1
    assert table[:, 9].sum() == len(meter.groups)
    assert np.isfinite(table).all()


def frame(pitch, *, struck=True):
    return MelodyFrame((pitch,), (pitch,) if struck else (), (90,)) if pitch else MelodyFrame()


def test_transposing_rolls_the_pitch_class_blocks_only():
    line = [60, 60, 64, 0, 67, 69, 0, 72] * 5
    low, high = FeatureStream(Meter()), FeatureStream(Meter())
    for pitch in line:
        a, b = low.step(frame(pitch)), high.step(frame(pitch + 5 if pitch else 0))
    for block in range(0, 84, 12):
        np.testing.assert_allclose(np.roll(a[block : block + 12], 5), b[block : block + 12], atol=1e-6)
    np.testing.assert_allclose(a[METER_AT:], b[METER_AT:])


@pytest.mark.parametrize("text", ["4/4", "6/8", "7/8"])
def test_a_repeated_form_is_recognised_and_foretold(text):
    meter = parse_meter(text)
    rng = np.random.default_rng(5)
    form = rng.choice([60, 62, 64, 65, 67, 69, 71], 4 * meter.bar_frames)
    stream = FeatureStream(meter)
    for turn in range(2):
        for at, pitch in enumerate(form):
            stream.step(frame(int(pitch)))
            if turn == 1 and at == 3 * meter.bar_frames:
                assert FORM_BARS[int(stream.form().argmax())] == 4
                coming = form[at + 1 : at + 9]
                expected = np.bincount(coming % 12, minlength=12) / 8
                assert np.abs(stream.foretold()[0] - expected).max() < 0.2


def test_cost_does_not_grow_with_the_jam():
    stream = FeatureStream(Meter())
    for at in range(600):
        stream.step(frame(60 + at % 7))
    assert stream.ring.shape == (16 * FORM_BARS[-1] + 1, 12)
    assert len(stream.ages) <= 1


def test_polyphony_weighs_loud_new_notes_more():
    stream = FeatureStream(Meter())
    stream.step(MelodyFrame((48,), (48,), (100,)))
    for _ in range(15):
        stream.step(MelodyFrame((48,), (), (100,)))
    x = stream.step(MelodyFrame((48, 76), (76,), (100, 100)))
    assert x.shape == (N_FEATURES,)
    assert x[4] > x[0] > 0
    assert x[:12].sum() == pytest.approx(1.0)
