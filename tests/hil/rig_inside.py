"""A box with a system of its own under it: the guest's and the Pi's rig, by the functions of ``inside.py``."""

from abc import abstractmethod

import pytest

from tests.hil.rig import BASE, KEYS, LINES, Picture, Rig, merged, toml

HERE = {
    "osc": {"targets": ["127.0.0.1:9000"], "ofx_targets": []},
    "midi": {"output": "Rig Ears", "virtual": False, "ignore": ["Midi Through", "Timer", "Announce", "f_midi"]},
}
"""The gadget's own end of the cable is a port, too, on the same system: the box shall leave it alone."""


class InsideRig(Rig):
    """Asks the functions of ``inside.py``, wherever they run."""

    def __init__(self, **environment):
        self._environment = environment
        self._begun = 0.0
        self._has_pedal = False

    @abstractmethod
    def ask(self, name, *args, limit_s=None):
        """Call a function of ``inside.py``."""

    def start(self, settings=None):
        settings = merged(BASE, HERE, settings)
        if settings["pins"].get("on", True):
            self.ask("make_pins")
        if settings["oled"].get("on", True):
            self.ask("plug_display")
        if settings["pedal"].get("usb", True) and not self._has_pedal:
            self.plug_pedal()
        broken = settings.pop("broken", "")
        told = self.ask("start", toml(settings) + broken, self._environment)
        self._begun = told["since"]
        if told["ActiveState"] != "active":
            pytest.fail(f"the service did not start: {told} {self.journal()[-2000:]}")
        return told["ready_s"]

    def stop(self):
        return self.ask("stop")["stop_s"]

    def unit(self):
        """What systemd says of the service."""
        return self.ask("unit")

    def status(self):
        return self.unit()["StatusText"]

    def journal(self):
        return self.ask("journal", self.now() - self._begun + 1)

    def kill(self, role, number):
        self.ask("kill", role, int(number))

    def figures(self):
        return self.ask("figures")

    def now(self):
        return self.ask("now")

    def plug(self):
        return self.ask("plug")

    def unplug(self):
        return self.ask("unplug")

    def play(self, notes):
        return self.ask("play", list(notes))

    def plug_and_hear(self, pitch, limit_s):
        return self.ask("plug_and_hear", pitch, limit_s)

    def plug_cycles(self, count):
        return self.ask("plug_cycles", count, "", self.patience_s, limit_s=60 * count + 900)

    def heard(self, after=0):
        return [(moment, bytes(data)) for moment, data in self.ask("heard", after)]

    def contacts(self, by, switch, times):
        if by == "gpio":
            return self.ask("contacts", LINES[switch], list(times))
        return self.ask("pedal_contacts", KEYS[switch], list(times))

    def plug_pedal(self):
        self._has_pedal = True
        return self.ask("plug_pedal")

    def unplug_pedal(self):
        self._has_pedal = False
        return self.ask("unplug_pedal")

    def said(self, after=0):
        return [tuple(each) for each in self.ask("said", after)]

    def wait(self, address, wanted, since, limit_s):
        return tuple(self.ask("shown", address, wanted, since, limit_s))

    def picture(self):
        told = self.ask("picture")
        return Picture(bytes.fromhex(told["memory"]), told["frames"])

    def display(self, *, answers=True, error=0):
        self.ask("display", answers, error)

    def disk(self, how):
        self.ask("disk", how)

    def models(self, how):
        return self.ask("models", how)

    def bench(self):
        """Put everything back as it was: service down, plug out, disk well, state forgotten."""
        self.ask("reset")
        self._has_pedal = False

    def boot_report(self):
        """What the boot left in systemd's books."""
        return self.ask("boot_report")
