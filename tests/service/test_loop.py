"""The loop in real time: bytes leave at their moments, never before, however early they were made ready."""

import pytest

from sideman.jam.conductor import LATE_EVENT_NS, Conductor
from sideman.jam.core import Ports
from sideman.jam.events import Shutdown, SwitchEdge
from sideman.jam.options import Options
from sideman.service import loop, realtime
from sideman.sim.front import CapturedFront
from sideman.sim.ports import FakeMidiOut


class Nothing:
    def write(self, record):
        pass

    def ask(self, ask):
        pass


@pytest.mark.parametrize("fifo", [True, False])
def test_no_byte_leaves_before_its_moment(monkeypatch, fifo):
    monkeypatch.setattr(realtime, "under_fifo", lambda: fifo)
    clock = loop.MonotonicClock()
    out = FakeMidiOut()
    conductor = Conductor(Options(), Ports(clock, out, CapturedFront(), Nothing(), Nothing()), clock.now())
    out.sent.clear()
    start = clock.now() + 20_000_000
    conductor.jam.timeline.anchor(start, 100, conductor.jam.meter)
    line = conductor.jam.timeline
    for tick in range(0, 480, 8):  # closer together than the loop wakes ahead: 5 ms, and pairs at one moment
        for pitch in (40, 41):
            conductor.jam.push(line.ns(tick), 4, "on", (tick, "chords", pitch, 90, 4))
    conductor.post(Shutdown(line.ns(520)))
    loop.Loop().run(conductor)
    ons = [(ns, data) for ns, data in out.sent if data[0] & 0xF0 == 0x90]
    assert len(ons) == 120
    for i, (ns, _) in enumerate(ons):
        assert ns >= line.ns(8 * (i // 2))
    assert min(conductor.jam.lateness) >= 0
    assert out.hung() == set()


def test_the_class_of_the_thread_is_seen():
    assert realtime.under_fifo() is False
    if realtime.ask_for_fifo(10) == "":
        try:
            assert realtime.under_fifo() is True
        finally:
            realtime.leave_fifo()
    assert realtime.under_fifo() is False


def test_the_loop_stays_awake_for_less_than_an_event_may_be_behind():
    assert loop.EARLY_NS < LATE_EVENT_NS


def test_what_led_to_a_crash_is_logged():
    written = []

    class Journal:
        def write(self, record):
            written.append(record)

    clock = loop.MonotonicClock()
    ports = Ports(clock, FakeMidiOut(), CapturedFront(), Nothing(), Journal())
    conductor = Conductor(Options(), ports, clock.now())
    conductor.feet.edge = lambda _event: 1 / 0
    press = SwitchEdge(clock.now(), "START", down=True)
    conductor.post(press)
    with pytest.raises(ZeroDivisionError):
        loop.Loop().run(conductor)
    assert [record["in"] for record in written if "in" in record] == [press]
