"""A log of a disk's writes, and the disks that power cuts leave behind.

The log is that of QEMU's ``blklogwrites`` (the format of the kernel's dm-log-writes). A cut leaves everything up to the
last flush, and after it whatever the card happened to have finished.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
_MAGIC = 0x6A736677736872
_SUPER = struct.Struct("<QQQI")
_ENTRY = struct.Struct("<QQQQ")
_FLUSH, _FUA, _DISCARD = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Write:
    """One entry: where (bytes), what, and whether all before it was on the card after it."""

    at: int
    data: bytes
    flush: bool


def entries(path: Path) -> Iterator[Write]:
    """The log's entries in order, as far as they are whole.

    Raises:
        ValueError: It is no such log.
    """
    with path.open("rb") as log:
        magic, version, _count, size = _SUPER.unpack(log.read(_SUPER.size))
        if magic != _MAGIC or version != 1:
            raise ValueError(f"{path} is no log of writes")
        at = size
        while True:
            log.seek(at)
            head = log.read(_ENTRY.size)
            if len(head) < _ENTRY.size:
                return
            sector, count, flags, _length = _ENTRY.unpack(head)
            if flags == 0 and count == 0:
                return  # the rest of the file was never written
            log.seek(at + size)
            data = b"" if flags & _DISCARD else log.read(count * size)
            if not flags & _DISCARD and len(data) < count * size:
                return
            yield Write(sector * size, data, bool(flags & (_FLUSH | _FUA)))
            at += size + len(data)


def cut(writes: list[Write], end: int, luck: random.Random) -> Iterator[tuple[int, bytes]]:
    """What is on the card when the power goes after ``end`` entries.

    All up to the last flush is there, in order. Of each later write there is all, nothing, or some sectors, and they
    arrive in any order.

    Yields:
        Offset in bytes and data.
    """
    safe = max((i + 1 for i in range(end) if writes[i].flush), default=0)
    for write in writes[:safe]:
        yield write.at, write.data
    open_writes = writes[safe:end]
    luck.shuffle(open_writes)
    for write in open_writes:
        fate = luck.random()
        if fate < 0.4:
            yield write.at, write.data
        elif fate < 0.7:
            for offset in range(0, len(write.data), SECTOR):
                if luck.random() < 0.5:
                    yield write.at + offset, write.data[offset : offset + SECTOR]
