"""The soloist's rules: what holds for every answer, whatever the call."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note
from sideman.music.solo_rules import ENTRY, RUN, answer_pitches, answer_rhythm, chord_at, scale_of

POP = (ChordSpan(0, 16, Chord(0), 1), ChordSpan(16, 16, Chord(9, "min"), 1), ChordSpan(32, 32, Chord(5), 1))

calls = st.lists(st.tuples(st.integers(1, 8), st.integers(40, 90)), min_size=1, max_size=24).map(
    lambda rows: [Note(480 * sum(r[0] for r in rows[:i]), 480 * n, p) for i, (n, p) in enumerate(rows)]
)
slot_lists = st.lists(st.integers(1, 8), min_size=1, max_size=24).map(
    lambda steps: [(480 * sum(steps[:i]), 480 * n) for i, n in enumerate(steps)]
)
meters = st.sampled_from(["4/4", "3/4", "6/8", "7/8 2+2+3"]).map(parse_meter)


def test_chord_at_names_the_sounding_and_the_coming_chord():
    assert chord_at(POP, 240 * 15) == (Chord(0), Chord(9, "min"), 240)
    assert chord_at(POP, 240 * 70) == (None, None, 0)
    assert chord_at((POP[1],), 0) == (None, Chord(9, "min"), 240 * 16)


def test_the_scale_of_a_line_in_g_has_f_sharp():
    line = [Note(480 * i, 480, pitch) for i, pitch in enumerate((67, 69, 71, 72, 74, 76, 78, 79))]
    assert scale_of(line, ()) == frozenset((7, 9, 11, 0, 2, 4, 6))


@given(calls, slot_lists, meters, st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_every_answer_keeps_the_rules(call, slots, meter, seed):
    pitches = answer_pitches(call, slots, POP, meter, seed=seed)
    assert len(pitches) == len(slots)
    assert pitches == answer_pitches(call, slots, POP, meter, seed=seed)
    mean = sum(n.pitch for n in call) / len(call)
    assert all(round(mean) - 12 <= p <= round(mean) + 12 for p in pitches)
    for (onset, duration), pitch in zip(slots, pitches, strict=True):
        chord, _, ticks = chord_at(POP, onset)
        if chord is not None and meter.weight(onset) >= 3 and not 0 < ticks < duration:
            assert pitch % 12 in chord.pitch_classes
    for k in range(len(pitches) - RUN):
        assert len(set(pitches[k : k + RUN + 1])) > 1


def test_it_enters_near_the_players_last_note_and_comes_home():
    call = [Note(480 * i, 480, pitch) for i, pitch in enumerate((64, 67, 69, 72, 74, 72, 76, 77))]
    slots = [(480 * i, 480) for i in range(16)]
    for seed in range(20):
        pitches = answer_pitches(call, slots, POP, Meter(), seed=seed)
        assert abs(pitches[0] - 77) <= ENTRY
        assert pitches[-1] % 12 in Chord(9, "min").pitch_classes


def test_seeds_differ():
    call = [Note(480 * i, 480, pitch) for i, pitch in enumerate((60, 62, 64, 67, 69, 67, 64, 62))]
    slots = [(480 * i, 480) for i in range(16)]
    assert len({tuple(answer_pitches(call, slots, POP, Meter(), seed=seed)) for seed in range(20)}) > 3


@given(calls, st.integers(1, 4), st.integers(0, 99), st.floats(0, 1), st.floats(-1, 1))
@settings(max_examples=60, deadline=None)
def test_the_rhythm_stays_inside_the_answer_and_never_overlaps(call, bars, seed, vary, density):
    length = bars * Meter().bar_ticks
    slots = answer_rhythm(call, 0, 7680, length, seed=seed, vary=vary, density=density)
    assert all(onset >= 7680 and onset + duration <= 7680 + length and duration > 0 for onset, duration in slots)
    assert all(a[0] + a[1] <= b[0] for a, b in pairwise(slots))


def test_without_variation_the_rhythm_is_the_players_own():
    call = [Note(0, 480, 60), Note(480, 240, 62), Note(1920, 960, 64)]
    assert answer_rhythm(call, 0, 3840, 3840, seed=1, vary=0.0) == [(3840, 480), (4320, 240), (5760, 960)]
    assert answer_rhythm([], 0, 3840, 3840, seed=1) == []


def test_a_short_call_fills_a_long_answer():
    call = [Note(0, 480, 60), Note(960, 480, 62), Note(1920, 480, 64)]
    onsets = [onset for onset, _ in answer_rhythm(call, 0, 0, 4 * 3840, seed=1, vary=0.0)]
    assert onsets == [bar * 3840 + at for bar in range(4) for at in (0, 960, 1920)]


@pytest.mark.parametrize("chords", [(), POP])
def test_an_empty_call_is_answered(chords):
    assert len(answer_pitches([], [(0, 480), (480, 480)], chords, Meter(), seed=1)) == 2


def by_hand(seed, bars=8):
    """Eighths as a person plays them: up to 60 ticks early or late."""
    dice = random.Random(seed)
    return [Note(max(0, i * 480 + round(dice.uniform(-60, 60))), 440, 60 + (i * 5) % 12, 90) for i in range(bars * 8)]


@pytest.mark.parametrize("seed", range(8))
def test_notes_on_the_beat_are_kept_however_a_hand_places_them(seed):
    call = by_hand(seed)
    slots = answer_rhythm(call, 0, 0, 8 * 3840, seed=seed, vary=0.8)
    kept = {round(at / 480) for at, _ in slots}
    assert {2 * beat for beat in range(32)} <= kept
    assert len(kept) < 64


@pytest.mark.parametrize("seed", range(8))
def test_a_note_left_out_gives_its_time_to_the_one_before(seed):
    call = by_hand(seed)
    slots = answer_rhythm(call, 0, 0, 8 * 3840, seed=seed, vary=0.8)
    for (at, length), (following, _) in pairwise(slots):
        assert following - (at + length) <= 240
