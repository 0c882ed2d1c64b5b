"""The hand: in its window, complete, and lazy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.chords import QUALITIES, Chord
from sideman.music.voicing import HIGH, LOW, SPAN, motion, tones, voice, window

CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))
PLAYERS = st.lists(st.integers(21, 108), max_size=40)


@given(st.lists(CHORDS, min_size=1, max_size=12), PLAYERS)
def test_every_tone_sounds_inside_the_window(chords, player):
    low, high = window(player)
    assert low >= LOW
    assert high <= HIGH
    assert high - low >= SPAN
    previous = ()
    for chord in chords:
        previous = voice(chord, previous, low, high)
        assert {p % 12 for p in previous} == set(tones(chord))
        if len(chord.pitch_classes) <= 4:
            assert {p % 12 for p in previous} == set(chord.pitch_classes)
        assert all(low <= p <= high for p in previous)
        assert 3 - (chord.quality == "5") <= len(previous) <= 4
        assert list(previous) == sorted(set(previous))


@given(st.lists(CHORDS, min_size=24, max_size=40))
def test_the_hand_moves_less_than_in_root_position(chords):
    def travelled(*, smooth):
        previous, sum_ = (), 0.0
        for chord in chords:
            now = voice(chord, previous, smooth=smooth)
            sum_ += motion(previous, now)
            previous = now
        return sum_

    assert travelled(smooth=True) <= travelled(smooth=False)


def test_common_tones_stay():
    c = voice(Chord(0), (), 48, 67)
    am = voice(Chord(9, "min"), c, 48, 67)
    assert len(set(c) & set(am)) == 2
    assert motion(c, am) <= 4


def test_the_hand_stays_off_the_player():
    assert window([72, 74, 76, 79]) == (48, 71 - (71 - 62) % 3)
    low, high = window([36, 40, 43, 48])
    assert (low, high) == (49, 72)
    assert window([60, 62, 64])[1] <= 62


def test_a_window_too_small_is_refused():
    with pytest.raises(ValueError, match="leave at least 11"):
        voice(Chord(0), (), 60, 66)
