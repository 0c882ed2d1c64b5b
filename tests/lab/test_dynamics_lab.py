"""How soon the band is as loud as the player: the measure."""

from __future__ import annotations

import pytest

from sideman_lab.dynamics import BARS, STEP, correlations, lag, mean


def strokes(loudness):
    return [(bar + part / 4, loudness(bar + part / 4)) for bar in range(BARS) for part in range(4)]


@pytest.mark.parametrize("late", [1, 4])
def test_a_step_is_found_where_it_is(late):
    found = lag(strokes(lambda at: 100 if at < STEP + late else 50))
    assert abs(found - late) <= 0.5


def test_no_step_has_no_lag():
    assert lag(strokes(lambda _: 90)) is None
    assert lag([]) is None


def test_a_band_that_is_two_bars_late_correlates_there():
    wave = [60 + 20 * (bar % 7 < 3) + bar % 5 for bar in range(BARS)]
    found = correlations(strokes(lambda at: wave[int(at) - 2]), wave)
    assert found[2] == pytest.approx(1.0)
    assert max(found) == found[2]


def test_means_of_nothing():
    assert mean([(0.0, 10), (0.5, 20), (1.0, 90)], 0, 1) == 15
    assert mean([], 0, 1) is None
