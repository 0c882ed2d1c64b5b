"""Chooses the decoder's weights on validation songs only: ``python -m sideman_lab.chords.tune DATA [MINUTES]``.

The criterion, fixed before the search: over two validation sets (POP909's validation songs; lieder of the validation
side with chords derived from their piano parts) and two commits (0 and 4 quarters), the mean of
``triad accuracy + (NiC + SNiC) / 4``, less twice what the anti-gaming rule is broken by at each commit: the sum over
its parts (silence and tones per chord aside, in which the decoder has no say), each part's value being the mean of both
sets, with a margin. The mean, because a jam's music is of neither set. The test sets (OpenEWLD, Nottingham) take no
part.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_decoder import DecoderWeights
from sideman.models.library import load
from sideman_lab.chords import measure as m
from sideman_lab.chords.tables import Tables, tables_of
from sideman_lab.chords.validation import SETS, chosen

if TYPE_CHECKING:
    from sideman.models.runtime import Graph

BOUNDS = {
    "posterior": (0.0, 2.5),
    "cover": (0.0, 8.0),
    "motion": (0.0, 1.0),
    "change": (0.0, 1.0),
    "bar": (-1.5, 1.5),
    "strong": (-1.0, 2.5),
    "form": (0.0, 3.0),
    "diminished": (0.0, 1.5),
    "usual": (0.0, 1.2),
    "usual_ahead": (0.0, 1.2),
    "filter": (0.0, 2.5),
    "echo": (0.0, 2.5),
    "against": (0.5, 2.5),
    "noise": (0.0, 1.5),
}
COMMITS = (0, 16)
MARGIN = 0.03
"""The rule is kept with this much to spare,"""
MARGIN_BETWEEN = 0.1
"""and parts with two bounds with this much: between the validation sets the half-bar HMM's entropy moves by so much."""
PENALTY = 2.0


def broken(rules: list[list[m.RulePart]]) -> float:
    """Sum of what each part of the rule, its mean over the sets, is missed by, margin included."""
    total = 0.0
    for same in zip(*rules, strict=True):
        value = float(np.mean([part.value for part in same]))
        two = math.isfinite(same[0].high)
        margin = MARGIN_BETWEEN if two else MARGIN
        if same[0].name not in {"silence", "tones per chord ratio"}:
            total += max(0.0, same[0].low + margin - value)
            total += max(0.0, value - same[0].high + margin) if two else 0.0
    return total


def score(sets: list[dict[int, Tables]], weights: DecoderWeights) -> tuple[float, str]:
    """The criterion and a line about its parts."""
    total, words = 0.0, []
    for commit in COMMITS:
        rules = []
        for tables in sets:
            pieces, played = tables[commit].pieces, tables[commit].play(weights)
            both = list(zip(pieces, played, strict=True))
            nic = float(np.nanmean([m.nic(p, x) for p, x in both]))
            snic = float(np.nanmean([m.nic(p, x, strong_onsets=True) for p, x in both]))
            right = float(np.mean([m.accuracy(p, x) for p, x in both]))
            rules.append(m.rule(pieces, played))
            total += (right + (nic + snic) / 4) / (len(sets) * len(COMMITS))
            rule = "/".join(f"{part.value:.2f}" for part in rules[-1][:4])
            words.append(f"c{commit // 4}: {right:.3f} NiC {nic:.3f} SNiC {snic:.3f} {rule}")
        total -= PENALTY * broken(rules) / len(COMMITS)
    return total, " | ".join(words)


def tune(sets: list[dict[int, Tables]], minutes: float, seed: int = 1) -> DecoderWeights:
    """Random steps from the best weights so far, ever smaller (a (1+1) evolution strategy)."""
    best = replace(DecoderWeights(), keep=0.0)
    top, words = score(sets, best)
    print(f"{top:.4f} {words}", flush=True)
    rng = np.random.default_rng(seed)
    size, began, tried = 0.2, time.monotonic(), 0
    while time.monotonic() - began < 60 * minutes:
        changed = {
            name: float(np.clip(getattr(best, name) + size * (high - low) * rng.normal(), low, high))
            for name, (low, high) in BOUNDS.items()
            if rng.random() < 0.4
        }
        trial = replace(best, **changed)
        value, words = score(sets, trial)
        tried += 1
        if value > top:
            best, top, size = trial, value, min(size * 1.3, 0.3)
            print(f"{tried} {top:.4f} {words} {rounded(best)}", flush=True)
        else:
            size = max(size * 0.97, 0.03)
    return best


def rounded(weights: DecoderWeights) -> dict[str, float]:
    """Weights to two decimals."""
    return {name: round(float(value), 2) for name, value in asdict(weights).items()}


def prepared(graph: Graph, data: Path) -> list[dict[int, Tables]]:
    """Both validation sets, played to the model."""
    sets = [[piece for _, piece in chosen(read(data))] for read in SETS.values()]
    return [tables_of(graph, pieces, COMMITS) for pieces in sets]


def main(data: Path, minutes: float = 6.0) -> None:
    """Tune and print the weights to put into ``DecoderWeights``."""
    print(rounded(tune(prepared(load("chords"), data), minutes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(float(word) for word in sys.argv[2:3]))
