"""The running box on real MIDI ports: played, pedalled, its band killed, its instrument pulled, ended."""

import os
import signal
import time

import pytest
from box_kit import RunningBox, hung, until
from midi_world import Instruments, missing

from sideman.service.replay import replayed_bytes

SETTINGS = """
[midi]
output = "Synth"
map = [
  {kind = "cc", number = 80, effect = "START", port = "Pedal"},
  {kind = "cc", number = 81, effect = "STOP", port = "Pedal"},
  {kind = "program", number = 5, effect = "PLAY", port = "Pedal"},
]
[tempo]
mode = "fixed"
bpm = 240
"""
PRESS = {"START": (0xB0, 80, 127), "STOP": (0xB0, 81, 127), "PLAY": (0xC0, 5)}
STATE = "/sideman/state"


@pytest.fixture
def instruments():
    if why := missing():
        pytest.skip(why)
    made = Instruments()
    yield made
    made.close()


@pytest.fixture
def box(instruments, tmp_path):
    made = RunningBox(tmp_path, SETTINGS, **instruments.environ)
    yield made
    made.close()


def test_an_evening_on_real_ports(instruments, box):
    for name, side in (("Synth", "listens"), ("Keys", "plays"), ("Pedal", "plays")):
        instruments.do("plug", name, side)
    box.told("READY=1")

    def press(switch, state):
        instruments.play("Pedal", *PRESS[switch])
        box.now(STATE, state=state)
        time.sleep(0.15)

    def band():
        """Notes of the band so far; the player's channel is the first."""
        return sum(1 for data in instruments.of("Synth") if data[0] & 0xF0 == 0x90 and data[0] & 15)

    def goes_on():
        wanted = band() + 12
        until(lambda: band() >= wanted, lambda: f"{box.ears.last(STATE)} {box.errors.read_text()}")

    # both instruments must be connected before they are played
    until(lambda: "Pedal" in box.ears.last("/sideman/health").get("instrument", "") or box.ears.of(STATE))
    time.sleep(1.2)
    press("START", "ARMED")
    begun = time.monotonic()
    for i, pitch in enumerate((60, 64, 67, 72, 69, 64, 60, 57)):
        time.sleep(max(0, begun + i * 0.25 - time.monotonic()))
        instruments.play("Keys", 0x90, pitch, 90)
        time.sleep(0.15)
        instruments.play("Keys", 0x80, pitch, 0)
    time.sleep(max(0, begun + 2.0 - time.monotonic()))
    assert bytes((0x90, 60, 90)) in instruments.of("Synth"), "the player is heard at once"
    press("STOP", "COMMITTED")
    press("PLAY", "PLAYING")
    goes_on()

    [pid] = box.children("sideman.band.process")
    os.kill(pid, signal.SIGKILL)
    goes_on()
    until(lambda: box.children("sideman.band.process") not in ([], [pid]))
    goes_on()

    instruments.play("Keys", 0x90, 40, 90)
    until(lambda: bytes((0x90, 40, 90)) in instruments.of("Synth"))
    instruments.do("unplug", "Keys")
    until(lambda: bytes((0x80, 40, 0)) in instruments.of("Synth"), "the held note was not ended")
    box.seen(STATE, notice="UNPLUGGED")
    goes_on()
    box.now(STATE, state="PLAYING")

    assert box.stop(signal.SIGTERM) == 0
    heard = instruments.of("Synth")
    until(lambda: {d[0] & 15 for d in instruments.of("Synth")[-60:] if d[1:] == b"\x7b\x00"} == set(range(16)))
    assert hung(instruments.of("Synth")) == set()
    assert heard
    take, log = (box.state / "takes" / f"000001.{kind}" for kind in ("mid", "log"))
    assert take.read_bytes() == replayed_bytes(log)
    assert "Traceback" not in box.errors.read_text()
