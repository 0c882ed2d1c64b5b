"""The jam's one timeline: bars, downbeats, anchors, and tempo changes that never break it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.timeline import LEAD_TICKS, Timeline
from sideman.music.meter import Meter, parse_meter

MS = 1_000_000
SECOND = 1_000_000_000
METERS = ["4/4", "3/4", "5/4", "6/8", "7/8 2+2+3", "12/8"]


@pytest.mark.parametrize("text", METERS)
def test_bars_count_from_the_first_bar_line(text):
    meter = parse_meter(text)
    line = Timeline(0, 120, meter)
    line.bar_zero = 100
    bar = meter.bar_ticks
    assert line.bar_line(3) == 100 + 3 * bar
    assert line.next_bar_line(100) == 100 + bar
    assert line.next_bar_line(99) == 100
    assert line.nearest_bar_line(100 + bar // 2 - 1) == 100
    assert line.nearest_bar_line(100 + bar // 2 + 1) == 100 + bar
    assert line.within(100 + 5 * bar + 7) == 7


@pytest.mark.parametrize("text", METERS)
def test_a_press_up_to_half_a_beat_late_belongs_to_the_line_just_passed(text):
    line = Timeline(0, 120, parse_meter(text))
    half, bar = line.meter.beat_ticks // 2, line.meter.bar_ticks
    assert line.downbeat_for(bar) == bar
    assert line.downbeat_for(bar + half) == bar
    assert line.downbeat_for(bar + half + 1) == 2 * bar
    assert line.downbeat_for(bar - half) == bar
    assert line.downbeat_for(2 * bar - half - 1) == 2 * bar


def test_frames_are_decided_a_tenth_of_a_16th_ahead():
    line = Timeline(0, 60, Meter())
    frame = line.next_frame(0)
    assert line.decision_ns(frame) > 0
    assert line.ns(240) - line.decision_ns(1) == LEAD_TICKS * SECOND // 960
    assert line.next_frame(line.decision_ns(frame)) == frame + 1


@given(
    st.floats(30, 300),
    st.lists(st.tuples(st.integers(1, 20_000), st.floats(30, 300)), max_size=6),
    st.integers(0, 40),
)
def test_a_tempo_change_in_mid_bar_never_jumps(bpm, changes, probe):
    line = Timeline(0, bpm, Meter())
    tick = 0
    for ahead, other in changes:
        before = line.ns(tick + ahead)
        tick += ahead
        line.tempo.change(tick, other)
        assert line.ns(tick) == before
    moments = [line.ns(t) for t in range(0, tick + 4000, 37)]
    assert moments == sorted(moments)
    assert all(b > a for a, b in pairwise(moments))
    there = probe * 997
    assert line.tick(line.ns(there)) == there


@given(
    st.floats(30, 300),
    st.floats(30, 300),
    st.integers(1, 60_000),
    st.integers(0, 400),
    st.integers(0, 2000),
    st.sampled_from(METERS),
)
def test_an_anchor_puts_a_bar_line_at_its_moment_and_leaves_history_alone(bpm, other, used, wait_ms, pickup_ms, text):
    line = Timeline(0, bpm, Meter())
    line.use(used)
    history = [line.ns(t) for t in range(0, used, max(1, used // 20))]
    at = line.ns(used) + (wait_ms + pickup_ms + 1) * MS
    tick = line.anchor(at, other, parse_meter(text), pickup_ns=pickup_ms * MS)
    assert [line.ns(t) for t in range(0, used, max(1, used // 20))] == history
    assert line.ns(tick) == pytest.approx(at, abs=2 * MS)
    assert line.within(tick) == 0
    assert tick > used
    assert line.tempo.bpm == pytest.approx(other, rel=1e-6)
    moments = [line.ns(t) for t in range(used - 10, tick + 2000, 53)]
    assert moments == sorted(moments)


def test_the_first_anchor_starts_at_zero():
    line = Timeline(5 * SECOND, 120, Meter())
    assert line.anchor(9 * SECOND, 90, parse_meter("3/4")) == 0
    assert (line.ns(0), line.meter.numerator) == (9 * SECOND, 3)


def test_a_copy_is_independent():
    line = Timeline(0, 120, Meter())
    line.use(500)
    other = line.copy()
    other.tempo.change(960, 60)
    other.use(9000)
    assert (line.floor, line.tempo.bpm) == (500, pytest.approx(120))
