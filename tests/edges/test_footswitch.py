"""Footswitches on mock pins."""

import time

import pytest
from jack_world import until

from sideman.edges.footswitch import Footswitches
from sideman.jam.events import Fault, SwitchEdge
from sideman.sim.pins import FakePins

LINES = {"START": 17, "STOP": 27, "PLAY": 22, "TAP": -1}


@pytest.fixture
def pins():
    pytest.importorskip("gpiozero")
    made = FakePins(LINES)
    yield made
    made.close()


def test_presses_and_releases_come_with_their_moment(pins):
    events = []
    feet = Footswitches(events.append, LINES, factory=pins.factory)
    assert feet.switches == ("START", "STOP", "PLAY")
    feet.start()
    for switch in feet.switches:
        before = time.monotonic_ns()
        pins.press(switch)
        assert before <= events[-1].ns <= time.monotonic_ns()
        assert events[-1] == SwitchEdge(events[-1].ns, switch, True)
        pins.release(switch)
        until(lambda switch=switch: events[-1] == SwitchEdge(events[-1].ns, switch, False))
    feet.close()


def test_bounces_settle_by_the_helper_thread(pins):
    events = []
    feet = Footswitches(events.append, LINES, factory=pins.factory)
    feet.start()
    for _ in range(4):
        pins.press("PLAY")
        pins.release("PLAY")
    until(lambda: len(events) == 2)
    assert [e.down for e in events] == [True, False]
    feet.close()


def test_a_line_in_use_is_one_fault_and_the_others_work(pins):
    import gpiozero

    taken = gpiozero.LED(27, pin_factory=pins.factory)
    events = []
    feet = Footswitches(events.append, LINES, factory=pins.factory)
    assert feet.switches == ("START", "PLAY")
    [fault] = events
    assert isinstance(fault, Fault)
    assert fault.text.startswith("STOP cannot be read on GPIO 27")
    pins.press("PLAY")
    assert events[-1].switch == "PLAY"
    feet.close()
    taken.close()
