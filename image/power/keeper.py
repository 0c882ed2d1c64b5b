#!/usr/bin/env python3
"""In the guest: checks what the last pull left, says it on the console, then writes takes until the next one comes.

Each take is a function of its number, so a single wrong byte is seen. After a take is committed, that is after
``write_take`` has come back, its number goes straight to a sector of its own between the partitions: what that sector
says is what the player was told.
"""

import json
import mmap
import os
import random
import sys
import time
from pathlib import Path

from sideman.edges.journal import JournalFile
from sideman.edges.smf import midi_file
from sideman.edges.takes import prune, write_take
from sideman.jam.take_data import TakeData, TakePart
from sideman.music.meter import Meter
from sideman.service.state import Remembered, recall, remember

DISK = "/dev/vda"
MARK_AT = 1 << 20
"""Between the partition table and the first partition."""
KEPT = 40
"""Things in the folder: the jam's log is one. One take may have gone for the next, of which nobody was told yet."""


def take(number: int) -> TakeData:
    """The take of a number: 20 to 4000 notes."""
    luck = random.Random(number)
    notes = tuple(
        (960 * i // 4, 200, luck.randrange(30, 90), luck.randrange(1, 128)) for i in range(luck.randrange(20, 4000))
    )
    return TakeData(((0, 500_000_000),), ((0, Meter(4, 4)),), parts={"solo": TakePart(0, 0, notes)}, name=f"{number}")


def check(folder: Path, told: int) -> dict[str, list[str]]:
    """What is wrong in the state folder: takes lost, takes corrupt, other trouble."""
    found: dict[str, list[str]] = {"lost": [], "corrupt": [], "trouble": []}
    names = {path.name for path in (folder / "takes").glob("*.mid")} if (folder / "takes").is_dir() else set()
    found["lost"] = [str(n) for n in range(max(1, told - KEPT + 3), told + 1) if f"{n:06d}.mid" not in names]
    for name in sorted(names):
        if (folder / "takes" / name).read_bytes() != midi_file(take(int(name[:6]))):
            found["corrupt"].append(name)
    kept, said = recall(folder / "state.json")
    if said or (told and dict(kept.choices).get("number", "0") < f"{told:06d}"):
        found["trouble"].append(said or f"state.json is older than take {told}: {kept.choices}")
    return found


def write(folder: Path, handle: int, number: int) -> None:
    """One take, the state after it, and word of both."""
    path = folder / "takes" / f"{number:06d}.mid"
    write_take(path, take(number))
    prune(path.parent, KEPT, 1 << 30, keep=[path])
    remember(folder / "state.json", Remembered(None, (("number", f"{number:06d}"),)))
    page = mmap.mmap(-1, 4096)
    page.write(str(number).encode().ljust(512, b"\0"))
    os.pwritev(handle, [memoryview(page)[:512]], MARK_AT)


def main() -> None:
    """Check, say, write for ever."""
    folder = Path(sys.argv[1])
    handle = os.open(DISK, os.O_RDWR | os.O_DIRECT | os.O_DSYNC)
    told = int(bytes(read_mark(handle)).rstrip(b"\0") or b"0")
    found = check(folder, told)
    log = JournalFile(folder / "takes" / "jam.log", lambda _said: None)
    sys.stdout.write(f"POWER {json.dumps({'told': told, **found})}\n")
    sys.stdout.flush()
    number = told
    while True:
        number += 1
        write(folder, handle, number)
        for i in range(20):
            log.write({"take": number, "line": i})
        time.sleep(0.02)


def read_mark(handle: int) -> memoryview:
    """The mark's sector, read past the cache."""
    page = mmap.mmap(-1, 4096)
    os.preadv(handle, [memoryview(page)[:512]], MARK_AT)
    return memoryview(page)[:512]


if __name__ == "__main__":
    main()
