"""The debounce against an oracle that knows how long each level held."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sideman.edges.debounce import WINDOW_NS, Debounce

MS = 1_000_000


def run(contacts, window=WINDOW_NS, poll_lag=0):
    """Feed contacts (ns, down), polling in between as a timer would; all edges passed on."""
    switch, edges = Debounce(window), []
    for ns, down in contacts:
        while switch.due is not None and switch.due + poll_lag <= ns:
            edges += switch.poll(switch.due + poll_lag)
        edges += switch.feed(ns, down)
    while switch.due is not None:
        edges += switch.poll(switch.due + poll_lag)
    return edges


def test_first_contact_acts_at_once_with_its_stamp():
    assert Debounce().feed(123, True) == [(123, True)]


def test_bounces_collapse_to_one_edge():
    contacts = [(0, True), (MS, False), (2 * MS, True), (50 * MS, False), (51 * MS, True), (52 * MS, False)]
    assert run(contacts) == [(0, True), (50 * MS, False)]


def test_a_tap_shorter_than_the_window_is_a_press_and_a_release():
    assert run([(0, True), (3 * MS, False)]) == [(0, True), (3 * MS, False)]


def test_repeated_levels_are_no_edges():
    assert run([(0, False), (MS, True), (20 * MS, True), (30 * MS, False), (99 * MS, False)]) == [
        (MS, True),
        (30 * MS, False),
    ]


def test_a_switch_held_at_power_on_gives_its_release_only():
    switch = Debounce(down=True)
    assert switch.feed(5, True) == []
    assert switch.feed(9, False) == [(9, False)]


CONTACTS = st.tuples(
    st.lists(
        st.integers(1, 3 * WINDOW_NS) | st.sampled_from([1, WINDOW_NS - 1, WINDOW_NS, WINDOW_NS + 1]), max_size=60
    ),
    st.sampled_from([0, 1, WINDOW_NS // 2, 10 * WINDOW_NS]),
)


@given(CONTACTS)
def test_every_level_that_holds_for_a_window_is_seen(case):
    gaps, lag = case
    contacts, ns, down = [], 0, False
    for gap in gaps:
        ns, down = ns + gap, not down
        contacts.append((ns, down))
    edges = run(contacts, poll_lag=lag)
    ends = [at for at, _ in contacts[1:]] + [None] * bool(contacts)
    for (start, level), end in zip(contacts, ends, strict=True):
        if end is None or end - start >= WINDOW_NS:
            # at the end of the hold the switch reads this level, by an edge stamped inside the hold or before it
            before = [edge for edge in edges if end is None or edge[0] < end]
            assert before[-1][1] == level if before else level is False
    assert all(a[1] != b[1] and a[0] < b[0] for a, b in pairwise(edges)), "edges alternate, in order"
    assert not edges or edges[0][1], "the first edge is a press"
    assert set(edges) <= set(contacts), "every edge is a real contact with its own stamp"


@given(CONTACTS)
def test_at_most_one_edge_a_window(case):
    gaps, lag = case
    contacts, ns, down = [], 0, False
    for gap in gaps:
        ns, down = ns + gap, not down
        contacts.append((ns, down))
    edges = run(contacts, poll_lag=lag)
    # two windows hold at most one opening edge and the two settled ones that follow
    for a, b in zip(edges, edges[3:], strict=False):
        assert b[0] - a[0] >= WINDOW_NS
