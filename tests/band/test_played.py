"""The harmony that a player says himself, and the third that nobody said."""

import pytest

from sideman.band.harmony import changes_for, parsed_key
from sideman.band.messages import Ask, Phrase
from sideman.band.models import NO_MODELS
from sideman.band.played import in_key, said, triad_in
from sideman.music.chords import parse_chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

FOUR = Meter()


def bar(pitches, number=0, meter=FOUR, length=0.9):
    step = meter.bar_ticks // len(pitches)
    return [Note(number * meter.bar_ticks + i * step, int(step * length), p, 90) for i, p in enumerate(pitches)]


def block(name, number, at=0, ticks=1900):
    return [Note(number * 3840 + at, ticks, 48 + pc, 90) for pc in parse_chord(name).pitch_classes]


@pytest.mark.parametrize(
    ("key", "root", "name"),
    [
        ("C maj", 7, "G:maj"), ("C maj", 2, "D:min"), ("C maj", 11, "B:dim"), ("G maj", 11, "B:min"),
        ("G maj", 6, "F#:dim"), ("A min", 9, "A:min"), ("A min", 4, "E:maj"), ("A min", 7, "G:maj"),
        ("E min", 4, "E:min"), ("E min", 9, "A:min"), ("E maj", 9, "A:maj"),
    ],
)  # fmt: skip
def test_the_third_of_a_degree_is_the_keys(key, root, name):
    assert triad_in(root, parsed_key(key)) == parse_chord(name)


def test_a_bare_fifth_in_c_major_is_major_on_g_and_minor_on_d():
    key = parsed_key("C maj")
    assert said(bar((55, 62, 55, 62)), FOUR, 16, key)[0].chord == parse_chord("G:maj")
    assert said(bar((62, 69, 62, 69)), FOUR, 16, key)[0].chord == parse_chord("D:min")


def test_a_found_third_outside_the_key_is_put_right():
    key = parsed_key("C maj")
    fifths = bar((55, 62, 67, 62))
    for wrong in ("G:min", "Bb:maj"):
        found = in_key([ChordSpan(0, 16, parse_chord(wrong), 0.5)], fifths, key)
        assert found[0].chord.triad.root in {7, 2}
        assert all(pc in {0, 2, 4, 5, 7, 9, 11} for pc in found[0].chord.pitch_classes)
    assert in_key([ChordSpan(0, 16, parse_chord("G:min"), 0.5)], fifths, key)[0].chord == parse_chord("G:maj")
    assert in_key([ChordSpan(0, 16, parse_chord("D:dim"), 0.5)], bar((62, 69)), key)[0].chord == parse_chord("D:min")


def test_a_third_that_was_played_is_left_alone():
    span = ChordSpan(0, 16, parse_chord("D:maj"), 0.5)
    assert in_key([span], bar((62, 66, 69, 62)), parsed_key("C maj")) == [span]
    assert in_key([span], (), None) == [span]


def test_blues_in_e_keeps_its_sevenths():
    notes = [n for i, name in enumerate(("E:7", "A:7", "E:7", "B:7")) for n in block(name, i, ticks=3800)]
    spans = said(notes, FOUR, 64, parsed_key("E min"))
    assert [(s.onset, str(s.chord.root), s.chord.quality) for s in spans] == [
        (0, "4", "7"), (16, "9", "7"), (32, "4", "7"), (48, "11", "7"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["4/4", "3/4", "6/8", "7/8 2+2+3", "7/8 3+2+2", "5/4"])
def test_a_broken_chord_fills_its_bar_in_any_meter(text):
    meter = parse_meter(text)
    notes = [n for i, tones in enumerate(((60, 64, 67, 64), (57, 60, 64, 60))) for n in bar(tones, i, meter)]
    spans = said(notes, meter, 2 * meter.bar_frames, None)
    size = meter.bar_frames
    assert [(s.onset, s.frames, s.chord) for s in spans] == [
        (0, size, parse_chord("C:maj")), (size, size, parse_chord("A:min")),
    ]  # fmt: skip


def test_two_chords_a_bar_are_two_and_a_line_is_none():
    notes = block("C:maj", 0) + block("F:maj", 0, 1920)
    assert [(s.onset, s.chord.root) for s in said(notes, FOUR, 16, None)] == [(0, 0), (8, 5)]
    assert said(bar((60, 62, 64, 65, 67, 69, 71, 72)), FOUR, 16, None) == []


def test_the_phrase_says_g_with_a_bare_fifth():
    notes = tuple(
        bar((60, 64, 67, 64)) + bar((55, 62, 67, 62), 1) + bar((65, 69, 72, 69), 2) + bar((60, 64, 67, 60), 3)
    )
    ask = Ask(
        id=1, seed=1, epoch=1, mode="trade", meter=FOUR, bpm=100.0, frame=0, start=64, end=128, origin=64,
        form_frames=64,
    )  # fmt: skip
    found = changes_for(ask, Phrase(notes, 4, FOUR, 100.0), (), NO_MODELS)
    assert [found.at(64 + 16 * i).triad for i in range(4)] == [
        parse_chord(name) for name in ("C:maj", "G:maj", "F:maj", "C:maj")
    ]
