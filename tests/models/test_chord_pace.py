import numpy as np
import pytest

from sideman.models.chord_pace import USUAL, Pace
from sideman.music.meter import Meter

COMMON = Meter(4, 4)


def heard(chords, frames=8):
    """A pace that heard these chords, so many frames each, every one of them sure."""
    pace, at = Pace(COMMON), 0
    for chord in chords:
        for _ in range(frames):
            pace.hear(at, np.eye(36, dtype=np.float32)[chord])
            at += 1
    return pace.value


def test_nothing_heard_is_what_is_usual():
    assert Pace(COMMON).value == pytest.approx(USUAL)


def test_a_slow_tune_is_told_from_a_quick_one():
    assert heard([0] * 32) < 0.1
    assert heard([0, 5] * 16) > 0.9
    assert heard([0, 5] * 8, frames=16) == pytest.approx(0.5, abs=0.03)


def test_it_is_the_same_in_every_key():
    line = [0, 5, 7, 0, 0, 9, 5, 7]
    assert heard(line) == pytest.approx(heard([(c + 3) % 12 for c in line]))
