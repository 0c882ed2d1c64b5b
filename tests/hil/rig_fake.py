"""The whole box in this process, on the stand-ins that ship with it; its band and front are real processes."""

import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import sideman_models
from sideman.edges.hid_pedal import HidPedals
from sideman.edges.oled import OledOptions, OledThread, Screen
from sideman.jam.cues import Status
from sideman.service.box import Box
from sideman.service.settings import load_or_defaults
from sideman.sim.hid import FakeHid
from sideman.sim.ports import FakeMidiWorld
from tests.hil.ear import Ear
from tests.hil.rig import BASE, KEYS, LINES, Picture, Rig, merged, toml

NAME = "Rig Keys"


class _Glass:
    """A display as the screen's opener gives it, which keeps its picture; it may be off the bus or fail."""

    def __init__(self):
        self.memory, self.frames = bytes(1024), 0
        self.answers, self.error = True, 0

    def open(self, _options):
        if not self.answers:
            raise OSError("I2C device not found")
        return self

    def display(self, image):
        if self.error or not self.answers:
            raise OSError(self.error, os.strerror(self.error))
        pixels = image.load()
        self.memory = bytes(
            sum(bool(pixels[x, page * 8 + bit]) << bit for bit in range(8)) for page in range(8) for x in range(128)
        )
        self.frames += 1

    def cleanup(self):
        """Nothing to let go of."""


class _Screens:
    """A front that draws on the glass in this process; the box's own draws in another."""

    def __init__(self, glass, report):
        self.thread = OledThread(Screen(OledOptions(), opener=glass.open, report=report))
        self.thread.start()

    def show(self, item):
        if isinstance(item, Status):
            self.thread.show(item)


class _Teller:
    """Stands in for systemd."""

    def __init__(self):
        self.is_ready, self.text = threading.Event(), ""

    def ready(self, status=""):
        self.text = status
        self.is_ready.set()

    def status(self, text):
        self.text = text


class FakeRig(Rig):
    """The box in a thread of the test's process."""

    place = "fake"
    can = frozenset({"gpio", "usb_pedal", "display", "kill"})

    def __init__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="sideman-rig-"))
        self._environment = dict(os.environ)
        self._lines, self._count = [], 0
        self._box = self._thread = None
        self._synth = self._keys = None
        self.bench()

    def bench(self):
        """Everything as new."""
        if self._box is not None:
            self.stop()
        if self._keys is not None:
            self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self._world, self._hid, self._glass = FakeMidiWorld(), FakeHid(), _Glass()
        self._synth = self._world.plug("Rig Ears", plays=False)
        self._pedal = None
        self._lines.clear()

    # the service --------------------------------------------------------------------------------------------

    def start(self, settings=None):
        settings = merged(BASE, {"midi": {"virtual": False}}, settings)
        self._ear = Ear()
        settings["osc"] = {"targets": [f"127.0.0.1:{self._ear.port}"], "ofx_targets": []}
        usb, oled = settings["pedal"].pop("usb", True), settings["oled"].pop("on", True)
        file = self._folder / "settings.toml"
        broken = settings.pop("broken", "")
        quiet = {"oled": {"on": False}, "pedal": {"usb": False}}
        file.write_text(toml(merged(settings, quiet)) + broken, encoding="utf-8")
        os.environ.update(
            STATE_DIRECTORY=str(self._folder / "state"),
            GPIOZERO_PIN_FACTORY="mock",
            GPIOZERO_MOCK_PIN_CLASS="mockpwmpin",
        )
        self._handler = _Keeping(self._lines)
        logging.getLogger().addHandler(self._handler)
        found = load_or_defaults(file)
        begun = time.monotonic()
        self._tell = _Teller()
        self._box = box = Box(found.settings, trouble=found.fault, tell=self._tell, opener=self._world.open)
        if usb:
            if self._pedal is None:
                self.plug_pedal()
            box.pedals = HidPedals(box.post, source=self._hid)
        self._screens = None
        if oled:
            self._screens = _Screens(self._glass, lambda text: box._trouble("oled", text))
            box.fronts._fronts = (*box.fronts._fronts, self._screens)
        self._thread = threading.Thread(target=box.run)
        self._thread.start()
        assert self._tell.is_ready.wait(self.patience_s), "it is not ready"
        return time.monotonic() - begun

    def stop(self):
        begun = time.monotonic()
        self._box.shutdown()
        self._thread.join(self.patience_s)
        assert not self._thread.is_alive()
        if self._screens:
            self._screens.thread.close()
        self._box = None
        self._ear.close()
        logging.getLogger().removeHandler(self._handler)
        from gpiozero import Device

        if Device.pin_factory is not None:
            Device.pin_factory.reset()
            Device.pin_factory = None
        os.environ.clear()
        os.environ.update(self._environment)
        return time.monotonic() - begun

    def status(self):
        return self._tell.text

    def journal(self):
        return "\n".join(self._lines)

    def kill(self, role, number):
        os.kill({"band": self._box.band.pid, "front": self._box.front.pid}[role], number)

    def figures(self):
        return {"band": self._box.band.pid, "front": self._box.front.pid, "ports": len(self._ears())}

    # the world ----------------------------------------------------------------------------------------------

    def now(self):
        return time.monotonic()

    def plug(self):
        moment = self.now()
        self._keys = self._world.plug(NAME, listens=False)
        return moment

    def unplug(self):
        moment = self.now()
        self._world.unplug(self._keys)
        self._keys = None
        return moment

    def play(self, notes):
        return self._timed(notes, lambda data: self._keys.play(bytes(data)))

    def _timed(self, steps, do):
        begun, told = self.now(), []
        for at, what in steps:
            time.sleep(max(0.0, begun + at - self.now()))
            do(what)
            told.append(self.now())
        return told

    def plug_and_hear(self, pitch, limit_s):
        before, begun = len(self._synth.received), self.plug()
        while self.now() < begun + limit_s:
            self._keys.play(bytes((0x90, pitch, 100)))
            self._keys.play(bytes((0x80, pitch, 0)))
            time.sleep(0.02)
            for moment, data in self._synth.received[before:]:
                if data[0] & 0xF0 == 0x90 and data[1] == pitch:
                    return moment / 1e9 - begun
        return None

    def plug_cycles(self, count):
        wrong = []
        for number in range(count):
            if self.plug_and_hear(60, self.patience_s) is None:
                wrong.append(f"{number}: not heard")
            moment, _ = self.wait("/sideman/health", {"instrument": ""}, self.unplug(), self.patience_s)
            if moment is None:
                wrong.append(f"{number}: not missed")
        return wrong

    def _ears(self):
        return [ear for each in self._world.instruments for ear in each.ears]

    def heard(self, after=0):
        return [(ns / 1e9, data) for ns, data in self._synth.received[after:]]

    def contacts(self, by, switch, times):
        if by == "usb":
            return self._timed(times, lambda closed: self._pedal.key(KEYS[switch].lower(), int(closed)))
        from gpiozero import Device

        pin = Device.pin_factory.pin(LINES[switch])
        return self._timed(times, lambda closed: pin.drive_low() if closed else pin.drive_high())

    def plug_pedal(self):
        self._pedal = self._hid.plug()
        return self.now()

    def unplug_pedal(self):
        moment = self.now()
        self._hid.unplug(self._pedal)
        return moment

    def said(self, after=0):
        return self._ear.said[after:]

    def wait(self, address, wanted, since, limit_s):
        return self._ear.shown(address, wanted, since, limit_s)

    def picture(self):
        return Picture(self._glass.memory, self._glass.frames)

    def display(self, *, answers=True, error=0):
        self._glass.answers, self._glass.error = answers, error

    def disk(self, how):
        self.need("disk")

    def models(self, how):
        folder = self._folder / "models"
        shutil.copytree(next(iter(sideman_models.__path__)), folder, ignore=shutil.ignore_patterns("__pycache__"))
        chosen = min(folder.glob("*.tflite"))
        if how == "missing":
            chosen.unlink()
        else:
            data = bytearray(chosen.read_bytes())
            data[len(data) // 3 : len(data) // 2] = hashlib.shake_128(b"rig").digest(len(data) // 2 - len(data) // 3)
            chosen.write_bytes(data)
        return str(folder), chosen.stem

    def close(self):
        shutil.rmtree(self._folder, ignore_errors=True)


class _Keeping(logging.Handler):
    def __init__(self, lines):
        super().__init__()
        self._lines = lines

    def emit(self, record):
        self._lines.append(record.getMessage())
