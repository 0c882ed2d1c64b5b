"""Ornaments of a drum bar: the groove stays, something small is new."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.options import STYLES
from sideman.music.drum_ornaments import MOST, ornamented
from sideman.music.drum_rules import groove, with_fill
from sideman.music.drumkit import Voice
from sideman.music.meter import parse_meter

METERS = ("4/4", "3/4", "6/8", "7/8 2+2+3")


@given(st.sampled_from(STYLES), st.sampled_from(METERS), st.integers(0, 10**6), st.booleans())
def test_kick_and_snare_of_the_groove_stay_and_little_is_new(style, meter, seed, even):
    plain = groove(parse_meter(meter), 1, style=style)
    more = ornamented(plain, parse_meter(meter), seed, 90, even=even)
    old, new = ({(hit.step, hit.voice) for hit in pattern.hits} for pattern in (plain, more))
    assert {place for place in old if place[1] in (Voice.KICK, Voice.SNARE)} <= new
    assert len(new - old) <= MOST
    assert all(0 <= step < plain.steps for step, _ in new)
    assert all(1 <= hit.velocity <= 127 for hit in more.hits)
    if even:
        assert not any(step % 2 for step, _ in new - old)


def test_a_seed_is_a_bar_and_another_seed_another():
    plain = groove(parse_meter("4/4"), 1, style="rock")
    bars = [ornamented(plain, parse_meter("4/4"), seed, 90) for seed in range(20)]
    assert bars == [ornamented(plain, parse_meter("4/4"), seed, 90) for seed in range(20)]
    assert len({bar.hits for bar in bars}) > 10


@pytest.mark.parametrize("seed", range(5))
def test_neighbouring_fills_differ(seed):
    meter = parse_meter("4/4")
    plain = groove(meter, 1, style="rock")
    fills = [with_fill(plain, meter, seed=seed, turn=turn).hits for turn in range(6)]
    assert all(one != other for one, other in itertools.pairwise(fills))


def test_a_fill_is_as_loud_as_the_groove():
    meter = parse_meter("4/4")
    plain = groove(meter, 1, style="rock")
    rows = [with_fill(plain, meter, seed=3, long=True, loud=loud).hits for loud in (44, 80, 110)]
    means = [sum(hit.velocity for hit in row if hit.voice is not Voice.KICK) / len(row) for row in rows]
    assert means == sorted(means)
    assert means[2] > 1.6 * means[0]
    assert max(hit.velocity for hit in rows[0] if hit not in plain.hits) <= 1.5 * 44
