"""A real Raspberry Pi with six jumpers between its own lines, as ``hardware/pins.toml`` names them in ``[loopback]``.

Nobody has run this file yet: it was written from the guest's rig and from the wiring, without a Pi at hand.

The tests run on the Pi itself, as root, with the box installed. The instrument is the same USB gadget as in the guest, on
the kernel's software host (``dummy_hcd``), so that no second computer is needed. The display cannot be read back.
"""

import importlib
import os
import sys
import tomllib
from pathlib import Path

import pytest

from tests.hil.rig_inside import InsideRig

REPOSITORY = Path(__file__).parents[2]
PINS = REPOSITORY / "hardware" / "pins.toml"
MODEL = Path("/proc/device-tree/model")
HIGH_OPEN, LOW_CLOSED = 1, 0
CONSUMES = {17: "start", 27: "stop", 22: "play", 5: "red", 6: "amber", 13: "green"}


def unfit():
    """Why this machine is not the wired Pi, or an empty text."""
    try:
        model = MODEL.read_text(encoding="ascii", errors="replace").strip("\0")
    except OSError:
        model = ""
    if "Raspberry Pi" not in model:
        return f"this is no Raspberry Pi ({model or 'it has no device tree'})"
    if os.getuid() != 0:
        return "it takes root: devices come and go, and the service is started and stopped"
    if not Path("/etc/systemd/system/sideman.service").exists():
        return "the box is not installed here: see the README"
    return ""


class PiRig(InsideRig):
    """The Pi under the tests."""

    place = "pi"
    can = frozenset({"systemd", "gpio", "usb_pedal", "disk", "kill", "figures", "boot"})

    def __init__(self):
        super().__init__()
        if why := unfit():
            pytest.skip(f"SIDEMAN_HIL=pi: {why}. Wire one as hardware/ says, or run SIDEMAN_HIL=guest.")
        sys.path.insert(0, str(Path(__file__).parent))
        self._inside = importlib.import_module("inside")
        self._kept = self._inside.read(self._inside.SETTINGS) if self._inside.SETTINGS.exists() else None
        self._far = tomllib.loads(PINS.read_text(encoding="utf-8"))["loopback"]
        self._chip = None
        self._inside.make_pins = self._wire
        self._inside.contacts = self._contacts
        self._inside.lamps = self._lamps
        self.booted = self.ask("boot_report")

    def ask(self, name, *args, limit_s=None):
        del limit_s
        return getattr(self._inside, name)(*args)

    def _wire(self):
        import lgpio

        if self._chip is None:
            self._chip = lgpio.gpiochip_open(0)
            for name in ("start", "stop", "play"):
                lgpio.gpio_claim_output(self._chip, self._far[name], HIGH_OPEN)
            for name in ("red", "amber", "green"):
                lgpio.gpio_claim_input(self._chip, self._far[name])

    def _contacts(self, line, times):
        import lgpio

        far = self._far[CONSUMES[line]]
        return self._inside.timed(
            times, lambda closed: lgpio.gpio_write(self._chip, far, LOW_CLOSED if closed else HIGH_OPEN)
        )

    def _lamps(self, lines):
        import lgpio

        return [lgpio.gpio_read(self._chip, self._far[CONSUMES[line]]) for line in lines]

    def close(self):
        self.ask("leave", self._kept)
