"""``sideman run``: the service on the box, or the whole box in a terminal with ``--simulate``."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sideman.service import realtime
from sideman.service.box import Box
from sideman.service.log import Log
from sideman.service.notify import Notifier
from sideman.service.settings import DEFAULT_PATH, Settings, load
from sideman.service.settings_errors import SettingsError

log = logging.getLogger(__name__)
WATCHDOG_NS = 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman run``."""
    parser.add_argument("--settings", type=Path, help=f"settings file (TOML); {DEFAULT_PATH} if it is there")
    parser.add_argument("--simulate", action="store_true", help="in this terminal: a panel, keys as switches and piano")


def run(args: argparse.Namespace) -> int:
    """Play until SIGTERM or SIGINT; then every note is off and the status is 0."""
    settings, trouble = settings_or_defaults(args.settings)
    if args.simulate:
        settings = for_terminal(settings)
    logs = Log(settings.service.log_level, target=logging.NullHandler() if args.simulate else None)
    notifier = Notifier()
    fed = [0]

    def alive() -> None:
        now = time.monotonic_ns()
        if now - fed[0] >= WATCHDOG_NS:
            fed[0] = now
            notifier.watchdog()

    box = Box(settings, trouble=trouble, alive=alive, ready=notifier.ready, panel=args.simulate)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: box.shutdown())
    keys = terminal_keys(box) if args.simulate else None
    try:
        box.run(before=lambda: prepare(settings))
    finally:
        realtime.leave_fifo()
        notifier.stopping()
        if keys is not None:
            keys.close()
        logs.close()
    return 0


def settings_or_defaults(path: Path | None) -> tuple[Settings, list[str]]:
    """The settings, or the defaults and what is wrong with the file; a broken file never stops the box."""
    try:
        if path is None:
            return (load(DEFAULT_PATH) if DEFAULT_PATH.is_file() else Settings()), []
        return load(path), []
    except (SettingsError, OSError) as error:
        return Settings(), [str(error)]


def prepare(settings: Settings) -> None:
    """Ask the system for what a clock needs; what it refuses is a line in the journal."""
    realtime.quick_switches()
    for said in (realtime.ask_for_fifo(settings.service.realtime_priority), realtime.lock_memory()):
        if said:
            log.warning("%s", said)
    realtime.collector_off()


def for_terminal(settings: Settings) -> Settings:
    """On a computer there are no pins, and its own display is the terminal."""
    for key in ("pins.on", "pedal.usb"):
        settings = settings.with_value(key, "false")
    return settings


def terminal_keys(box: Box) -> Any:
    """Read the terminal's keys as switches and piano, on a thread of its own."""
    from sideman.sim.panel import PanelKeys  # noqa: PLC0415 - only in a terminal

    if not sys.stdin.isatty():
        return None
    keys = PanelKeys(box.post, box.shutdown)
    threading.Thread(target=keys.run, name="keys", daemon=True).start()
    return keys
