from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.drum_pattern import Tap
from sideman.music.drum_rules import ending, groove, psc2, skeleton, with_crash, with_fill
from sideman.music.drumkit import Voice
from sideman.music.meter import DENOMINATORS, NUMERATORS, Meter, parse_meter

meters = st.builds(Meter, st.sampled_from(NUMERATORS), st.sampled_from(DENOMINATORS))
taps = st.lists(st.builds(Tap, st.integers(0, 80), st.integers(1, 127), st.floats(-0.5, 0.5)), max_size=20).map(tuple)


@given(
    meters,
    st.integers(1, 4),
    taps,
    taps,
    st.sampled_from(("rock", "jazz", "dance", "reggae", "afrocuban", "funk")),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_every_meter_has_a_groove_that_repeats_itself(meter, bars, tapped, bass, style, density, seed):
    def play():
        return groove(meter, bars, style=style, taps=tapped, bass=bass, density=density, seed=seed)

    pattern = play()
    assert pattern == play()
    assert pattern.steps == bars * meter.bar_frames
    for bar in range(bars):
        assert any(hit.step == bar * meter.bar_frames for hit in pattern.hits)


@given(meters)
def test_each_beat_has_one_office(meter):
    plan = skeleton(meter)
    assert sorted((*plan.kicks, *plan.backbeats, *plan.between)) == list(plan.beats)
    assert plan.kicks[0] == 0


@pytest.mark.parametrize(
    ("text", "kicks", "backbeats"),
    [
        ("4/4", (0, 8), (4, 12)),
        ("3/4", (0,), (8,)),
        ("6/8", (0,), (6,)),
        ("5/4", (0, 12), (8, 16)),
        ("7/8 2+2+3", (0,), (8,)),
        ("7/8 3+2+2", (0,), (10,)),
        ("12/8", (0, 12), (6, 18)),
    ],
)
def test_kick_opens_and_snare_closes_a_group(text, kicks, backbeats):
    plan = skeleton(parse_meter(text))
    assert (plan.kicks, plan.backbeats) == (kicks, backbeats)


def test_hats_follow_the_grouping():
    assert groove(parse_meter("7/8 3+2+2"), 1).onsets(Voice.CLOSED_HAT) == (0, 2, 4, 6, 8, 10, 12)


def test_the_papers_rule():
    pattern = psc2(Meter(), 2, (0, 6, 32))
    assert pattern.onsets(Voice.KICK) == (0, 16)
    assert pattern.onsets(Voice.SNARE) == (0, 6)
    assert pattern.onsets(Voice.CLOSED_HAT) == tuple(range(0, 32, 2))


def test_the_released_programs_hats_leave_out_the_bar_line():
    assert psc2(Meter(), 1, (), "code").onsets(Voice.CLOSED_HAT) == (4, 8, 12)
    assert psc2(parse_meter("7/8"), 1, (), "code").onsets(Voice.CLOSED_HAT) == (2, 4, 6, 8, 10, 12)


def test_bass_onsets_get_a_kick_unless_they_crowd_a_backbeat():
    pattern = groove(Meter(), 1, bass=(Tap(6), Tap(4), Tap(3)))
    assert 6 in pattern.onsets(Voice.KICK)
    assert not {3, 4} & set(pattern.onsets(Voice.KICK))


def test_accents_of_the_taps_get_a_kick():
    soft = tuple(Tap(s, 60) for s in range(0, 16, 2) if s != 14)
    assert 14 not in groove(Meter(), 1, taps=(*soft, Tap(14, 60))).onsets(Voice.KICK)
    assert 14 in groove(Meter(), 1, taps=(*soft, Tap(14, 120))).onsets(Voice.KICK)


def test_the_hands_give_timing_and_level():
    swung = tuple(Tap(s, 60, 0.0 if s % 2 == 0 else 0.3) for s in range(16))
    pattern = groove(Meter(), 1, taps=swung, density=1.0)
    assert {hit.offset for hit in pattern.hits if hit.step % 2} == {0.3}
    assert {hit.offset for hit in pattern.hits if hit.step % 2 == 0} == {0.0}
    plain = groove(Meter(), 1, density=1.0)
    assert max(hit.velocity for hit in pattern.hits) < max(hit.velocity for hit in plain.hits)


@given(meters, st.integers(1, 3), st.integers(0, 99), st.booleans())
def test_a_fill_changes_the_last_bar_only(meter, bars, seed, long):
    pattern = groove(meter, bars)
    filled = with_fill(pattern, meter, seed=seed, long=long)
    before = pattern.steps - meter.bar_frames
    assert [h for h in filled.hits if h.step < before] == [h for h in pattern.hits if h.step < before]
    drums = {Voice.SNARE, Voice.LOW_TOM, Voice.MID_TOM, Voice.HIGH_TOM}
    assert any(hit.step == pattern.steps - 1 and hit.voice in drums for hit in filled.hits)
    assert filled == with_fill(pattern, meter, seed=seed, long=long)


@given(meters)
def test_the_crash_opens_the_phrase(meter):
    pattern = with_crash(groove(meter, 2))
    first = {hit.voice for hit in pattern.hits if hit.step == 0}
    assert {Voice.CRASH, Voice.KICK} <= first
    assert Voice.CLOSED_HAT not in first


@given(meters)
def test_the_ending_is_one_stroke(meter):
    assert {hit.step for hit in ending(meter).hits} == {0}
