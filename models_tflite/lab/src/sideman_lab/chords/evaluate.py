"""``sideman-lab evaluate chords``: the int8 file, the real interpreter and the real stream, beside every baseline."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.library import load, read_manifest
from sideman.models.runtime import open_graph
from sideman.music.chords import NO_CHORD
from sideman_lab.chords import measure as m
from sideman_lab.chords.baselines import CAUSAL, REFERENCE
from sideman_lab.chords.card import write
from sideman_lab.chords.outcome import Outcome, missed, rule_table
from sideman_lab.chords.piece import read_pieces
from sideman_lab.chords.streaming import play
from sideman_lab.metrics import Metric, measure, report, table
from sideman_lab.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece
    from sideman_lab.chords.streaming import Played

    Ints = NDArray[np.int64]
    Score = Callable[[FramedPiece, Ints], float]

HALF_BAR = "half-bar HMM + form"
DRONE = "drone, online key"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``evaluate chords``."""
    parser.add_argument("--pieces", type=Path, required=True, help="JSON lines, one piece a line (sideman-lab pieces)")
    parser.add_argument("--commit", type=int, default=0, help="quarters that are fixed ahead (default: 0)")
    parser.add_argument("--frames", type=int, default=256, help="16ths of each piece that count (default: 256)")
    parser.add_argument("--silence", type=int, default=0, help="16ths in which the band only listens (default: 0)")
    parser.add_argument("--limit", type=int, default=None, help="so many pieces only, by a hash of their ids")
    parser.add_argument("--float", dest="float_file", type=Path, default=None, help="float32 .tflite to put beside")
    parser.add_argument("--dump", type=Path, default=None, help="write what was played, in the form of --pieces")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--card", action="store_true", help="write the model card with its pictures")


def evaluate(
    graph: Graph,
    pieces: list[FramedPiece],
    commit: int,
    silence: int = 0,
    floating: Graph | None = None,
    *,
    quiet: bool = False,
) -> Outcome:
    """Play every piece to the model and to every baseline.

    Args:
        graph: The shipped model.
        pieces: At least one piece.
        commit: Frames fixed ahead.
        silence: Frames of listening.
        floating: The unquantised model.
        quiet: No progress lines.
    """
    progress = Progress("playing", len(pieces), out=io.StringIO() if quiet else None)
    played, plain, early = [], [], []
    for number, piece in enumerate(pieces, 1):
        played.append(play(graph, piece, commit, silence))
        if floating is not None:
            plain.append(play(floating, piece, commit, silence))
        if commit == 0:
            early.append(play(graph, piece, 0, silence, just_in_time=True).classes)
        progress.update(number)
    baselines: dict[str, list[Ints]] = {}
    for name, baseline in {**CAUSAL, **REFERENCE}.items():
        baselines[name] = [_listened(baseline(p, commit), silence, name) for p in pieces]
        if not quiet:
            print(f"baseline: {name}", file=sys.stderr, flush=True)
    ours = [p.classes for p in played]
    rows = _metrics(pieces, ours, baselines, [p.classes for p in plain] or None)
    rows += _single(pieces, played, plain)
    rules = {"model": m.rule(pieces, ours), **{name: m.rule(pieces, b) for name, b in baselines.items()}}
    rows += [_part(part) for part in rules["model"]]
    if early:
        rows.append(_row("NiC, just in time (hears frame t)", pieces, m.nic, early))
    return Outcome(pieces, played, baselines, rows, rules, graph.backend)


def _listened(classes: Ints, silence: int, name: str) -> Ints:
    """A baseline that listens as long as the model does; the written chords are left whole."""
    out = classes.copy()
    if name != "human":
        out[:silence] = NO_CHORD
    return out


def _values(
    pieces: Sequence[FramedPiece], score: Callable[[FramedPiece, Ints], float], all_played: Sequence[Ints]
) -> Any:
    return np.array([score(p, x) for p, x in zip(pieces, all_played, strict=True)])


def _row(
    name: str, pieces: Sequence[FramedPiece], score: Callable[[FramedPiece, Ints], float], ours: list[Ints]
) -> Metric:
    values = _values(pieces, score, ours)
    return measure(name, values[~np.isnan(values)])


def _metrics(
    pieces: list[FramedPiece], ours: list[Ints], baselines: dict[str, list[Ints]], plain: list[Ints] | None
) -> list[Metric]:
    def strong(piece: FramedPiece, played: Ints) -> float:
        return m.nic(piece, played, strong_onsets=True)

    out = []
    for name, score, must in (("NiC", m.nic, DRONE), ("SNiC", strong, None), ("triad accuracy", m.accuracy, HALF_BAR)):
        figures = {k: _values(pieces, score, b) for k, b in baselines.items()}
        values = _values(pieces, score, ours)
        drop = np.isnan(values)
        means = {k: v[~np.isnan(v)] for k, v in figures.items()}
        float_values = None if plain is None else _values(pieces, score, plain)
        out.append(
            measure(
                name,
                values[~drop],
                baselines={k: means[k] for k in CAUSAL},
                reference={k: means[k] for k in REFERENCE},
                floating=None if float_values is None else float_values[~np.isnan(float_values)],
                must=float(means[must].mean()) if must else None,
            )
        )
        if name == "NiC":
            lift = values - figures[DRONE]
            out.append(measure("NiC lift over the online drone", lift[~np.isnan(lift)]))
    return out


def _single(pieces: list[FramedPiece], played: list[Played], plain: list[Played]) -> list[Metric]:
    stable = np.array([p.stability for p in played])
    rows = [measure("plan stability two beats ahead", stable[~np.isnan(stable)])]
    if plain:
        same = [float((a.classes == b.classes).mean()) for a, b in zip(played, plain, strict=True)]
        rows.append(measure("int8 and float decide alike", np.array(same), must=0.98))
    return [*rows, calibration(pieces, played)]


def calibration(pieces: Sequence[FramedPiece], played: Sequence[Played]) -> Metric:
    """Expected calibration error of the shown confidence against the written triad, ten bins."""
    sure = np.concatenate([p.confidence[f.human < NO_CHORD] for f, p in zip(pieces, played, strict=True)])
    right = np.concatenate([(p.classes == f.human)[f.human < NO_CHORD] for f, p in zip(pieces, played, strict=True)])
    bins = np.clip((sure * 10).astype(int), 0, 9)
    error = sum(abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist()))
    value = float(error)
    return Metric("calibration error of the confidence", value, len(pieces), (value, value), higher=False)


def _part(part: m.RulePart) -> Metric:
    upper = math.isfinite(part.high) and part.low == 0.0
    must = part.high if upper else part.low
    return Metric(f"rule: {part.name}", part.value, 1, (part.value, part.value), must=must, higher=not upper)


def dump(file: Path, outcome: Outcome, raw: Sequence[dict[str, Any]]) -> None:
    """Write what was played in the form of the pieces: the same melody, our chords."""
    by_id = {str(piece["id"]): piece for piece in raw}
    lines = []
    for piece, played in zip(outcome.pieces, outcome.played, strict=True):
        chords = [[s.onset + piece.dropped, s.frames, s.chord.label] for s in played.spans]
        lines.append(json.dumps({**by_id[piece.id], "chords": chords}, separators=(",", ":")))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(args: argparse.Namespace) -> int:
    """Evaluate from the command line."""
    pieces = read_pieces(args.pieces, args.frames)
    if args.limit is not None:
        pieces = sorted(pieces, key=lambda piece: hashlib.sha256(piece.id.encode()).digest())[: args.limit]
    if not pieces:
        print(f"sideman-lab: {args.pieces} holds no piece with melody and chords", file=sys.stderr)
        return 1
    began = time.monotonic()
    floating = None if args.float_file is None else open_graph(args.float_file)
    outcome = evaluate(load("chords"), pieces, 4 * args.commit, args.silence, floating, quiet=args.json)
    sha = read_manifest()["chords"].sha256
    if args.dump is not None:
        raw = [json.loads(line) for line in args.pieces.read_text(encoding="utf-8").splitlines() if line.strip()]
        dump(args.dump, outcome, raw)
    if args.json:
        found = report("chords", outcome.metrics, pieces=len(pieces), runtime=outcome.runtime, model_sha256=sha)
        found["rule"] = {
            name: {p.name: {"value": round(p.value, 4), "holds": p.holds} for p in parts}
            for name, parts in outcome.rules.items()
        }
        print(json.dumps(found, indent=2))
    else:
        print(table(outcome.metrics))
        print(rule_table(outcome))
        print(f"{len(pieces)} pieces, commit {args.commit}, {outcome.runtime}, {time.monotonic() - began:.0f} s")
    if args.card:
        print(write(outcome, args.pieces.stem, args.commit, args.limit), file=sys.stderr)
    bad = missed(outcome)
    for clause in bad:
        print(f"missed: {clause}", file=sys.stderr)
    return 1 if bad else 0
