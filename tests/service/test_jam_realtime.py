"""A jam in real time, with the band in its own process, gives the notes of the same jam on the offline clock."""

import gc
import sys

import pytest

from sideman.service.demo import CLIPS
from sideman.service.jam_run import play_fast, play_realtime
from sideman.service.script import Script, ScriptPress
from sideman.service.settings import Settings

MIDI = CLIPS / "first_evening.mid"
TRADE = Script(
    start_s=0.5,
    presses=(
        ScriptPress("START", "", 0.2, 0.1),
        ScriptPress("STOP", "2.1", None, 0.1),  # one bar of 2.3 s
        ScriptPress("PLAY", "2.3", None, 0.1),
        ScriptPress("PLAY", "3.3", None, 0.1),
    ),
    end_s=8.5,
)


class Journal:
    def __init__(self):
        self.records = []

    def write(self, record):
        self.records.append(record)


@pytest.fixture
def as_before():
    """The clock's habits (no garbage collection, quick switches) end with the test."""
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()
    gc.enable()


def music(run):
    return [(n.part, n.pitch, n.on, n.velocity) for n in run.conductor.jam.recorder.band]


@pytest.mark.usefixtures("as_before")
def test_the_same_notes_in_real_time():
    settings = Settings().with_value("service.realtime_priority", "0")
    fast = play_fast(settings, TRADE, MIDI, Journal(), models=None)
    live = play_realtime(settings, TRADE, MIDI, Journal(), models=None)
    assert len(music(fast)) > 30
    if live.conductor.jam.late_plans or live.conductor.jam.late_events:
        pytest.skip("a plan or an event was late: this machine is too busy")
    assert music(live) == music(fast)
    assert not live.out.hung()
    states = [state for _, state in live.conductor.jam.recorder.spans]
    assert states == [state for _, state in fast.conductor.jam.recorder.spans]
    assert {"IDLE", "ARMED", "LISTENING", "COMMITTED", "PLAYING", "ENDING"} <= set(states)
