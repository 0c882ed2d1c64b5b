"""``sideman demo``: the box listens to a bundled performance, commits it and plays along; a folder keeps it all."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sideman.service.jam_command import jam, table, with_script
from sideman.service.script import read_script
from sideman.service.settings import Settings

CLIPS = Path(__file__).parent.parent / "sim" / "clips"
WANTED = ("IDLE", "ARMED", "LISTENING", "COMMITTED", "PLAYING", "ENDING")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman demo``."""
    parser.add_argument("--out", type=Path, default=Path("demo-out"), help="folder for what the demo leaves behind")
    parser.add_argument("--fast", action="store_true", help="on the offline clock, in seconds instead of a minute")


def run(args: argparse.Namespace) -> int:
    """Play the scene; the status is 0 when the whole path from footswitch to sound was walked."""
    sys.stderr.write(f"A virtual player plays, the box listens and joins in; {args.out}/ keeps it.\n")
    report = scene(args.out, fast=args.fast)
    sys.stderr.write("\n")
    sys.stdout.write(table(report) + "\n")
    from sideman.service.pictures.jam_files import render_ogg  # noqa: PLC0415 - loads Pillow

    said = render_ogg(args.out / "take.mid", args.out / "take.ogg")
    sys.stdout.write(f"sound      {said or 'take.ogg'}\n")
    missing = [state for state in WANTED if state not in {s["state"] for s in report["states"]}]
    silent = [part for part, n in report["notes_per_part"].items() if n == 0]
    sys.stdout.write("files      " + ", ".join(sorted(p.name for p in args.out.iterdir() if p.is_file())) + "\n")
    if missing or silent or report["hung_notes"]:
        sys.stdout.write(f"NOT WELL   states missed {missing}, silent parts {silent}, hung {report['hung_notes']}\n")
        return 1
    return 0


def scene(out: Path, *, fast: bool) -> dict[str, Any]:
    """The bundled jam, with everything it leaves in a folder; returns its report."""
    midi = CLIPS / "first_evening.mid"
    script = read_script(midi.with_suffix(".toml"))
    return jam(midi, script, with_script(Settings(), script), out, fast=fast)
