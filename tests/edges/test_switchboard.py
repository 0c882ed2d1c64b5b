"""The switchboard by hand: edges, settled levels, stuck switches."""

from sideman.edges.debounce import WINDOW_NS
from sideman.edges.switchboard import STUCK_NS, Switchboard
from sideman.jam.events import Fault, SwitchEdge

S = 1_000_000_000


def board(**options):
    events = []
    return Switchboard(events.append, ("START", "STOP"), **options), events


def test_a_press_is_posted_before_contact_returns_and_bounces_are_not():
    b, events = board()
    b.contact("START", True, 10)
    assert events == [SwitchEdge(10, "START", True)]
    b.contact("START", False, 20)
    b.contact("START", True, 30)
    assert b.poll(10 + WINDOW_NS) == 10 + STUCK_NS
    assert len(events) == 1


def test_a_short_tap_is_released_when_its_window_ends():
    b, events = board()
    b.contact("STOP", True, 0)
    b.contact("STOP", False, 7)
    assert b.poll(8) == WINDOW_NS
    b.poll(WINDOW_NS)
    assert events == [SwitchEdge(0, "STOP", True), SwitchEdge(7, "STOP", False)]
    assert b.poll(STUCK_NS * 2) is None


def test_a_stuck_switch_is_reported_once_and_well_again_when_it_opens():
    b, events = board()
    b.contact("START", True, 0)
    b.poll(WINDOW_NS)
    b.poll(STUCK_NS - 1)
    assert not [e for e in events if isinstance(e, Fault)]
    assert b.poll(STUCK_NS) is None
    b.poll(STUCK_NS + S)
    faults = [e for e in events if isinstance(e, Fault)]
    assert [(f.ns, f.device) for f in faults] == [(STUCK_NS, "START")]
    assert faults[0].text.startswith("START stuck")
    b.contact("START", False, STUCK_NS + 2 * S)
    assert events[-2:] == [SwitchEdge(STUCK_NS + 2 * S, "START", False), Fault(STUCK_NS + 2 * S, "START", "")]


def test_a_pulled_pedal_lets_go_of_everything():
    b, events = board()
    b.contact("START", True, 0)
    b.contact("STOP", True, 1)
    b.contact("STOP", False, S)
    b.release_all(2 * S)
    assert events[-1] == SwitchEdge(2 * S, "START", False)
    assert sum(not e.down for e in events) == 2


def test_a_switch_down_at_power_on_makes_no_press():
    b, events = board(down=frozenset({"START"}))
    b.contact("START", True, S)
    assert events == []
    b.contact("START", False, 2 * S)
    assert events == [SwitchEdge(2 * S, "START", False)]
