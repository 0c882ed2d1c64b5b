"""What is usual: ``python -m sideman_lab.chords.habits DATA`` fits the constants of ``chord_habits``, ``chord_key``.

How often chords change is explained by how many strong beats went by and how varied the melody's pitch classes are:
``RATE``, on the training songs of POP909 and the training side of the lieder. How varied the chords are, by the strong
beats and how varied the chords are that the net hears with hindsight: ``ENTROPY``, on the validation songs of both,
which the net never saw. Both sets count alike. Note density was tried and left out: it helped within each set, not
from one to the other.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_habits import entropy
from sideman.models.chords import ChordStream
from sideman.models.library import load
from sideman.music.chords import NO_CHORD
from sideman.music.harmony import estimate_key
from sideman_lab.chords import measure as m
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.validation import chosen
from sideman_lab.data import lieder_chords, pop909
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]

SETS = {"pop909": pop909.read, "openscore-lieder": lieder_chords.read}
BARS = (2, 4, 6, 8, 12, 16, 24)
"""How much of each song is looked at."""
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


def changes(piece: FramedPiece) -> list[list[float]]:
    """Strong beats, entropy of the melody, changes a strong beat: for each length looked at."""
    out = []
    for bars in BARS:
        n = bars * piece.meter.bar_frames
        pitch = piece.pitch[:n]
        if _known(piece, n) and (pitch > 0).any():
            strong = bars * len(piece.meter.groups)
            tones = np.bincount(pitch[pitch > 0] % 12, minlength=12).astype(np.float32)
            out.append([strong, float(entropy(tones)), len(m.changes(piece.human[:n])) / strong])
    return out


def palette(graph: Graph, piece: FramedPiece) -> list[list[float]]:
    """Strong beats, entropy of the chords that the net hears with hindsight, entropy of the written ones."""
    stream, out = ChordStream(graph, piece.meter, piece.first), []
    for row, frame in enumerate(piece.heard(), 1):
        stream.advance(frame)
        bars, rest = divmod(row, piece.meter.bar_frames)
        if rest == 0 and bars in BARS[1:] and _known(piece, row):
            strong = bars * len(piece.meter.groups)
            out.append([strong, float(entropy(stream.seen)), m.chord_entropy(piece.human[:row])])
    return out


def _known(piece: FramedPiece, frames: int) -> bool:
    return frames <= len(piece) and float((piece.human[:frames] >= NO_CHORD).mean()) <= UNKNOWN


def fitted(tables: list[Floats]) -> tuple[list[float], list[float]]:
    """The constants, and how far off they are on each set."""
    both = np.concatenate(tables)
    weight = np.concatenate([np.full(len(t), len(t) ** -0.5) for t in tables])
    solved = np.linalg.lstsq(_terms(both) * weight[:, None], both[:, 2] * weight, rcond=None)[0]
    off = [round(float((_terms(t) @ solved - t[:, 2]).mean()), 3) for t in tables]
    return [round(float(x), 3) for x in solved], off


def _terms(table: Floats) -> Floats:
    s = table[:, 0]
    return np.stack([np.ones(len(s)), 1 / s, 1 / s**2, table[:, 1]], axis=1)


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
    training = [songs(read(data)) for read in SETS.values()]
    print("HOME", home(training))
    tables = [np.array([row for piece in pieces for row in changes(piece)]) for pieces in training]
    print("RATE {}, mean error of each set {}".format(*fitted(tables)))
    graph = load("chords")
    heard = [[piece for _, piece in chosen(read(data))] for read in SETS.values()]
    tables = [np.array([row for piece in pieces for row in palette(graph, piece)]) for pieces in heard]
    print("ENTROPY {}, mean error of each set {}".format(*fitted(tables)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
