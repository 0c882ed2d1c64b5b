"""Melodies as the net and the baselines read them: notes in ticks, the chord at each onset, and the one after it."""

from __future__ import annotations

import hashlib
import json
import os
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.music.chords import Chord, parse_chord
from sideman.music.meter import FRAME_TICKS, Meter, MeterError
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SETS = {"pop909-structure": "pop909", "openscore-lieder": "lieder"}
"""Folders the weights may see, and their reader."""


@dataclass(frozen=True, slots=True)
class Span:
    """A chord from ``start`` to ``end`` in ticks."""

    start: int
    end: int
    chord: Chord


@dataclass(frozen=True, slots=True)
class Melody:
    """One piece: its notes in order, its chords, its meter."""

    song: str
    meter: Meter
    notes: tuple[Note, ...]
    spans: tuple[Span, ...]

    def chord_at(self, tick: int) -> tuple[Chord | None, Chord | None, int]:
        """Chord sounding at a tick, the next one, and the ticks until it."""
        k = bisect_right(self.spans, tick, key=lambda span: span.start) - 1
        now = self.spans[k].chord if k >= 0 and tick < self.spans[k].end else None
        if k + 1 < len(self.spans):
            return now, self.spans[k + 1].chord, self.spans[k + 1].start - tick
        return now, None, 0


def melody_of(piece: dict[str, Any]) -> Melody | None:
    """A lead sheet as a melody; None when its meter is none the box can count or it has fewer than two notes."""
    try:
        meter = Meter(*piece["meter"])
    except MeterError:
        return None
    notes: list[Note] = []
    for onset, duration, pitch in sorted(piece["melody"]):
        tick, length = round(onset * FRAME_TICKS), max(1, round(duration * FRAME_TICKS))
        if notes and notes[-1].tick == tick:
            notes[-1] = max(notes[-1], Note(tick, length, int(pitch)), key=lambda note: note.pitch)
        elif 0 <= pitch <= 127:
            notes.append(Note(tick, length, int(pitch)))
    spans: list[Span] = []
    for onset, duration, label in sorted(piece.get("chords", [])):
        chord = parse_chord(label)
        if chord is not None and duration > 0:
            start = round(onset * FRAME_TICKS)
            if spans and spans[-1].chord == chord and spans[-1].end == start:
                spans[-1] = Span(spans[-1].start, start + round(duration * FRAME_TICKS), chord)
            else:
                spans.append(Span(start, start + round(duration * FRAME_TICKS), chord))
    return Melody(piece["id"], meter, tuple(notes), tuple(spans)) if len(notes) >= 2 else None


def read_jsonl(path: Path) -> list[Melody]:
    """Melodies of a file with one lead sheet a line."""
    with path.open(encoding="utf-8") as lines:
        found = [melody_of(json.loads(line)) for line in lines if line.strip()]
    return [melody for melody in found if melody is not None]


def is_validation(song: str) -> bool:
    """Whether a song is held out: by a hash of its id, the stretches of one song together."""
    digest = hashlib.sha256(f"sideman:{song.partition('.')[0]}".encode()).hexdigest()
    return int(digest, 16) % 10 == 0


def is_training(song: str) -> bool:
    """Whether training saw a song: it is of a training set and not held out."""
    return song.startswith(tuple(f"{name}-" for name in SETS.values())) and not is_validation(song)


def cache_dir() -> Path:
    """Folder for parsed pieces and encoded notes, outside the repository."""
    base = os.environ.get("SIDEMAN_CHECKPOINTS") or str(Path.home() / ".cache" / "sideman-lab")
    folder = Path(base) / "melody"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def training_pieces(data_dir: Path, sets: Iterable[str] = SETS) -> Iterator[Melody]:
    """Every melody the weights may see (training and validation songs), from a cache after the first time."""
    for name in sets:
        cached = cache_dir() / f"{name}.jsonl"
        if not cached.exists():
            part = cached.with_suffix(".part")
            with part.open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(piece) + "\n" for piece in _reader(name)(data_dir))
            part.replace(cached)
        yield from read_jsonl(cached)


def _reader(name: str) -> Any:
    if SETS[name] == "pop909":
        from sideman_lab.data import pop909

        return pop909.read
    from sideman_lab.data import lieder

    return lieder.read
