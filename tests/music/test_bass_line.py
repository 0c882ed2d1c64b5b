"""A bass line tells its chords."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.bass_line import bass_line_chords, is_bass_line
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

FOUR = Meter()


def line(*bars, meter=FOUR):
    return [
        Note(b * meter.bar_ticks + round(beat * 960), 800, pitch) for b, bar in enumerate(bars) for beat, pitch in bar
    ]


def names(spans):
    return [(s.onset, s.frames, s.chord.name) for s in spans]


def test_roots_on_downbeats_are_the_chords():
    notes = line(
        [(0, 33), (1.5, 33), (2, 36), (3, 40)],
        [(0, 29), (2, 33), (3, 36)],
        [(0, 36), (2, 40), (3, 43)],
        [(0, 31), (2, 35), (3, 38)],
    )
    assert names(bass_line_chords(notes, FOUR, 64)) == [(0, 16, "Am"), (16, 16, "F"), (32, 16, "C"), (48, 16, "G")]


def test_two_chords_in_a_bar():
    notes = line([(0, 36), (1, 40), (2, 31), (3, 35)], [(0, 33), (1, 36), (2, 38), (3, 41)])
    assert names(bass_line_chords(notes, FOUR, 32)) == [(0, 8, "C"), (8, 8, "G"), (16, 8, "Am"), (24, 8, "Dm")]


def test_a_scale_degree_decides_between_major_and_minor():
    notes = line([(0, 38), (2, 45)], [(0, 36), (1, 40), (2, 43)], [(0, 31), (2, 35)], [(0, 36), (2, 43)])
    assert names(bass_line_chords(notes, FOUR, 64, (0, "maj")))[0] == (0, 16, "Dm")


def test_a_melody_is_none():
    assert bass_line_chords(line([(0, 72), (1, 76), (2, 79)]), FOUR, 16) == []


def test_low_chords_are_none():
    assert not is_bass_line(line([(0, 40), (0, 44), (0, 47), (2, 40), (2, 44), (2, 47)]))


def test_a_bar_without_a_downbeat_is_left_to_the_harmoniser():
    notes = line([(0, 36), (2, 43)], [(1, 38), (2, 41)], [(0, 31), (2, 38)])
    assert [s.onset for s in bass_line_chords(notes, FOUR, 48)] == [0, 32]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8), st.integers(28, 51)), max_size=40),
    st.sampled_from(["4/4", "3/4", "7/8 2+2+3", "6/8", "5/4"]),
)
def test_spans_never_overlap_and_stay_inside(raw, text):
    meter = parse_meter(text)
    notes = [Note(frame * 240, length * 240, pitch) for frame, length, pitch in raw]
    frames = 4 * meter.bar_frames
    at = 0
    for span in bass_line_chords(notes, meter, frames):
        assert span.onset >= at
        assert 0 <= span.confidence <= 1
        at = span.onset + span.frames
    assert at <= frames


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_notes_say_nothing(count):
    assert bass_line_chords(line([(0, 36), (1, 40)][:count]), FOUR, 16) == []
