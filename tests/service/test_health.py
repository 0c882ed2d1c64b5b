"""Memory, processor time and lateness are measured as they are."""

import os

from hypothesis import given
from hypothesis import strategies as st

from sideman.service.health import Lateness, cpu_s, rss_mb


def test_memory_and_time_of_a_process():
    assert 5 < rss_mb() < 2000
    assert rss_mb(os.getpid()) > 5
    assert cpu_s() > 0
    assert rss_mb(2**22 + 1) == 0
    assert cpu_s(2**22 + 1) == 0


def test_no_cue_no_lateness():
    assert Lateness().summary() == {"n": 0, "p50": 0.0, "p99": 0.0, "p999": 0.0, "max": 0.0}


@given(st.lists(st.integers(-1_000_000, 150_000_000), min_size=1, max_size=200))
def test_percentiles_are_at_most_a_step_above_the_truth(late):
    counted = Lateness()
    for each in late:
        counted.add(each)
    true = sorted(max(each, 0) for each in late)
    for share in (0.5, 0.99, 1.0):
        exact = true[max(0, -int(-share * len(true) // 1) - 1)] / 1e6
        assert exact - 1e-9 <= counted.percentile(share) <= exact + 0.0100001
    assert counted.summary()["n"] == len(late)
    assert counted.summary()["max"] == round(true[-1] / 1e6, 3)


def test_an_hour_late_is_still_counted():
    counted = Lateness()
    counted.add(3_600_000_000_000)
    assert counted.percentile(0.5) == 200.01
    assert counted.summary()["max"] == 3_600_000
