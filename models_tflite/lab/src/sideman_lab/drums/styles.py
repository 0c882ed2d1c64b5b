"""``sideman-lab evaluate styles``: kick and snare of each style beside people's, and how far the styles lie apart.

People are the 4/4 beats of one split of the Groove MIDI Dataset. For each style that the split holds, the divergence of
where the box strikes kick and snare from where people do, beside the same of the training split's people and of plain
rock; and the mean overlap (Jaccard) of bars of different styles, the box's and people's.
"""

from __future__ import annotations

import argparse
import json
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.band.drummer import written
from sideman.jam.options import STYLES
from sideman.music.drumkit import Voice
from sideman.music.meter import Meter
from sideman_lab.data import gmd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEET = (Voice.KICK, Voice.SNARE)
BAR = 16
FLOOR = 0.02
"""Share of every pattern that is spread evenly over all places, so that one stroke more is no infinity."""
PAIRS = 400
"""Pairs of people's bars compared for each pair of styles."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate styles``."""
    parser.add_argument("--data", type=Path, default=None, help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--rows", default="validation", choices=("validation", "train"), help="whose bars to lie near")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 always: no gate."""
    performances = gmd.load(gmd.folder(args.data))
    people = {rows: bars_of(performances, rows) for rows in ("train", "validation")}
    found = measure(people[args.rows], people["train"] if args.rows != "train" else {}, tempos(performances))
    if args.json:
        print(json.dumps(found))
        return 0
    print(f"{'style':12} {'bars':>5} {'box':>6} {'people':>7} {'rock':>6}")
    for style, row in found["styles"].items():
        human = "-" if row["people"] is None else f"{row['people']:.2f}"
        print(f"{style:12} {row['bars']:5d} {row['box']:6.2f} {human:>7} {row['rock']:6.2f}")
    print(f"mean divergence {found['divergence']:.3f} (plain rock {found['rock']:.3f})")
    print(f"overlap of styles {found['overlap']:.2f} (people {found['overlap_people']:.2f})")
    return 0


def bars_of(performances: list[gmd.Performance], rows: str) -> dict[str, NDArray[np.bool_]]:
    """Bars x 2 x 16 of each style: whether kick and snare are struck."""
    found: dict[str, list[NDArray[np.bool_]]] = {}
    for one in gmd.beats(performances, rows):
        struck = one.grid[: one.bars * BAR, : len(FEET), 0].reshape(-1, BAR, len(FEET)) > 0
        found.setdefault(one.style, []).append(struck.transpose(0, 2, 1))
    return {style: np.concatenate(bars) for style, bars in sorted(found.items())}


def tempos(performances: list[gmd.Performance]) -> dict[str, float]:
    """Median tempo of each style."""
    found: dict[str, list[float]] = {}
    for one in performances:
        found.setdefault(one.style, []).append(one.bpm)
    return {style: float(np.median(bpm)) for style, bpm in found.items()}


def box(style: str, bpm: float = 100.0) -> NDArray[np.bool_]:
    """The two bars that the box writes for a style when nobody leads it: 2 x 2 x 16."""
    pattern = written(Meter(), 2, style, (), bpm, 1)
    out = np.zeros((2, len(FEET), BAR), bool)
    for lane, voice in enumerate(FEET):
        for step in pattern.onsets(voice):
            out[step // BAR, lane, step % BAR] = True
    return out


def divergence(truth: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Kullback-Leibler divergence (nats) of where one set of bars is struck from where another is."""
    p, q = (_shares(bars) for bars in (truth, other))
    return float((p * np.log(p / q)).sum())


def _shares(bars: NDArray[np.bool_]) -> Floats:
    shares = bars.mean(0).ravel() / max(1e-9, bars.mean(0).sum())
    return np.asarray((1 - FLOOR) * shares + FLOOR / shares.size, np.float64)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Jaccard index of two bars (or loops) of one size."""
    either = (one | other).sum()
    return float((one & other).sum() / either) if either else 1.0


def measure(
    people: dict[str, NDArray[np.bool_]], others: dict[str, NDArray[np.bool_]], bpm: dict[str, float]
) -> dict[str, Any]:
    """Every figure as one object."""
    plain = np.zeros((1, len(FEET), BAR), bool)
    plain[0, 0, [0, 8]] = plain[0, 1, [4, 12]] = True
    rows: dict[str, dict[str, Any]] = {
        style: {
            "bars": len(bars),
            "box": divergence(bars, box(style, bpm.get(style, 100.0))),
            "people": divergence(bars, others[style]) if style in others else None,
            "rock": divergence(bars, plain),
        }
        for style, bars in people.items()
    }
    loops = {style: box(style) for style in STYLES}
    rng = np.random.default_rng(3)
    drawn = [
        overlap(people[a][rng.integers(len(people[a]))], people[b][rng.integers(len(people[b]))])
        for a, b in combinations(people, 2)
        for _ in range(PAIRS)
    ]
    return {
        "styles": rows,
        "divergence": float(np.mean([row["box"] for row in rows.values()])),
        "rock": float(np.mean([row["rock"] for row in rows.values()])),
        "overlap": float(np.mean([overlap(loops[a], loops[b]) for a, b in combinations(STYLES, 2)])),
        "overlap_people": float(np.mean(drawn)) if drawn else 0.0,
    }
