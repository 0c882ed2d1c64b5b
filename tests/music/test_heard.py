"""Comped chords: root, quality and bass from blocks, broken chords and two hands; never from a tune."""

import itertools
import random

import pytest

from sideman.music.chords import QUALITIES, Chord, parse_chord
from sideman.music.heard import heard_chords
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

HEARD = ("maj", "min", "7", "min7", "maj7", "dim", "sus4", "sus2", "hdim7", "dim7", "aug", "maj6", "min6", "7sus4",
         "add9", "9", "min9", "maj9", "minmaj7")  # fmt: skip


def labels(notes, frames=16):
    return [(s.onset, s.frames, s.chord.label) for s in heard_chords(notes, Meter(), frames)]


def held(pitches, tick=0, ticks=3800):
    return [Note(tick, ticks, pitch) for pitch in pitches]


def run(pitches, step, tick=0):
    return [Note(tick + i * step, step, pitch) for i, pitch in enumerate(pitches)]


@pytest.mark.parametrize("quality", HEARD)
@pytest.mark.parametrize("root", range(12))
def test_a_block_over_its_root_is_named_exactly(quality, root):
    pitches = [48 + root + step for step in QUALITIES[quality]]
    expected = [(0, 16, Chord(root, quality).label)]
    assert labels(held([36 + root, *pitches])) == expected


@pytest.mark.parametrize(
    ("pitches", "label"),
    [
        ((40, 60, 64, 67), "C:maj/E"), ((43, 60, 64, 67), "C:maj/G"), ((46, 60, 64, 67), "C:7/Bb"),
        ((41, 60, 64, 67), "C:maj/F"), ((45, 60, 64, 67), "A:min7"), ((48, 60, 64, 67, 69), "C:maj6"),
        ((64, 67, 72), "C:maj"),
    ],
)  # fmt: skip
def test_the_bass_decides(pitches, label):
    assert labels(held(pitches)) == [(0, 16, label)]


def test_a_broken_left_hand_under_a_tune():
    left = run((36, 43, 48, 52, 48, 43, 48, 52), 480)
    tune = run((76, 77, 79, 77), 960)
    assert labels(left + tune) == [(0, 16, "C:maj")]


def test_changes_fall_on_the_beats_where_they_are_played():
    notes = held((48, 52, 55), 0, 2800) + held((43, 50, 59), 2880, 900)
    assert [(s.onset, s.chord.root) for s in heard_chords(notes, Meter(), 16)] == [(0, 0), (12, 7)]


def test_a_pushed_chord_belongs_to_the_bar_it_pushes_to():
    notes = held((48, 52, 55), 0, 3300) + held((41, 57, 60), 3360, 4200)
    assert [(s.onset, s.chord.root) for s in heard_chords(notes, Meter(), 32)] == [(0, 0), (16, 5)]


def test_what_rings_over_a_bar_line_is_not_heard_twice():
    notes = held((48, 52, 55), 0, 3960) + held((43, 59, 62), 3840, 3700)
    assert labels(notes, frames=32) == [(0, 16, "C:maj"), (16, 16, "G:maj")]


@pytest.mark.parametrize("text", ["4/4", "3/4", "6/8", "7/8", "5/4", "12/8", "16/4"])
def test_blocks_are_heard_in_any_meter(text):
    meter = parse_meter(text)
    names = ("D:min7", "G:7", "C:maj7")
    notes = [
        Note(i * meter.bar_ticks, meter.bar_ticks - 60, 48 + pc)
        for i, name in enumerate(names)
        for pc in sorted(parse_chord(name).pitch_classes)
    ]
    roots = [s.chord.root for s in heard_chords(notes, meter, 3 * meter.bar_frames)]
    assert roots == [parse_chord(name).root for name in names]


def test_a_scale_a_tune_and_a_legato_line_are_no_chords():
    rng = random.Random(3)
    walk = list(itertools.accumulate([72] + [rng.choice((-2, -1, 1, 2, 3, -3)) for _ in range(31)]))
    assert labels(run((60, 62, 64, 65, 67, 69, 71, 72), 480)) == []
    assert labels(run(walk, 480), frames=64) == []
    legato = [Note(n.tick, n.duration + 100, n.pitch) for n in run(walk, 480)]
    assert labels(legato, frames=64) == []


def test_an_unfinished_bar_is_heard_as_far_as_it_goes():
    assert labels(held((45, 60, 64), 0, 1900), frames=8) == [(0, 8, "A:min")]


@pytest.mark.parametrize("root", range(12))
def test_a_power_chord_stays_one_whichever_tone_is_below_or_doubled(root):
    expected = [(0, 16, Chord(root, "5").label)]
    for pitches in ((52 + root, 59 + root), (52 + root, 59 + root, 64 + root)):
        assert labels(held([p - 4 for p in pitches])) == expected
    assert [label.split("/")[0] for _, _, label in labels(held([43 + root, 48 + root]))] == [Chord(root, "5").label]


def test_power_chords_in_one_bar_are_two_and_none_gets_a_third():
    riff = held((40, 47, 52), 0, 1900) + held((43, 50, 55), 1920, 1900)
    assert labels(riff) == [(0, 8, "E:5"), (8, 8, "G:5")]


def test_a_bass_note_before_the_hand_is_of_the_hands_chord():
    assert labels(held((36, 43), 0, 940) + held((60, 64, 67), 960, 2800)) == [(0, 16, "C:maj")]


def test_a_single_note_is_no_chord():
    assert labels(held((61,))) == []
    assert labels(held((49, 61, 73))) == []
