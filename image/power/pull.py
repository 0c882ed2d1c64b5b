#!/usr/bin/env python3
"""Pulls the plug of an emulated box while it writes takes, and replays a log of its writes cut at random points.

usage: pull.py FOLDER PULLS CUTS [SEED [MINUTES]]     FOLDER: made by image/power/build; MINUTES: no pull after so many

Counted are boots that fail, committed takes that are lost, and files that are corrupt and yet taken for good. Killing
the emulator loses only what the guest had not yet handed to it; the cut log also loses, tears and reorders what lies
between two flushes.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import keeper  # the guest's own check is used on the host too
import write_log

from sideman.service.card import extents, read_layout

BOOT_S, HUNG_S = 300, 1800
"""Of processor time, so that a busy host is no failed boot, and at all."""
LOGGED_S = 25
WORDS = "console=ttyS0 panic=-1 quiet systemd.show_status=0 no_timer_check nowatchdog mitigations=off ro sideman.slot=a"
WHOLE = "systemd.unit=power.service"
SHORT = "sideman.init=/opt/power/life"
EVERY = 9
"""Every so many lives systemd boots; the others do with the file systems what it does, in a third of the time."""
LAYOUT = read_layout(Path(__file__).parents[1] / "layout.toml")


class Guest:
    """One life of the box, from power-on until it is killed."""

    def __init__(self, folder: Path, log: Path | None = None, words: str = WHOLE) -> None:
        self.console = folder / "console.log"
        self.console.unlink(missing_ok=True)
        disk = f"driver=file,filename={folder / 'card.img'},node-name=card"
        drives = ["-blockdev", disk]
        if log is not None:
            log.write_bytes(b"")
            drives += ["-blockdev", f"driver=file,filename={log},node-name=log"]
            drives += ["-blockdev", "driver=blklogwrites,file=card,log=log,log-sector-size=512,node-name=logged"]
        words = [
            "qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", "512",
            "-display", "none", "-no-reboot", "-nodefaults", "-serial", f"file:{self.console}",
            "-kernel", str(folder / "vmlinux"), "-initrd", str(folder / "initrd.gz"),
            "-append", f"{WORDS} {words}",
            *drives, "-device", f"virtio-blk-pci,drive={'card' if log is None else 'logged'}",
        ]  # fmt: skip
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL)  # noqa: S603 - fixed words

    def said(self) -> dict[str, Any] | None:
        """What the guest found when it was up; None when it did not come up."""
        end = time.monotonic() + HUNG_S
        while self.process.poll() is None and self._spent_s() < BOOT_S and time.monotonic() < end:
            for line in self._lines():
                if "POWER {" in line:
                    found: dict[str, Any] = json.loads(line[line.index("{") :])
                    return found
            time.sleep(0.1)
        return None

    def _spent_s(self) -> float:
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def _lines(self) -> list[str]:
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return text.splitlines(keepends=False) if text.endswith("\n") else text.splitlines()[:-1]

    def pull(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.wait()


def pulls(folder: Path, count: int, luck: random.Random, minutes: float) -> dict[str, int]:
    """Boot, check, write, pull, so many times; every fifth dies while it boots, and one more boot checks the last."""
    sums = {"pulls": 0, "failed boots": 0, "lost": 0, "corrupt": 0, "trouble": 0, "takes": 0, "lives with systemd": 0}
    took = 20.0
    end = time.monotonic() + 60 * minutes
    for number in range(count + 1):
        if time.monotonic() > end:
            count = number  # this boot checks what the last pull left
        guest = Guest(folder, words=SHORT if number % EVERY else WHOLE)
        sums["lives with systemd"] += number % EVERY == 0
        if number % 5 == 4 and number < count:
            time.sleep(luck.uniform(0.2, took))
            guest.pull()
            sums["pulls"] += 1
            continue
        start = time.monotonic()
        found = guest.said()
        took = time.monotonic() - start
        if found is None:
            sums["failed boots"] += 1
            shutil.copy(guest.console, folder / f"failed-{number}.log")
        else:
            sums["takes"] = found["told"]
            for what in ("lost", "corrupt", "trouble"):
                sums[what] += len(found[what])
            if any(found[what] for what in ("lost", "corrupt", "trouble")):
                sys.stdout.write(f"{found}\n")
        if number < count:
            time.sleep(luck.uniform(0.05, 8))
            sums["pulls"] += 1
        guest.pull()
        sys.stdout.write(f"\r{number}/{count} pulls, a boot takes {took:.0f} s, {sums['takes']} takes ")
        sys.stdout.flush()
        if number == count:
            break
    sys.stdout.write("\n")
    return sums


def cuts(folder: Path, count: int, luck: random.Random) -> dict[str, int]:
    """One life with its writes logged; the log cut at random points, each disk mounted (in effect) and checked."""
    data = extents(LAYOUT)[LAYOUT.named("data").number]
    sums = {"cuts": 0, "writes": 0, "unusable": 0, "lost": 0, "corrupt": 0, "trouble": 0}
    log, base = folder / "writes.log", folder / "data-before.img"
    with (folder / "card.img").open("rb") as card:
        before = bytes(os.pread(card.fileno(), data.size, data.start))
        told_before = int(os.pread(card.fileno(), 512, keeper.MARK_AT).rstrip(b"\0") or b"0")
    guest = Guest(folder, log, SHORT)
    if guest.said() is None:
        guest.pull()
        return sums | {"unusable": 1}
    time.sleep(LOGGED_S)
    guest.pull()
    writes = list(write_log.entries(log))
    sums["writes"] = len(writes)
    for _ in range(count):
        end = luck.randrange(1, len(writes) + 1)
        told = max(
            (
                int(write.data[:512].rstrip(b"\0"))
                for write in writes[:end]
                if write.at == keeper.MARK_AT and write.data
            ),
            default=told_before,
        )
        disk = bytearray(before)
        for at, piece in write_log.cut(writes, end, luck):
            if data.start <= at < data.start + data.size:
                disk[at - data.start : at - data.start + len(piece)] = piece
        base.write_bytes(disk)
        sums["cuts"] += 1
        found = _checked(base, told)
        if found is None:
            sums["unusable"] += 1
            shutil.copy(base, folder / f"unusable-{end}.img")
            continue
        for what in ("lost", "corrupt", "trouble"):
            sums[what] += len(found[what])
        if any(found.values()):
            sys.stdout.write(f"cut after {end} writes: {found}\n")
    base.unlink()
    log.unlink()
    return sums


def _checked(image: Path, told: int) -> dict[str, list[str]] | None:
    """Replay the journal as a mount does, let the boot's own check run, read the takes; None when it cannot be used."""
    for words in (["e2fsck", "-y", "-E", "journal_only"], ["e2fsck", "-p", "-f"]):
        if subprocess.run([*words, str(image)], check=False, capture_output=True).returncode > 1:  # noqa: S603
            return None
    with tempfile.TemporaryDirectory() as folder:
        dump = ["debugfs", "-R", f"rdump /sideman {folder}", str(image)]
        subprocess.run(dump, check=True, capture_output=True)  # noqa: S603
        return keeper.check(Path(folder) / "sideman", told)


def main() -> int:
    """Both; a line for each, status 1 when anything was lost."""
    folder, count, cut_count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    luck = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    minutes = float(sys.argv[5]) if len(sys.argv) > 5 else 90.0
    bad = 0
    for name, found in (("pulls", pulls(folder, count, luck, minutes)), ("log", cuts(folder, cut_count, luck))):
        sys.stdout.write(f"{name}: {', '.join(f'{value} {what}' for what, value in found.items())}\n")
        bad += sum(found.get(what, 0) for what in ("failed boots", "unusable", "lost", "corrupt", "trouble"))
        if found.get("pulls", count) < count:
            sys.stdout.write(f"power-pull: only {found['pulls']} of {count} pulls in {minutes:g} minutes\n")
            bad += 1
    sys.stdout.write("power-pull: nothing lost\n" if not bad else f"power-pull: {bad} FAILED\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
