"""What may be missing, full, read-only or broken: each is shown, none is fatal."""

import pytest

PINS = {"pins": {"on": True}}


def plays(rig):
    rig.plugged()
    rig.jam()
    rig.press("STOP")


@pytest.mark.parametrize(("how", "words"), [("full", "takes"), ("read-only", "takes")])
def test_a_disk_that_takes_nothing(rig, how, words):
    rig.need("disk")
    rig.disk(how)
    rig.start(PINS)
    plays(rig)
    rig.fault(words)


def test_a_disk_that_fills_up_in_a_jam_and_is_emptied(rig):
    rig.need("disk")
    rig.disk("well")
    rig.start(PINS)
    rig.plugged()
    rig.jam()
    since = rig.now()
    rig.disk("full")
    rig.goes_on(30)
    rig.fault("takes", since)
    since = rig.now()
    rig.disk("well")
    rig.goes_on(30)
    rig.shown("/sideman/health", since=since, faults="")


def test_no_display_no_pins_no_pedal(rig):
    if "display" in rig.can:
        rig.display(answers=False)
    rig.start({"pins": {"on": False}, "pedal": {"usb": False}, "oled": {"on": "display" in rig.can}})
    if "display" in rig.can:
        rig.fault("oled")
    rig.shown("/sideman/state", state="IDLE")


def test_broken_settings(rig):
    rig.start({**PINS, "broken": "\n[jam]\nmode = "})
    rig.until(lambda: "settings" in rig.status(), "the status says so")
    if "systemd" in rig.can:  # the defaults send OSC to a port that is the rig's in a machine of its own only
        plays(rig)


@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_a_model_that_is_missing_or_corrupt(rig, how):
    folder, family = rig.models(how)
    rig.start({**PINS, "band": {"models_folder": folder}})
    rig.fault(f"model {family}")
    plays(rig)
