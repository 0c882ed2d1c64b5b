"""The command ``sideman-lab``: ``train``, ``evaluate``, ``export`` of each family, and what stands alone."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Sequence

FAMILIES = ("drums", "chords", "melody")
ACTIONS = {
    "train": "train a model; resumes from its last checkpoint",
    "evaluate": "measure a model beside its baselines",
    "export": "convert the last checkpoint to TFLite and write it into the package",
}
NEEDS = {"train": ("torch",), "export": ("torch", "tensorflow"), "evaluate": ()}
MEASURED = {
    "tempo": "sideman_lab.tempo_check",
    "jams": "sideman_lab.jams",
    "knobs": "sideman_lab.chords.knobs",
    "bench": "sideman_lab.bench.command",
    "recognition": "sideman_lab.recognition",
    "tunes": "sideman_lab.tunes.command",
    "entries": "sideman_lab.tunes.entries",
    "styles": "sideman_lab.drums.styles",
    "dynamics": "sideman_lab.dynamics",
    "choruses": "sideman_lab.choruses",
    "swing": "sideman_lab.swing",
    "mix": "sideman_lab.mix.takes",
}
"""What ``evaluate`` measures beside the families: with nothing to export."""
ALONE = {
    "loudness": ("measure every sound of the box's synthesiser for its mix", "sideman_lab.mix.trims"),
    "sheets": ("engrave the box's lead sheets of known tunes for the guide", "sideman_lab.tunes.sheets"),
    "wins": ("five takes now and as an earlier commit played them", "sideman_lab.wins.command"),
}
"""Actions with no family, and who does them."""
SETS = {
    "pop909": "pop909_played",
    "pop909-cl": "pop909_cl",
    "pop909-structure": "pop909",
    "openewld": "openewld",
    "openscore-lieder": "lieder_chords",
    "openhymnal": "openhymnal",
    "nottingham-gpl": "nottingham",
    "chord-melody": "chord_melody",
    "nottingham": "nottingham",
    "lieder": "lieder",
}
"""Folders of the data (and two short names; ``lieder`` is the voice without chords), and who reads them."""
WITHOUT_CHORDS = ("gmd", "drum-machine-patterns")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Words after the program's name; None takes the process's own.

    Returns:
        Exit status: 0 done, 1 a gate failed or data are missing, 2 wrong words or the wrong environment.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    # The training environment is asked for before a family's module is imported: that import needs it.
    if len(words) >= 2 and words[0] in NEEDS and words[1] in FAMILIES:
        missing = [name for name in NEEDS[words[0]] if importlib.util.find_spec(name) is None]
        if missing and not {"-h", "--help"} & set(words):
            print(
                f"sideman-lab {words[0]} needs the training environment: run `make lab`, "
                f"then .venv-lab/bin/sideman-lab {' '.join(words)}",
                file=sys.stderr,
            )
            return 2
    parser = _parser(words)
    args = parser.parse_args(words)
    try:
        return int(args.run(args))
    except FileNotFoundError as error:
        print(f"sideman-lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("sideman-lab: stopped; training resumes from the last checkpoint", file=sys.stderr)
        return 130


def data_folder(given: str | None) -> Path:
    """The folder with the data sets: ``--data``, else ``$SIDEMAN_DATA``.

    Raises:
        FileNotFoundError: Neither is set, or it does not exist.
    """
    chosen = given or os.environ.get("SIDEMAN_DATA")
    if not chosen:
        raise FileNotFoundError("no data folder: give --data DIR or set SIDEMAN_DATA")
    path = Path(chosen).expanduser()
    if not path.is_dir():
        raise FileNotFoundError(f"the data folder {path} does not exist: give --data DIR or set SIDEMAN_DATA")
    return path


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sideman-lab", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in ACTIONS.items():
        row = actions.add_parser(action, help=text, description=text)
        names = row.add_subparsers(dest="family", required=True, metavar="|".join(FAMILIES))
        for family in (*FAMILIES, *(MEASURED if action == "evaluate" else ())):
            sub = names.add_parser(family, help=f"{action} {family}", description=f"{family}: {text}")
            # Only the asked module is imported: the others may need packages that are not there.
            if list(words[:2]) == [action, family]:
                module = _family_module(family, action)
                module.add_arguments(sub)
                sub.set_defaults(run=module.run)
    for action, (text, name) in ALONE.items():
        row = actions.add_parser(action, help=text)
        if words[:1] == [action]:
            module = importlib.import_module(name)
            module.add_arguments(row)
            row.set_defaults(run=module.run)
    pieces = actions.add_parser("pieces", help="write a data set's lead sheets as JSON lines")
    pieces.add_argument("set", choices=[*SETS, *WITHOUT_CHORDS], metavar="SET", help=f"one of {', '.join(SETS)}")
    pieces.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    pieces.add_argument("--out", required=True, type=Path, help="file to write, one piece a line")
    pieces.add_argument("--side", choices=("train", "validation"), help="one side of the split only (default: all)")
    pieces.add_argument("--limit", type=int, help="stop after so many pieces")
    pieces.set_defaults(run=_pieces)
    return parser


def _family_module(family: str, action: str) -> Any:
    name = MEASURED.get(family, f"sideman_lab.{family}.{action}")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            raise SystemExit(f"sideman-lab: this checkout cannot {action} {family} yet") from error
        raise


def _pieces(args: argparse.Namespace) -> int:
    if args.set in WITHOUT_CHORDS:
        print(
            f"sideman-lab: {args.set} holds drums alone, no melody and no chords: take one of {', '.join(SETS)}",
            file=sys.stderr,
        )
        return 2
    reader = importlib.import_module(f"sideman_lab.data.{SETS[args.set]}")
    written = 0
    partial = args.out.with_name(args.out.name + ".part")
    with partial.open("w", encoding="utf-8") as lines:
        for piece in reader.read(data_folder(args.data)):
            if args.side is not None and side(str(piece["id"]).partition(".")[0]) != args.side:
                continue
            lines.write(json.dumps(piece, separators=(",", ":")) + "\n")
            written += 1
            if args.limit is not None and written >= args.limit:
                break
    partial.replace(args.out)
    print(f"{written} pieces of {args.set} in {args.out}")
    return 0 if written else 1


if __name__ == "__main__":
    raise SystemExit(main())
