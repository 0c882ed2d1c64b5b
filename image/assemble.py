#!/usr/bin/env python3
"""Puts the partitions' images together to the card's image and to the update file; no mounts, nothing that varies.

usage: assemble.py LAYOUT WORK VERSION     WORK holds selector.img, boot.img, root.img, data.img
"""

import hashlib
import io
import json
import lzma
import os
import sys
import tarfile
from pathlib import Path

from sideman.service.card import Layout, disk_size, extents, read_layout, table

CHUNK = 1 << 20
LETTER = b"sideman.slot="
IMAGES = {"selector": "selector.img", "boot-a": "boot.img", "root-a": "root.img", "data": "data.img"}
"""Slot b stays empty on a fresh card: the first update fills it."""


def card(layout: Layout, work: Path) -> Path:
    """The image of the whole card, sparse."""
    path, places = work / "card.img", extents(layout)
    with path.open("wb") as out:
        out.truncate(disk_size(layout))
        for at, sector in table(layout).items():
            out.seek(at)
            out.write(sector)
        for name, file in IMAGES.items():
            partition = layout.named(name)
            if (work / file).stat().st_size > partition.size:
                sys.exit(f"{file} does not fit: {(work / file).stat().st_size} bytes for {partition.size} of {name}")
            with (work / file).open("rb") as source:
                at = places[partition.number].start
                while data := source.read(CHUNK):
                    if data.count(0) != len(data):
                        out.seek(at)
                        out.write(data)
                    at += len(data)
    return path


def update(layout: Layout, work: Path, version: str) -> Path:
    """The update file: both images, and what they add up to in either slot."""
    listed, packed = [], {}
    for name in ("root", "boot"):
        data = (work / f"{name}.img").read_bytes()
        letters = [data.index(LETTER) + len(LETTER)] if name == "boot" else []
        if data.count(LETTER) > 1 and letters:
            sys.exit("the slot's letter stands more than once in the boot image")
        sums = {}
        for slot in layout.slots:
            copy = bytearray(data)
            for at in letters:
                copy[at] = ord(slot.name)
            sums[slot.name] = hashlib.sha256(copy).hexdigest()
        file = f"{name}.img.xz"
        listed.append({"name": name, "file": file, "size": len(data), "sha256": sums, "letters": letters})
        packed[file] = lzma.compress(data, preset=int(os.environ.get("XZ_LEVEL", "6")))
    manifest = {"schema": 1, "machine": "sideman-arm64", "version": version, "images": listed}
    path = work / f"sideman-{version}.update"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for file, data in {"manifest.json": json.dumps(manifest, indent=1).encode(), **packed}.items():
            member = tarfile.TarInfo(file)
            member.size, member.mtime = len(data), int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
            tar.addfile(member, io.BytesIO(data))
    return path


def main() -> None:
    """Both files; their paths on standard output."""
    layout, work, version = read_layout(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
    for made in (card(layout, work), update(layout, work, version)):
        sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main()
