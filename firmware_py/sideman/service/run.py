"""``sideman run``: the service on the box, or the whole box in a terminal with ``--simulate``."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from pathlib import Path

from sideman.service import boot_hold, realtime, synth_command
from sideman.service.box import Box
from sideman.service.log import Log
from sideman.service.notify import Notifier
from sideman.service.settings import DEFAULT_PATH, Settings, load_or_defaults

log = logging.getLogger(__name__)
WATCHDOG_NS = 1_000_000_000
"""The watchdog is fed this often, or twice in its own period where that is shorter."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman run``."""
    parser.add_argument("--settings", type=Path, help=f"settings file (TOML); {DEFAULT_PATH} if it is there")
    parser.add_argument("--simulate", action="store_true", help="in this terminal: a panel, keys as switches and piano")


def run(args: argparse.Namespace) -> int:
    """Play until SIGTERM or SIGINT; then every note is off and the status is 0."""
    if args.simulate and not sys.stdin.isatty():
        sys.stderr.write("sideman run --simulate needs a terminal for its keys: start it in one.\n")
        return 2
    found = load_or_defaults(args.settings)
    settings = for_terminal(found.settings) if args.simulate else found.settings
    logs = Log(settings.service.log_level, target=logging.NullHandler() if args.simulate else None)
    hold = boot_hold.held(settings) if not args.simulate and boot_hold.power_on() else boot_hold.Hold.NOTHING
    settings, said = boot_hold.obeyed(settings, hold)
    settings = synth_command.mixed(settings)
    notifier = Notifier()
    box = Box(
        settings,
        trouble=said or found.fault,
        choices=not said,
        alive=Feeder(notifier),
        tell=notifier,
        panel=args.simulate,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: box.shutdown())
    try:
        box.run(before=lambda: prepare(settings))
    finally:
        realtime.leave_fifo()
        notifier.stopping()
        logs.close()
    return 0


class Feeder:
    """Feeds the watchdog when the conductor's loop comes round, not more often than it has to."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._period = min(WATCHDOG_NS, notifier.watchdog_ns or WATCHDOG_NS)
        self._fed = 0

    def __call__(self) -> None:
        """Once round."""
        now = time.monotonic_ns()
        if now - self._fed >= self._period:
            self._fed = now
            self._notifier.watchdog()


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
