"""Swing: the warp of beat time, and the ratio read from a hand."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.options import STYLES
from sideman.music.meter import Meter, parse_meter
from sideman.music.swing import EVEN, LATEST, measured, of_style, straight, swung

RATIOS = st.floats(EVEN, LATEST)
TICKS = st.integers(-100_000, 100_000)


@given(TICKS, TICKS, RATIOS)
def test_the_warp_keeps_order(one, other, ratio):
    low, high = sorted((one, other))
    assert swung(low, ratio) <= swung(high, ratio)
    assert straight(low, ratio) <= straight(high, ratio)


@given(st.integers(-100, 100), RATIOS)
def test_beats_stay_and_the_eighth_lies_at_the_ratio(beat, ratio):
    assert swung(960 * beat, ratio) == straight(960 * beat, ratio) == 960 * beat
    assert swung(960 * beat + 480, ratio) == round(960 * (beat + ratio))


@given(TICKS)
def test_straight_is_left_alone(tick):
    assert swung(tick, EVEN) == straight(tick, EVEN) == tick


@given(TICKS, RATIOS)
def test_what_is_swung_can_be_read_back(tick, ratio):
    assert abs(straight(swung(tick, ratio), ratio) - tick) <= 1
    assert abs(swung(straight(tick, ratio), ratio) - tick) <= 1


def hand(ratio, seed=0, late=0, beats=24):
    rng = random.Random(seed)
    ideal = [960 * (i // 2) + (round(960 * ratio) if i % 2 else 0) for i in range(2 * beats)]
    return [tick + late + round(rng.gauss(0, 20)) for tick in ideal]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ratio", [0.5, 0.58, 0.62, 0.66, 0.7])
def test_a_human_hand_is_read(ratio, seed):
    assert measured(hand(ratio, seed), Meter()) == pytest.approx(ratio, abs=0.03)


def test_a_late_hand_has_the_same_ratio():
    assert measured(hand(0.66, late=40), Meter()) == measured(hand(0.66), Meter())


@pytest.mark.parametrize("places", [(0, 320, 640), (0, 720), (0,)])
def test_triplets_dotted_notes_and_quarters_say_nothing(places):
    assert measured([960 * beat + place for beat in range(16) for place in places], Meter()) is None


@pytest.mark.parametrize("places", [(0, 240, 480, 720), (0, 310, 480, 790)])
def test_sixteenths_even_or_swung_have_straight_eighths(places):
    assert measured([960 * beat + place for beat in range(16) for place in places], Meter()) == EVEN


def test_two_rhythms_are_no_middle():
    assert measured([960 * beat + (480 if beat % 2 else 720) for beat in range(16)], Meter()) in {None, EVEN}


@pytest.mark.parametrize("meter", ["6/8", "12/8", "7/8 2+2+3"])
def test_there_is_no_swing_without_eighths_in_a_beat(meter):
    assert measured(hand(0.66), parse_meter(meter)) is None


@pytest.mark.parametrize("style", STYLES)
def test_styles_have_a_ratio_that_falls_with_the_tempo(style):
    ratios = [of_style(style, bpm) for bpm in (60, 120, 160, 200, 240, 300)]
    assert ratios == sorted(ratios, reverse=True)
    assert all(EVEN <= ratio <= 0.67 for ratio in ratios)
    assert (ratios[1] > 0.6) == (style in {"jazz", "blues"})
