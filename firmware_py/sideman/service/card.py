"""The box's SD card: its layout as data, its partition table as bytes, and growing its last partition.

The table is the old MBR with logical partitions (why: ``image/layout.toml``). A logical partition is described by a
sector of its own, the EBR, in front of it; the last EBR and the entry of the container in sector 0 are all that
growing changes, one sector each, so a power cut between the two leaves a table that holds.
"""

from __future__ import annotations

import os
import struct
import tomllib
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
MIB = 1 << 20
PATH = Path("/usr/lib/sideman/layout.toml")
_CONTAINER = 4
_TYPES = {"fat": 0x0C, "ext4": 0x83}
_EXTENDED = 0x0F
_ENTRY = struct.Struct("<B3sB3sII")
_NO_CHS = b"\xfe\xff\xff"
_ENTRIES_AT = 446


class CardError(ValueError):
    """The layout or the table on the card cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition as the layout wants it.

    Attributes:
        number: As in the device's name; 1-3 primary, from 5 logical.
        name: What it is for.
        size: Bytes.
        kind: ``fat`` or ``ext4``.
        label: Label of the file system.
        uuid: Its identifier: eight digits with a dash for FAT.
    """

    number: int
    name: str
    size: int
    kind: str
    label: str
    uuid: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the two systems on the card: the numbers of its partitions."""

    name: str
    boot: int
    root: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole card."""

    disk_id: int
    align: int
    partitions: tuple[Partition, ...]
    slots: tuple[Slot, ...]

    def partition(self, number: int) -> Partition:
        """The partition of a number.

        Raises:
            CardError: There is none.
        """
        for each in self.partitions:
            if each.number == number:
                return each
        raise CardError(f"the layout has no partition {number}")

    def named(self, name: str) -> Partition:
        """The partition of a name, as :meth:`partition`."""
        numbers = [each.number for each in self.partitions if each.name == name]
        return self.partition(numbers[0] if numbers else 0)

    def slot(self, name: str) -> Slot:
        """The slot of a name.

        Raises:
            CardError: There is none.
        """
        for each in self.slots:
            if each.name == name:
                return each
        raise CardError(f"the layout has no slot {name!r}")

    def other(self, name: str) -> Slot:
        """The slot that is not this one."""
        self.slot(name)
        return next(each for each in self.slots if each.name != name)

    def partuuid(self, number: int) -> str:
        """How Linux names the partition wherever the card is plugged in."""
        return f"{self.disk_id:08x}-{number:02x}"


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a partition lies on the card, in bytes."""

    start: int
    size: int


def read_layout(path: Path = PATH) -> Layout:
    """Read the layout.

    Raises:
        CardError: It is not one.
        OSError: It cannot be read.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        if tree["schema"] != 1:
            raise CardError(f"{path} is of schema {tree['schema']}; this program knows 1")
        partitions = tuple(
            Partition(p["number"], p["name"], p["size"] * MIB, p["kind"], p["label"], p["uuid"])
            for p in tree["partition"]
        )
        slots = tuple(Slot(name, s["boot"], s["root"]) for name, s in sorted(tree["slots"].items()))
        layout = Layout(tree["disk_id"], tree["align"] * MIB, partitions, slots)
    except (KeyError, TypeError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardError(f"{path} is no layout of a card: {error!r}") from error
    numbers = [each.number for each in partitions]
    if numbers != sorted(set(numbers)) or _CONTAINER in numbers:
        raise CardError(f"{path}: numbers of partitions go up, and {_CONTAINER} holds the logical ones")
    return layout


def extents(layout: Layout) -> dict[int, Extent]:
    """Where each partition of a fresh card lies, by number, and the container of the logical ones."""
    places: dict[int, Extent] = {}
    at = layout.align
    container = 0
    for each in layout.partitions:
        if each.number > _CONTAINER:
            container = container or at
            at += layout.align  # room for the EBR, so that the partition itself stays aligned
        places[each.number] = Extent(at, each.size)
        at += -(-each.size // layout.align) * layout.align
    if container:
        places[_CONTAINER] = Extent(container, at - container)
    return places


def disk_size(layout: Layout) -> int:
    """Bytes of a fresh image."""
    return max(place.start + place.size for place in extents(layout).values())


def table(layout: Layout) -> dict[int, bytes]:
    """The sectors of the partition table: offset on the card to 512 bytes."""
    places = extents(layout)
    primary = [_entry(place, _type(layout, number)) for number, place in sorted(places.items()) if number <= _CONTAINER]
    sectors = {0: _sector(primary, layout.disk_id)}
    logical = [number for number in sorted(places) if number > _CONTAINER]
    for number, follower in zip(logical, [*logical[1:], None], strict=True):
        ebr = places[number].start - layout.align
        entries = [_entry(Extent(layout.align, places[number].size), _type(layout, number))]
        if follower is not None:
            start, end = places[follower].start - layout.align, places[follower].start + places[follower].size
            entries.append(_entry(Extent(start - places[_CONTAINER].start, end - start), 0x05))
        sectors[ebr] = _sector(entries, 0)
    return sectors


def read_table(disk: int) -> dict[int, Extent]:
    """What the card itself says, by number, the container included.

    Args:
        disk: Descriptor of the whole disk or of an image.

    Raises:
        CardError: There is no such table.
    """
    found: dict[int, Extent] = {}
    for number, (kind, place) in enumerate(_entries(disk, 0), start=1):
        if kind:
            found[number] = place
        if kind in {0x05, _EXTENDED}:
            found |= _logical(disk, place.start)
    return found


def grow(disk: int, size: int, layout: Layout) -> Extent | None:
    """Let the last partition reach to the end of the card.

    Args:
        disk: Descriptor of the whole disk, open for writing.
        size: Bytes of the card.
        layout: The layout; its last partition grows.

    Returns:
        Where it lies now, None when it was that large already.

    Raises:
        CardError: The table on the card is not the layout's.
    """
    number = layout.partitions[-1].number
    places = read_table(disk)
    if number not in places or _CONTAINER not in places or places[number].start != extents(layout)[number].start:
        raise CardError("the partition table on the card is not the one of the layout; it stays as it is")
    end = size // layout.align * layout.align
    place, container = places[number], places[_CONTAINER]
    if end <= place.start + place.size:
        return None
    # The container first: a logical partition must never reach beyond it.
    _set_size(disk, 0, _CONTAINER - 1, end - container.start)
    os.fsync(disk)
    _set_size(disk, place.start - layout.align, 0, end - place.start)
    os.fsync(disk)
    return Extent(place.start, end - place.start)


def _type(layout: Layout, number: int) -> int:
    return _EXTENDED if number == _CONTAINER else _TYPES[layout.partition(number).kind]


def _entry(place: Extent, kind: int) -> bytes:
    return _ENTRY.pack(0, _NO_CHS, kind, _NO_CHS, place.start // SECTOR, place.size // SECTOR)


def _sector(entries: list[bytes], disk_id: int) -> bytes:
    head = bytes(440) + struct.pack("<IH", disk_id, 0)
    return head + b"".join(entries).ljust(64, b"\0") + b"\x55\xaa"


def _entries(disk: int, at: int) -> list[tuple[int, Extent]]:
    sector = os.pread(disk, SECTOR, at)
    if len(sector) < SECTOR or sector[510:] != b"\x55\xaa":
        raise CardError(f"no partition table at byte {at}")
    found = []
    for i in range(4):
        _, _, kind, _, start, count = _ENTRY.unpack_from(sector, _ENTRIES_AT + i * _ENTRY.size)
        found.append((kind, Extent(start * SECTOR, count * SECTOR)))
    return found


def _logical(disk: int, container: int) -> dict[int, Extent]:
    found: dict[int, Extent] = {}
    ebr, number = container, _CONTAINER + 1
    while number < 64:  # a chain that bites its tail ends here
        (kind, place), (link, following) = _entries(disk, ebr)[:2]
        if kind:
            found[number] = Extent(ebr + place.start, place.size)
        if not link:
            return found
        ebr, number = container + following.start, number + 1
    raise CardError("the chain of logical partitions has no end")


def _set_size(disk: int, sector: int, entry: int, size: int) -> None:
    data = bytearray(os.pread(disk, SECTOR, sector))
    struct.pack_into("<I", data, _ENTRIES_AT + entry * _ENTRY.size + 12, size // SECTOR)
    os.pwrite(disk, data, sector)
