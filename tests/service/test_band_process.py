"""The band as a real process: up, answering, killed, back again, gone."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from queue import Queue

import pytest

from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Phrase
from sideman.jam.events import BandChanged, PlanReady
from sideman.music.meter import Meter
from sideman.music.notes import Note
from sideman.service.band_process import BandProcess

PATIENCE_S = 60
PHRASE = Phrase(tuple(Note(960 * i, 700, 60 + i % 5 * 2, 90) for i in range(16)), 4, Meter(), 100.0)
TRADE = Ask(
    id=1, seed=5, epoch=1, mode="trade", meter=Meter(), bpm=100.0, frame=-1, start=0, end=32, form_frames=64,
    phrase=PHRASE, solo=True,
)  # fmt: skip


def music(plan):
    return replace(plan, model_ms=())


@pytest.fixture
def events():
    return Queue()


@pytest.fixture
def band(events, tmp_path):
    process = BandProcess(events.put, tmp_path)
    process.start()
    yield process
    process.stop()
    assert process.pid is None


def wait_for(events, kind):
    while True:
        event = events.get(timeout=PATIENCE_S)
        if isinstance(event, kind):
            return event


def test_asked_killed_and_asked_again(band, events, tmp_path):
    up = wait_for(events, BandChanged)
    assert up.up
    assert {family for family, _ in up.models} == {"chords", "drums", "melody"}
    band.ask(TRADE)
    plan = wait_for(events, PlanReady).plan
    assert music(plan) == music(Ensemble(tmp_path).answer(TRADE))

    os.kill(band.pid, signal.SIGKILL)
    down = wait_for(events, BandChanged)
    assert not down.up
    assert "signal 9" in down.why
    assert wait_for(events, BandChanged).up
    band.ask(replace(TRADE, id=7))
    again = wait_for(events, PlanReady).plan
    assert again.ask == 7
    assert again.notes == plan.notes


def test_a_band_that_hangs_is_replaced(events, tmp_path):
    process = BandProcess(events.put, tmp_path, answer_s=0.5)
    process.start()
    try:
        assert wait_for(events, BandChanged).up
        os.kill(process.pid, signal.SIGSTOP)
        process.ask(TRADE)
        down = wait_for(events, BandChanged)
        assert "unanswered" in down.why
        assert wait_for(events, BandChanged).up
    finally:
        process.stop()


def test_interrupts_are_not_for_the_band(band, events):
    assert wait_for(events, BandChanged).up
    os.kill(band.pid, signal.SIGINT)
    os.kill(band.pid, signal.SIGTERM)
    band.ask(TRADE)
    assert wait_for(events, PlanReady).plan.ask == TRADE.id


def test_stopping_is_quick_and_silent(events, tmp_path):
    process = BandProcess(events.put, tmp_path)
    process.start()
    assert wait_for(events, BandChanged).up
    process.ask(TRADE)
    process.stop()
    assert process.pid is None
    while not events.empty():
        assert isinstance(events.get(), PlanReady)


def test_the_band_ends_when_its_service_does(tmp_path):
    code = (
        "import sys, time\n"
        "from queue import Queue\n"
        "from pathlib import Path\n"
        "from sideman.service.band_process import BandProcess\n"
        "q = Queue()\n"
        "band = BandProcess(q.put, Path(sys.argv[1]))\n"
        "band.start()\n"
        "assert q.get(timeout=60).up\n"
        "print(band.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as service:
        pid = int(service.stdout.readline())
        service.kill()
    deadline = time.monotonic() + PATIENCE_S
    while _alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_pipe_closed_while_it_is_written_to_loses_that_ask_alone(events, tmp_path):
    """Python's connections then write to no handle at all: a TypeError, which must not end the sender."""
    process = BandProcess(events.put, tmp_path)

    class Closing:
        def __init__(self, fails):
            self.sent, self.fails, self.closed = [], fails, fails

        def send(self, ask):
            if self.fails:
                raise TypeError("'NoneType' object cannot be interpreted as an integer")
            self.sent.append(ask)

        def close(self):
            pass

    process._pipe = Closing(fails=True)
    process._sender.start()
    process.ask("forget")
    until = time.monotonic() + 5
    while not process._asks.empty() and time.monotonic() < until:
        time.sleep(0.01)
    process._pipe = other = Closing(fails=False)
    process.ask("forget")
    while not other.sent and time.monotonic() < until:
        time.sleep(0.01)
    assert other.sent == ["forget"]
    process.stop()


def _alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
