"""USB pedals on pipes: keys, repeats, plugs, other people's keyboards."""

import builtins
import time

from jack_world import until

from sideman.edges import hid_pedal
from sideman.edges.hid_pedal import HidPedals
from sideman.jam.events import EffectAsked, Fault, SwitchEdge
from sideman.sim.hid import FakeHid


def rig(**options):
    hid, events = FakeHid(), []
    return hid, events, HidPedals(events.append, source=hid, **options)


def edges(events):
    return [(e.switch, e.down) for e in events if isinstance(e, SwitchEdge)]


def test_press_repeat_and_release():
    hid, events, pedals = rig(window_ns=0)
    pedal = hid.plug()
    pedals.rescan()
    assert pedal.grabbed
    assert pedals.pedals == ("FS2020U1IR",)
    for key, value in (("a", 1), ("a", 2), ("a", 2), ("a", 0), ("b", 1), ("b", 0), ("c", 1), ("x", 1), ("c", 0)):
        pedal.key(key, value)
    pedals.read(1.0)
    assert edges(events) == [(s, d) for s in ("START", "STOP", "PLAY") for d in (True, False)]
    pedals.close()


def test_keys_may_ask_for_effects():
    hid, events, pedals = rig(keys={"f14": "panic"})
    pedal = hid.plug(ids=(0x05F3, 0x00FF))
    pedals.rescan()
    pedal.key("f14", 1)
    pedal.key("f14", 0)
    pedals.read(1.0)
    assert [e.name for e in events if isinstance(e, EffectAsked)] == ["panic"]
    pedals.close()


def test_ordinary_keyboards_are_left_alone():
    hid, _, pedals = rig()
    keyboard = hid.plug("Keyboard", (0x046D, 0xC31C))
    pedals.rescan()
    pedals.rescan()
    assert not keyboard.grabbed
    assert pedals.pedals == ()
    pedals.close()


def test_a_pedal_in_use_elsewhere_is_said():
    hid, events, pedals = rig()
    hid.plug().busy = True
    pedals.rescan()
    pedals.rescan()
    [fault] = [e for e in events if isinstance(e, Fault)]
    assert "used by another program" in fault.text
    pedals.close()


def test_pulled_while_held_it_is_released_and_comes_back():
    hid, events, pedals = rig(window_ns=0)
    pedals.start()
    before = time.monotonic_ns()
    pedal = hid.plug()
    until(lambda: pedal.grabbed)
    pedal.key("a", 1)
    until(lambda: edges(events) == [("START", True)])
    assert before < events[-1].ns < time.monotonic_ns()
    hid.unplug(pedal)
    until(lambda: edges(events) == [("START", True), ("START", False)])
    until(lambda: [e.text for e in events if isinstance(e, Fault)][-1] == "FS2020U1IR was pulled out.")
    again = hid.plug()
    until(lambda: again.grabbed)
    again.key("c", 1)
    until(lambda: edges(events)[-1] == ("PLAY", True))
    pedals.close()


def test_without_evdev_one_sentence_says_so(monkeypatch):
    real = builtins.__import__

    def fail(name, *args, **kwargs):
        if name == "evdev":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)
    events = []
    pedals = HidPedals(events.append)
    pedals.start()
    pedals.rescan()
    pedals.close()
    assert [e.text for e in events] == ["No USB pedals: install python3-evdev to use one."]
    assert hid_pedal.PEDALS


def test_a_pedal_that_may_be_read_but_not_written_is_found(tmp_path):
    """The service's unit gives no more, and evdev's own list leaves such devices out."""

    class Evdev:
        class ecodes:  # noqa: N801 - evdev's name
            EV_KEY, KEY = 1, {}

        class InputDevice:
            info = type("Info", (), {"vendor": 0x1A86, "product": 0xE026})

            def __init__(self, path):
                self.name = path

        @staticmethod
        def list_devices():
            return []

    (tmp_path / "event0").touch()
    (tmp_path / "mouse0").touch()
    source = hid_pedal._Evdev(Evdev, tmp_path)
    (found,) = source.scan(frozenset())
    assert (found.path, found.ids) == (str(tmp_path / "event0"), (0x1A86, 0xE026))
    assert source.scan(frozenset({found.path})) == []
