"""The hand: in its window, complete, and lazy."""

import numpy as np
import pytest
from hypothesis import given, settings
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


SHAPES = ("close", "open", "shell", "power")


PLAIN = CHORDS.filter(lambda chord: len(chord.pitch_classes) in (3, 4) and chord.quality != "add9")


@settings(max_examples=40, deadline=None)
@given(st.lists(PLAIN, min_size=2, max_size=40), st.sampled_from(SHAPES), PLAYERS, st.booleans())
def test_in_every_shape_the_hand_stays_in_its_window_and_plays_the_chord(chords, shape, player, smooth):
    low, high = window(player)
    previous = ()
    for chord in chords:
        now = voice(chord, previous, low, high, smooth=smooth, shape=shape)
        assert low <= now[0] <= now[-1] <= high
        assert {p % 12 for p in now} == set(tones(chord, shape))
        previous = now


@pytest.mark.parametrize("shape", SHAPES)
def test_in_every_shape_the_hand_moves_less(shape):
    """Over many songs, not in every list: where roots climb by semitones nothing beats root positions in parallel."""
    rng = np.random.default_rng(1)
    qualities = [q for q in QUALITIES if len(QUALITIES[q]) in (3, 4) and q != "add9"]
    travelled = {True: 0.0, False: 0.0}
    for song in range(40):
        chords = [Chord(int(rng.integers(12)), qualities[int(rng.integers(len(qualities)))]) for _ in range(32)]
        low, high = window(rng.integers(40, 85, 4).tolist() if song % 2 else [])
        for smooth in travelled:
            previous = ()
            for chord in chords:
                now = voice(chord, previous, low, high, smooth=smooth, shape=shape)
                travelled[smooth] += motion(previous, now)
                previous = now
    # A power chord with room for one inversion only has no choice.
    assert travelled[True] < (1.0 if shape == "power" else 0.9) * travelled[False]


@given(
    CHORDS.filter(lambda c: c.quality in ("maj", "min", "7", "min7", "maj7")),
    st.sampled_from((3, 4, 5, 7, 8, 9)),
    PLAYERS,
)
def test_common_tones_of_neighbours_mostly_stay(chord, steps, player):
    low, high = window(player)
    before = voice(chord, (), low, high)
    other = chord.transposed(steps)
    after = voice(other, before, low, high)
    shared = set(tones(chord)) & set(tones(other))
    stays = {p % 12 for p in set(before) & set(after)}
    assert not shared or stays & shared


@given(CHORDS, PLAYERS, st.integers(48, 72))
def test_nothing_is_put_beside_a_held_key_where_that_can_be_helped(chord, player, held):
    low, high = window(player)
    free = voice(chord, (), low, high, avoid=(held,))
    if any(abs(p - held) == 1 for p in free):
        # Only where the chord has no other place for that tone.
        pc = next(p % 12 for p in free if abs(p - held) == 1)
        others = [p for p in range(low, high + 1) if p % 12 == pc and abs(p - held) != 1]
        assert not others or chord.quality == "5" or len(free) >= 3
    beside = voice(chord, (), low, high)
    assert sum(abs(p - held) == 1 for p in free) <= sum(abs(p - held) == 1 for p in beside)


def test_a_shell_leaves_the_root_to_the_bass():
    assert set(tones(Chord(0, "7"), "shell")) == {4, 7, 10}
    assert set(tones(Chord(0, "9"), "shell")) == {4, 7, 10, 2}
    assert set(tones(Chord(0), "shell")) == {0, 4, 7}
    assert set(tones(Chord(0, "min7"), "power")) == {0, 7}


def test_open_is_wider_than_close():
    def spread(shape):
        out, previous = 0, ()
        for root in (0, 9, 5, 7, 2, 4):
            previous = voice(Chord(root, "min" if root in (9, 2, 4) else "maj"), previous, 48, 72, shape=shape)
            out += previous[-1] - previous[0]
        return out

    assert spread("open") > spread("close") + 18


def test_a_window_too_small_is_refused():
    with pytest.raises(ValueError, match="leave at least 11"):
        voice(Chord(0), (), 60, 66)
