"""A box in a file: a card that loses power, the firmware by its documented rule, and a system that is good or bad.

The Raspberry Pi's firmware itself is NOT exercised: it cannot run here. What stands in for it reads the same partition
table, the same FAT file systems and the same files by the rule of the documentation (config.txt, "autoboot.txt"; "fail
safe OS updates"): after a restart with the one-shot flag the [tryboot] section counts, and the flag is gone then.
"""

import functools
import hashlib
import io
import json
import lzma
import os
import random
import tarfile
from pathlib import Path

from tests.image.fat import Fat, volume

from sideman.service import slots, update
from sideman.service.card import SECTOR, disk_size, read_layout, read_table, table
from sideman.service.update_write import spare, write_update

LAYOUT = read_layout(Path(__file__).parents[2] / "image" / "layout.toml")
FAT_SIZE = 3 << 20
ROOT_SIZE = 1 << 20
LETTER = b"sideman.slot="


class PowerCut(Exception):  # noqa: N818 - an event, no error
    """The plug was pulled."""


class NoBoot(Exception):  # noqa: N818 - as above
    """The firmware or the kernel found nothing to start."""


class Card:
    """A card in a sparse file. What was not flushed when the power goes is there or not, sector by sector."""

    def __init__(self, path):
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT)
        os.ftruncate(self.handle, disk_size(LAYOUT))
        for at, sector in table(LAYOUT).items():
            os.pwrite(self.handle, sector, at)
        self.places = read_table(self.handle)
        self.written, self.cut_at, self._before, self.random = 0, None, {}, random.Random(0)

    def read(self, at, size):
        return os.pread(self.handle, size, at)

    def write(self, at, data):
        if self.cut_at is not None and self.written + len(data) > self.cut_at:
            part = (self.cut_at - self.written) // SECTOR * SECTOR
            self._put(at, data[:part])
            self._lose()
            raise PowerCut
        self._put(at, data)

    def flush(self):
        self._before.clear()

    def _put(self, at, data):
        assert at % SECTOR == 0
        for offset in range(0, len(data), SECTOR):
            self._before.setdefault(at + offset, self.read(at + offset, SECTOR))
        os.pwrite(self.handle, data, at)
        self.written += len(data)

    def _lose(self):
        lost = [at for at in sorted(self._before) if self.random.random() < 0.5]
        for at in lost:
            os.pwrite(self.handle, self._before[at], at)
        self._before.clear()

    def partition(self, number):
        return Part(self, self.places[number])


class Part:
    """One partition of the card: what the update writes to."""

    def __init__(self, card, place):
        self.card, self.place = card, place

    def write(self, at, data):
        assert at + len(data) <= self.place.size
        self.card.write(self.place.start + at, data)

    def flush(self):
        self.card.flush()

    def read(self, at, size):
        return self.card.read(self.place.start + at, size)


class CardSelector:
    """``autoboot.txt`` in place, without a mount."""

    def __init__(self, card):
        self.part = card.partition(1)

    def read(self):
        return Fat(self.part.read).read(slots.FILE)

    def write(self, data):
        assert len(data) == SECTOR
        self.part.write(Fat(self.part.read).place(slots.FILE), data)
        self.part.flush()


def autoboot(text, *, tryboot):
    """The boot partition by the documented rule; written apart from the program's own reader."""
    taken, applies = None, True
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            applies = line == "[all]" or (line == "[tryboot]" and tryboot)
        elif applies and line.startswith("boot_partition="):
            taken = int(line.removeprefix("boot_partition="))
    return taken


def firmware(card, *, tryboot):
    """Kernel, initramfs and command line that the firmware starts."""
    try:
        text = Fat(card.partition(1).read).read("autoboot.txt").decode("ascii")
        if "tryboot_a_b=1" not in text:
            tryboot = False
        fat = Fat(card.partition(autoboot(text, tryboot=tryboot)).read)
        config = dict(line.split("=", 1) for line in fat.read("config.txt").decode().splitlines() if "=" in line)
        initramfs = next(
            line.split()[1] for line in fat.read("config.txt").decode().splitlines() if line.startswith("initramfs ")
        )
        return fat.read(config["kernel"]), fat.read(initramfs), fat.read("cmdline.txt").decode()
    except (KeyError, ValueError, TypeError, StopIteration) as error:
        raise NoBoot(str(error)) from error


@functools.cache
def sealed(kind, version, health, size):
    """A file or an image that knows whether it is whole: stands for a kernel that starts, a root that mounts."""
    body = random.Random(f"{kind}{version}").randbytes(size - 128)
    head = json.dumps({"version": version, "health": health, "sum": hashlib.sha256(body).hexdigest()}).encode()
    return head.ljust(128, b" ")[:128] + body


def opened(data):
    """What is sealed in there; NoBoot when it is not whole."""
    try:
        head = json.loads(data[:128])
    except ValueError as error:
        raise NoBoot("damaged") from error
    if hashlib.sha256(data[128:]).hexdigest() != head["sum"]:
        raise NoBoot("damaged")
    return head["version"], head["health"]


def images(version, health, slot="a"):
    """The two images of a system. Health: ``good``, ``panic`` (the kernel dies) or ``mute`` (never READY)."""
    config = b"arm_64bit=1\nkernel=vmlinuz\ninitramfs initrd.img followkernel\n"
    boot = volume(
        {
            "config.txt": config,
            "cmdline.txt": b"console=tty1 ro panic=10 " + LETTER + slot.encode() + b"\n",
            "vmlinuz": sealed("kernel", version, health, 300_000),
            "initrd.img": sealed("initrd", version, health, 200_000),
        },
        FAT_SIZE,
    )
    return {"root": sealed("root", version, health, ROOT_SIZE), "boot": boot}


def update_file(path, version, health="good", spoil=lambda manifest, packed: None):
    """An update file as the builder makes it."""
    manifest = {"schema": 1, "machine": "sideman-arm64", "version": version, "images": []}
    packed = {}
    for name in ("root", "boot"):
        by_slot = {slot: images(version, health, slot)[name] for slot in "ab"}
        letters = [by_slot["a"].index(LETTER) + len(LETTER)] if name == "boot" else []
        sums = {slot: hashlib.sha256(data).hexdigest() for slot, data in by_slot.items()}
        packed[f"{name}.img.xz"] = lzma.compress(by_slot["a"], preset=0)
        manifest["images"].append(
            {"name": name, "file": f"{name}.img.xz", "size": len(by_slot["a"]), "sha256": sums, "letters": letters}
        )
    spoil(manifest, packed)
    with tarfile.open(path, "w") as tar:
        for name, data in {"manifest.json": json.dumps(manifest).encode(), **packed}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


class Box:
    """A box with version 1 in slot a."""

    def __init__(self, folder):
        self.card = Card(folder / "card.img")
        self.note = folder / "data" / "update.json"
        self.selector = CardSelector(self.card)
        self.card.partition(1).write(0, volume({"autoboot.txt": slots.render(LAYOUT, "a")}, FAT_SIZE))
        for name, data in images("1", "good").items():
            self.card.partition(getattr(LAYOUT.slot("a"), name)).write(0, data)
        self.card.flush()
        self.card.written = 0
        self.cmdline, self.version, self.flag, self.starts = "", "", False, 0

    def power_on(self):
        """Start, and again by itself after a trial that failed; returns the version that plays in the end."""
        self.card.cut_at = None
        for _ in range(3):
            flag, self.flag = self.flag, False  # one shot
            self.starts += 1
            kernel, initrd, self.cmdline = firmware(self.card, tryboot=flag)
            slot = LAYOUT.slot(slots.running(self.cmdline))
            root = self.card.partition(slot.root).read(0, ROOT_SIZE)
            found = {opened(data) for data in (kernel, initrd, root)}
            if len(found) != 1:
                raise NoBoot(f"parts of different systems: {found}")
            ((self.version, health),) = found
            if health == "panic":
                continue  # panic=10, and the watchdog
            said = update.after_start(
                LAYOUT,
                self.selector,
                self.cmdline,
                ready=lambda h=health: h == "good",
                again=lambda: None,
                path=self.note,
            )
            if said != "given up":
                assert health == "good", "a bad system was left running"
                return self.version
        raise NoBoot("it starts over and over")

    def update(self, path):
        """What ``sideman update FILE`` does; the restart is the caller's."""
        slot = spare(LAYOUT, self.selector, self.cmdline)
        targets = {name: self.card.partition(getattr(slot, name)) for name in ("root", "boot")}
        manifest = write_update(path, LAYOUT, slot, targets)
        update.leave(self.note, {"version": manifest.version, "slot": slot.name, "result": "pending"})
        self.flag = True
