from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.drum_pattern import DrumHit, DrumPattern
from sideman.music.drumkit import OUT_PITCH, Voice
from sideman.music.meter import FRAME_TICKS

hits = st.builds(
    DrumHit, st.integers(0, 31), st.sampled_from(Voice), st.integers(1, 127), st.floats(-0.5, 0.5, width=32)
)
patterns = st.builds(lambda h: DrumPattern(32, tuple(h)), st.lists(hits, max_size=40))


@given(patterns)
def test_one_hit_a_voice_and_step_in_order(pattern):
    cells = [(hit.step, hit.voice) for hit in pattern.hits]
    assert cells == sorted(set(cells))


def test_the_loudest_of_two_strokes_stays():
    soft, loud = DrumHit(3, Voice.SNARE, 40, 0.2), DrumHit(3, Voice.SNARE, 90, -0.1)
    assert DrumPattern(4, (loud, soft)).hits == (loud,)
    assert DrumPattern(4, (soft,)).plus([loud]).hits == (loud,)


@given(patterns, st.integers(1, 100))
def test_tiling_repeats_every_hit(pattern, steps):
    tiled = pattern.tiled(steps)
    assert tiled.steps == steps
    for voice in Voice:
        assert tiled.onsets(voice) == tuple(s for s in range(steps) if s % 32 in pattern.onsets(voice))


@given(patterns, st.integers(0, 31))
def test_a_turn_and_its_inverse_change_nothing(pattern, start):
    assert pattern.part(start, 32).part(32 - start, 32) == pattern


@given(patterns)
def test_halves_join_to_the_whole(pattern):
    assert pattern.part(0, 16).then(pattern.part(16, 16)) == pattern


@given(patterns, st.integers(0, 10000))
def test_notes_fall_where_they_were_played_and_never_before_zero(pattern, start):
    notes = pattern.notes(start)
    assert len(notes) == len(pattern.hits)
    assert all(tick >= 0 for tick, _, _ in notes)
    due = sorted((max(0, start + round((h.step + h.offset) * FRAME_TICKS)), OUT_PITCH[h.voice]) for h in pattern.hits)
    assert sorted((tick, pitch) for tick, pitch, _ in notes) == due


def test_late_is_positive():
    assert DrumHit(1, Voice.KICK, 80, 0.25).tick == FRAME_TICKS * 5 // 4


def test_muting_takes_a_voice_away():
    pattern = DrumPattern(4, (DrumHit(0, Voice.KICK, 80), DrumHit(0, Voice.RIDE, 80)))
    assert pattern.without({Voice.RIDE}).hits == (DrumHit(0, Voice.KICK, 80),)


@pytest.mark.parametrize(("step", "velocity", "offset"), [(-1, 80, 0), (0, 0, 0), (0, 128, 0), (0, 80, 0.6)])
def test_an_impossible_stroke_is_refused(step, velocity, offset):
    with pytest.raises(ValueError, match="drum hit at step"):
        DrumHit(step, Voice.KICK, velocity, offset)


def test_a_hit_beyond_the_end_is_refused():
    with pytest.raises(ValueError, match="beyond its end"):
        DrumPattern(4, (DrumHit(4, Voice.KICK, 80),))
