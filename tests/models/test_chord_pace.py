import numpy as np
import pytest

from sideman.models.chord_pace import Pace
from sideman.music.meter import Meter

COMMON = Meter(4, 4)


def heard(chords, frames=8):
    """A pace that heard these chords, so many frames each, every one of them sure."""
    pace, at = Pace(COMMON), 0
    for chord in chords:
        for _ in range(frames):
            pace.hear(at, np.eye(36, dtype=np.float32)[chord])
            at += 1
    return pace


def test_nothing_heard_is_what_is_usual():
    assert Pace(COMMON).value == pytest.approx(0.5)
    assert Pace(COMMON).lean == pytest.approx(0)


def test_a_slow_tune_is_told_from_a_quick_one():
    assert heard([0] * 32).value < 0.1
    assert heard([0, 5] * 16).value > 0.9
    assert heard([0, 5] * 8, frames=16).value == pytest.approx(0.5, abs=0.03)


def test_it_is_the_same_in_every_key():
    line = [0, 5, 7, 0, 0, 9, 5, 7]
    moved = heard([(c + 3) % 12 for c in line])
    assert heard(line).value == pytest.approx(moved.value)
    assert heard(line).lean == pytest.approx(moved.lean)


def test_changes_inside_bars_are_told_from_those_over_bar_lines():
    assert heard([0, 5] * 8, frames=16).lean < -0.3
    assert heard([0, 5, 5, 0] * 4).lean > 0.3
    assert abs(heard([0, 5] * 16).lean) < 0.2
