"""What dies comes back, what ends ends in silence."""

import itertools
import signal

from tests.hil.rig import is_band_note


def test_a_jam_ends_in_silence_when_the_service_is_stopped(rig, budget):
    rig.start({"pins": {"on": True}})
    rig.plugged()
    rig.jam()
    rig.play([(0.0, (0x90, 72, 100))])
    since = rig.now()
    budget.says("stop_s", rig.stop())
    assert rig.hung() == set()
    last = [data for moment, data in rig.heard() if moment >= since]
    assert {data[0] & 15 for data in last if data[0] & 0xF0 == 0xB0 and data[1] == 123} == set(range(16))


def test_a_band_that_is_killed_leaves_the_music_going_and_comes_back(rig):
    rig.need("kill")
    rig.start({"pins": {"on": True}})
    rig.plugged()
    rig.jam()
    before = rig.figures()
    since = rig.now()
    rig.kill("band", signal.SIGKILL)
    rig.goes_on(20)
    rig.fault("band", since)
    rig.shown("/sideman/health", since=rig.now(), faults="")
    assert "band" in rig.figures()
    assert "band" in before
    moments = [moment for moment, data in rig.heard() if moment >= since and is_band_note(data)]
    longest = max(after - before for before, after in itertools.pairwise(moments))
    assert longest < 4.0, "two bars of 4/4 at 120 and no note of the band"


def test_a_hung_conductor_is_ended_by_the_watchdog_and_plays_again(rig, budget):
    rig.need("systemd", "kill")
    rig.start({"pins": {"on": True}})
    rig.plugged()
    rig.jam()
    restarts = int(rig.unit()["NRestarts"])
    since = rig.now()
    rig.kill("service", signal.SIGSTOP)
    budget.says("watchdog_s", rig.shown("/sideman/state", since=since + 2, state="COMMITTED") - since)
    assert int(rig.unit()["NRestarts"]) == restarts + 1
    rig.press("PLAY")
    rig.goes_on()
