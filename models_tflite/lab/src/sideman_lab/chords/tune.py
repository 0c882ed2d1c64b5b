"""Chooses the decoder's weights on validation songs only: ``python -m sideman_lab.chords.tune DATA [MINUTES]``.

The criterion: over two validation sets (POP909's validation songs; lieder of the validation side with chords
derived from their piano parts), the mean of ``triad accuracy over the half-bar HMM + form's on the same set, plus
NiC``, three quarters of it at commit 0 and a quarter at a commit of four quarters, less six times what the
anti-gaming rule is broken by at commit 0 **on each set by itself** (silence and tones per chord aside, in which the
decoder has no say), with a margin. Relative, because the sets differ in how much of their harmony can be known at all.
The test sets (OpenEWLD, Nottingham) take no part.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_decoder import DecoderWeights
from sideman.models.library import load
from sideman_lab.chords import measure as m
from sideman_lab.chords.baselines import CAUSAL
from sideman_lab.chords.evaluate import HALF_BAR
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
COMMITS = {0: 0.75, 16: 0.25}
"""Frames fixed ahead, and the share of the criterion."""
MARGIN = 0.02
"""The rule is kept with this much to spare."""
PENALTY = 6.0


@dataclass(frozen=True)
class Judged:
    """A validation set as the model hears it, by commit, and what the half-bar HMM + form gets right of it."""

    tables: dict[int, Tables]
    half_bar: float


def broken(rule: list[m.RulePart]) -> float:
    """Sum of what each part of the rule is missed by, margin included."""
    total = 0.0
    for part in rule:
        if part.name not in {"silence", "tones per chord ratio"}:
            total += max(0.0, part.low + MARGIN - part.value)
            total += max(0.0, part.value - part.high + MARGIN) if math.isfinite(part.high) else 0.0
    return total


def score(sets: list[Judged], weights: DecoderWeights) -> tuple[float, str]:
    """The criterion and a line about its parts."""
    total, words = 0.0, []
    for commit, share in COMMITS.items():
        for judged in sets:
            pieces, played = judged.tables[commit].pieces, judged.tables[commit].play(weights)
            both = list(zip(pieces, played, strict=True))
            nic = float(np.nanmean([m.nic(p, x) for p, x in both]))
            right = float(np.mean([m.accuracy(p, x) for p, x in both]))
            short = broken(m.rule(pieces, played)) if commit == 0 else 0.0
            total += share / len(sets) * (right / judged.half_bar + nic - PENALTY * short)
            words.append(f"c{commit // 4}: {right:.3f} NiC {nic:.3f} short {short:.2f}")
    return total, " | ".join(words)


def tune(sets: list[Judged], minutes: float, seed: int = 1) -> DecoderWeights:
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


def prepared(graph: Graph, data: Path) -> list[Judged]:
    """Both validation sets, played to the model and to the half-bar HMM + form."""
    judged = []
    for read in SETS.values():
        pieces = [piece for _, piece in chosen(read(data))]
        half_bar = float(np.mean([m.accuracy(p, CAUSAL[HALF_BAR](p, 0)) for p in pieces]))
        judged.append(Judged(tables_of(graph, pieces, tuple(COMMITS)), half_bar))
    return judged


def main(data: Path, minutes: float = 6.0) -> None:
    """Tune and print the weights to put into ``DecoderWeights``."""
    print(rounded(tune(prepared(load("chords"), data), minutes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(float(word) for word in sys.argv[2:3]))
