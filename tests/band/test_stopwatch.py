"""The figures of the models' time: one for each unit of work, and few enough for the log."""

import pytest

from sideman.band import stopwatch
from sideman.band.stopwatch import KEPT, Stopwatch


@pytest.fixture
def tick(monkeypatch):
    """A clock that is set by hand, in milliseconds."""
    now = [0]
    monkeypatch.setattr(stopwatch, "perf_counter_ns", lambda: now[0] * 1_000_000)

    def forward(ms):
        now[0] += ms

    return forward


def test_laps_are_units_and_share_what_comes_after_them(tick):
    watch = Stopwatch()
    with watch.running("melody"):
        for ms in (3, 1):
            tick(ms)
            watch.lap()
        tick(4)
    assert watch.read() == (("melody", 3.0), ("melody", 5.0))
    watch.reset()
    assert watch.read() == ()


def test_a_block_of_units_is_shared_whatever_its_laps(tick):
    watch = Stopwatch()
    with watch.running("drums", units=2):
        tick(6)
        watch.lap()
        tick(2)
    with watch.running("drums", units=1):
        tick(1)
    with watch.running("chords"):
        tick(7)
    assert watch.read() == (("chords", 7.0), ("drums", 1.0), ("drums", 4.0), ("drums", 4.0))


def test_a_failing_block_counts_too(tick):
    watch = Stopwatch()

    def broken():
        with watch.running("chords"):
            tick(2)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        broken()
    assert watch.read() == (("chords", 2.0),)


def test_many_figures_are_thinned_and_the_slowest_stays(tick):
    watch = Stopwatch()
    with watch.running("chords"):
        for ms in range(1, 1001):
            tick(ms)
            watch.lap()
    told = [ms for _, ms in watch.read()]
    assert len(told) == KEPT
    assert (told[0], told[-1]) == (1.0, 1000.0)
    assert told[KEPT // 2] == pytest.approx(500, rel=0.03)
