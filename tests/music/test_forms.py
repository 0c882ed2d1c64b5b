"""Given forms: twelve bars of blues in any key and meter, and the key of a blues line."""

from itertools import pairwise

import pytest
from hypothesis import given as example
from hypothesis import strategies as st

from sideman.music.forms import BLUES, BLUES_BARS, bars_of, blues, blues_key, given, key_of
from sideman.music.meter import Meter, parse_meter

METERS = ("4/4", "3/4", "2/4", "6/8", "12/8", "5/4 3+2", "7/8 2+2+3", "9/8")
KEYS = st.tuples(st.integers(0, 11), st.sampled_from(["maj", "min"]))


def bars(key, complexity, meter=None):
    meter = meter or Meter()
    rows = [[] for _ in range(12)]
    for span in blues(key, meter, complexity):
        for frame in range(span.onset, span.end):
            row = rows[frame // meter.bar_frames]
            if not row or row[-1] != span.chord.name:
                row.append(span.chord.name)
    return [" ".join(row) for row in rows]


def test_the_twelve_bars_that_everybody_knows():
    assert bars((9, "maj"), 0) == ["A", "A", "A", "A", "D", "D", "A", "A", "E", "D", "A", "A"]
    assert bars((4, "maj"), 1) == ["E7", "E7", "E7", "E7", "A7", "A7", "E7", "E7", "B7", "A7", "E7", "B7"]
    assert bars((0, "min"), 1) == ["Cm7", "Cm7", "Cm7", "Cm7", "Fm7", "Fm7", "Cm7", "Cm7", "Ab7", "G7", "Cm7", "G7"]


def test_more_is_a_quick_change_a_turnaround_and_then_jazz():
    assert bars((0, "maj"), 2)[1] == "F7"
    assert bars((0, "maj"), 2)[10:] == ["C7 F7", "C7 G7"]
    assert bars((0, "maj"), 3)[5:10] == ["F#o7", "C7", "A7", "Dm7", "G7"]


def test_a_short_bar_keeps_the_way_back():
    assert bars((0, "maj"), 2, parse_meter("3/4"))[10:] == ["C7", "G7"]


@example(KEYS, st.sampled_from(METERS), st.integers(0, 3))
def test_a_chorus_fills_twelve_bars_of_any_meter_without_a_gap(key, text, complexity):
    meter = parse_meter(text)
    spans = blues(key, meter, complexity)
    assert spans[0].onset == 0
    assert spans[-1].end == BLUES_BARS * meter.bar_frames
    assert all(a.end == b.onset and a.chord != b.chord for a, b in pairwise(spans))
    assert spans[0].chord.root == key[0]


@example(KEYS, st.sampled_from(METERS), st.integers(-300, 300), st.integers(-300, 900), st.integers(0, 200))
def test_a_window_agrees_with_the_chorus(key, text, origin, start, length):
    meter = parse_meter(text)
    chorus = {f: s.chord for s in blues(key, meter, 2) for f in range(s.onset, s.end)}
    found = {f: s.chord for s in given(BLUES, key, meter, origin, start, start + length, 2)
             for f in range(s.onset, s.end)}  # fmt: skip
    assert sorted(found) == list(range(start, start + length))
    assert all(chord == chorus[(f - origin) % len(chorus)] for f, chord in found.items())


@pytest.mark.parametrize(("form", "count"), [("auto", 0), ("4", 4), ("32", 32), ("blues", 12)])
def test_lengths(form, count):
    assert bars_of(form) == count
    if form != BLUES:
        assert given(form, (0, "maj"), Meter(), 0, 0, 64, 1) == []


def histogram(tonic, steps):
    weights = [0.0] * 12
    for step in steps:
        weights[(tonic + step) % 12] += 1
    return weights


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(
    ("steps", "mode"),
    [
        ((0, 0, 3, 5, 6, 7, 10, 0), "maj"),  # the blues scale: its flat third is no minor key
        ((0, 0, 4, 7, 9, 10, 3, 5), "maj"),
        ((0, 0, 3, 7, 8, 5, 3, 2, 10), "min"),
    ],
)
def test_the_key_of_a_blues_line(tonic, steps, mode):
    assert blues_key(histogram(tonic, steps)) == (tonic, mode)


def test_a_key_is_read():
    assert key_of("F# min") == (6, "min")
    assert key_of("Bb maj") == (10, "maj")
    assert key_of("") is None
