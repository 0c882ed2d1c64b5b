"""LED patterns: all differ, beats fall on the beat, and the thread shows the newest status."""

from itertools import combinations
from typing import get_args

import pytest
from jack_world import until

from sideman.edges.leds import Leds
from sideman.edges.light_patterns import MS, Pulse, level
from sideman.jam.cues import Light, NoteSounds, Status
from sideman.jam.events import Fault
from sideman.sim.pins import FakePins

LIGHTS = get_args(Light)
LINES = (5, 6, 13)


def picture(light, pulse, since=0, step=10 * MS):
    return tuple(level(light, ns, since, pulse)[0] for ns in range(0, 4000 * MS, step))


@pytest.mark.parametrize("bpm", [0, 30, 60, 100, 120, 177, 300])
def test_no_two_behaviours_look_alike_over_four_seconds(bpm):
    pulse = Pulse(0, round(60e9 / bpm) if bpm else 0, 0.0)
    pictures = {light: picture(light, pulse) for light in LIGHTS}
    for a, b in combinations(LIGHTS, 2):
        differ = sum(x != y for x, y in zip(pictures[a], pictures[b], strict=True)) * 10
        assert differ >= 200, f"{a} and {b} differ for only {differ} ms"


@pytest.mark.parametrize("light", LIGHTS)
def test_nothing_changes_before_it_is_said_to(light):
    pulse = Pulse(70 * MS, 431 * MS, 0.3)
    ns, end = 0, 3000 * MS
    while ns < end:
        bright, until_ns = level(light, ns, 0, pulse)
        assert 0 <= bright <= 1
        if until_ns is None:
            assert len(set(picture(light, pulse))) == 1
            return
        assert until_ns > ns
        assert level(light, until_ns - 1, 0, pulse)[0] == bright
        ns = until_ns


def test_the_beat_flashes_at_each_quarter():
    pulse = Pulse(ns=1000, quarter_ns=500 * MS, phase=0.5)
    start = 1000 - 250 * MS
    for beat in range(-3, 5):
        at = start + beat * 500 * MS
        assert level("beat", at - 1, 0, pulse)[0] == 0.0
        assert level("beat", at, 0, pulse)[0] == 1.0


def test_two_blinks_start_at_once():
    shown = [level("twice", since + ms * MS, since, Pulse())[0] for since in (123,) for ms in (0, 200, 350, 500, 1900)]
    assert shown == [1.0, 0.0, 1.0, 0.0, 0.0]


def status(*leds, **more):
    return Status(ns=0, state="IDLE", ear="off", band="none", mode="trade", shown="READY", leds=leds, **more)


@pytest.fixture
def pins():
    pytest.importorskip("gpiozero")
    made = FakePins()
    yield made
    made.close()


def test_the_newest_status_is_shown_and_closing_is_dark(pins):
    events = []
    leds = Leds(events.append, LINES, pins.factory)
    leds.start()
    leds.show(NoteSounds(0, "bass", 1, 40, 90))
    leds.show(status("on", "off", "off"))
    leds.show(status("off", "dim", "on"))
    until(lambda: [pins.brightness(line) for line in LINES] == [0.0, 0.15, 1.0])
    leds.show(status("fast", "off", "off"))
    until(lambda: pins.brightness(5) == 1.0)
    until(lambda: pins.brightness(5) == 0.0)
    leds.close()
    assert events == []


def test_steps_by_hand(pins):
    leds = Leds([].append, LINES, pins.factory)
    leds.show(status("blink", "beat", "on", quarter_ns=500 * MS))
    assert leds.step(0) == 100 * MS
    assert [pins.brightness(line) for line in LINES] == [1, 1, 1]
    assert leds.step(100 * MS) == 500 * MS
    assert [pins.brightness(line) for line in LINES] == [1, 0, 1]
    assert leds.step(600 * MS) == 1000 * MS
    assert [pins.brightness(line) for line in LINES] == [0, 0, 1]
    leds.close()


def test_an_led_that_cannot_be_had_is_a_fault_and_the_others_shine(pins):
    import gpiozero

    taken = gpiozero.Button(6, pin_factory=pins.factory)
    events = []
    leds = Leds(events.append, LINES, pins.factory)
    assert isinstance(events[0], Fault)
    assert "amber LED on GPIO 6" in events[0].text
    leds.show(status("on", "on", "on"))
    leds.step(0)
    assert pins.brightness(13) == 1.0
    leds.close()
    taken.close()
