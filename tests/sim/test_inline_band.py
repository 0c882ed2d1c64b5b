"""The band in the caller's process: its answers come when they are told to."""

from sideman.band.messages import Ask
from sideman.jam.events import BandChanged, PlanReady
from sideman.music.meter import Meter
from sideman.sim.band import InlineBand
from sideman.sim.clock import ManualClock

ASK = Ask(id=4, seed=1, epoch=1, mode="trade", meter=Meter(), bpm=100.0, frame=0, start=1, end=17)


def test_answers_come_after_the_latency(tmp_path):
    posted, clock = [], ManualClock(1_000)
    band = InlineBand(posted.append, clock.now, 5_000, tmp_path)
    band.start()
    band.ask(ASK)
    up, ready = posted
    assert isinstance(up, BandChanged)
    assert up.up
    assert isinstance(ready, PlanReady)
    assert (ready.ns, ready.plan.ask) == (6_000, 4)


def test_a_silent_band_never_answers(tmp_path):
    posted = []
    band = InlineBand(posted.append, ManualClock().now, None, tmp_path)
    band.ask(ASK)
    assert posted == []


def test_a_dead_band_says_so_once_and_comes_back(tmp_path):
    posted = []
    band = InlineBand(posted.append, ManualClock().now, 0, tmp_path)
    band.die("no power")
    band.ask(ASK)
    band.revive()
    band.ask(ASK)
    down, up, ready = posted
    assert (down.up, down.why, up.up) == (False, "no power", True)
    assert ready.plan.ask == 4
