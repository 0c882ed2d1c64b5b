"""The front process: what is shown arrives, the newest status wins, death and a full socket are survived."""

import os
import signal
import socket
import threading
import time

import pytest
from pythonosc.osc_packet import OscPacket

from sideman.edges import front_child
from sideman.edges.front import FrontOptions, FrontProcess
from sideman.edges.front_wire import packed, unpacked
from sideman.jam.cues import BeatCue, ControlSounds, NoteAhead, NoteSounds, PlanShown, StageCue
from sideman.service.pictures.examples import ALL, STATES
from sideman.sim.front import CapturedFront

ITEMS = [
    *ALL.values(),
    NoteAhead(5, "drums", 9, 36, 100, 7),
    NoteSounds(5, "drums", 9, 36, 0),
    ControlSounds(5, "player", 0, 64, 127),
    BeatCue(5, 3, 1),
    StageCue(5, "nod", 1.0),
    PlanShown(5, 64, ((64, 8, "A:min", True, 0.9),)),
]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_items_survive_the_wire(item):
    assert unpacked(packed(item)) == item


def test_both_fronts_are_ports():
    from sideman.jam.ports import Front

    captured = CapturedFront()
    fronts: list[Front] = [captured, FrontProcess(FrontOptions(oled=None, osc=None))]
    for front in fronts:
        front.show(STATES["idle"])
    fronts[1].close()
    assert captured.statuses == [STATES["idle"]]


def test_a_full_socket_drops_and_owes_the_newest_status():
    front = FrontProcess(FrontOptions(oled=None, osc=None))
    for _ in range(5000):
        front.show(NoteSounds(0, "bass", 1, 40, 1))
    assert front.dropped > 0
    front.show(STATES["armed"])
    items, alive = front_child.received(front._theirs)
    assert alive
    assert STATES["armed"] not in items
    front._flush()
    assert front_child.received(front._theirs)[0] == [STATES["armed"]]
    front.close()
    front.show(STATES["idle"])


class Taker:
    def __init__(self):
        self.seen = []

    def apply(self, status):
        self.seen.append(status)

    def close(self):
        self.seen.append("closed")


def test_child_shows_the_newest_status_and_ends_with_the_socket(monkeypatch):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    taker = Taker()
    monkeypatch.setattr(front_child, "import_module", lambda _: type("M", (), {"leds": staticmethod(lambda: taker)}))
    for name in ("idle", "armed", "committed"):
        ours.send(packed(STATES[name]))
    ours.send(b"rubbish")
    ours.close()
    front_child.run(theirs, {"oled": None, "osc": None, "leds": ("x:leds", {})})
    theirs.close()
    assert taker.seen == [STATES["committed"], "closed"]


def test_a_broken_device_leaves_the_others(monkeypatch, capfd):
    class Broken(Taker):
        def apply(self, status):
            raise OSError("pin gone")

    front = front_child.Front({"oled": None, "osc": None, "leds": ("no.such.module:leds", {})})
    good = Taker()
    front._takers = [Broken(), good]
    front.take([STATES["idle"]])
    front.close()
    assert good.seen == [STATES["idle"], "closed"]
    assert "pin gone" in capfd.readouterr().err


def _address(sock):
    return OscPacket(sock.recv(65536)).messages[0].message.address


def test_the_real_process_speaks_dies_and_comes_back():
    said, told = [], threading.Event()

    def report(device, text):
        said.append((device, text))
        if device == "oled":
            told.set()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        target = f"127.0.0.1:{receiver.getsockname()[1]}"
        front = FrontProcess(FrontOptions(oled={"bus": 31}, osc={"targets": (target,)}), report=report)
        front.start()
        front.show(STATES["armed"])
        assert _address(receiver) == "/sideman/state"
        first = front.pid
        assert first is not None
        assert os.getpriority(os.PRIO_PROCESS, first) >= front_child.NICE
        for _ in range(3):
            _address(receiver)
        assert told.wait(20)
        os.kill(first, signal.SIGKILL)
        assert _address(receiver) == "/sideman/state"
        second = front.pid
        assert second not in (None, first)
        front.close()
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)
    assert any(device == "oled" and text.startswith("no display") for device, text in said)
    assert any(device == "front" for device, _ in said)


def test_the_child_ends_when_the_service_is_gone():
    front = FrontProcess(FrontOptions(oled=None, osc=None))
    front.start()
    deadline = time.monotonic() + 20
    while front.pid is None and time.monotonic() < deadline:
        time.sleep(0.01)
    child = front._child
    front.close()
    assert child.returncode == 0
