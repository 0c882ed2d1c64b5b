"""The Groove MIDI Dataset (CC BY 4.0) as grids of sixteenths."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import mido
import numpy as np

from sideman.models.drum_features import STYLES, VOICES
from sideman.music.drumkit import voice_of
from sideman.music.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BAR_STEPS = 16
WINDOW = 32
MISALIGNED = "drummer7/session3/149_soul_105_fill_4-4.mid"
"""A fill known to lie off its grid (magenta issue 1663); left out."""


@dataclass(frozen=True, slots=True)
class Performance:
    """One recorded performance.

    Attributes:
        name: ``midi_filename`` of the row.
        drummer: ``drummer1`` and so on.
        style: Primary style, one of the network's styles.
        bpm: Tempo of the click.
        beat_type: ``beat`` or ``fill``.
        meter: Its meter.
        split: ``train`` or ``validation``.
        grid: Steps x 9 x (hit, velocity 0-1, offset in 16ths, late positive), whole bars.
    """

    name: str
    drummer: str
    style: str
    bpm: float
    beat_type: str
    meter: Meter
    split: str
    grid: NDArray[np.float32]

    @property
    def bars(self) -> int:
        """Whole bars in the grid."""
        return len(self.grid) // self.meter.bar_frames

    def windows(self, bars: int = 2, hop_bars: int = 1) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Start step and grid of each window of some bars."""
        length = self.meter.bar_frames
        for bar in range(0, self.bars - bars + 1, hop_bars):
            yield bar * length, self.grid[bar * length : (bar + bars) * length]


def grid_of(midi: mido.MidiFile, meter: Meter) -> NDArray[np.float32]:
    """Quantise a performance to 16ths, keeping the loudest hit of a voice in a step."""
    step_ticks = midi.ticks_per_beat / 4
    hits: list[tuple[int, int, float, float]] = []
    tick = 0
    for message in mido.merge_tracks(midi.tracks):
        tick += message.time
        if message.type == "note_on" and message.velocity > 0:
            voice = voice_of(message.note)
            if voice is not None:
                step = int(np.floor(tick / step_ticks + 0.5))
                hits.append((step, voice, message.velocity / 127, tick / step_ticks - step))
    last = max((step for step, *_ in hits), default=0)
    # A bar of which less than three quarters were played is not a bar.
    bars = max(1, int((last + 1) / meter.bar_frames + 0.25))
    grid = np.zeros((bars * meter.bar_frames, VOICES, 3), np.float32)
    for step, lane, velocity, offset in hits:
        if step < len(grid) and velocity > grid[step, lane, 1]:
            grid[step, lane] = (1.0, velocity, offset)
    return grid


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every MIDI file's path below the data set's root and its bytes, from an archive or a tree."""
    archives = sorted(folder.glob("*.tar.gz"))
    if archives:
        with tarfile.open(archives[0]) as tar:
            for member in tar:
                if member.name.endswith(".mid") and (data := tar.extractfile(member)):
                    yield member.name, data.read()
        return
    for path in sorted(folder.rglob("*.mid")):
        yield path.relative_to(folder).as_posix(), path.read_bytes()


def parse(folder: Path) -> list[Performance]:
    """Read ``info.csv`` and the files it names, from a tree or one ``*.tar.gz``.

    Raises:
        FileNotFoundError: There is no ``info.csv``, or not one of its files.
    """
    table = folder / "info.csv"
    if not table.is_file():
        raise FileNotFoundError(f"{folder} has no info.csv: give the folder of the Groove MIDI Dataset")
    with table.open(newline="", encoding="utf-8") as lines:
        rows = {row["midi_filename"]: row for row in csv.DictReader(lines)}
    found = []
    for path, data in _files(folder):
        name = path if path in rows else path.split("/", 1)[-1]
        row = rows.get(name)
        if row is None or name == MISALIGNED:
            continue
        numerator, denominator = (int(n) for n in row["time_signature"].split("-"))
        meter = Meter(numerator, denominator)
        style = row["style"].split("/")[0]
        found.append(
            Performance(
                name,
                row["drummer"],
                style if style in STYLES else STYLES[0],
                float(row["bpm"]),
                row["beat_type"],
                meter,
                row["split"],
                grid_of(mido.MidiFile(file=io.BytesIO(data)), meter),
            )
        )
    if not found:
        raise FileNotFoundError(
            f"{folder} has info.csv but none of the files it names: unpack gmd.tar.gz or keep it there"
        )
    return sorted(found, key=lambda p: p.name)


def folder(data: Path | None) -> Path:
    """The Groove folder inside a data folder, or the folder itself."""
    root = data or Path(os.environ.get("SIDEMAN_DATA", "data"))
    return root / "gmd" if (root / "gmd" / "info.csv").is_file() else root


def cache_folder() -> Path:
    """Where parsed data is kept, outside the repository."""
    return Path(os.environ.get("SIDEMAN_CACHE", "~/.cache/sideman-lab/data")).expanduser()


def load(folder: Path) -> list[Performance]:
    """As :func:`parse`, from a cache when the data set has not changed."""
    stamp = "|".join(f"{p.name}:{p.stat().st_size}" for p in sorted((*folder.glob("*.csv"), *folder.glob("*.tar.gz"))))
    key = hashlib.sha256(f"3|{folder.resolve()}|{stamp}".encode()).hexdigest()[:16]
    path = cache_folder() / f"gmd-{key}.npz"
    if path.is_file():
        return _from_cache(path)
    found = parse(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    np.savez(
        partial,
        meta=np.array(
            [
                (
                    p.name,
                    p.drummer,
                    p.style,
                    str(p.bpm),
                    p.beat_type,
                    f"{p.meter.numerator}/{p.meter.denominator}",
                    p.split,
                )
                for p in found
            ]
        ),
        lengths=np.array([len(p.grid) for p in found]),
        grids=np.concatenate([p.grid for p in found]),
    )
    partial.replace(path)
    return found


def _from_cache(path: Path) -> list[Performance]:
    with np.load(path) as stored:
        ends = np.cumsum(stored["lengths"])
        grids = np.split(stored["grids"], ends[:-1])
        found = []
        for row, grid in zip(stored["meta"], grids, strict=True):
            name, drummer, style, bpm, beat_type, meter, split = (str(x) for x in row)
            numerator, denominator = (int(n) for n in meter.split("/"))
            found.append(
                Performance(name, drummer, style, float(bpm), beat_type, Meter(numerator, denominator), split, grid)
            )
        return found


def beats(performances: list[Performance], rows: str) -> list[Performance]:
    """The 4/4 beats of two bars or more of one split."""
    return [
        p
        for p in performances
        if p.split == rows and p.beat_type == "beat" and p.meter == Meter() and len(p.grid) >= WINDOW
    ]
