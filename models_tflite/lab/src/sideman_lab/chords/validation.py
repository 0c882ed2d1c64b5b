"""The validation sets of the chord family: ``python -m sideman_lab.chords.validation DATA OUT`` writes them to OUT.

``pop909-validation``: POP909's validation songs. ``lieder-validation``: lieder of the validation side, the first long
enough stretch of each, with chords derived from the piano part; at most 72 of either.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman_lab.chords.piece import frame_piece
from sideman_lab.data import lieder_chords, pop909
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman_lab.chords.piece import FramedPiece

SETS = {"pop909-validation": pop909.read, "lieder-validation": lieder_chords.read}
FRAMES = 256
SHORTEST = 96
"""Frames; a shorter stretch of a song is no test of anything."""
MOST = 72
"""Pieces of each set."""


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


if __name__ == "__main__":
    for name, read in SETS.items():
        rows = chosen(read(Path(sys.argv[1])))
        (Path(sys.argv[2]) / f"{name}.jsonl").write_text("".join(json.dumps(raw) + "\n" for raw, _ in rows), "utf-8")
        print(f"{len(rows)} pieces of {name}")
