"""Tempo from playing: exact grids are found, whatever is played gives a usable answer."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sideman.music.meter import Meter, parse_meter
from sideman.music.tempo_candidates import LATE_BEATS
from sideman.music.tempo_features import NAMES, Frames, events_of, features, histogram, tempo_features
from sideman.music.tempo_finding import IN_DOUBT, find_bar_line, find_phrase_tempo, readings_of
from sideman.music.tempo_weights import CLOSED, OPEN

NS = 1_000_000_000
METERS = ["4/4", "3/4", "6/8", "5/4", "7/8 2+2+3", "7/8 3+2+2"]


def grid(meter, bpm, bars, *, start=NS, level=2):
    """Every beat (level 2) or pulse (1) of some bars: loud and low on the downbeat, and its end."""
    tick_ns = 60 * NS / bpm / 960
    ticks = [t for t in range(0, bars * meter.bar_ticks, 240) if meter.weight(t) >= level]
    onsets = [(start + round(t * tick_ns), 120 if meter.weight(t) == 4 else 60 + 8 * meter.weight(t)) for t in ticks]
    pitches = [36 if meter.weight(t) == 4 else 48 for t in ticks]
    return onsets, start + round(bars * meter.bar_ticks * tick_ns), pitches


def off_octave(found, bpm):
    return min(abs(found / (bpm * factor) - 1) for factor in (0.5, 1, 2))


@settings(max_examples=60, deadline=None)
@given(
    text=st.sampled_from(METERS), bpm=st.floats(40, 240), bars=st.sampled_from([4, 8]), level=st.sampled_from([1, 2])
)
def test_exact_grid_gives_its_tempo_or_half_or_double(text, bpm, bars, level):
    meter = parse_meter(text)
    bpm = min(bpm * meter.beat_ticks / 960, 290)  # the meter's own beat: dotted quarters in 6/8
    onsets, close, pitches = grid(meter, bpm, bars, level=level)
    found = find_phrase_tempo(onsets, close, meter, pitches=pitches)
    assert off_octave(found.bpm, bpm) < 0.04
    assert abs(found.downbeat_ns - onsets[0][0]) < 0.07 * NS


@pytest.mark.parametrize("text", METERS)
@pytest.mark.parametrize("bpm", [85, 100, 120])
def test_a_usual_tempo_is_the_very_one(text, bpm):
    meter = parse_meter(text)
    onsets, close, pitches = grid(meter, bpm * meter.beat_ticks / 960, 4, level=1)
    found = find_phrase_tempo(onsets, close, meter, pitches=pitches)
    assert found.bars == 4
    assert found.bpm == pytest.approx(bpm * meter.beat_ticks / 960, rel=0.01)


def test_a_pickup_is_not_the_downbeat():
    onsets, close, pitches = grid(Meter(), 100, 4, level=1)
    quaver = round(0.3 * NS)
    before = [(onsets[0][0] - 2 * quaver, 60), (onsets[0][0] - quaver, 60)]
    found = find_phrase_tempo(before + onsets, close, Meter(), pitches=[48, 48, *pitches])
    assert (found.bars, found.downbeat_ns) == (4, onsets[0][0])


def test_a_late_press_keeps_the_tempo_of_the_onsets():
    onsets, close, pitches = grid(Meter(), 96, 4, level=1)
    found = find_phrase_tempo(onsets, close + NS // 5, Meter(), pitches=pitches)
    assert found.bpm == pytest.approx(96, rel=0.01)
    assert found.bars == 4


def test_confidence_grows_while_playing_goes_on():
    rng = random.Random(4)
    riff = ((0, 110, 36), (3, 60, 43), (4, 85, 45), (6, 60, 43), (8, 95, 38), (12, 85, 45), (14, 60, 47))
    notes = [(16 * bar + step, v, p) for bar in range(4) for step, v, p in riff]
    onsets = [(NS + round((step * 15 / 110 + rng.gauss(0, 0.008)) * NS), v) for step, v, _ in notes]
    pitches = [p for *_, p in notes]
    early = find_phrase_tempo(onsets[:4], None, Meter(), pitches=pitches[:4])
    later = find_phrase_tempo(onsets, None, Meter(), pitches=pitches)
    assert early.confidence < 0.5 <= later.confidence
    assert off_octave(later.bpm, 110) < 0.04


def test_noise_is_not_trusted():
    rng = random.Random(3)
    unsure = 0
    for _ in range(20):
        times = sorted(rng.uniform(1, 5) for _ in range(9))
        found = find_phrase_tempo([(round(t * NS), 80) for t in times], None, Meter())
        unsure += found.confidence < 0.5
    assert unsure >= 15


phrases = st.lists(
    st.tuples(st.integers(0, 20 * NS), st.integers(1, 127), st.integers(21, 108)), min_size=1, max_size=60
).map(sorted)


@settings(max_examples=150, deadline=None)
@given(
    notes=phrases, late=st.integers(0, 4 * NS), text=st.sampled_from([*METERS, "2/2", "7/16", "16/16", "16/4", "2/16"])
)
@example(notes=[(0, 1, 60)], late=0, text="4/4")
@example(notes=[(0, 1, 60)] * 8, late=0, text="4/4")
def test_anything_gives_a_usable_answer(notes, late, text):
    meter = parse_meter(text)
    onsets, pitches = [(ns, v) for ns, v, _ in notes], [p for *_, p in notes]
    close = onsets[-1][0] + late
    for press in (close, None):
        found = find_phrase_tempo(onsets, press, meter, pitches=pitches)
        assert 30 <= found.bpm <= 300
        assert found.bars >= 1
        assert 0 <= found.confidence <= 1
        assert onsets[0][0] - NS // 2 <= found.downbeat_ns
    found = find_phrase_tempo(onsets, close, meter, pitches=pitches)
    beat = 60 * NS / found.bpm * meter.beat_ticks / 960
    length = found.bars * meter.bar_ticks / 960 * 60 * NS / found.bpm
    if 30.001 < found.bpm < 299.999:
        off = close - found.downbeat_ns - length
        assert -0.25 * beat - 0.15 * NS <= off <= LATE_BEATS * beat + 0.15 * NS


@settings(max_examples=60, deadline=None)
@given(notes=phrases, shift=st.integers(-(10**12), 10**15), closed=st.booleans())
def test_time_shift_changes_nothing_but_the_time(notes, shift, closed):
    onsets = [(ns, v) for ns, v, _ in notes]
    close = onsets[-1][0] + NS if closed else None
    here = find_phrase_tempo(onsets, close, Meter())
    moved = [(ns + shift, v) for ns, v in onsets]
    there = find_phrase_tempo(moved, None if close is None else close + shift, Meter())
    assert there.downbeat_ns - shift == here.downbeat_ns
    assert (there.bpm, there.bars, there.confidence) == (here.bpm, here.bars, here.confidence)


def test_a_chord_is_one_event():
    events = events_of([(NS, 60), (NS + 9_000_000, 90), (2 * NS, 60)], [60, 48, 50])
    assert [(e.at, e.pitch) for e in events] == [(0.0, 48), (1.0, 50)]


def test_no_onset_is_refused():
    with pytest.raises(ValueError, match="at least one onset"):
        find_phrase_tempo([], None, Meter())


def test_few_notes_follow_the_looper():
    found = find_phrase_tempo([(0, 80), (NS, 80)], 4 * NS, Meter())
    assert (found.bars, found.downbeat_ns) == (2, 0)
    assert found.bpm == pytest.approx(120)


def test_there_is_a_weight_for_each_feature():
    onsets, close, pitches = grid(Meter(), 100, 4)
    events = events_of(onsets, pitches)
    reading, row = readings_of(events, (close - NS) / NS, Meter())[0]
    assert all(len(unit) == len(row) == len(NAMES) for net in (CLOSED, OPEN) for unit in net.hidden)
    assert row == features(events, histogram(events), (close - NS) / NS, Frames.of(Meter()), reading)


@given(st.floats(0.1, 4.0))
def test_tempo_hats_share_one(beat):
    assert sum(tempo_features(beat)[:-1]) == pytest.approx(1.0)


TUNE = ((0, 60, 2), (2, 64, 1), (3, 65, 1), (4, 67, 2), (6, 64, 2), (8, 65, 1), (9, 64, 1), (10, 62, 2), (12, 60, 4))


def tune(bpm, times=2, *, pickup=0):
    """Quarters, halves and a long note at the end of four bars; with a pickup of so many quarters."""
    quarter = 60 * NS / bpm
    notes = [(16 * turn + at, pitch) for turn in range(times) for at, pitch, _ in TUNE]
    notes = [(-k, 55) for k in range(pickup, 0, -1)] + notes
    onsets = [(NS + round((at + pickup) * quarter), 100 if at % 4 == 0 else 78) for at, _ in notes]
    return onsets, NS + round((16 * times + pickup) * quarter), [p for _, p in notes]


@settings(max_examples=40, deadline=None)
@given(bpm=st.floats(88, 138), style=st.sampled_from(["", "rock", "pop"]))
def test_the_tempo_scales_with_the_playing(bpm, style):
    onsets, close, pitches = tune(bpm, 1)
    found = find_phrase_tempo(onsets, close, Meter(), pitches=pitches, style=style)
    assert found.bpm == pytest.approx(bpm, rel=0.02)
    assert found.bars == 4


@settings(max_examples=30, deadline=None)
@given(bpm=st.floats(88, 138), times=st.sampled_from([2, 4]))
def test_a_pickup_of_a_quarter_leaves_the_downbeat_where_it_was(bpm, times):
    onsets, close, pitches = tune(bpm, times, pickup=1)
    found = find_phrase_tempo(onsets, close, Meter(), pitches=pitches)
    assert abs(found.downbeat_ns - onsets[1][0]) < 0.07 * NS
    assert off_octave(found.bpm, bpm) < 0.02


@settings(max_examples=30, deadline=None)
@given(bpm=st.floats(72, 150), pickup=st.sampled_from([0, 1]), off=st.integers(-3, 3))
def test_the_bar_line_is_found_whatever_beat_is_told(bpm, pickup, off):
    onsets, _, pitches = tune(bpm, 2, pickup=pickup)
    quarter = 60 * NS / bpm
    beat = onsets[pickup][0] + round(off * quarter)
    found, share = find_bar_line(onsets, beat, bpm, Meter(), pitches=pitches)
    bars = (found - onsets[pickup][0]) / (4 * quarter)
    assert abs(bars - round(bars)) * 4 < 0.1
    assert 0 < share <= 1


@settings(max_examples=60, deadline=None)
@given(notes=phrases, closed=st.booleans())
def test_close_readings_are_said_and_never_trusted(notes, closed):
    onsets = [(ns, v) for ns, v, _ in notes]
    found = find_phrase_tempo(onsets, onsets[-1][0] + NS if closed else None, Meter())
    if found.other is not None:
        assert found.confidence <= IN_DOUBT < 0.6
        assert abs(found.other / found.bpm - 1) > 0.01
