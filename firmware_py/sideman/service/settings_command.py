"""``sideman settings``: what is in force, a complete example, a check of a file, the page of the guide, the knobs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sideman.service.knob_docs import knobs
from sideman.service.settings import load_or_defaults
from sideman.service.settings_text import example, listing, markdown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="file to read (default /etc/sideman/settings.toml)"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--example", action="store_true", help="print a complete commented file")
    what.add_argument("--markdown", action="store_true", help="print the page of the guide")
    what.add_argument("--knobs", action="store_true", help="print every knob: menu, pedal, controller and OSC names")
    what.add_argument("--check", type=Path, metavar="FILE", help="say everything that is wrong with a file")


def run(args: argparse.Namespace) -> int:
    """Print what was asked for; 1 when a file has anything wrong."""
    if args.example:
        sys.stdout.write(example())
        return 0
    if args.markdown:
        sys.stdout.write(markdown())
        return 0
    if args.knobs:
        sys.stdout.write(knobs() + "\n")
        return 0
    loaded = load_or_defaults(args.check or args.settings)
    for problem in loaded.problems:
        sys.stderr.write(f"{problem}\n")
    if args.check:
        if not loaded.problems:
            sys.stdout.write(
                f"{args.check}: {len(loaded.settings.changed())} settings differ from the defaults; all is well\n"
            )
    else:
        sys.stdout.write(listing(loaded.settings) + "\n")
    return 1 if loaded.problems else 0
