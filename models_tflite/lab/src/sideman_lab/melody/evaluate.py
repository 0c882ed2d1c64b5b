"""``sideman-lab evaluate melody``: the shipped graph through the real interpreter, beside every baseline."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models import library
from sideman.models.melody import MelodyNet, Options
from sideman.models.runtime import open_graph
from sideman_lab.melody import baselines as counting
from sideman_lab.melody import pieces
from sideman_lab.melody.answering import answer_metrics
from sideman_lab.melody.answers import exchanges, model_answer
from sideman_lab.melody.copies import Runs
from sideman_lab.melody.notewise import MODES, Scores, score
from sideman_lab.metrics import Metric, failures, measure, ratio, report, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sideman.music.notes import Note
    from sideman_lab.melody.answers import Exchange
    from sideman_lab.melody.pieces import Melody

TARGETS = {
    "pop909": {"press": (5.4, 4.9), "known": (5.0, 4.5)},
    "nottingham": {"press": (6.3, 5.6), "known": (5.9, 5.2)},
    "openewld": {"press": (7.9, 7.2), "known": (7.5, 6.7)},
}
"""Perplexity that must be reached and that is aimed at, by test set and mode."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``evaluate melody``."""
    parser.add_argument("--pieces", type=Path, nargs="+", required=True, help="files with one lead sheet a line")
    parser.add_argument("--json", action="store_true", help="print one object for each file")
    parser.add_argument("--float", type=Path, default=None, dest="float_file", help="the unquantised model, beside")
    parser.add_argument("--dump", type=Path, default=None, help="write log-probabilities and answers as JSON lines")
    parser.add_argument("--model", type=Path, default=None, help="folder of another model (default: the package)")
    parser.add_argument("--notes", type=int, default=12000, help="stop taking pieces after so many notes")
    parser.add_argument("--answers", type=int, default=100, help="calls to answer")
    parser.add_argument("--validation", action="store_true", help="leave out the songs that training saw")
    parser.add_argument("--data", default=None, help="data folder: also look for runs copied from training")
    parser.add_argument("--card", action="store_true", help="write the model card with its pictures")


def run(args: argparse.Namespace) -> int:
    """Evaluate; returns the exit status: 1 when a gate failed."""
    graph = library.load("melody", args.model)
    entry = library.read_manifest(args.model)["melody"]
    floating = MelodyNet(open_graph(args.float_file)) if args.float_file else None
    training = runs_of(args.data)
    sections: list[tuple[str, dict[str, Any], list[Metric]]] = []
    failed: list[str] = []
    examples: list[tuple[Exchange, list[list[Note]]]] = []
    with ExitStack() as stack:
        dump: Callable[[dict[str, Any]], None] | None = None
        if args.dump:
            out = stack.enter_context(args.dump.open("w", encoding="utf-8"))

            def dump(row: dict[str, Any]) -> None:
                out.write(json.dumps(row) + "\n")

        for path in args.pieces:
            melodies = sampled(pieces.read_jsonl(path), args.notes, validation=args.validation)
            if not melodies:
                raise FileNotFoundError(f"{path} holds no piece to evaluate")
            metrics = _measure(melodies, MelodyNet(graph), floating, args.answers, dump, training)
            found = report("melody", metrics, pieces=len(melodies), runtime=graph.backend, model_sha256=entry.sha256)
            if args.card:
                net = MelodyNet(graph)
                for exchange in exchanges(melodies, 1):
                    told = [model_answer(net, exchange, Options(), seed) for seed in range(3)]
                    examples.append((exchange, told))
            sections.append((_set_of(melodies), found, metrics))
            failed += [f"{_set_of(melodies)}: {clause}" for clause in failures(metrics)]
            if args.json:
                print(json.dumps(found))
            else:
                print(f"{path.name}: {len(melodies)} pieces, {graph.backend}\n{table(metrics)}\n")
    if args.card:
        from sideman_lab.melody.card import write_card

        write_card(sections, entry, examples)
    for clause in failed:
        print(f"FAILED {clause}", file=sys.stderr)
    return 1 if failed else 0


def sampled(melodies: list[Melody], notes: int, *, validation: bool) -> list[Melody]:
    """Pieces in a fixed shuffled order until there are enough notes."""
    kept = [m for m in melodies if not validation or not pieces.is_training(m.song)]
    order = np.random.default_rng(20261121).permutation(len(kept))
    found: list[Melody] = []
    count = 0
    for k in order:
        if count >= notes:
            break
        found.append(kept[int(k)])
        count += len(kept[int(k)].notes)
    return found


def runs_of(data: str | None) -> Runs | None:
    """The runs of intervals that training saw, or None where no data folder is named."""
    folder = data or os.environ.get("SIDEMAN_DATA")
    if not folder:
        return None
    return Runs([m for m in pieces.training_pieces(Path(folder)) if pieces.is_training(m.song)])


def perplexity(rows: NDArray[np.float64]) -> float:
    """Perplexity of rows [negative log-likelihood, notes]."""
    return math.exp(float(rows[:, 0].sum()) / max(1.0, float(rows[:, 1].sum())))


def _set_of(melodies: list[Melody]) -> str:
    return melodies[0].song.partition("-")[0]


def _measure(
    melodies: list[Melody],
    net: MelodyNet,
    floating: MelodyNet | None,
    answers: int,
    dump: Callable[[dict[str, Any]], None] | None,
    training: Runs | None,
) -> list[Metric]:
    base = counting.load()
    told = time.monotonic()
    scores: list[Scores] = []
    for k, melody in enumerate(melodies):
        scores.append(score(melody, net, base, floating, dump))
        if time.monotonic() - told > 2:
            told = time.monotonic()
            print(f"scoring {k + 1}/{len(melodies)}", file=sys.stderr, flush=True)
    metrics = note_metrics(scores, _set_of(melodies))
    if floating is not None:
        same = np.array([[sum(s.same), len(s.same)] for s in scores])
        metrics.append(measure("same decision as float", same, statistic=ratio, must=0.98))
    metrics += answer_metrics(melodies, net, base, answers, Options(), dump, training)
    return metrics + _timing(scores)


def _timing(scores: list[Scores]) -> list[Metric]:
    """Milliseconds a note, encoding included: processor time, and wall time on whatever else the machine does."""
    rows = []
    for name, must, parts in (
        ("ms a note, p99", 3.0, [s.ms for s in scores]),
        ("ms a note, p99 by the wall clock", None, [s.wall for s in scores]),
    ):
        ms = np.concatenate(parts)
        p99 = float(np.percentile(ms, 99))
        p50 = float(np.percentile(ms, 50))
        rows.append(Metric(name, p99, len(ms), (p50, float(ms.max())), must=must, reference={"p50": p50}, higher=False))
    return rows


def note_metrics(scores: list[Scores], name: str) -> list[Metric]:
    """Perplexity and top-1 in both modes, whole pieces and their first 64 notes."""
    targets = TARGETS.get(name, {})
    counted = [*counting.MODELS, counting.REPEAT]
    metrics = []
    for part in ("", " opening"):
        for mode in MODES:
            must, aim = targets.get(mode, (None, None)) if not part else (None, None)
            rows = {key: _rows(scores, key + part, 0) for key in (mode, f"float {mode}", *counted)}
            metrics.append(
                measure(
                    f"perplexity {mode}{part}",
                    rows[mode],
                    statistic=perplexity,
                    baselines={key: rows[key] for key in counted},
                    floating=rows[f"float {mode}"] if f"float {mode}" in scores[0].rows else None,
                    must=must,
                    aim=aim,
                    higher=False,
                    gated=True,
                )
            )
    metrics += [
        measure(
            f"top-1 {mode}",
            _rows(scores, mode, 2),
            statistic=ratio,
            baselines={key: _rows(scores, key, 2) for key in (*counted, counting.COPY)},
            floating=_rows(scores, f"float {mode}", 2) if f"float {mode}" in scores[0].rows else None,
            gated=True,
        )
        for mode in MODES
    ]
    return metrics


def _rows(scores: list[Scores], name: str, column: int) -> NDArray[np.float64]:
    nothing = [0.0, 0.0, 0.0]
    return np.array([[s.rows.get(name, nothing)[column], s.rows.get(name, nothing)[1]] for s in scores])
