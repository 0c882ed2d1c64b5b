"""What is usual: ``python -m sideman_lab.chords.habits DATA`` fits the constants of ``chord_habits``, ``chord_key``.

How often chords change is explained by how many strong beats went by, how varied the melody's pitch classes are and
how much the harmony moves that the net hears in it with hindsight: ``RATE``. How varied the chords are, by the strong
beats and how varied those are that the net hears: ``ENTROPY``. Both on songs that the net never saw, every set
counting alike: the validation songs of POP909 and of the lieder, the plain tunes, and generated songs of another seed
than those of the training, vamps and slow forms among them. Note density was tried and left out: it helped within each
set, not from one to the other.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_habits import entropy
from sideman.models.chords import ChordStream
from sideman.models.library import load
from sideman.music.chords import NO_CHORD
from sideman.music.harmony import estimate_key
from sideman_lab.chords import measure as m
from sideman_lab.chords.generated import pieces as generated
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.tune import plain_pieces
from sideman_lab.chords.validation import FRAMES, chosen
from sideman_lab.data import lieder_chords, pop909
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]

SETS = {"pop909": pop909.read, "openscore-lieder": lieder_chords.read}
BARS = (2, 4, 6, 8, 12, 16, 24)
"""How much of each song is looked at."""
GENERATED, GENERATED_SEED = 48, 4242
"""Generated songs that are looked at, and their seed."""
UNKNOWN = 0.3
"""Share of frames without a chord from which a stretch is left out."""
RAREST = 0.003
"""No triad is rarer than this in any key."""


def songs(pieces: Iterable[dict[str, Any]]) -> list[FramedPiece]:
    """The training side, the first long enough stretch of each song."""
    found: dict[str, FramedPiece] = {}
    for raw in pieces:
        song = str(raw["id"]).partition(".")[0]
        if song not in found and side(song) == "train":
            piece = frame_piece(raw, 256)
            if piece is not None and len(piece) >= 96:
                found[song] = piece
    return list(found.values())


@dataclass(frozen=True)
class Row:
    """The first bars of a song: strong beats, what was heard in them, and what was written.

    Attributes:
        strong: Strong beats.
        variety: Entropy of the melody's pitch classes.
        palette: Entropy of the chords that the net hears with hindsight.
        pace: How much the harmony moves that it hears.
        rate: Written changes a strong beat.
        entropy: Entropy of the written chords.
    """

    strong: float
    variety: float
    palette: float
    pace: float
    rate: float
    entropy: float


def rows_of(graph: Graph, piece: FramedPiece) -> list[Row]:
    """A row for each length looked at."""
    stream, out = ChordStream(graph, piece.meter, piece.first), []
    for row, frame in enumerate(piece.heard(), 1):
        stream.advance(frame)
        bars, rest = divmod(row, piece.meter.bar_frames)
        if rest == 0 and bars in BARS and _known(piece, row):
            strong, written = bars * len(piece.meter.groups), piece.human[:row]
            heard = float(entropy(stream.tones)), float(entropy(stream.seen)), stream.pace.value
            out.append(Row(strong, *heard, len(m.changes(written)) / strong, m.chord_entropy(written)))
    return out


def _known(piece: FramedPiece, frames: int) -> bool:
    return frames <= len(piece) and float((piece.human[:frames] >= NO_CHORD).mean()) <= UNKNOWN


def fitted(tables: Sequence[Sequence[Row]], wanted: str, signs: Sequence[str]) -> tuple[list[float], list[float]]:
    """The constants that explain a column by others, and how far off they are on each set."""
    terms = [_terms(table, signs) for table in tables]
    found = [np.array([getattr(row, wanted) for row in table]) for table in tables]
    weight = np.concatenate([np.full(len(t), len(t) ** -0.5) for t in tables])
    solved = np.linalg.lstsq(np.concatenate(terms) * weight[:, None], np.concatenate(found) * weight, rcond=None)[0]
    off = [round(float((t @ solved - f).mean()), 3) for t, f in zip(terms, found, strict=True)]
    return [round(float(x), 3) for x in solved], off


def _terms(table: Sequence[Row], signs: Sequence[str]) -> Floats:
    s = np.array([row.strong for row in table])
    return np.stack([np.ones(len(s)), 1 / s, 1 / s**2, *([getattr(r, sign) for r in table] for sign in signs)], axis=1)


def home(sets: list[list[FramedPiece]]) -> list[list[float]]:
    """``HOME``: log share of each triad above the tonic, in major and in minor keys."""
    total = np.zeros((2, 36))
    for pieces in sets:
        share = np.zeros((2, 36))
        for piece in pieces:
            tonic, mode, _ = estimate_key(np.bincount(piece.pitch[piece.pitch > 0] % 12, minlength=12).tolist())
            chords = piece.human[piece.human < NO_CHORD]
            relative = chords // 12 * 12 + (chords - tonic) % 12
            share[int(mode == "min")] += np.bincount(relative, minlength=36) / len(chords)
        total += share / share.sum(axis=1, keepdims=True) / len(sets)
    found: list[list[float]] = np.log(total + RAREST).round(1).tolist()
    return found


def main(data: Path) -> None:
    """Print the constants."""
    print("HOME", home([songs(read(data)) for read in SETS.values()]))
    graph = load("chords")
    sets = [[piece for _, piece in chosen(read(data))] for read in SETS.values()]
    made = [frame_piece(raw, FRAMES) for raw in generated(GENERATED, GENERATED_SEED)]
    sets += [plain_pieces(), [piece for piece in made if piece is not None]]
    tables = [[row for piece in part for row in rows_of(graph, piece)] for part in sets]
    print("RATE {}, mean error of each set {}".format(*fitted(tables, "rate", ("variety", "pace"))))
    print("ENTROPY {}, mean error of each set {}".format(*fitted(tables, "entropy", ("palette",))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
