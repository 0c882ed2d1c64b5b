"""The thinner of expression pedals: the first at once, one in 20 ms, the newest always arrives."""

import queue
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sideman.edges.expression import GAP_NS, Thinner
from sideman.jam.events import SettingChanged

MS = 1_000_000


class Still(Thinner):
    """Without its thread: the test turns the time."""

    def _run(self):
        pass


def change(ns, value, key="levels.band"):
    return SettingChanged(ns, key, str(value))


def test_the_first_at_once_then_the_newest_when_its_time_has_come():
    out = []
    thinner = Still(out.append)
    for ns, value in ((0, 1), (5 * MS, 2), (9 * MS, 3)):
        thinner.offer(change(ns, value))
    assert out == [change(0, 1)]
    assert thinner.poll(10 * MS) == 20 * MS
    assert thinner.poll(20 * MS) is None
    assert out == [change(0, 1), change(20 * MS, 3)]


def test_settings_do_not_wait_for_each_other_and_nothing_is_said_twice():
    out = []
    thinner = Still(out.append)
    for ns, value, key in ((0, 1, "a"), (1, 2, "b"), (30 * MS, 1, "a"), (31 * MS, 2, "a"), (32 * MS, 1, "a")):
        thinner.offer(change(ns, value, key))
    thinner.poll(100 * MS)
    assert [(e.key, e.value) for e in out] == [("a", "1"), ("b", "2"), ("a", "2"), ("a", "1")]


@given(st.lists(st.tuples(st.integers(0, 30 * MS), st.integers(0, 127)), min_size=1, max_size=60))
def test_never_more_often_and_the_last_value_holds(moves):
    out, ns = [], 0
    thinner = Still(out.append)
    for gap, value in moves:
        ns += gap
        thinner.poll(ns)
        thinner.offer(change(ns, value))
    thinner.poll(ns + GAP_NS)
    stamps = [event.ns for event in out]
    assert all(b - a >= GAP_NS for a, b in pairwise(stamps))
    assert out[-1].value == str(moves[-1][1])
    assert all(a.value != b.value for a, b in pairwise(out))


def test_its_thread_brings_what_waited():
    out = queue.SimpleQueue()
    thinner = Thinner(out.put)
    now = time.monotonic_ns()
    for value in range(5):
        thinner.offer(change(now, value))
    assert out.get(timeout=5).value == "0"
    last = out.get(timeout=5)
    assert last.value == "4"
    assert last.ns >= now + GAP_NS
    thinner.close()
    thinner.offer(change(now, 9))
    assert out.empty()
