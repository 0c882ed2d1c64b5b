"""The floor under lateness: a process of its own, and as many deadlines as there were cues."""

import pytest

from sideman.service import floor


def test_a_process_of_its_own_reports_exactly_the_wanted_number():
    found = floor.result(floor.started(60, 0.3, 0), count=25)
    assert set(found) == {"n", "p50", "p99", "p999", "max"}
    assert found["n"] == 25
    assert 0 <= found["p50"] <= found["max"]


@pytest.mark.parametrize(("count", "n"), [(0, 100), (1, 1), (37, 37), (100, 100), (500, 100)])
def test_a_sample_is_spread_over_all(count, n):
    late = floor.sampled([k * 1_000_000 for k in range(100)], count)
    assert late.n == n
    if 1 < n < 100:
        assert late.percentile(0.5) == pytest.approx(50, abs=3)


def test_a_process_that_fails_is_no_floor():
    broken = floor.started(60, 0.3, 0)
    broken.kill()
    assert floor.result(broken) == {}
