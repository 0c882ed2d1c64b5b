"""The envelope: bounded, monotone in the player's loudness, idle where nothing changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.drum_styles import GHOST
from sideman.music.dynamics import LOUDEST, SOFTEST, USUAL, Envelope, at, heard, level, mean_of, sounding, spliced

loud = st.floats(1, 127)
velocity = st.integers(1, 127)
part = st.sampled_from(("drums", "bass", "chords", "solo", ""))
notes = st.lists(st.tuples(st.floats(0, 1), velocity), max_size=12)


@given(velocity, loud, loud, part)
def test_what_sounds_is_a_velocity(planned, now, reference, who):
    assert 1 <= sounding(planned, Envelope(now), reference, who) <= 127


@given(velocity, loud, loud, loud, part)
def test_a_louder_player_never_makes_a_softer_band(planned, one, other, reference, who):
    low, high = sorted((one, other))
    assert sounding(planned, Envelope(low), reference, who) <= sounding(planned, Envelope(high), reference, who)


@given(velocity, velocity, loud, loud, part)
def test_accents_stay_accents(one, other, now, reference, who):
    low, high = sorted((one, other))
    envelope = Envelope(now)
    assert sounding(low, envelope, reference, who) <= sounding(high, envelope, reference, who)


@given(velocity, loud, part)
def test_nothing_changes_where_the_player_is_as_he_was(planned, reference, who):
    assert sounding(planned, Envelope(reference), reference, who) == planned
    assert sounding(planned, Envelope(), reference, who) == planned
    assert sounding(planned, Envelope(reference), None, who) == planned


@given(st.integers(1, 24), loud)
def test_a_ghost_stays_one(planned, now):
    assert sounding(planned, Envelope(now), SOFTEST, "drums") <= GHOST


def test_the_soloist_goes_all_the_way_as_the_band_does():
    up, down = Envelope(100.0), Envelope(50.0)
    assert sounding(60, up, 70.0, "solo") == sounding(60, up, 70.0, "bass") > 60
    assert sounding(60, down, 70.0, "solo") == sounding(60, down, 70.0, "bass") < 60


@given(notes, loud, loud)
def test_the_envelope_stays_between_what_is_heard_and_what_it_was(played, before, reference):
    after = heard(Envelope(before), played, reference, 16)
    bounds = [v for _, v in played] or [reference]
    assert min(before, *bounds) - 1e-9 <= after.now <= max(before, *bounds) + 1e-9


@given(notes, st.integers(0, 30), loud, loud)
def test_the_envelope_is_monotone_in_the_players_loudness(played, more, before, reference):
    louder = [(age, min(127, v + more)) for age, v in played]
    soft, hard = (heard(Envelope(before), n, reference, 16).now for n in (played, louder))
    assert soft <= hard + 1e-9


@pytest.mark.parametrize(("first", "then"), [(112, 52), (52, 112)])
def test_a_step_is_followed_within_a_bar_and_a_half(first, then):
    envelope = Envelope(float(first))
    for frame in range(24):
        window = [(age / 16, then if age <= frame else first) for age in range(0, 16, 2)]
        envelope = heard(envelope, window, first, 16)
    assert abs(envelope.now - then) <= 0.2 * abs(then - first)


def test_a_rest_keeps_the_level_and_comes_back_gently():
    envelope = Envelope(50.0)
    for _ in range(32):
        envelope = heard(envelope, (), 90.0, 16)
    assert envelope.now == 50.0
    seen = [envelope.now]
    for _ in range(8 * 16):
        envelope = heard(envelope, (), 90.0, 16)
        seen.append(envelope.now)
    assert seen == sorted(seen)
    assert seen[16] < 75
    assert seen[-1] > 85


def test_before_anything_is_heard_nothing_is_followed():
    assert heard(Envelope(), (), 90.0, 16) == Envelope()
    assert heard(Envelope(), [(0.0, 90)], 90.0, 16).now == 90.0


def test_levels_are_bounded():
    assert (level(1.0), level(80.0), level(127.0)) == (SOFTEST, 80.0, LOUDEST)
    assert (mean_of([]), mean_of([50, 70])) == (USUAL, 60)


steps = st.lists(st.tuples(st.integers(0, 60), loud), max_size=6, unique_by=lambda s: s[0]).map(
    lambda s: tuple(sorted(s))
)


@given(steps, steps, st.integers(0, 30), st.integers(1, 30))
def test_new_steps_hold_inside_their_window_and_old_ones_outside(old, new, start, length):
    end = start + length
    found = spliced(old, new, start, end)
    assert [frame for frame, _ in found] == sorted({frame for frame, _ in found})
    for frame in range(70):
        if frame < start:
            assert at(found, frame) == at(old, frame)
        elif frame < end and at(new, frame) is not None:
            assert at(found, frame) == at(new, frame)
        elif frame >= end and at(old, frame) is not None:
            assert at(found, frame) == at(old, frame)
