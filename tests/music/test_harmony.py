import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.chords import Chord
from sideman.music.harmony import (
    ChordSpan,
    estimate_key,
    histogram_of,
    melody_frames,
    merged,
    overlay,
    recognise,
    segments,
)
from sideman.music.heard import heard_chords
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter
from sideman.music.notes import Note

TUNE = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60]


def note(frame, frames, pitch, velocity=80):
    return Note(frame * FRAME_TICKS, frames * FRAME_TICKS, pitch, velocity)


def tune(shift=0):
    notes, at = [], 0
    for index, pitch in enumerate(TUNE):
        frames = 8 if index in (6, 13) else 4
        notes.append(note(at, frames, pitch + shift))
        at += frames
    return notes, at


meters = st.sampled_from(["4/4", "3/4", "6/8", "7/8", "5/4", "2/4", "12/8", "9/16"]).map(parse_meter)
lines = st.lists(
    st.tuples(st.integers(0, 120), st.integers(1, 12), st.integers(36, 90)).map(lambda row: note(*row)), max_size=40
)


@pytest.mark.parametrize("shift", range(-5, 7))
def test_key_of_a_tune_in_every_key(shift):
    notes, _ = tune(shift)
    tonic, mode, sure = estimate_key(histogram_of(notes))
    assert (tonic, mode) == (shift % 12, "maj")
    assert sure > 0.5


def test_no_notes_give_no_confidence():
    assert estimate_key([0.0] * 12)[2] == 0.0


@given(meters, st.integers(1, 100), st.integers(-20, 20))
def test_segments_cut_on_strong_beats_only(meter, frames, first):
    cuts = segments(meter, frames, first)
    assert cuts[0][0] == first
    assert cuts[-1][1] == first + frames
    strong = {tick // FRAME_TICKS for tick in meter.groups}
    assert all(start % meter.bar_frames in strong for start, _ in cuts[1:])


@pytest.mark.parametrize(
    ("pitches", "label"),
    [
        ((48, 64, 67), "C:maj"),
        ((57, 60, 64), "A:min"),
        ((43, 59, 62, 65), "G:7"),
        ((50, 53, 57, 60), "D:min7"),
        ((41, 57, 60, 64), "F:maj7"),
        ((47, 50, 53), "B:dim"),
        ((52, 55, 60), "C:maj/E"),
        ((43, 48, 50), "G:sus4"),
    ],
)
def test_block_chords_are_named(pitches, label):
    weights = [0.0] * 12
    for pitch in pitches:
        weights[pitch % 12] = 1.0
    found = recognise(weights, min(pitches) % 12)
    assert found is not None
    assert found[0].label == label


def test_two_pitch_classes_are_no_chord():
    assert recognise([1.0, 0, 0, 0, 1.0, 0, 0, 0, 0, 0, 0, 0]) is None


def test_a_comped_bar_is_heard_and_a_line_is_not():
    comp = [note(0, 8, p) for p in (48, 64, 67)] + [note(8, 8, p) for p in (43, 59, 65)]
    line = [note(16 + 4 * i, 4, p) for i, p in enumerate((72, 71, 69, 67))]
    spans = heard_chords([*comp, *line], Meter(), 32)
    assert [(s.onset, s.frames, s.chord.root) for s in spans] == [(0, 8, 0), (8, 8, 7)]


def test_a_broken_chord_within_a_half_bar_is_heard():
    arpeggio = [note(2 * i, 2, p) for i, p in enumerate((57, 60, 64, 60))]
    spans = heard_chords(arpeggio, Meter(), 16)
    assert [s.chord.label for s in spans] == ["A:min"]


def test_a_tune_over_chords_does_not_rename_them():
    comp = [note(0, 16, p) for p in (48, 52, 55)] + [note(4 * i, 4, p) for i, p in enumerate((76, 77, 79, 81))]
    assert [s.chord.label for s in heard_chords(comp, Meter(), 16)] == ["C:maj"]


@given(lines, meters)
def test_heard_chords_never_overlap(notes, meter):
    spans = heard_chords(notes, meter, 128)
    assert all(s.frames > 0 and s.onset >= 0 and s.end <= 128 for s in spans)
    assert all(a.end <= b.onset for a, b in itertools.pairwise(spans))


spans_of = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=8)


def laid(rows, gap=0):
    out, at = [], gap
    for frames, root in rows:
        out.append(ChordSpan(at, frames, Chord(root), 0.5))
        at += frames + gap
    return out


@given(spans_of, spans_of)
def test_overlay_takes_precedence_everywhere(plan, over):
    below, above = merged(laid(plan)), merged(laid(over, 3))
    result = overlay(below, above)

    def at(spans, frame):
        return next((s.chord for s in spans if s.onset <= frame < s.end), None)

    for frame in range(120):
        assert at(result, frame) == (at(above, frame) or at(below, frame))


def test_frames_of_a_melody_round_to_the_grid():
    early = Note(FRAME_TICKS * 4 - 100, FRAME_TICKS, 60, 90)
    frames = melody_frames([early], 8)
    assert frames[4].onsets == (60,)
    assert frames[4].velocities == (90,)
    assert not frames[3].sounding
