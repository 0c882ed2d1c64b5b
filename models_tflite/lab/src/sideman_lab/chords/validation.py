"""The validation sets of the chord family: ``python -m sideman_lab.chords.validation DATA OUT`` writes them to OUT.

``pop909-validation``: POP909's validation songs. ``lieder-validation``: lieder of the validation side, the first long
enough stretch of each, with chords derived from the piano part; at most 72 of either. The decoder's weights are chosen
on more of the same songs (``stretches``), as one who joins in later would hear them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.music.chords import NO_CHORD
from sideman_lab.chords.piece import frame_piece
from sideman_lab.data import lieder_chords, pop909
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sideman_lab.chords.piece import FramedPiece

SETS = {"pop909-validation": pop909.read, "lieder-validation": lieder_chords.read}
FRAMES = 256
SHORTEST = 96
"""Frames; a shorter stretch of a song is no test of anything."""
MOST = 72
"""Pieces of each set."""
LATER = 160
"""Frames; a shorter rest of a song is not taken as one more stretch."""
LATER_MARK = "@"
STRETCHES = {"pop909-validation": 3, "lieder-validation": 2}
"""Stretches of a song at most: the lieder are more, and shorter."""


def chosen(pieces: Iterable[dict[str, Any]]) -> list[tuple[dict[str, Any], FramedPiece]]:
    """The validation side of a set, each piece as it was read and framed."""
    found: dict[str, tuple[dict[str, Any], FramedPiece]] = {}
    for raw in pieces:
        song = str(raw["id"]).partition(".")[0]
        if song not in found and side(song) == "validation":
            piece = frame_piece(raw, FRAMES)
            if piece is not None and len(piece) >= SHORTEST:
                found[song] = (raw, piece)
    return list(found.values())[:MOST]


def stretches(pieces: Iterable[dict[str, Any]], most: int) -> list[FramedPiece]:
    """The validation side of a set, of each song its first ``FRAMES`` frames and so many bars at a time after them.

    Args:
        pieces: The set.
        most: Stretches of a song at most.
    """
    found: dict[str, list[FramedPiece]] = {}
    for raw in pieces:
        song = str(raw["id"]).partition(".")[0]
        if song not in found and side(song) == "validation":
            first = frame_piece(raw, FRAMES)
            if first is not None and len(first) >= SHORTEST:
                found[song] = [first, *_later(raw, first, most - 1)]
    return [piece for song in found.values() for piece in song]


def _later(raw: dict[str, Any], first: FramedPiece, most: int) -> Iterator[FramedPiece]:
    step = FRAMES // first.meter.bar_frames * first.meter.bar_frames
    for number in range(1, most + 1):
        rest = begun_at(raw, first.dropped + number * step)
        piece = frame_piece(rest, FRAMES) if rest["melody"] and rest["chords"] else None
        if piece is None or len(piece) < LATER:
            return
        if (piece.human < NO_CHORD).mean() > 0.5:
            yield piece


def is_later(piece: FramedPiece) -> bool:
    """Whether it is a later stretch of a song."""
    return LATER_MARK in piece.id


def begun_at(raw: dict[str, Any], start: float) -> dict[str, Any]:
    """A piece as who joins in at a bar line hears it; what sounds across that line is cut.

    Args:
        raw: A piece of the common form.
        start: That bar line, 16ths from the first one.
    """
    notes = [[o - start, d, p] for o, d, p in raw["melody"] if o >= start]
    chords = [[max(o - start, 0), d + min(o - start, 0), c] for o, d, c in raw["chords"] if o + d > start]
    return {**raw, "id": f"{raw['id']}{LATER_MARK}{start}", "melody": notes, "chords": chords, "pickup": 0}


if __name__ == "__main__":
    for name, read in SETS.items():
        rows = chosen(read(Path(sys.argv[1])))
        (Path(sys.argv[2]) / f"{name}.jsonl").write_text("".join(json.dumps(raw) + "\n" for raw, _ in rows), "utf-8")
        print(f"{len(rows)} pieces of {name}")
