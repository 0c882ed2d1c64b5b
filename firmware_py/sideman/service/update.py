"""``sideman update``: another version of the whole system, into the slot that does not run; kept once it plays.

1. The file's images go into the other slot and are read back (:mod:`~sideman.service.update_write`).
2. A note of it is left on the data partition, and the box restarts with the firmware's one-shot ``tryboot`` flag.
3. The new system is on trial: once ``sideman.service`` has been READY for a while, ``--after-start`` makes its slot the
   default. If that does not come about, by a panic, a hang, a failed service or a power cut, the next start is the old
   system again, because the flag is gone and the default was never changed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sideman.edges.takes import write_whole
from sideman.service import slots
from sideman.service.card import CardError, Layout, read_layout
from sideman.service.update_file import UpdateError
from sideman.service.update_write import Device, spare, write_update

NOTE = Path("/data/system/update.json")
SELECTOR = Path("/boot/sideman")
DEVICES = Path("/dev/disk/by-partuuid")
READY_S = 180
"""A trial that has not become READY after so long is over."""
STEADY_S = 20
"""It is kept after it has been READY for so long without a restart."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman update``."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="the update (sideman-VERSION.update)")
    what.add_argument("--status", action="store_true", help="which slot runs, which is the default, what came of it")
    what.add_argument("--after-start", action="store_true", help="what the box does by itself after each start")
    parser.add_argument("--no-restart", action="store_true", help="write and check only; do not try it now")


def run(args: argparse.Namespace) -> int:
    """Update, tell, or end a trial."""
    try:
        layout = read_layout()
        selector = slots.MountedSelector(SELECTOR)
        cmdline = Path("/proc/cmdline").read_text(encoding="ascii", errors="replace")
        if args.status:
            sys.stdout.write(f"{status(layout, selector, cmdline, note(NOTE))}\n")
        elif args.after_start:
            after_start(layout, selector, cmdline)
        else:
            install(args.file, layout, selector, cmdline, restart=not args.no_restart)
    except (CardError, OSError, UpdateError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def install(path: Path, layout: Layout, selector: slots.Selector, cmdline: str, *, restart: bool) -> None:
    """Write an update into the spare slot and restart into it.

    Raises:
        UpdateError: It cannot be done; what runs is as it was.
    """
    slot = spare(layout, selector, cmdline)
    devices = {name: Device(DEVICES / layout.partuuid(getattr(slot, name))) for name in ("root", "boot")}
    try:
        manifest = write_update(path, layout, slot, devices, progress=_progress)
    finally:
        for device in devices.values():
            device.close()
    leave(NOTE, {"version": manifest.version, "slot": slot.name, "result": "pending"})
    sys.stdout.write(f"\n{manifest.version} is in slot {slot.name} and checked.\n")
    if restart:
        os.sync()
        _run("/usr/bin/systemctl", "reboot", "--reboot-argument=0 tryboot")


def after_start(
    layout: Layout,
    selector: slots.Selector,
    cmdline: str,
    *,
    ready: Callable[[], bool] | None = None,
    again: Callable[[], None] | None = None,
    path: Path = NOTE,
) -> str:
    """End a trial one way or the other; returns what came of it, empty when there was none.

    Args:
        layout: The card.
        selector: Where ``autoboot.txt`` lies.
        cmdline: The kernel's.
        ready: Waits and says whether the box plays; None for asking systemd.
        again: Starts the box anew; None for doing so.
        path: The note of the update.
    """
    left = note(path)
    if left is None or left.get("result") != "pending":
        return ""
    here, default = slots.running(cmdline), slots.committed(layout, selector.read())
    if here != left.get("slot"):
        result = "fell back"
    elif here == default:
        result = "kept"  # the power went between the commit and the note of it
    elif (ready or _plays)():
        _writable(selector, yes=True)
        try:
            slots.commit(layout, selector, here)
        finally:
            _writable(selector, yes=False)
        result = "kept"
    else:
        (again or _restart)()
        return "given up"
    leave(path, left | {"result": result})
    return result


def note(path: Path) -> dict[str, Any] | None:
    """What was left by the last update; None when there is nothing that can be read."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tree if isinstance(tree, dict) else None


def leave(path: Path, what: dict[str, Any]) -> None:
    """Leave a note, whole or not at all."""
    write_whole(path, (json.dumps(what, sort_keys=True) + "\n").encode())


def status(layout: Layout, selector: slots.Selector, cmdline: str, left: dict[str, Any] | None) -> str:
    """Which slot runs and what the last update came to, for people."""
    here, default = slots.running(cmdline), slots.committed(layout, selector.read())
    words = f"slot {here} runs" + (", the default" if here == default else f" on trial; the default is {default}")
    if left is None:
        return words
    came = {"pending": "is being tried", "kept": "is kept", "fell back": "did not start; the version before runs"}
    return f"{words}; update {left.get('version')} {came.get(str(left.get('result')), 'is unknown')}"


def _plays() -> bool:
    """Whether the service becomes READY in time and stays so."""
    deadline = time.monotonic() + READY_S
    since, restarts = 0.0, ""
    while (now := time.monotonic()) < deadline:
        shown = _run("/usr/bin/systemctl", "show", "--property=ActiveState,NRestarts", "sideman.service")
        if "ActiveState=active" not in shown or shown != restarts:
            since, restarts = now, shown
        elif now - since >= STEADY_S:
            return True
        time.sleep(1)
    return False


def _restart() -> None:
    _run("/usr/bin/systemctl", "reboot")


def _writable(selector: slots.Selector, *, yes: bool) -> None:
    if isinstance(selector, slots.MountedSelector) and selector.path.parent.is_mount():
        _run("/usr/bin/mount", "-o", f"remount,{'rw' if yes else 'ro'}", str(selector.path.parent))


def _run(*words: str) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603 - fixed words
    if done.returncode:
        raise UpdateError(f"{Path(words[0]).name} failed: {done.stderr.strip()}")
    return done.stdout


def _progress(percent: int) -> None:
    sys.stdout.write(f"\r{percent:3d} %")
    sys.stdout.flush()
