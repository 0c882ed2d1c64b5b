"""Chooses the decoder's weights on validation songs only: ``python -m sideman_lab.chords.tune DATA [MINUTES]``.

Six sets to choose on: POP909's validation songs; lieder of the validation side with chords derived from their piano
parts; hymns of the Open Hymnal (the net never saw any); plain tunes made by code (``plain``); songs pieced together of
the bars of the first two under standard progressions (``mosaic``; the net was trained on others of that kind, of bars
of the training side); and the known tunes to choose on, twice through. The criterion is the mean over
sets, half of it at commit 0 and half at a commit of four quarters, of ``triad accuracy over the half-bar HMM + form's
on the same set and commit, times 3, plus the 4-bar lift (.2 of it, up to 1.4)``, plus the note-in-chord of the first
chord after listening, less ``PENALTY`` times what the anti-gaming rule is broken by **on each set and each commit by
itself**, with a margin, what note-in-chord passes people's by more than ``CHASING``, and what plans two beats ahead
fall short of ``STABLE``. Variety below people's is no fault (a tune with three chords has three), so of the rule the
Vendi score, the entropy of the chords and that of their lengths are left out, as are silence and tones per chord, in
which the decoder has no say. Of songs the rule is asked twice: of all stretches, and of the first ones by themselves,
which are what the evaluation plays. The test sets (OpenEWLD, Nottingham) take no part.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_weights import STREAM, DecoderWeights
from sideman.models.library import load
from sideman_lab.chords import mosaic
from sideman_lab.chords.baselines import CAUSAL
from sideman_lab.chords.entry import BEATS, after_listening, first_chord, scored
from sideman_lab.chords.loops import bar_matches, four_bar_lift
from sideman_lab.chords.measure import CHASING
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.plain import tunes
from sideman_lab.chords.quick import Quick, laid_out
from sideman_lab.chords.recovery import cut
from sideman_lab.chords.search import search
from sideman_lab.chords.tables import Tables, joined, tables_of
from sideman_lab.chords.validation import FRAMES, MOST, SETS, SHORTEST, STRETCHES, is_later, stretches
from sideman_lab.data import openhymnal
from sideman_lab.tunes.read import as_piece, read_half

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]

BOUNDS = {
    "posterior": (0.0, 2.5),
    "cover": (0.0, 4.0),
    "cover_unsure": (0.0, 12.0),
    "form": (0.0, 12.0),
    "four": (0.0, 4.0),
    "eight": (0.0, 4.0),
    "filter": (0.0, 1.5),
    "echo": (0.0, 4.5),
    "diminished": (0.0, 1.5),
    "usual": (0.0, 1.2),
    "usual_ahead": (0.0, 1.2),
    "against": (0.0, 2.5),
    "home": (-0.8, 0.8),
    "home_unsure": (0.0, 3.0),
    "home_ahead": (-0.4, 1.5),
    "posterior_young": (-0.8, 1.5),
    "first": (0.0, 12.0),
    "early": (0.0, 6.0),
    "cover_young": (-1.0, 4.0),
    "filter_young": (-0.3, 1.5),
    "home_young": (-0.5, 2.5),
    "common": (0.0, 1.6),
    "change": (0.0, 1.0),
    "bar": (-1.5, 2.5),
    "strong": (-1.0, 3.5),
    "beat": (0.0, 6.0),
    "lean": (0.0, 16.0),
    "unsure": (0.0, 4.0),
    "keep": (0.0, 3.0),
    "again": (0.0, 3.0),
    "rate": (0.0, 8.0),
    "weak": (0.0, 20.0),
    "familiar": (0.0, 4.0),
    "progress": (0.0, 3.0),
    "palette": (0.7, 1.05),
    "rhythm": (0.8, 1.2),
}
COMMITS = {0: 0.5, 16: 0.5}
"""Frames fixed ahead, and the share of the criterion."""
MARGINS = {
    "rate ratio": 0.06,
    "strong share": 0.04,
}
"""Every part of the rule is kept with so much to spare."""
LEFT_OUT = frozenset({"Vendi ratio", "chord entropy ratio", "length entropy ratio"})
"""Parts of the rule that are reported, not asked: a plain tune has few chords."""
PLAIN, PIECED, HYMNS, KNOWN = "plain", "pieced", "hymns", "known"
EVERY = 3
"""One hymn of so many."""
MADE = 96
"""Tunes of each of the two sets that are made by code."""
PIECED_SEED = 77
HALF_BAR = "half-bar HMM + form"
OF_TRIADS = 3.0
"""What triad accuracy, over the half-bar HMM + form's, counts."""
OF_FIRST = 1.0
"""What the note-in-chord of the first chord counts."""
PENALTY = 5.0
STABLE = {"pop909": 0.865, "lieder": 0.78, "plain": 0.865, "pieced": 0.865, "hymns": 0.865, "known": 0.865}
"""Stability of plans that is asked, as a part of the rule is; art songs move more, and less is asked of them."""
LIFTED = 1.4


@dataclass(frozen=True)
class Judged:
    """A validation set as the model hears it, by commit, and what the half-bar HMM + form gets right of it.

    ``opening`` is the same of the first chord after listening, ``tables`` and all.
    """

    name: str
    quick: Quick
    tables: dict[int, Tables]
    half_bar: dict[int, float]
    opening: Tables

    @cached_property
    def people(self) -> float:
        """Note-in-chord of the written chords."""
        return self.quick.nic(self.quick.human)

    @cached_property
    def ruled(self) -> list[tuple[Quick, list[int]]]:
        """What the rule is asked of: all pieces; where there are later stretches, the first ones by themselves too.

        Each with the numbers of its pieces.
        """
        pieces = self.quick.pieces
        first = [i for i, piece in enumerate(pieces) if not is_later(piece)][:MOST]
        of_first = [(Quick([pieces[i] for i in first]), first)] if any(map(is_later, pieces)) else []
        return [(self.quick, list(range(len(pieces)))), *of_first]


class Bench:
    """All sets at all commits side by side."""

    def __init__(self, sets: list[Judged]) -> None:
        """Lay out what the model heard."""
        self.sets = sets
        self.tables = joined([judged.tables[commit] for judged in sets for commit in COMMITS])
        self.openings = joined([judged.opening for judged in sets])


def broken(judged: Judged, played: list[NDArray[np.int64]]) -> tuple[float, str]:
    """Sum of what each part of the rule is missed by, margin included, and the parts in words."""
    total, words = 0.0, []
    for part in (part for quick, rows in judged.ruled for part in quick.rule([played[i] for i in rows])):
        if part.name in LEFT_OUT:
            continue
        spare = MARGINS[part.name]
        total += max(0.0, part.low + spare - part.value)
        total += max(0.0, part.value - part.high + spare) if math.isfinite(part.high) else 0.0
        words.append(f"{part.value:.2f}")
    return total, " ".join(words)


def score(bench: Bench, weights: DecoderWeights) -> tuple[float, str]:
    """The criterion and a line about its parts."""
    total, words, at = 0.0, [], 0
    all_played, all_stable = bench.tables.play(weights)
    openings, _ = bench.openings.play(weights)
    for judged in bench.sets:
        first = first_nic(judged.opening.pieces, openings)
        del openings[: len(judged.opening.pieces)]
        total += OF_FIRST * first / len(bench.sets)
        words.append(f"  {judged.name} first chord {first:.3f}")
        for commit, share in COMMITS.items():
            n = len(judged.quick.pieces)
            played, stable = all_played[at : at + n], float(all_stable[at : at + n].mean())
            at += n
            laid = laid_out(played)
            right, nic = judged.quick.accuracy(laid), judged.quick.nic(laid)
            strong = judged.quick.nic(laid, strong_onsets=True)
            short, parts = broken(judged, played)
            repeats = min(four_bar_lift(np.array(list(map(bar_matches, judged.quick.pieces, played)))), LIFTED)
            gain = OF_TRIADS * right / judged.half_bar[commit] + 0.2 * repeats
            short += max(0.0, nic - judged.people - CHASING)
            short += max(0.0, STABLE[judged.name] - stable)
            total += share / len(bench.sets) * (gain - PENALTY * short)
            words.append(
                f"  {judged.name} c{commit // 4}: {right:.3f} NiC {nic:.3f} SNiC {strong:.3f} stable {stable:.3f} "
                f"lift {repeats:.2f} short {short:.2f} ({parts})"
            )
    return total, "\n".join(words)


def first_nic(pieces: list[FramedPiece], played: list[NDArray[np.int64]]) -> float:
    """Note-in-chord of the first chord after listening, mean over the pieces, which come first in ``played``."""
    pairs = zip(pieces, played, strict=False)
    return float(np.nanmean([scored(p, row, first_chord(row, after_listening(p))) for p, row in pairs]))


def of_point(point: Floats) -> DecoderWeights:
    """Weights of a point in the unit cube."""
    values = {n: low + (high - low) * float(x) for (n, (low, high)), x in zip(BOUNDS.items(), point, strict=True)}
    return replace(STREAM, **values)


def point_of(weights: DecoderWeights) -> Floats:
    """The point of weights."""
    return np.array([(getattr(weights, n) - low) / (high - low) for n, (low, high) in BOUNDS.items()]).clip(0, 1)


def tune(
    bench: Bench, minutes: float, seed: int = 1, start: DecoderWeights = STREAM, step: float = 0.025
) -> DecoderWeights:
    """Search from the present weights for so long."""
    began = time.monotonic()

    def say(point: Floats, value: float) -> None:
        weights = of_point(point)
        print(f"{time.monotonic() - began:.0f} s {value:.4f} {rounded(weights)}", flush=True)
        print(score(bench, weights)[1], flush=True)

    best = search(
        lambda point: score(bench, of_point(point))[0],
        point_of(start),
        step=step,
        seed=seed,
        more=lambda: time.monotonic() - began < 60 * minutes,
        each=say,
    )
    return of_point(best)


def rounded(weights: DecoderWeights) -> dict[str, float]:
    """Weights to two decimals."""
    return {name: round(float(value), 2) for name, value in asdict(weights).items()}


def judged_set(name: str, graph: Graph, pieces: list[FramedPiece]) -> Judged:
    """A set, played to the model and to the half-bar HMM + form."""
    half_bar = {
        commit: float(np.mean([np.mean((CAUSAL[HALF_BAR](p, commit) == p.human)[p.human < 36]) for p in pieces]))
        for commit in COMMITS
    }
    short = [cut(p, end) for p in pieces if len(p) >= (end := after_listening(p) + BEATS)]
    opening = tables_of(graph, short, (0,), listen=True)[0]
    return Judged(name, Quick(pieces), tables_of(graph, pieces, tuple(COMMITS)), half_bar, opening)


def plain_pieces() -> list[FramedPiece]:
    """The plain tunes, framed."""
    return [piece for raw in tunes(MADE) if (piece := frame_piece(raw, FRAMES)) is not None]


def hymn_pieces(data: Path) -> list[FramedPiece]:
    """Every third hymn, framed."""
    found = (frame_piece(raw, FRAMES) for raw in list(openhymnal.read(data))[::EVERY])
    return [piece for piece in found if piece is not None and len(piece) >= SHORTEST]


def known_pieces() -> list[FramedPiece]:
    """The known tunes to choose on, twice through, framed."""
    found = (frame_piece(as_piece(tune, rounds=2), 2 * FRAMES) for tune in read_half("choose"))
    return [piece for piece in found if piece is not None]


def pieced_pieces(sheets: Iterable[Iterable[dict[str, Any]]]) -> list[FramedPiece]:
    """The songs pieced together of the validation side's bars, framed."""
    bank = mosaic.bank_of(sheets, "validation")
    framed = (frame_piece(raw, FRAMES) for raw in mosaic.pieces(bank, MADE, PIECED_SEED))
    return [piece for piece in framed if piece is not None]


def prepared(graph: Graph, data: Path) -> Bench:
    """All validation sets."""
    sheets = {name: list(read(data)) for name, read in SETS.items()}
    songs = {name.partition("-")[0]: stretches(rows, STRETCHES[name]) for name, rows in sheets.items()}
    songs |= {PLAIN: plain_pieces(), PIECED: pieced_pieces(sheets.values()), HYMNS: hymn_pieces(data)}
    songs |= {KNOWN: known_pieces()}
    return Bench([judged_set(name, graph, pieces) for name, pieces in songs.items()])


def main(data: Path, minutes: float = 10.0) -> None:
    """Tune and print the weights to put into ``DecoderWeights``."""
    print(rounded(tune(prepared(load("chords"), data), minutes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(float(word) for word in sys.argv[2:3]))
