"""The command ``sideman``: each subcommand is a module of this room, imported only when it is called."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from sideman import __version__

COMMANDS = {
    "run": ("run", "play: the service on the box, or on this computer with --simulate"),
    "jam": ("jam_command", "a scripted jam with a virtual player, in real time or --fast"),
    "replay": ("replay", "make the MIDI file of a jam again from its event log"),
    "update": ("update", "another version of the whole system; kept once it plays, else the old one starts"),
    "harmonise": (
        "harmonise",
        "chords for a whole melody with hindsight: a lead sheet from a take, a MIDI file, a log",
    ),
    "demo": ("demo", "the bundled jam, with pictures, into demo-out/"),
    "synth": ("synth_command", "become FluidSynth on the box's sound card, with its sound font"),
    "doctor": ("doctor", "check this machine and say what to do"),
    "settings": ("settings_command", "print, check or document the settings"),
}
"""Subcommand: module in ``sideman.service`` with ``add_arguments(parser)`` and ``run(args) -> int``, and its help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Args:
        argv: Arguments without the program's name; None = those of the process.

    Returns:
        The exit status: 0 well, 1 the command failed, 2 it could not begin.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in words if not word.startswith("-")), "")
    parser = argparse.ArgumentParser(prog="sideman", description="A stompbox that jams.")
    parser.add_argument("--version", action="version", version=f"sideman {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    module = None
    for name, (file, help_text) in COMMANDS.items():
        sub = subparsers.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        if name == chosen:
            try:
                module = importlib.import_module(f"sideman.service.{file}")
            except ImportError as error:
                return _missing(name, error)
            module.add_arguments(sub)
    args = parser.parse_args(words)
    if module is None:
        parser.error(f"put {args.command} first")
    try:
        status: int = module.run(args)
    except ImportError as error:
        return _missing(args.command, error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return status


def _missing(command: str, error: ImportError) -> int:
    print(
        f"sideman {command} cannot start: {error}. Install the package with its dependencies; "
        "sideman doctor says what else this machine lacks.",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
