import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.chords import Chord
from sideman.music.functional import Wanted, cuts_of, functional, tune_key
from sideman.music.harmony import KEYS
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter
from sideman.music.notes import Note

MAJOR = [(64, 4), (65, 4), (67, 8), (69, 4), (67, 4), (65, 8), (67, 4), (65, 4), (64, 8), (62, 4), (59, 4), (60, 8)]
"""Four bars made up: tonic, subdominant, tonic, dominant and home."""


def line(rows, shift=0, start=0):
    out, at = [], start
    for pitch, frames in rows:
        out.append(Note(at * FRAME_TICKS, frames * FRAME_TICKS, pitch + shift, 80))
        at += frames
    return out


def at(found, frame):
    return next(s.chord for s in found.spans if s.onset <= frame < s.end)


meters = st.sampled_from(["4/4", "3/4", "6/8", "7/8", "5/4", "2/4", "12/8", "9/16"]).map(parse_meter)
lines = st.lists(
    st.tuples(st.integers(-8, 120), st.integers(1, 12), st.integers(36, 90)).map(
        lambda row: Note(row[0] * FRAME_TICKS, row[1] * FRAME_TICKS, row[2], 80)
    ),
    max_size=40,
)


def test_a_plain_tune_gets_its_three_chords():
    found = functional(line(MAJOR), 64, Meter())
    assert found.key == (0, "maj")
    assert {s.chord for s in found.spans} <= {Chord(0), Chord(5), Chord(7)}
    assert (at(found, 0), at(found, 16), at(found, 32), at(found, 63)) == (Chord(0), Chord(5), Chord(0), Chord(0))
    assert at(found, 48) == Chord(7)


@pytest.mark.parametrize("shift", range(-5, 7))
def test_it_moves_with_the_line(shift):
    at_home, moved = functional(line(MAJOR), 64, Meter()), functional(line(MAJOR, shift), 64, Meter())
    assert [s.chord.transposed(shift) for s in at_home.spans] == [s.chord for s in moved.spans]
    assert moved.key == (shift % 12, "maj")


def test_a_minor_key_has_its_major_dominant():
    rows = [(69, 8), (72, 8), (74, 4), (72, 4), (71, 8), (68, 8), (71, 8), (69, 16)]
    found = functional(line(rows), 64, Meter())
    assert found.key == (9, "min")
    assert at(found, 0) == Chord(9, "min")
    assert at(found, 32) == Chord(4)
    assert at(found, 63) == Chord(9, "min")


def test_the_fourth_degree_keeps_two_five_one_out_of_the_dominant_key():
    """D F A C | G F E D | C: F natural is not of G major."""
    rows = [(62, 4), (65, 4), (69, 4), (72, 4), (67, 4), (65, 4), (64, 4), (62, 4), (60, 16)]
    assert functional(line(rows), 48, Meter()).key == (0, "maj")
    assert tune_key(line(rows)) == (0, "maj")


def test_a_pickup_before_the_bar_line_leaves_the_first_downbeat_at_home():
    found = functional([*line([(67, 4)], start=-4), *line(MAJOR)], 64, Meter())
    assert at(found, 0) == Chord(0)
    late = functional(line([(67, 4), *MAJOR], start=12), 80, Meter())
    assert at(late, 16) == Chord(0)


@pytest.mark.parametrize("key", KEYS)
def test_a_given_key_is_the_key(key):
    found = functional(line(MAJOR), 64, Meter(), Wanted(key=key))
    assert found.key == key


def test_more_rhythm_gives_more_changes_and_weak_beats_only_then():
    rows = [(60, 4), (64, 4), (65, 4), (69, 4), (67, 4), (71, 4), (60, 4), (64, 4)] * 4
    counts = [len(functional(line(rows), 128, Meter(), Wanted(rhythm=r)).spans) for r in (0.25, 1.0, 2.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]
    assert {cut.place for cut in cuts_of(Meter(), 32)} == {0, 1}
    assert {cut.place for cut in cuts_of(Meter(), 32, 2.0)} == {0, 1, 2}


def test_what_a_network_says_moves_the_chords():
    said = [[0.0] * 36 for _ in cuts_of(Meter(), 64)]
    for row in said[2:4]:
        row[9 + 12] = 40.0
    assert at(functional(line(MAJOR), 64, Meter(), None, said), 16) == Chord(9, "min")


@given(lines, meters, st.integers(1, 200), st.sampled_from([None, *KEYS]), st.booleans())
def test_it_fills_the_phrase_exactly(notes, meter, frames, key, closes):
    found = functional(notes, frames, meter, Wanted(key=key, closes=closes))
    assert found.spans[0].onset == 0
    assert found.spans[-1].end == frames
    for a, b in itertools.pairwise(found.spans):
        assert a.end == b.onset
        assert a.chord != b.chord
    assert all(0 <= s.confidence <= 1 for s in found.spans)
    assert 0 <= found.sure <= 1


def test_no_length_has_no_chords_and_no_note_no_key():
    assert functional([], 0, Meter()).spans == ()
    assert tune_key([]) is None
