"""``sideman replay``: the MIDI file of a jam again, from its event log; no hardware and no models needed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sideman.edges.smf import midi_file
from sideman.edges.takes import write_whole
from sideman.jam import codec
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.options import Options, with_setting
from sideman.service.take import take_of
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.front import CapturedFront
from sideman.sim.ports import FakeMidiOut


class LogError(ValueError):
    """A log that cannot be replayed; the message says where and why."""


class _Nothing:
    def write(self, record: object) -> None:
        """Drop it."""


class _Silent:
    def ask(self, ask: object) -> None:
        """Drop it: the answers are in the log."""


class _Blind(CapturedFront):
    def show(self, item: object) -> None:
        """Nobody looks."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman replay``."""
    parser.add_argument("log", type=Path, help="events.log of a jam")
    parser.add_argument("--out", type=Path, required=True, help="MIDI file to write")


def run(args: argparse.Namespace) -> int:
    """Replay one log."""
    try:
        data = replayed_bytes(args.log)
    except (OSError, LogError) as error:
        sys.stderr.write(f"sideman replay: {error}\n")
        return 2
    write_whole(args.out, data)
    return 0


def replayed_bytes(log: Path) -> bytes:
    """The MIDI file of a log, as its take was."""
    conductor, name = replayed(log)
    return midi_file(take_of(conductor.jam, name))


def replayed(log: Path) -> tuple[Conductor, str]:
    """The jam of a log, over again on the offline clock, and its name.

    Raises:
        LogError: The file is not an event log, or not one of this version.
    """
    options, events, start, name = Options(), [], 0, "Sideman"
    for number, text in enumerate(log.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(text)
            if "log" in record:
                name = record.get("name", name)
                for key, value in record["settings"].items():
                    options = with_setting(options, key, value)
            elif record.get("did") == "start":
                start = record["ns"]
            elif "in" in record:
                events.append((record["taken"], codec.decode(record["in"])))
        except (ValueError, KeyError, TypeError) as error:
            raise LogError(f"{log}, line {number}: {error}") from error
    if not events:
        raise LogError(f"{log} holds no events: it is not the log of a jam")
    clock = ManualClock(start)
    ports = Ports(clock, FakeMidiOut(clock.now), _Blind(), _Silent(), _Nothing())
    conductor = Conductor(options, ports, clock.now())
    for taken, event in events:
        conductor.post_logged(event, taken)
    run_offline(conductor, clock)
    return conductor, name
