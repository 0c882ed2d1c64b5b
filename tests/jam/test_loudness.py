"""The band over a standing groove is as loud as the player is now."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.jam.rig import RIFF, Rig

PARTS = ("drums", "bass", "chords")


def trading(**options):
    """Four bars at velocity 90, closed with PLAY on beat 16: the band is in there."""
    rig = Rig(mode="trade", **options)
    rig.press("START", -1)
    rig.play(RIFF)
    rig.press("PLAY", 16)
    return rig


def jam_of(mode, loudness, bars, **options):
    """A jam in which the player strikes eighths, one velocity a bar; returns it and its first full bar's beat."""
    if mode == "trade":
        rig = trading(**options)
        first = 16
    else:
        rig = Rig(mode=mode, **options)
        rig.press("START", -1)
        first = 0
    for i in range(8 * bars):
        rig.note(first + i / 2, RIFF[i // 2 % 16], 0.4, velocity=loudness(i // 8))
    rig.run(first + 4 * bars)
    return rig, first


def mean(rig, part, low, high):
    """Mean velocity of what a part sent from one beat of the player's to another."""
    channel = rig.options.part(part).channel
    sent = [(ns, data) for ns, data, *_ in rig.out.sent if data[0] == 0x90 | channel and data[2]]
    return fmean(data[2] for ns, data in sent if rig.at(low - 0.1) <= ns < rig.at(high - 0.1))


@pytest.mark.parametrize("mode", ["trade", "follow"])
@pytest.mark.parametrize(("before", "after"), [(110, 50), (50, 110)])
def test_a_step_is_followed_within_a_bar_and_a_half(mode, before, after):
    # The phrase of the rig is played at 90: a step in trade is measured between the two loudnesses over the band.
    rig, first = jam_of(mode, lambda bar: before if bar < 12 else after, 24)
    for part in PARTS:
        was = mean(rig, part, first + 32, first + 48)
        late = mean(rig, part, first + 80, first + 96)
        soon = mean(rig, part, first + 54, first + 58)
        assert abs(late - was) > 20
        assert (soon - was) / (late - was) > 0.8


def test_a_crescendo_is_a_crescendo():
    # A later turn's ghost notes are soft whatever the player does: every turn the same.
    rig, first = jam_of("trade", lambda bar: 50 + 4 * bar, 14, variety=0.0)
    for part in PARTS:
        bars = [mean(rig, part, first + 4 * bar, first + 4 * bar + 4) for bar in range(2, 14)]
        assert bars[-1] - bars[0] > 30
        assert all(b - a > -6 for a, b in pairwise(bars))


def test_a_player_who_plays_as_in_the_phrase_changes_nothing():
    quiet, alone = trading(), trading()
    quiet.play(RIFF, start=16)
    for rig in (quiet, alone):
        rig.run(40)

    def strokes(rig):
        return [n for n in rig.sounded() if n[0] in PARTS]

    assert strokes(quiet) == strokes(alone)


def test_a_player_who_rests_leaves_the_band_its_level_and_then_its_own():
    rig = trading()
    for i in range(32):
        rig.note(17 + i / 2, RIFF[i // 2 % 16], 0.4, velocity=40)
    rig.run(100)
    was = mean(rig, "drums", 24, 32)
    assert abs(mean(rig, "drums", 36, 40) - was) < 8
    assert mean(rig, "drums", 84, 96) - was > 15


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 127), min_size=6, max_size=6), st.sampled_from(("trade", "follow")))
def test_a_replay_is_as_loud(loudness, mode):
    rig, first = jam_of(mode, lambda bar: loudness[bar], 6)
    rig.finish(first + 26)
    again = rig.replayed()
    assert [bytes(data) for _, data, *_ in again.out.sent] == [bytes(data) for _, data, *_ in rig.out.sent]
    assert all(1 <= data[2] <= 127 for _, data, *_ in rig.out.sent if data[0] & 0xF0 == 0x90)
