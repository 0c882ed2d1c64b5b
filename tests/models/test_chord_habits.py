from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.chord_habits import PRIOR_STEPS, Habits, entropy, usual

ONE = np.zeros(1, np.int64)
ROUTINE = np.array([1.5], np.float32)
TUNE = SimpleNamespace(variety=ROUTINE, palette=ROUTINE, pace=ROUTINE / 3)


def played(chords, frames=8, *, strong=True):
    habits = Habits()
    for chord in chords:
        habits.add(ONE, np.array([chord]), np.array([frames]), np.array([frames / 8], np.float32), np.array([strong]))
    return habits


def excess(habits):
    found = habits.excess(ONE, TUNE, 1.0, 1.0)
    return float(found.rate[0]), float(found.weak[0]), float(found.entropy[0])


def test_entropy_is_that_of_the_shares():
    assert entropy(np.ones((2, 8), np.float32)) == pytest.approx([np.log(8)] * 2, rel=1e-5)
    assert entropy(np.array([3.0, 0.0], np.float32)) == pytest.approx(0, abs=1e-6)


def test_the_usual_grows_towards_its_level():
    values = usual((1.15, -5.9, 9.1, 0.5), np.arange(4, 60, dtype=np.float32), np.full(56, 1.4, np.float32))
    assert (np.diff(values) > 0).all()
    assert values[0] > 0


def test_nothing_played_is_nothing_too_much():
    assert excess(Habits()) == pytest.approx((0, 0, 0), abs=1e-6)


def test_too_many_changes_and_too_few():
    assert excess(played([0, 5, 7, 9] * 8))[0] > 0.2
    assert excess(played([0] * 32))[0] < -0.2


def test_changes_on_weak_beats_are_counted():
    assert excess(played([0, 5] * 8, strong=False))[1] > 0.3
    assert excess(played([0, 5] * 8))[1] < 0


def test_a_wide_palette_is_too_much_and_a_drone_too_little():
    assert excess(played(range(16)))[2] > 0
    assert excess(played([0] * 16))[2] < 0


def test_the_step_that_came_most_often_is_known():
    best, share = played([0, 5, 0, 5, 0, 7, 0]).successors(ONE)
    assert best[0, 0] == 5
    assert share[0, 0] == pytest.approx(2 / (3 + PRIOR_STEPS))
    assert share[0, 9] == 0


def test_familiar_chords_have_the_larger_share():
    familiar = played([3, 3, 3, 8]).familiar(ONE, np.full((1, 36), 1 / 36, np.float32))[0]
    assert familiar[3] > familiar[8] > familiar[0]


@given(st.lists(st.integers(0, 35), min_size=1, max_size=24), st.integers(0, 11))
def test_the_same_in_every_key(chords, shift):
    moved = [c // 12 * 12 + (c + shift) % 12 for c in chords]
    assert excess(played(chords)) == pytest.approx(excess(played(moved)), abs=1e-5)


@given(st.lists(st.integers(0, 35), min_size=1, max_size=24))
def test_a_long_chord_counts_as_its_parts(chords):
    whole, parts = played(chords, 8), played([c for chord in chords for c in (chord, chord)], 4)
    assert excess(whole) == pytest.approx(excess(parts), abs=0.02)


def test_a_copy_goes_its_own_way():
    habits = played([0, 5])
    twin = habits.copy()
    before = excess(habits)
    twin.add(ONE, np.array([7]), np.array([8]), np.ones(1, np.float32), np.array([True]))
    assert excess(habits) == before
    assert excess(twin) != before
    assert habits.successors(ONE)[1][0, 5] == 0
