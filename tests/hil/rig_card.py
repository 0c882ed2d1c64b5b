"""The SD card's own image, started on an emulated ARM machine: ``-M virt``, or the nearest to a Pi that QEMU has.

The emulator loads the kernel itself, from the card's boot partition and with its command line. What a Raspberry Pi's
firmware does before that is not exercised. Nothing is changed on the card but that the agent's file lies on the settings'
partition; a unit that runs it comes from outside, as one of systemd's credentials.
"""

import base64
import os
import subprocess
from pathlib import Path

import pytest

from sideman.service.card import extents, read_layout
from tests.hil.rig_line import LineRig

IMAGE = Path(__file__).parents[2] / "image"
AGENT = IMAGE / "guest" / "overlay" / "usr" / "lib" / "sideman-rig" / "agent.py"
SIZE = 4 << 30
"""A card larger than the image, as all are; an SD card's size is a power of two."""
UNIT = """[Unit]
After=sideman.service
RequiresMountsFor=/boot/sideman
[Service]
ExecStart=/usr/bin/python3 /boot/sideman/agent.py /dev/{line}
"""
MACHINES = {
    "virt": ("ttyS0", "console=ttyAMA0", ("-cpu", "cortex-a72", "-m", "1024", "-nodefaults")),
    "raspi3b": ("ttyS1", "console=ttyAMA0 module_blacklist=bcm2835_wdt", ("-dtb", "bcm2837-rpi-3-b.dtb")),
}
"""Of each machine: the tty of the agent's line, words for the kernel, words for the emulator. QEMU's watchdog of the Pi
does not count: set, it restarts the board at once, so that this one goes without."""


def named():
    """The image that SIDEMAN_CARD names; skips where none is named."""
    given = os.environ.get("SIDEMAN_CARD", "")
    if not given:
        pytest.skip("SIDEMAN_HIL=card wants an image: make image-boot names the one that make image has built")
    return Path(given)


class CardRig(LineRig):
    """The card in an emulated machine; ``more`` are words for its kernel."""

    place = "card"
    can = frozenset({"systemd", "usb_pedal", "disk", "kill", "figures", "boot", "card"})
    patience_s = 120.0

    def __init__(self, image, machine="virt", more=()):
        self._image, self.machine, self._more = image, machine, more
        super().__init__()
        self.ask("must", "mount -o remount,rw /boot/sideman")  # where the settings lie, which each test writes

    def emulator(self, line):
        layout, card = read_layout(IMAGE / "layout.toml"), self.work / "card.img"
        places = extents(layout)
        with subprocess.Popen(["xz", "-dcf", self._image], stdout=subprocess.PIPE) as unpack:
            subprocess.run(["cp", "--sparse=always", "/dev/stdin", card], stdin=unpack.stdout, check=True)
        assert unpack.returncode == 0, "the image cannot be unpacked"
        os.truncate(card, SIZE)
        selector, boot = (f"{card}@@{places[layout.named(name).number].start}" for name in ("selector", "boot-a"))
        subprocess.run(["mcopy", "-i", selector, AGENT, "::agent.py"], check=True)
        tty, words, machine = MACHINES[self.machine]
        for name in ("vmlinuz", "initrd.img", "cmdline.txt", *(word for word in machine if word.endswith(".dtb"))):
            subprocess.run(["mcopy", "-n", "-i", boot, f"::{name}", self.work / name], check=True)
        unit = base64.b64encode(UNIT.format(line=tty).encode()).decode()
        told = (
            (self.work / "cmdline.txt").read_text(encoding="ascii").strip(),
            words,
            f"systemd.set_credential_binary=systemd.extra-unit.rig.service:{unit}",
            "systemd.wants=rig.service",
            *self._more,
        )
        return [
            "qemu-system-aarch64", "-M", self.machine, "-accel", "tcg", "-icount", "shift=0,align=off,sleep=on",
            "-display", "none", "-no-reboot",
            *(self.work / word if word.endswith(".dtb") else word for word in machine),
            "-kernel", self.work / "vmlinuz", "-initrd", self.work / "initrd.img", "-append", " ".join(told),
            "-drive", f"file={card},format=raw,if={'virtio' if self.machine == 'virt' else 'sd'},cache=unsafe",
            "-chardev", f"socket,path={line},server=on,wait=off,id=line",
            *self._ends(),
        ]  # fmt: skip

    def without_data(self):
        """What the service is after a start at which the partition with takes and state cannot be had."""
        other = CardRig(self._image, self.machine, ("systemd.mask=data.mount",))
        try:
            return other.ask("must", "systemctl show -P ActiveState sideman.service").strip()
        finally:
            other.close()

    def _ends(self):
        """Where console and line are plugged in."""
        if self.machine == "virt":
            return ["-serial", f"file:{self.console}", "-device", "pci-serial,chardev=line"]
        return ["-monitor", "none", "-serial", f"file:{self.console}", "-serial", "chardev:line"]
