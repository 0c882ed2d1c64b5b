"""``sideman-lab evaluate knobs``: every knob over its settings with its own figure, and whether it moves it one way."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.library import load
from sideman_lab.chords.knob_table import KNOBS, Knob
from sideman_lab.chords.listening import by_hash
from sideman_lab.chords.piece import read_pieces
from sideman_lab.metrics import bootstrap_ci

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]

MUST = 0.9
"""Spearman's rho of settings and figures, at the least."""
PIECES = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``evaluate knobs``."""
    parser.add_argument("--pieces", type=Path, required=True, help="JSON lines, one piece a line (sideman-lab pieces)")
    parser.add_argument("--frames", type=int, default=256, help="16ths of each piece that count (default: 256)")
    parser.add_argument("--limit", type=int, default=PIECES, help=f"pieces, by a hash of their ids (default: {PIECES})")
    parser.add_argument("--knob", action="append", choices=[k.name for k in KNOBS], help="only this knob; repeatable")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def ranks(values: Sequence[float] | Floats) -> Floats:
    """Ranks from 0, equal values sharing the mean of theirs."""
    found = np.asarray(values, float)
    return np.array([(found < x).sum() + ((found == x).sum() - 1) / 2 for x in found], float)


def spearman(a: Sequence[float] | Floats, b: Sequence[float] | Floats) -> float:
    """Spearman's rank correlation; 0 where one of the two does not move."""
    x, y = ranks(a), ranks(b)
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / norm if norm else 0.0


@dataclass(frozen=True)
class Turned:
    """What one knob did: the mean figure and its interval at each setting, over ``n`` pieces."""

    knob: Knob
    figures: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    n: int

    @property
    def rho(self) -> float:
        """How far the figure rises with the knob."""
        return spearman(np.arange(len(self.figures), dtype=float), self.figures)

    def json(self) -> dict[str, Any]:
        """The row as it is printed."""
        return {
            "figure": self.knob.figure,
            "settings": list(self.knob.settings),
            "values": [round(x, 4) for x in self.figures],
            "ci95": [[round(end, 4) for end in ci] for ci in self.intervals],
            "rho": round(self.rho, 4),
            "must": MUST,
            "n": self.n,
        }


def turn(graph: Graph, pieces: Sequence[FramedPiece], knob: Knob) -> Turned:
    """Play all pieces at every setting of a knob; pieces in which its figure says nothing are left out."""
    table = np.array([[knob.of(graph, piece, setting) for setting in knob.settings] for piece in pieces])
    table = table[~np.isnan(table).any(axis=1)]
    if not len(table):
        raise ValueError(f"no piece is long enough to turn {knob.name}")
    columns = [table[:, i] for i in range(table.shape[1])]
    return Turned(knob, tuple(float(c.mean()) for c in columns), tuple(bootstrap_ci(c) for c in columns), len(table))


def run(args: argparse.Namespace) -> int:
    """Turn every knob; 0 when all of them move their figure one way."""
    pieces = by_hash(read_pieces(args.pieces, args.frames))[: args.limit]
    if not pieces:
        print(f"sideman-lab: {args.pieces} holds no piece with melody and chords", file=sys.stderr)
        return 1
    graph = load("chords")
    began = time.monotonic()
    found = []
    for knob in KNOBS:
        if not args.knob or knob.name in args.knob:
            found.append(turn(graph, pieces, knob))
            if not args.json:
                print(line(found[-1]), flush=True)
    if args.json:
        rows = {row.knob.name: row.json() for row in found}
        print(json.dumps({"family": "chords", "pieces": len(pieces), "knobs": rows}, indent=2))
    else:
        print(f"{len(pieces)} pieces, {graph.backend}, {time.monotonic() - began:.0f} s")
    bad = [row for row in found if row.rho < MUST]
    for row in bad:
        print(f"missed: {row.knob.name} moves its figure with rho {row.rho:.2f}, not {MUST}", file=sys.stderr)
    return 1 if bad else 0


def line(row: Turned) -> str:
    """One knob on one line."""
    pairs = "  ".join(f"{s}: {v:.3f}" for s, v in zip(row.knob.settings, row.figures, strict=True))
    return f"{row.knob.name:16s} rho {row.rho:5.2f} n {row.n:3d}  {row.knob.figure}: {pairs}"
