"""Measure the drum network on rows of the Groove MIDI Dataset that it never trained on."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.drums import DrumNet, GrooveRequest
from sideman.models.library import load, read_manifest
from sideman.models.runtime import open_graph
from sideman.music.drum_pattern import Tap
from sideman_lab.data import gmd
from sideman_lab.drums import measures as m
from sideman_lab.drums.baselines import bass_drummers, copiers, count, drummers, humanisers
from sideman_lab.drums.play import SWINGS, play
from sideman_lab.drums.windows import split_of
from sideman_lab.metrics import Metric, failures, measure, ratio, report, table
from sideman_lab.progress import Progress

if TYPE_CHECKING:
    from sideman.models.drums import Runs
    from sideman_lab.drums.baselines import Tables
    from sideman_lab.drums.play import Floats, Played
    from sideman_lab.drums.windows import Split


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab evaluate drums``."""
    parser.add_argument(
        "--gmd",
        type=Path,
        default=None,
        help="folder with info.csv and the tree or one *.tar.gz (default: $SIDEMAN_DATA/gmd)",
    )
    parser.add_argument("--data", type=Path, default=None, help="folder with the data sets, instead of --gmd")
    parser.add_argument("--rows", default="validation", help="split column of info.csv (default: validation)")
    parser.add_argument("--every", type=int, default=1, help="measure every so-manieth window only")
    parser.add_argument("--model", type=Path, default=None, help="folder with a manifest (default: the package)")
    parser.add_argument("--float", dest="floating", type=Path, default=None, help="float32 .tflite to put beside it")
    parser.add_argument("--dump", type=Path, default=None, help="also write every generated loop as MIDI")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--card", action="store_true", help="write the model card with its pictures")


def evaluate(played: Played, split: Split, tables: Tables, floating: Played | None) -> list[Metric]:
    """Every metric beside its baselines."""
    free, tapped = humanisers(tables, split), copiers(tables, split)
    by_tap, by_bass = drummers(tables, split), bass_drummers(tables, split)
    on = {name: value[..., 1] for name, value in {**free, **tapped}.items()}
    loud = {name: value[..., 0] for name, value in {**free, **tapped}.items()}

    def also(name: str) -> Played | None:
        return floating if floating and (name, 0) in floating.grids else None

    rows: list[Metric] = []
    for condition, musts in (("score_tap", ((7.0, 5.0), (9.0, 7.0))), ("score_style", ((None, None), (None, None)))):
        names = set(on) if condition == "score_tap" else set(free)
        other = also(condition)
        (must_t, aim_t), (must_v, aim_v) = musts
        rows += [
            measure(
                f"timing_ms_{condition}", m.timing(split, played.of(condition)[..., 2]), statistic=ratio,
                baselines={k: m.timing(split, v) for k, v in on.items() if k in names}, higher=False, gated=True,
                floating=None if other is None else m.timing(split, other.of(condition)[..., 2]),
                must=must_t, aim=aim_t,
            ),
            measure(
                f"timing_16th_{condition}", m.timing(split, played.of(condition)[..., 2], ms=False), statistic=ratio,
                baselines={k: m.timing(split, v, ms=False) for k, v in on.items() if k in names}, higher=False,
                floating=None if other is None else m.timing(split, other.of(condition)[..., 2], ms=False),
            ),
            measure(
                f"velocity_{condition}", m.touch(split, played.of(condition)[..., 1]), statistic=ratio,
                baselines={k: m.touch(split, v) for k, v in loud.items() if k in names}, higher=False, gated=True,
                floating=None if other is None else m.touch(split, other.of(condition)[..., 1]), must=must_v, aim=aim_v,
            ),
        ]  # fmt: skip
    for condition, others, must, aim in (("tap", by_tap, 0.66, 0.72), ("tap_style_bass", by_bass, 0.70, 0.76)):
        hits = played.of(condition)[..., 0]
        other = also(condition)
        rows.append(
            measure(
                f"hit_f1_{condition}", m.f1(split, hits), statistic=ratio, must=must, aim=aim, gated=True,
                baselines={k: m.f1(split, v) for k, v in others.items()},
                floating=None if other is None else m.f1(split, other.of(condition)[..., 0]),
            )
        )  # fmt: skip
        rows += [
            measure(
                f"hit_f1_{condition}_{name}", m.f1_of(split, hits, voices), statistic=ratio,
                baselines={k: m.f1_of(split, v, voices) for k, v in others.items()},
            )
            for name, voices in m.GROUPS.items()
        ]  # fmt: skip
    rows.append(
        measure(
            "diversity_sd", m.diversity(split, played), statistic=ratio, must=0.20, aim=0.25,
            baselines={"any table": np.array([[0.0, 1.0]])},
            reference={"plain VAE (published)": np.array([[0.061, 1.0]]), "best published": np.array([[0.222, 1.0]])},
            floating=None if floating is None else m.diversity(split, floating),
        )
    )  # fmt: skip
    rows += [_fidelity(played, split, swing, floating) for swing in SWINGS]
    rows += [_divergence(played, split, free, channel, floating) for channel in (2, 1)]
    bass = played.of("bass_style")
    rows.append(
        measure(
            "bass_lock_lift", m.bass_lock(split, bass[..., 0]), statistic=ratio, must=0.25, aim=0.45,
            baselines={k: m.bass_lock(split, by_bass[k]) for k in ("Psc2 rule", "mean pattern of the style")},
            reference={
                "the recorded drummer": m.bass_lock(split, split.grid[..., 0]),
                "rule drummer (kick copies the bass)": m.bass_lock(split, by_bass["rule drummer"]),
            },
            floating=None if floating is None else m.bass_lock(split, floating.of("bass_style")[..., 0]),
        )
    )  # fmt: skip
    tap = played.of("tap")
    on_grid = np.zeros_like(tap[..., 2])
    rows.append(
        measure(
            "tap_lock_15ms", m.tap_lock(split, tap[..., 0], tap[..., 2]), statistic=ratio, must=0.80, aim=0.95,
            baselines={
                "tap x mean pattern on the grid": m.tap_lock(split, by_tap["tap x mean pattern"], on_grid),
                "Psc2 rule": m.tap_lock(split, by_tap["Psc2 rule"], on_grid),
            },
            reference={"the recorded drummer": m.tap_lock(split, split.grid[..., 0], split.grid[..., 2])},
            floating=None if also("tap") is None else m.tap_lock(split, *_hits_and_offsets(also("tap"))),
        )
    )  # fmt: skip
    ratio_rows, middle = m.seam(split, bass)
    data_rows, _ = m.seam(split, split.grid)
    rows.append(
        measure(
            "seam", ratio_rows, statistic=ratio, higher=False, must=1.2, aim=1.0,
            reference={"its own bar line in mid-loop": np.array([[middle, 1.0]]), "data, looped": data_rows},
        )
    )  # fmt: skip
    if floating:
        same = m.identical_hits(played, floating)
        strokes = {"strokes alike in velocity and timing too": m.identical(played, floating)}
        rows.append(Metric("int8_same_hits", same, len(split.grid), (same, same), must=0.98, reference=strokes))
    return rows


def _hits_and_offsets(played: Played | None) -> tuple[Floats, Floats]:
    """What the tap condition strikes and when."""
    assert played is not None
    grid = played.of("tap")
    return grid[..., 0], grid[..., 2]


def _fidelity(played: Played, split: Split, swing: float, floating: Played | None) -> Metric:
    """Table 2 of the NIME 2021 paper: how far the mean off-beat offset is from the swing that was asked for."""
    found = m.fidelity(split, played)[swing]
    made = measure(
        f"fidelity_{swing}",
        m.fidelity_rows(split, played, swing),
        statistic=lambda rows: abs(ratio(rows) - swing),
        must=0.03,
        aim=0.01,
        higher=False,
        floating=None if floating is None else m.fidelity_rows(split, floating, swing),
    )
    return replace(made, reference={"mean": found["mean"], "sd": found["sd"]})


def _divergence(played: Played, split: Split, tables: dict[str, Any], channel: int, floating: Played | None) -> Metric:
    """How far the spread of a model's sampled offsets or velocities is from people's."""
    name = "offset" if channel == 2 else "velocity"
    half = m.split_half(split, channel)
    value = m.channel_divergence(split, played.of("score"), channel)
    low, high = m.divergence_ci(split, played.of("score"), channel)
    grids = {k: np.concatenate((split.grid[..., :1], v), -1) for k, v in tables.items()}
    return Metric(
        f"{name}_kl_over_split_half",
        value / half,
        len(split.names),
        (low / half, high / half),
        must=1.5,
        aim=1.1,
        baselines={k: m.channel_divergence(split, v, channel) / half for k, v in grids.items()},
        reference={"kl in nats": value, "split half in nats": half},
        higher=False,
        gated=True,
        floating=m.channel_divergence(split, floating.of("score"), channel) / half if floating else None,
    )


def speed(net: DrumNet, count: int = 200) -> Metric:
    """Milliseconds for a pattern of two bars that nobody tapped: two passes and all decoding."""
    wall, cpu = [], []
    for seed in range(count):
        request = GrooveRequest(bass=(Tap(0), Tap(6), Tap(16), Tap(26)), style="funk", temperature=0.5, seed=seed)
        begin, spent = time.perf_counter(), time.thread_time()
        net.groove(request)
        wall.append((time.perf_counter() - begin) * 1000)
        cpu.append((time.thread_time() - spent) * 1000)
    p99 = float(np.percentile(wall, 99))
    busy = {"median": float(np.median(wall)), "p99 of its own CPU time": float(np.percentile(cpu, 99))}
    return Metric("pattern_ms_p99", p99, count, (p99, p99), must=20.0, aim=5.0, higher=False, reference=busy)


def run_model(graph: Runs, split: Split, label: str) -> Played:
    """Play a split with a progress line."""
    progress = Progress(label, len(split.grid))
    return play(DrumNet(graph), split, progress.update)


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, and write what was asked for."""
    performances = gmd.load(args.gmd or gmd.folder(args.data))
    split = split_of(performances, args.rows)
    if args.every > 1:
        split = split.take(args.every)
    tables = count(split_of(performances, "train"))
    graph = load("drums", args.model)
    entry = read_manifest(args.model)["drums"]
    played = run_model(graph, split, "drums int8")
    floating = None
    if args.floating:
        floating = run_model(open_graph(args.floating), split, "drums float")
    metrics = [*evaluate(played, split, tables, floating), speed(DrumNet(graph))]
    if args.dump:
        from sideman_lab.drums.dump import write

        write(args.dump, played, split)
    if args.card:
        from sideman_lab.drums.card import write_card

        print(f"card: {write_card(metrics, played, split, graph, entry, args.rows)}", file=sys.stderr)
    if args.json:
        print(
            json.dumps(
                report("drums", metrics, pieces=len(split.names), runtime=graph.backend, model_sha256=entry.sha256)
            )
        )
    else:
        print(table(metrics))
    found = failures(metrics)
    for clause in found:
        print(f"fails: {clause}", file=sys.stderr)
    # Targets are reported; a lost comparison or a broken quantisation is an error.
    return int(any("does not beat" in c or "quantisation" in c or c.startswith("int8_same_hits") for c in found))
