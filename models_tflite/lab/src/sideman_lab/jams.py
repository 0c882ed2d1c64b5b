"""``sideman-lab evaluate jams``: the whole program plays along with the melodies of POP909's validation songs.

Each song's MELODY track, with its recorded timing, is played into ``sideman jam --fast`` in follow mode with the
defaults (no tempo given): START is pressed half a second before the file begins. A line a song: what was found, what
sounded (entry: seconds from the first note), whether a note hangs, the chords' note-in-chord beside its baselines, and
how fast it went. Each log is replayed and must give its take's bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import tarfile
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sideman.service.jam_command import jam, with_script
from sideman.service.replay import replayed_bytes
from sideman.service.script import Script, ScriptPress
from sideman.service.settings import Settings
from sideman_lab.cli import data_folder
from sideman_lab.splits import side

ARCHIVE = Path("pop909") / "pop909.tar.gz"
SCRIPT = Script(tracks=("MELODY",), settings=(("jam.mode", "follow"),), presses=(ScriptPress("START", "", 0.5, 0.1),))
HEAD = (
    f"{'song':11} {'s':>5} {'x real':>6} {'bpm':>6} {'entry s':>7} {'drums':>5} {'bass':>5} {'chords':>6} {'hung':>4} "
    f"{'late':>4} {'NiC':>6} {'drone':>6} {'greedy':>6}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate jams``."""
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--out", type=Path, help="folder for what each jam leaves behind (default: nothing is kept)")
    parser.add_argument("--songs", type=int, help="the first so many songs only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="jams at once")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Play them all; 0 when every jam was whole."""
    begun = time.monotonic()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        out = args.out or Path(scratch)
        songs = unpacked(data_folder(args.data), Path(scratch) / "songs", args.songs)
        if not args.json:
            print(HEAD, flush=True)
        with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
            for done in as_completed([pool.submit(play, song, out / song.stem) for song in songs]):
                rows.append(done.result())
                if not args.json:
                    print(line(rows[-1]), flush=True)
    found = summary(rows) | {"minutes": round((time.monotonic() - begun) / 60, 1)}
    print(json.dumps(found | {"songs": rows} if args.json else found))
    return 1 if found["broken"] else 0


def unpacked(data: Path, folder: Path, limit: int | None = None) -> list[Path]:
    """The validation songs' files, in the order of their ids.

    Raises:
        FileNotFoundError: The archive is not there.
    """
    archive = data / ARCHIVE
    if not archive.is_file():
        raise FileNotFoundError(f"{archive} is not there: give the folder that holds {ARCHIVE.parent}/ with --data")
    folder.mkdir(parents=True)
    found = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            song = f"pop909-{Path(member.name).stem}"
            if member.name.endswith(".mid") and member.name.count("/") == 2 and side(song) == "validation":
                stream = tar.extractfile(member)
                if stream is not None:
                    found[song] = folder / f"{song}.mid"
                    found[song].write_bytes(stream.read())
    return [found[song] for song in sorted(found)][:limit]


def play(song: Path, out: Path) -> dict[str, Any]:
    """One jam, whole; a row of the table."""
    begun = time.monotonic()
    try:
        report = jam(song, SCRIPT, with_script(Settings(), SCRIPT), out, fast=True, pictures=False)
    except Exception as error:  # noqa: BLE001 - the row says so, the other songs are played
        return {"song": song.stem, "wrong": [f"{type(error).__name__}: {error}"]}
    entered = next((s["s"] for s in report["states"] if s["band"] == "playing"), None)
    first = next((s["s"] for s in report["states"] if s["ear"] == "listening"), 0.0)
    nic = report["nic"]
    seconds = report["states"][-1]["s"]
    took = time.monotonic() - begun
    wrong = [f"{report['hung_notes']} notes hang"] if report["hung_notes"] else []
    wrong += ["the band never entered"] if entered is None else []
    wrong += [f"{part} is silent" for part in ("drums", "bass", "chords") if not report["notes_per_part"][part]]
    wrong += [] if nic["take"] is not None else ["no note-in-chord"]
    if (out / "take.mid").read_bytes() != replayed_bytes(out / "events.log"):
        wrong.append("the replay differs")
    return {
        "song": song.stem,
        "seconds": seconds,
        "times_real": round(seconds / took, 1),
        "bpm": report["tempo_bpm"],
        "entry_s": None if entered is None else round(entered - first, 1),
        "notes": report["notes_per_part"],
        "hung": report["hung_notes"],
        "late_plans": report["late_plans"],
        "nic": nic["take"],
        "frames": nic["frames"],
        "baselines": nic["baselines"],
        "wrong": wrong,
    }


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    if "notes" not in row:
        return f"{row['song']:11} {'; '.join(row['wrong'])}"
    notes, base = row["notes"], row["baselines"]
    return (
        f"{row['song']:11} {row['seconds']:5.0f} {row['times_real']:6.0f} {row['bpm']:6.1f} {row['entry_s'] or 0:7.1f} "
        f"{notes['drums']:5} {notes['bass']:5} {notes['chords']:6} {row['hung']:4} {row['late_plans']:4} "
        f"{row['nic'] or 0:6.3f} {base.get('drone, online key', 0):6.3f} {base.get('greedy histogram', 0):6.3f} "
        f"{'; '.join(row['wrong'])}"
    )


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All songs together; shares are weighted by frames."""
    whole = [row for row in rows if row.get("frames")]
    frames: int = sum(row["frames"] for row in whole) or 1

    def mean(values: list[float]) -> float:
        total: float = sum(v * row["frames"] for v, row in zip(values, whole, strict=True))
        return round(total / frames, 3)

    names = sorted({name for row in whole for name in row["baselines"]})
    speeds = sorted(row["times_real"] for row in rows if "times_real" in row)
    return {
        "songs": len(rows),
        "broken": sum(bool(row["wrong"]) for row in rows),
        "hung_notes": sum(row.get("hung", 0) for row in rows),
        "late_plans": sum(row.get("late_plans", 0) for row in rows),
        "nic": mean([row["nic"] for row in whole]),
        "baselines": {name: mean([row["baselines"][name] for row in whole]) for name in names},
        "times_real": {"p50": speeds[len(speeds) // 2], "worst": speeds[0]} if speeds else {},
    }
