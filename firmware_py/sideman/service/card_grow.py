"""The first start: the partition of takes grows to the end of the card, while it is in use.

``python3 -m sideman.service.card_grow`` as root. A power cut on the way leaves a card that grows at the next start.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
import sys
from pathlib import Path

from sideman.service.card import CardError, Extent, Layout, grow, read_layout, read_table

_BLKPG, _RESIZE = 0x1269, 3
_BLKGETSIZE64 = 0x80081272
DEVICES = Path("/dev/disk/by-partuuid")


def main() -> int:
    """Grow the table, tell the kernel, grow the file system."""
    try:
        layout = read_layout()
        number = layout.partitions[-1].number
        device = (DEVICES / layout.partuuid(number)).resolve(strict=True)
        disk = Path("/dev") / (Path("/sys/class/block") / device.name).resolve(strict=True).parent.name
        place = grow_table(disk, layout)
        _grow_files(device)
        sys.stdout.write(f"takes have {place.size >> 20} MiB\n")
    except (CardError, OSError) as error:
        sys.stderr.write(f"The partition of takes stays as small as it is: {error}\n")
        return 1
    return 0


def _grow_files(device: Path) -> None:
    done = subprocess.run(["/usr/sbin/resize2fs", str(device)], check=False, capture_output=True, text=True)  # noqa: S603 - fixed words
    if done.returncode:
        raise CardError(done.stderr.strip())


def grow_table(disk: Path, layout: Layout) -> Extent:
    """Grow the last partition in the table and in the kernel; returns where it lies.

    Raises:
        CardError: The table is not the layout's.
        OSError: The disk cannot be written.
    """
    number = layout.partitions[-1].number
    handle = os.open(disk, os.O_RDWR)
    try:
        size = struct.unpack("<Q", fcntl.ioctl(handle, _BLKGETSIZE64, bytes(8)))[0]
        grow(handle, size, layout)
        place = read_table(handle)[number]  # after a power cut the table may have grown, but not what the kernel knew
        _tell_kernel(handle, number, place)
    finally:
        os.close(handle)
    return place


def _tell_kernel(handle: int, number: int, place: Extent) -> None:
    """Resize a partition that is in use (linux/blkpg.h); reading the whole table again would be refused."""
    words = struct.pack("@qqi64s64s4x", place.start, place.size, number, b"", b"")
    told = ctypes.create_string_buffer(words, len(words))
    fcntl.ioctl(handle, _BLKPG, struct.pack("@iiiP", _RESIZE, 0, ctypes.sizeof(told), ctypes.addressof(told)))


if __name__ == "__main__":
    sys.exit(main())
