"""The grid of a lead sheet: what is played can be written, and what is written adds up."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.leadsheet import LeadBar, LeadNote, pieces, quantised, skyline, without_blocks
from sideman.music.meter import parse_meter
from sideman.music.notes import Note

METERS = ["4/4", "3/4", "6/8", "7/8 2+2+3", "5/4", "2/2", "12/8", "7/16", "5/8", "3/2", "9/8", "16/4"]
WRITABLE = {72, 48, 36, 24, 18, 12, 9, 6, 3}


def bars(text, count):
    meter = parse_meter(text)
    size = meter.bar_ticks // 80
    return [LeadBar(i * size, (i + 1) * size, meter) for i in range(count)]


def note(beat, beats, pitch=60):
    return Note(round(beat * 960), round(beats * 960), pitch)


@given(st.sampled_from(METERS), st.lists(st.tuples(st.floats(0, 15), st.floats(0.01, 6), st.integers(40, 90))))
def test_any_line_lands_on_places_that_can_be_written(text, rows):
    grid = bars(text, 20)
    line = skyline(note(*row) for row in rows)
    placed = quantised(line, grid)
    assert all(a.off <= b.on for a, b in pairwise(placed))
    for each in placed:
        assert 0 <= each.on < each.off <= grid[-1].end
        for bar in grid:
            low, high = max(each.on, bar.start), min(each.off, bar.end)
            if low >= high:
                continue
            cut = pieces(low, high, bar)
            assert [cut[0][0], cut[-1][1]] == [low, high]
            assert all(a[1] == b[0] for a, b in pairwise(cut))
            assert all((b - a) in ({4, 8} if triplet else WRITABLE) for a, b, triplet in cut)


def test_sixteenths_and_triplets_are_told_apart():
    line = [
        note(0.02, 0.3),
        note(0.35, 0.3, 62),
        note(0.66, 0.3, 64),
        note(1.01, 0.2),
        note(1.24, 0.2),
        note(1.52, 0.5),
    ]
    assert [n.on for n in quantised(line, bars("4/4", 1))] == [0, 4, 8, 12, 15, 18]


def test_played_short_is_written_full_and_a_rest_stays_a_rest():
    placed = quantised([note(0, 0.7), note(1, 0.9), note(3, 0.9)], bars("4/4", 1))
    assert placed == [LeadNote(0, 12, 60), LeadNote(12, 24, 60), LeadNote(36, 48, 60)]


@pytest.mark.parametrize(
    ("text", "start", "end", "lengths"),
    [
        ("4/4", 0, 48, [48]), ("4/4", 6, 48, [6, 12, 24]), ("4/4", 6, 18, [12]), ("4/4", 18, 30, [6, 6]),
        ("4/4", 12, 36, [12, 12]), ("6/8", 0, 36, [36]), ("6/8", 12, 36, [6, 18]), ("7/8 2+2+3", 0, 42, [36, 6]),
        ("4/4", 4, 24, [8, 12]), ("4/4", 12, 32, [12, 8]), ("3/4", 12, 36, [24]),
    ],
)  # fmt: skip
def test_a_length_is_cut_where_the_beat_is_looked_for(text, start, end, lengths):
    assert [b - a for a, b, _ in pieces(start, end, bars(text, 1)[0])] == lengths


def test_the_tune_is_on_top_of_what_is_under_it():
    chords = [note(0, 2, p) for p in (48, 52, 55)] + [note(2, 2, p) for p in (47, 50, 55)]
    tune = [note(0, 1.05, 72), note(1, 1, 71), note(2, 2, 69)]
    inner = [note(0.5, 0.4, 60), note(1.5, 0.4, 60)]
    assert [n.pitch for n in skyline(chords + tune + inner)] == [72, 71, 69]


def test_bars_of_chords_alone_hold_no_tune():
    block = [note(at, 2, p) for at in (0, 2) for p in (48, 52, 55)]
    tune = [note(4, 1, 72), note(5, 1, 74)]
    assert without_blocks(block + tune, [(0, 3840), (3840, 7680)]) == tune
