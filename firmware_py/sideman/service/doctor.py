"""``sideman doctor``: looks at this machine and says, for each thing, what is wrong and what to do about it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sideman.service import doctor_devices as devices
from sideman.service import doctor_hil as hil
from sideman.service import doctor_program as program
from sideman.service.doctor_finding import Finding
from sideman.service.settings import Settings, load_or_defaults

CHECKS: dict[str, Callable[[Settings], list[Finding]]] = {
    "python": program.python,
    "packages": program.packages,
    "models": program.models,
    "midi": devices.midi,
    "sound": devices.sound,
    "pins": devices.pins,
    "display": devices.display,
    "usb pedal": devices.usb_pedal,
    "realtime": program.realtime,
    "disk": program.disk,
}
_SIGNS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="settings file (default /etc/sideman/settings.toml)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    parser.add_argument(
        "--hil",
        action="store_true",
        help="measure the six jumper wires of a Raspberry Pi that tests itself (hardware/loopback.svg), and only them",
    )


def examine(settings_file: Path | None = None) -> list[Finding]:
    """Everything the doctor finds; a check that breaks is a finding itself."""
    loaded = load_or_defaults(settings_file)
    found = [
        Finding("settings", "bad", str(problem), "correct the file; until then the key has its default")
        for problem in loaded.problems
    ] or [Finding("settings", "ok", f"{len(loaded.settings.changed())} differ from the defaults")]
    for name, check in CHECKS.items():
        try:
            found += check(loaded.settings)
        except Exception as error:  # noqa: BLE001 - the doctor tells what it can of a sick machine
            found.append(Finding(name, "bad", f"the check broke: {type(error).__name__}: {error}", "report this"))
    return found


def run(args: argparse.Namespace) -> int:
    """Print what was found; 1 when the box could not play or a jumper is wrong, 2 when there are none to measure."""
    if args.hil:
        try:
            found = hil.examine(load_or_defaults(args.settings).settings)
        except hil.NoHeaderError as error:
            return hil.refuse(error)
        bad = _print(found, as_json=args.json)
        if not args.json:
            sys.stdout.write(f"{len(found) - bad} of {len(found)} wires are right.\n")
        return 1 if bad else 0
    found = examine(args.settings)
    bad = _print(found, as_json=args.json)
    if not args.json:
        notes = sum(finding.state == "note" for finding in found)
        verdict = "cannot play as it is" if bad else "can play"
        sys.stdout.write(
            f"This machine {verdict}: {bad} bad, {notes} to note (a device that is absent is only noted).\n"
        )
    return 1 if bad else 0


def _print(found: list[Finding], *, as_json: bool) -> int:
    """Print findings; how many are bad."""
    bad = sum(finding.state == "bad" for finding in found)
    if as_json:
        tree = {"schema": 1, "ok": not bad, "findings": [asdict(finding) for finding in found]}
        sys.stdout.write(json.dumps(tree, indent=1) + "\n")
        return bad
    width = max(len(finding.name) for finding in found)
    for finding in found:
        sys.stdout.write(f"{_SIGNS[finding.state]} {finding.name:{width}}  {finding.found}\n")
        if finding.advice:
            sys.stdout.write(f"{'':{width + 7}}-> {finding.advice}\n")
    return bad
