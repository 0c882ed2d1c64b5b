"""FAT in a few lines: a maker of small FAT16 volumes and a reader of FAT16 and FAT32, both without a mount."""

import struct

SECTOR = 512
CLUSTER = 512
RESERVED = 1
ROOT_ENTRIES = 512


def volume(files, size):
    """A FAT16 volume of ``size`` bytes with files (8.3 names, bytes) in its root folder."""
    clusters = size // CLUSTER - 100
    assert 4085 <= clusters < 65525, "FAT16 has that many clusters"
    fat_sectors = -(-(clusters + 2) * 2 // SECTOR)
    table, root, data = [0xFFF8, 0xFFFF], b"", b""
    for name, content in sorted(files.items()):
        stem, _, ending = name.upper().partition(".")
        first = len(table) if content else 0
        count = -(-len(content) // CLUSTER)
        table += [first + i + 1 for i in range(count - 1)] + [0xFFFF] * bool(count)
        data += content.ljust(count * CLUSTER, b"\0")
        short = f"{stem:8}{ending:3}".encode("ascii")
        root += struct.pack("<11sB8xHHHHI", short, 0x20, 0, 0, 0, first, len(content))
    head = struct.pack(
        "<3s8sHBHBHHBHHHII", b"\xeb\x3c\x90", b"SIDEMAN ", SECTOR, CLUSTER // SECTOR, RESERVED, 2, ROOT_ENTRIES,
        0, 0xF8, fat_sectors, 32, 8, 0, size // SECTOR,
    )  # fmt: skip
    boot = head.ljust(510, b"\0") + b"\x55\xaa"
    fat = struct.pack(f"<{len(table)}H", *table).ljust(fat_sectors * SECTOR, b"\0")
    return (boot + fat + fat + root.ljust(ROOT_ENTRIES * 32, b"\0") + data).ljust(size, b"\0")


class Fat:
    """Reads a volume; ``read(offset, size)`` gives its bytes.

    Raises:
        ValueError: It is no FAT volume, or a file's chain is broken.
    """

    def __init__(self, read):
        self._read = read
        boot = read(0, SECTOR)
        if len(boot) < SECTOR or boot[510:] != b"\x55\xaa":
            raise ValueError("no boot sector")
        size, per, reserved, fats, entries = struct.unpack_from("<HBHBH", boot, 11)
        short, long = struct.unpack_from("<H", boot, 22)[0], struct.unpack_from("<I", boot, 36)[0]
        if size != SECTOR or not per or not fats:
            raise ValueError("no FAT volume")
        self._wide = not short
        self._fat = reserved * SECTOR
        self._cluster = per * SECTOR
        self._root = (reserved + fats * (short or long)) * SECTOR
        self._root_size = entries * 32
        self._data = self._root + self._root_size
        self._first = struct.unpack_from("<I", boot, 44)[0] if self._wide else 0

    def places(self, first):
        """Offsets of a chain's clusters."""
        width, end = (4, 0x0FFFFFF8) if self._wide else (2, 0xFFF8)
        cluster, seen = first, set()
        while cluster < end:
            if cluster < 2 or cluster in seen:
                raise ValueError("broken chain")
            seen.add(cluster)
            yield self._data + (cluster - 2) * self._cluster
            cluster = int.from_bytes(self._read(self._fat + cluster * width, width), "little") & 0x0FFFFFFF

    def entries(self):
        """Files of the root folder by lower-case name: first cluster and size."""
        if self._wide:
            raw = b"".join(self._read(place, self._cluster) for place in self.places(self._first))
        else:
            raw = self._read(self._root, self._root_size)
        found, long = {}, ""
        for at in range(0, len(raw), 32):
            entry = raw[at : at + 32]
            if entry[0] == 0:
                break
            if entry[11] == 0x0F and entry[0] != 0xE5:
                part = (entry[1:11] + entry[14:26] + entry[28:32]).decode("utf-16-le", errors="replace")
                long = part.split("\0")[0].rstrip("\uffff") + long
                continue
            if entry[0] != 0xE5 and not entry[11] & 0x18:
                stem, ending = (entry[i:j].decode("latin-1").rstrip() for i, j in ((0, 8), (8, 11)))
                name = long or (f"{stem}.{ending}" if ending else stem)
                high, low, size = struct.unpack_from("<H4xHI", entry, 20)
                found[name.lower()] = (high << 16 | low, size)
            long = ""
        return found

    def read(self, name):
        """A file's bytes; KeyError when there is none."""
        first, size = self.entries()[name]
        data = b"".join(self._read(place, self._cluster) for place in self.places(first)) if size else b""
        if len(data) < size:
            raise ValueError(f"{name} is shorter than it says")
        return data[:size]

    def place(self, name):
        """Where a file's first byte lies."""
        return next(iter(self.places(self.entries()[name][0])))
