"""``sideman-lab wins``: five takes played by this checkout and by a commit before it, measured, drawn and sounded.

A jazz line, a shuffle, a bossa, a funk riff and a ballad go through ``sideman jam --fast`` of both; each take leaves
its MIDI file, its roll and an ``.ogg`` by FluidSynth with the box's font. The figures, of either by the same ruler:

* solo: share of the player's notes on beats where the solo has one too (``trade``)
* mix: spread of drums, bass and chords in LU, and the solo over the player
* swing: distance of the worst part's off-beat eighths from the player's, in beats
* choruses: likeness of the band's third turn to its first
* beat: likeness of kick and snare to a plain backbeat
* loudness: correlation with the player's, at most a bar and a half later (where he swells)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from sideman.service.synth_command import NoSynthError
from sideman_lab.mix import synth
from sideman_lab.mix.takes import stem
from sideman_lab.wins.figures import BAND, figures, parts_of
from sideman_lab.wins.takes import PERFORMANCES, write

BEFORE = "af6732f"
"""The commit before the first of the six."""
FOLDERS = ("firmware_py", "models_tflite/sideman_models")
ROWS = {
    "tempo_ratio": "tempo found over the player's: near 1, else the take is played on another beat and shows nothing",
    "on_beat_kept": "higher is better: share of the player's notes on beats that the solo has too (trade)",
    "bed_spread": "lower is better: LU between drums, bass and chords, at most 4",
    "solo_over_player": "LU, 0 to 3",
    "swing_distance": "lower is better: beats between the worst part's off-beat eighths and the player's, at most .04",
    "chorus_3_like_1": "below 1: the third turn is not the first one again",
    "backbeat": "1 is a plain rock beat, whatever the style",
    "loudness": "higher is better: correlation with a player who swells",
}
"""Figures and how to read them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab wins``."""
    parser.add_argument("--out", type=Path, required=True, help="folder for takes, rolls, sound and wins.json")
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT", help=f"what to compare with (default: {BEFORE})")
    parser.add_argument("--seed", type=int, default=1, help="of the players' lines and hands")
    parser.add_argument("--no-sound", action="store_true", help="neither .ogg nor the mix: without FluidSynth")


def run(args: argparse.Namespace) -> int:
    """Play, measure and print both; 1 when the commit or FluidSynth is not there."""
    args.out.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, dict[str, Any]]] = {performance.name: {} for performance in PERFORMANCES}
    try:
        with tempfile.TemporaryDirectory() as folder:
            old = unpacked(args.before, Path(folder))
            for when, path in (("before", old), ("after", "")):
                for performance in PERFORMANCES:
                    print(f"{performance.name}, {when} …", file=sys.stderr, flush=True)
                    out = args.out / performance.name / when
                    found[performance.name][when] = taken(performance, args.seed, out, path, sound=not args.no_sound)
    except (subprocess.CalledProcessError, NoSynthError, synth.NoMeterError, OSError) as error:
        told = getattr(error, "stderr", None)
        print(f"sideman-lab wins: {told.decode().strip() if isinstance(told, bytes) else error}", file=sys.stderr)
        return 1
    (args.out / "wins.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print("\n".join(table(found)))
    return 0


def unpacked(commit: str, folder: Path) -> str:
    """The program of a commit of this checkout; returns the search path that finds it before this one.

    Raises:
        CalledProcessError: There is no such commit here.
    """
    here = Path(__file__).resolve().parent
    top = subprocess.run(["git", "-C", str(here), "rev-parse", "--show-toplevel"], capture_output=True, check=True)  # noqa: S603, S607 - git of whoever works here
    words = ["git", "-C", top.stdout.decode().strip(), "archive", commit, *FOLDERS]
    done = subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - as above
    with tarfile.open(fileobj=BytesIO(done.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return os.pathsep.join(str(folder / Path(each).parent if "models" in each else folder / each) for each in FOLDERS)


def taken(performance: Any, seed: int, out: Path, path: str, *, sound: bool) -> dict[str, Any]:
    """One take of one program: played into its folder, then measured.

    Raises:
        CalledProcessError: The program failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    midi, script = write(performance, out, seed)
    words = [sys.executable, "-c", "from sideman.service.cli import main; raise SystemExit(main())", "jam", "--fast"]
    words += ["--midi", str(midi), "--script", str(script), "--out", str(out)]
    environment = os.environ | ({"PYTHONPATH": path} if path else {})
    subprocess.run(words, capture_output=True, check=True, env=environment)  # noqa: S603 - this interpreter
    take = out / "take.mid"
    heard = json.loads((out / "report.json").read_text(encoding="utf-8"))["tempo_bpm"]
    found: dict[str, Any] = {"tempo_ratio": heard / performance.bpm, **figures(parts_of(take))}
    if sound:
        synth.ogg(take, out / "take.ogg")
        loud = {part: synth.heard(synth.rendered(out / "stem.mid")).lufs for part in _stems(take, out / "stem.mid")}
        bed = [loud[part] for part in BAND if part in loud]
        found["bed_spread"] = max(bed) - min(bed)
        found["solo_over_player"] = loud["solo"] - loud["player"] if "solo" in loud else None
    return found


def _stems(take: Path, out: Path) -> Any:
    """Names of the parts that sound, each written to ``out`` before it is named."""
    for part in (*BAND, "solo", "player"):
        if stem(take, part, out):
            yield part
    out.unlink(missing_ok=True)


def table(found: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """Before → after, a row a figure."""
    lines = [f"{'':17}" + "".join(f"{name:>16}" for name in found)]
    for row in ROWS:
        cells = []
        for takes in found.values():
            values = [takes[when].get(row) for when in ("before", "after")]
            shown = ["-" if value is None else f"{value:.2f}" for value in values]
            cells.append(f"{' → '.join(shown):>16}")
        lines.append(f"{row:17}" + "".join(cells))
    return [*lines, "", *(f"{row:17}{text}" for row, text in ROWS.items())]
