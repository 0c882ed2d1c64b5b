"""``sideman-lab evaluate chords``: the int8 file, the real interpreter and the real stream, beside every baseline."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.band.messages import Knobs
from sideman.models.library import load, read_manifest
from sideman.models.runtime import open_graph
from sideman.music.chords import NO_CHORD
from sideman.music.meter import FRAME_TICKS
from sideman_lab.chords import entry
from sideman_lab.chords import measure as m
from sideman_lab.chords.baselines import CAUSAL, REFERENCE
from sideman_lab.chords.behaviour import (
    cadence_rows,
    entry_rows,
    lift_row,
    listening_rows,
    loop_rows,
    moved_curves,
    nic_row,
    recovery_rows,
)
from sideman_lab.chords.card import write
from sideman_lab.chords.listening import by_hash
from sideman_lab.chords.measure_rows import rule_rows
from sideman_lab.chords.outcome import Outcome, missed, rule_table
from sideman_lab.chords.piece import read_pieces
from sideman_lab.chords.reported import reported_rows
from sideman_lab.chords.rows import (
    DRONE,
    confidence_rows,
    known,
    rhythm_rows,
    score_rows,
    stability_row,
    strong_onsets,
    time_rows,
    values,
)
from sideman_lab.chords.shipped import shipped
from sideman_lab.chords.streaming import empty_loop_ms, net_pass_ms, play
from sideman_lab.chords.tables import alike
from sideman_lab.chords.targets import set_of
from sideman_lab.metrics import Metric, measure, report, table
from sideman_lab.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman.music.meter import Meter
    from sideman_lab.chords.piece import FramedPiece
    from sideman_lab.chords.streaming import Played

    Ints = NDArray[np.int64]

HALF_BAR = "half-bar HMM + form"
CLOCKED = 8
"""Pieces whose re-plans are timed by the processor's clock too: what else the machine does is not in it."""
EARLY = 128
"""Pieces, by a hash of their ids, that the just-in-time rows take."""
FLOORS = ("one pass of the net alone", "an empty loop")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``evaluate chords``."""
    parser.add_argument("--pieces", type=Path, required=True, help="JSON lines, one piece a line (sideman-lab pieces)")
    parser.add_argument("--commit", type=int, default=0, help="quarters that are fixed ahead (default: 0)")
    parser.add_argument("--frames", type=int, default=256, help="16ths of each piece that count (default: 256)")
    parser.add_argument(
        "--silence",
        type=int,
        default=0,
        help="16ths of listening before the bar line of the entry (default: 0)",
    )
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
        silence: Frames of listening before the bar line on which the band enters.
        floating: The unquantised model.
        quiet: No progress lines.
    """
    of_set = set_of(pieces)
    say = _Teller(quiet=quiet)
    floors = [(net_pass_ms(graph), empty_loop_ms())]
    played = _played(graph, pieces, commit, silence, say)
    floors.append((net_pass_ms(graph), empty_loop_ms()))
    floor = {n: np.concatenate(ms) for n, ms in zip(FLOORS, zip(*floors, strict=True), strict=True)}
    ours = [p.classes for p in played]
    plain = None if floating is None else [p.classes for p in _played(floating, pieces, commit, silence, say)]
    others = baselines_of(pieces, commit, silence)
    rules = {"model": m.rule(pieces, ours, m.tones_per_chord(ours, [p.tones for p in played]))}
    rules |= {name: m.rule(pieces, x, _tones(pieces, name, x)) for name, x in others.items()}
    rows = score_rows(of_set, commit, pieces, ours, others, plain)
    rows += rhythm_rows(of_set, pieces, ours, others)
    rows += rule_rows(pieces, ours, [p.tones for p in played])
    if floating is not None and plain is not None:
        same = [float((a == b).mean()) for a, b in zip(ours, plain, strict=True)]
        decided = [alike(graph, floating, piece, commit) for piece in pieces]
        rows.append(measure("int8 and float decide alike, the past being the same", decided, must=0.98))
        rows.append(measure("int8 and float sound alike, each going on from its own past", same))
    rows += _other_commit(graph, of_set, pieces, 16 if commit == 0 else 0, silence, rules, say)
    if commit == 0:
        rows += _just_in_time(graph, by_hash(pieces)[:EARLY], silence, rules, say)
    say("loops")
    rows.append(lift_row(of_set, pieces, ours, others))
    rows += loop_rows(graph, of_set, pieces, commit)
    say("forms")
    rows += cadence_rows(graph, of_set, pieces, commit, dict(zip((p.id for p in pieces), ours, strict=True)))
    say("a move by a tritone")
    curves = moved_curves(graph, pieces, commit)
    rows += recovery_rows(of_set, curves, commit)
    rows.append(stability_row(of_set, commit, played))
    say("first chords, pairs of melodies")
    rows += entry_rows(graph, of_set, pieces, commit)
    rows += listening_rows(graph, of_set, pieces, commit)
    rows += confidence_rows(of_set, pieces, played, others[DRONE])
    rows += time_rows(of_set, played, floor)
    # The processor's own clock is slow to read: it is asked on a few pieces only.
    entries = [(p, entry.enters(p, silence * FRAME_TICKS)) for p in by_hash(pieces)[:CLOCKED]]
    some = [play(graph, p, commit, at, clock=time.thread_time_ns) for p, at in entries]
    bare = {FLOORS[0]: net_pass_ms(graph, clock=time.thread_time_ns)}
    rows += time_rows(of_set, some, bare, "ms of processor time")
    rows += reported_rows(pieces, ours, others)
    return Outcome(pieces, played, others, rows, rules, graph.backend, curves)


class _Teller:
    """Says on standard error what is being done."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet

    def __call__(self, what: str) -> None:
        if not self.quiet:
            print(f"measuring: {what}", file=sys.stderr, flush=True)


def _played(
    graph: Graph, pieces: list[FramedPiece], commit: int, silence: int, say: _Teller, *, early: bool = False
) -> list[Played]:
    progress = Progress("playing", len(pieces), out=io.StringIO() if say.quiet else None)
    out = []
    for number, piece in enumerate(pieces, 1):
        out.append(play(graph, piece, commit, entry.enters(piece, silence * FRAME_TICKS), just_in_time=early))
        progress.update(number)
    return out


def _other_commit(
    graph: Graph,
    of_set: str,
    pieces: list[FramedPiece],
    commit: int,
    silence: int,
    rules: dict[str, list[m.RulePart]],
    say: _Teller,
) -> list[Metric]:
    """Note-in-chord with the other commit of the table, its rule on, beside baselines under the same commit."""
    quarters = commit // 4
    played = _played(graph, pieces, commit, silence, say)
    ours = [p.classes for p in played]
    word = f"commit {quarters} beats" if quarters else "commit 0"
    tones = [p.tones for p in played]
    rules[f"model, {word}"] = m.rule(pieces, ours, m.tones_per_chord(ours, tones))
    rows = [nic_row(f"NiC, {word}", of_set, commit, pieces, ours, baselines_of(pieces, commit, silence))]
    return rows + rule_rows(pieces, ours, tones, f", {word}")


def _just_in_time(
    graph: Graph, pieces: list[FramedPiece], silence: int, rules: dict[str, list[m.RulePart]], say: _Teller
) -> list[Metric]:
    """Chords of strong beats that hear the note struck there: rows of their own, without a gate."""
    early = _played(graph, pieces, 0, silence, say, early=True)
    classes = [p.classes for p in early]
    rules["model, just in time"] = m.rule(pieces, classes, m.tones_per_chord(classes, [p.tones for p in early]))
    others = baselines_of(pieces, 0, silence)
    row = nic_row("NiC, just in time (the note struck at frame t known)", "", -1, pieces, classes, others)
    return [row, measure("SNiC, just in time", known(values(pieces, strong_onsets, classes)))]


def _tones(pieces: list[FramedPiece], name: str, played: list[Ints]) -> float:
    full = [p.human_tones for p in pieces] if name == "human" else [np.full(len(x), 3) for x in played]
    return m.tones_per_chord(played, full)


def baselines_of(pieces: list[FramedPiece], commit: int, silence: int) -> dict[str, list[Ints]]:
    """What every baseline plays, under the model's own rules; the written chords are left whole."""
    out: dict[str, list[Ints]] = {}
    for name, baseline in {**CAUSAL, **REFERENCE}.items():
        out[name] = [np.array(baseline(p, commit)) for p in pieces]
        if name != "human":
            for piece, played in zip(pieces, out[name], strict=True):
                played[: entry.enters(piece, silence * FRAME_TICKS)] = NO_CHORD
    return out


def dump(file: Path, outcome: Outcome, raw: Sequence[dict[str, Any]]) -> None:
    """Write what was played in the form of the pieces: the same melody, our chords."""
    by_id = {str(piece["id"]): piece for piece in raw}
    lines = []
    for piece, played in zip(outcome.pieces, outcome.played, strict=True):
        chords = [[s.onset + piece.dropped, s.frames, s.chord.label] for s in played.spans]
        lines.append(json.dumps({**by_id[piece.id], "chords": chords}, separators=(",", ":")))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def setting(meter: Meter) -> dict[str, Any]:
    """The one setting of every row that names no knob: the box's knobs and what they ask of the decoder."""
    asked = {key: value for key, value in asdict(shipped(meter)).items() if key != "weights"}
    return {"knobs": asdict(Knobs()), "decoder": asked}


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
        found["setting"] = setting(pieces[0].meter)
        found["missed"] = missed(outcome)
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
