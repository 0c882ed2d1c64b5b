"""Chooses the weights of functional harmony: ``python -m sideman_lab.tunes.tune DATA [MINUTES]``.

On the known tunes to choose on (accepted triads, half of the plain ones, .3 of the keys), a sixth of the hymns (.6 of
their triads, .15 of their keys) and a third of POP909's validation songs (.3 of their triads), each with what the chord
net hears in it with hindsight. The half to report on and the test sets take no part. A random search from the weights
that are shipped: one to three of them change at a time.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chords import hindsight
from sideman.models.library import load
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.functional import PLAIN, Taste, Wanted, cuts_of, functional
from sideman.music.harmony import melody_frames
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman_lab.chords.piece import triad_of
from sideman_lab.data import openhymnal, pop909
from sideman_lab.splits import side
from sideman_lab.tunes.read import read_half

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sideman.models.runtime import Graph
    from sideman.music.harmony import Key

LONGEST = 512
EVERY_HYMN, EVERY_SONG = 6, 3
SPREAD, SHIFT = 0.35, 0.05
FIXED = frozenset({"beat"})


@dataclass(frozen=True)
class Line:
    """A melody with its written triads, and what the net says of each stretch."""

    notes: tuple[Note, ...]
    meter: Meter
    plain: tuple[int, ...]
    other: tuple[int, ...]
    key: Key | None
    said: list[list[float]]

    def marks(self, taste: Taste) -> tuple[float, float, bool]:
        """Shares of accepted and of plain triads, and whether the key is right."""
        found = functional(self.notes, len(self.plain), self.meter, Wanted(), self.said, taste)
        named = [triad_index(s.chord) for s in found.spans for _ in range(s.frames)]
        rows = [r for r in zip(named, self.plain, self.other, strict=True) if r[1] < NO_CHORD]
        fine = sum(chord in (plain, other) for chord, plain, other in rows) / len(rows)
        return fine, sum(chord == plain for chord, plain, _ in rows) / len(rows), found.key == self.key


def line(
    graph: Graph, notes: tuple[Note, ...], meter: Meter, plain: tuple[int, ...], other: tuple[int, ...], key: Key | None
) -> Line:
    """A line and what the net hears in it."""
    heard = hindsight(graph, melody_frames(notes, len(plain)), meter).log_posterior
    starts = [cut.frame for cut in cuts_of(meter, len(plain))]
    return Line(notes, meter, plain, other, key, (np.add.reduceat(heard, starts, axis=0) / 4).tolist())


def of_piece(graph: Graph, piece: dict[str, Any]) -> Line:
    """A piece of the common form, its first ``LONGEST`` frames from the bar line before its first note."""
    meter = Meter(*piece["meter"])
    bar = meter.bar_frames
    low = int(min(on for on, _, _ in piece["melody"]) // bar * bar)
    ticks = FRAME_TICKS
    rows = [(on - low, length, pitch) for on, length, pitch in piece["melody"] if on - low < LONGEST]
    notes = tuple(Note(round(on * ticks), round(length * ticks), int(pitch), 80) for on, length, pitch in rows)
    size = min(LONGEST, -(-max(n.end for n in notes) // meter.bar_ticks) * bar)
    plain = [NO_CHORD] * size
    for on, length, label in piece["chords"]:
        for frame in range(max(0, int(on - low)), min(size, int(on - low + length))):
            plain[frame] = triad_of(label)
    tonic, _, mode = str(piece.get("key", "")).partition(":")
    key = _key(tonic, mode) if tonic else None
    return line(graph, notes, meter, tuple(plain), (-1,) * size, key)


def _key(tonic: str, mode: str) -> Key:
    root = triad_of(f"{tonic}:maj")
    return root, "min" if mode.startswith("min") else "maj"


def sets(graph: Graph, data: Path) -> list[tuple[float, float, float, list[Line]]]:
    """What accepted triads, plain ones and keys count on each set, and its lines."""
    known = [line(graph, t.notes, t.meter, t.plain, t.other, t.key) for t in read_half("choose")]
    hymns = [of_piece(graph, piece) for piece in list(openhymnal.read(data))[::EVERY_HYMN]]
    songs = [piece for piece in pop909.read(data) if side(str(piece["id"])) == "validation"]
    return [
        (1.0, 0.5, 0.3, known),
        (0.6, 0.0, 0.15, hymns),
        (0.3, 0.0, 0.0, [of_piece(graph, piece) for piece in songs[::EVERY_SONG]]),
    ]


def score(taste: Taste, judged: Iterable[tuple[float, float, float, list[Line]]]) -> float:
    """The criterion."""
    total = 0.0
    for accepted, plain, keys, lines in judged:
        rows = np.array([each.marks(taste) for each in lines], float).mean(axis=0)
        total += float(accepted * rows[0] + plain * rows[1] + keys * rows[2])
    return total


def main(data: Path, minutes: float = 5.0) -> None:
    """Search and print the weights to put into ``Taste``."""
    judged = sets(load("chords"), data)
    rng = np.random.default_rng(3)
    names = [field.name for field in fields(Taste) if field.name not in FIXED]
    best, top, began = PLAIN, score(PLAIN, judged), time.monotonic()
    while time.monotonic() - began < 60 * minutes:
        trial = best
        for name in rng.choice(names, rng.integers(1, 4), replace=False):
            value = getattr(trial, name) * np.exp(SPREAD * rng.normal()) + SHIFT * rng.normal()
            trial = replace(trial, **{str(name): float(max(0.0, value))})
        found = score(trial, judged)
        if found > top:
            best, top = trial, found
            print(f"{time.monotonic() - began:.0f} s {top:.4f}", flush=True)
    print({field.name: round(getattr(best, field.name), 2) for field in fields(best)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(float(word) for word in sys.argv[2:3]))
