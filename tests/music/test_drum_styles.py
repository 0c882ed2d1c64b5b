"""Kick and snare of every style in every meter."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.options import STYLES
from sideman.music.drum_styles import BEATS, FAST, offices, strokes
from sideman.music.drumkit import Voice
from sideman.music.meter import DENOMINATORS, NUMERATORS, Meter, parse_meter

FOUR = Meter()
METERS = ("4/4", "3/4", "6/8", "12/8", "5/4", "7/8", "7/8 3+2+2", "9/8", "2/2", "2/4")
meters = st.builds(Meter, st.sampled_from(NUMERATORS), st.sampled_from(DENOMINATORS))


def steps(style, voice, bar=0, meter=FOUR, bpm=100.0):
    return [s.step for s in strokes(meter, style, bar, bpm) if s.voice is voice]


def shape(style, meter):
    return [[(s.step, s.voice, s.loud, s.stick) for s in strokes(meter, style, bar)] for bar in (0, 1)]


def test_every_style_of_the_settings_has_its_beat_written_in_16ths():
    assert set(BEATS) == set(STYLES)
    for beat in BEATS.values():
        for kick, snare in beat.bars:
            assert len(kick) == len(snare) == 16
            assert set(kick) <= set("Xxo.")
            assert set(snare) <= set("XxoSs.")


@given(meters, st.sampled_from((*STYLES, "unheard-of")), st.integers(0, 3), st.floats(40, 240))
def test_strokes_lie_in_the_bar_one_of_a_voice_on_a_place(meter, style, bar, bpm):
    found = strokes(meter, style, bar, bpm)
    assert all(0 <= s.step < meter.bar_frames for s in found)
    assert len({(s.step, s.voice) for s in found}) == len(found)
    assert all(not s.stick for s in found if s.voice is Voice.KICK)


@pytest.mark.parametrize("text", METERS)
@pytest.mark.parametrize("style", STYLES)
def test_kick_and_snare_take_part_in_every_meter(style, text):
    found = [s for bar in (0, 1) for s in strokes(parse_meter(text), style, bar)]
    assert {s.voice for s in found} == {Voice.KICK, Voice.SNARE}


@pytest.mark.parametrize("text", ["4/4", "12/8", "5/4", "7/8", "7/8 3+2+2", "3/4"])
def test_no_two_styles_are_one_beat(text):
    meter = parse_meter(text)
    assert not [(a, b) for a, b in combinations(STYLES, 2) if shape(a, meter) == shape(b, meter)]


@pytest.mark.parametrize("text", ["4/4", "12/8", "6/8", "3/4", "5/4", "7/8"])
def test_reggae_drops_the_one_and_kicks_with_the_stick(text):
    meter = parse_meter(text)
    for bar in (0, 1):
        kicks = steps("reggae", Voice.KICK, bar, meter)
        assert 0 not in kicks
        firm = [s.step for s in strokes(meter, "reggae", bar) if s.voice is Voice.KICK and s.firm]
        assert firm
        assert set(firm) <= {s.step for s in strokes(meter, "reggae", bar) if s.stick}


@pytest.mark.parametrize("text", METERS)
def test_the_others_open_the_bar_with_the_foot(text):
    for style in set(STYLES) - {"reggae", "afrocuban"}:
        assert steps(style, Voice.KICK, 0, parse_meter(text))[0] == 0


def test_the_clave_has_three_strokes_and_then_two():
    stick = [[s.step for s in strokes(FOUR, "afrocuban", bar) if s.stick] for bar in (0, 1)]
    assert stick == [[0, 6, 12], [4, 8]]
    assert [s.step for s in strokes(FOUR, "latin", 0) if s.stick] == [0, 3, 6, 10, 13]


def test_the_disco_foot_is_on_every_beat_the_train_never_rests():
    assert steps("dance", Voice.KICK) == [0, 4, 8, 12]
    assert steps("country", Voice.KICK) == [0, 8]
    assert len(steps("country", Voice.SNARE)) >= 8


def test_funk_goes_by_16ths_with_ghosts_and_at_half_the_pace_when_it_is_fast():
    odd = [s for bar in (0, 1) for s in strokes(FOUR, "funk", bar) if s.step % 2]
    assert any(s.voice is Voice.KICK for s in odd)
    assert any(s.ghost for s in odd)
    slow = strokes(FOUR, "funk", 0)
    fast = [s for bar in (0, 1) for s in strokes(FOUR, "funk", bar, FAST + 1.0)]
    assert len(fast) == len(slow)
    assert all(s.step % 2 == 0 for s in fast)
    assert strokes(FOUR, "rock", 0, FAST + 1.0) == strokes(FOUR, "rock", 0)


def test_a_shuffle_in_twelve_eight_lies_on_the_triplets():
    kicks = steps("blues", Voice.KICK, 0, parse_meter("12/8"))
    assert kicks == [0, 6, 12, 18, 22]


def test_a_waltz_has_its_backbeat_last_and_a_soft_second():
    found = {s.step: s for s in strokes(parse_meter("3/4"), "rock", 0) if s.voice is Voice.SNARE}
    assert found[8].firm
    assert found[4].ghost


@given(meters)
def test_each_beat_has_one_office(meter):
    kicks, backs, between = offices(meter)
    assert sorted((*kicks, *backs, *between)) == [tick // 240 for tick in meter.beats]
