"""The emulated guest: Debian's kernel and systemd under QEMU, with devices made of software (see ``image/guest``)."""

import os
from pathlib import Path

import pytest

from tests.hil.rig_line import LineRig

BOOT = Path(__file__).parents[2] / "image" / "guest" / "boot"


def built():
    """The folder of the guest that SIDEMAN_GUEST_DISK names, as ``tests/hil/run`` sets it; skips where it does not."""
    given = os.environ.get("SIDEMAN_GUEST_DISK", "")
    if not given:
        pytest.skip("SIDEMAN_HIL=guest wants a guest: make hil builds it and says where it lies")
    return Path(given)


class GuestRig(LineRig):
    """A guest, booted; ``words`` are for its kernel."""

    place = "guest"
    can = frozenset(
        {"systemd", "gpio", "usb_pedal", "display", "raw_output", "disk", "kill", "figures", "boot", "bare", "probe"}
    )
    patience_s = 40.0

    def __init__(self, folder, words=()):
        self._folder, self._words = folder, words
        super().__init__(GPIOZERO_PIN_FACTORY="rig")

    def emulator(self, line):
        return [BOOT, self._folder, line, self.console, *self._words]

    def bare(self):
        """What a boot of the same guest without the box left in systemd's books."""
        other = GuestRig(self._folder, ("systemd.mask=sideman.service",))
        other.close()
        return other.booted
