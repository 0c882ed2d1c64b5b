"""Presses by GPIO line and by USB pedal, with contacts that bounce: two hundred of two hundred."""

import pytest

PRESSES = {"fake": 60, "guest": 200, "card": 200, "pi": 200}
ROUND = (("START", "ARMED"), ("STOP", "IDLE"))
"""Two rows of the pedal table: from nothing, START listens and STOP goes back."""


@pytest.mark.parametrize("by", ["gpio", "usb"])
def test_every_press_is_one_press(rig, by):
    rig.need("gpio" if by == "gpio" else "usb_pedal")
    rig.start({"pins": {"on": by == "gpio"}, "pedal": {"usb": by == "usb"}})
    rig.wait_pedal(by)
    lost = []
    for number in range(PRESSES[rig.place]):
        switch, state = ROUND[number % 2]
        before = len(rig.said())
        since = rig.press(switch, by, bounces=number % 4)
        rig.state(state, since)
        others = [v["state"] for _, a, v in rig.said(before) if a == "/sideman/state" and v["state"] != state]
        # the state before may be said once more while the press is on its way; no other one, and never back
        if set(others) - {ROUND[1 - number % 2][1]}:
            lost.append((number, switch, others))
        rig.let(0.15)
    assert lost == []
    rig.shown("/sideman/state", since=rig.now(), state=ROUND[1][1])


@pytest.mark.parametrize("by", ["gpio", "usb"])
def test_a_jam_by_foot(rig, by):
    rig.need("gpio" if by == "gpio" else "usb_pedal")
    rig.start({"pins": {"on": by == "gpio"}, "pedal": {"usb": by == "usb"}})
    rig.plugged()
    rig.wait_pedal(by)
    rig.jam(by)
    since = rig.press("START", by, bounces=2)
    rig.state("LISTEN+PLAY", since)
    rig.let(0.6)
    since = rig.press("PLAY", by, bounces=2)
    rig.state("ENDING", since)
    rig.let(0.6)
    since = rig.press("STOP", by, bounces=2)
    rig.state("COMMITTED", since)
    held = rig.contacts(by, "STOP", [(0.0, True), (1.0, False)])
    rig.shown("/sideman/state", since=held[0], state="COMMITTED")
    rig.until(lambda: rig.hung() == set(), "silence")


def test_a_stuck_switch_is_told_and_the_others_work(rig):
    rig.start({"pins": {"on": True}, "pedal": {"usb": False, "stuck_s": 5.0}})
    since = rig.contacts("gpio", "PLAY", [(0.0, True)])[0]
    rig.fault("play", since)
    told = rig.now()
    rig.contacts("gpio", "PLAY", [(0.0, False)])
    rig.shown("/sideman/health", since=told, faults="")
    rig.state("IDLE", told)  # the long press had opened the menu, which closes by itself
    since = rig.press("START")
    rig.state("ARMED", since)


def test_a_pedal_pulled_out_is_told_and_works_when_it_is_back(rig):
    rig.need("usb_pedal")
    rig.start({"pedal": {"usb": True}})
    rig.wait_pedal("usb")
    since = rig.unplug_pedal()
    rig.fault("pulled out", since)
    since = rig.plug_pedal()
    rig.wait_pedal("usb")
    since = rig.press("START", "usb")
    rig.state("ARMED", since)
