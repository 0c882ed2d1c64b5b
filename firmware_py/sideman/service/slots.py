"""Which of the two systems on the card starts: ``autoboot.txt``, the firmware's file on the first partition.

The firmware reads ``[all] boot_partition=``; after a restart with the one-shot ``tryboot`` flag it reads
``[tryboot] boot_partition=`` instead (Raspberry Pi documentation, config.txt, "autoboot.txt"). So the file always names
the committed slot as default and the other one as the one to try; an update changes nothing in it, only the commit
after a good start swaps the two.

The file is exactly one sector long, and its length never changes: the commit overwrites one sector in place. A rename
on FAT would touch several sectors of directory and table, and is not safe against a power cut.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from sideman.service.card import SECTOR, CardError, Layout

FILE = "autoboot.txt"


class Selector(Protocol):
    """Where ``autoboot.txt`` lies."""

    def read(self) -> bytes:
        """The file's bytes."""

    def write(self, data: bytes) -> None:
        """Overwrite it in place with as many bytes, and wait until they are on the card."""


class MountedSelector:
    """The file on the mounted first partition; the mount is made writable for the moment of the write by the caller."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> bytes:
        """The file's bytes."""
        return self.path.read_bytes()

    def write(self, data: bytes) -> None:
        """One sector, in place."""
        handle = os.open(self.path, os.O_WRONLY | os.O_DSYNC)
        try:
            if os.pwrite(handle, data, 0) != len(data):
                raise OSError("the card took only a part of autoboot.txt")
        finally:
            os.close(handle)


def render(layout: Layout, committed: str) -> bytes:
    """The file that makes a slot the default and the other the one that ``tryboot`` tries; one sector."""
    default, tried = layout.slot(committed), layout.other(committed)
    text = f"[all]\ntryboot_a_b=1\nboot_partition={default.boot}\n[tryboot]\nboot_partition={tried.boot}\n"
    return text.encode("ascii").ljust(SECTOR - 1, b" ") + b"\n"


def chosen(data: bytes, *, tryboot: bool) -> int:
    """The boot partition that the firmware takes, by the documented rule: later lines win, filters are sections.

    Raises:
        CardError: The file names none.
    """
    section, partition = "all", 0
    for raw in data.decode("ascii", errors="replace").splitlines():
        line = raw.partition("#")[0].strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip().lower()
            continue
        key, _, value = line.partition("=")
        applies = section == "all" or (section == "tryboot" and tryboot)
        if applies and key.strip() == "boot_partition" and value.strip().isdigit():
            partition = int(value)
    if not partition:
        raise CardError(f"{FILE} names no boot partition")
    return partition


def committed(layout: Layout, data: bytes) -> str:
    """The slot that starts by default.

    Raises:
        CardError: The file names no slot's boot partition.
    """
    partition = chosen(data, tryboot=False)
    for slot in layout.slots:
        if slot.boot == partition:
            return slot.name
    raise CardError(f"{FILE} starts partition {partition}, which is no slot's")


def running(cmdline: str) -> str:
    """The slot that this system was started from, told by the kernel's command line (``sideman.slot=a``).

    Raises:
        CardError: It does not say: this is not the box's card.
    """
    for word in cmdline.split():
        key, _, value = word.partition("=")
        if key == "sideman.slot" and value:
            return value
    raise CardError("this system was not started from the box's card, so there is nothing to update here")


def commit(layout: Layout, selector: Selector, slot: str) -> bool:
    """Make a slot the default; True when it was not yet."""
    wanted = render(layout, slot)
    if selector.read() == wanted:
        return False
    selector.write(wanted)
    return True
