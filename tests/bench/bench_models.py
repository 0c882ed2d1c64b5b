"""Milliseconds of one step of each shipped model on each interpreter, beside the floor of the same minute.

``python tests/bench/bench_models.py [--runs N] [--json]``. The floor is what a step costs with no arithmetic in
it: setting, invoking and getting a 1 x 1 graph that adds one, on the same interpreter. Model and floor take
turns, so that both meet the same load of the machine. A step is one call of the network; a bar of drums or a
re-planned bar of chords may take several, which ``model_ms`` of a jam's report counts.
"""

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

import numpy as np

from sideman.models.library import ModelUnusableError, load, models_folder, read_manifest
from sideman.models.runtime import installed_backends, open_graph

FLOOR = Path(__file__).parent / "data" / "floor.tflite"
WARM = 20


def milliseconds(graph, steps):
    """Nanosecond stamps around each step, as an array of ms."""
    taken = np.empty(len(steps))
    for i, step in enumerate(steps):
        begin = time.perf_counter_ns()
        graph.run(step)
        taken[i] = (time.perf_counter_ns() - begin) / 1e6
    return taken


def summary(values):
    return {
        "n": len(values),
        "p50": round(float(np.median(values)), 4),
        "p99": round(float(np.percentile(values, 99)), 4),
        "max": round(float(values.max()), 4),
    }


def recorded_steps(family, graph):
    """The golden inputs: real music, so that no shortcut of a kernel on zeros flatters the figure."""
    with np.load(models_folder() / read_manifest()[family].golden) as arrays:
        rows = {name: arrays[f"in_{name}"] for name in graph.inputs}
    length = max(len(row) for row in rows.values())
    return [{name: row[i % len(row)] for name, row in rows.items()} for i in range(length)]


def bench(runs=1000):
    """One row a family and interpreter: ``{"family", "backend", "ms": {...}, "floor": {...}}``."""
    found = []
    for backend in installed_backends():
        try:
            importlib.import_module(f"{backend}.interpreter")
        except ImportError:
            continue
        floor = open_graph(FLOOR, backend)
        nothing = [floor.zeros()]
        for family in read_manifest():
            try:
                graph = load(family, backend=backend)
            except ModelUnusableError as error:
                found.append({"family": family, "backend": backend, "error": str(error)})
                continue
            steps = recorded_steps(family, graph)
            milliseconds(graph, steps[:1] * WARM)
            model, bare = [], []
            for i in range(runs):
                model.append(milliseconds(graph, [steps[i % len(steps)]])[0])
                bare.append(milliseconds(floor, nothing)[0])
            found.append(
                {"family": family, "backend": backend, "ms": summary(np.array(model)), "floor": summary(np.array(bare))}
            )
    return found


def table(rows):
    head = f"{'family':8} {'interpreter':16} {'n':>6} {'p50':>8} {'p99':>8} {'max':>8}   floor p50, p99, max (ms)"
    lines = [head]
    for row in rows:
        if "error" in row:
            lines.append(f"{row['family']:8} {row['backend']:16} {row['error']}")
            continue
        ms, floor = row["ms"], row["floor"]
        lines.append(
            f"{row['family']:8} {row['backend']:16} {ms['n']:6} {ms['p50']:8.3f} {ms['p99']:8.3f} {ms['max']:8.3f}"
            f"   {floor['p50']:.3f}, {floor['p99']:.3f}, {floor['max']:.3f}"
        )
    return "\n".join(lines)


def main(argv=None):
    parser = argparse.ArgumentParser(description="milliseconds of one model step, beside the floor")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    rows = bench(args.runs)
    sys.stdout.write((json.dumps(rows, indent=2) if args.json else table(rows)) + "\n")
    return 1 if any("error" in row for row in rows) or not rows else 0


if __name__ == "__main__":
    raise SystemExit(main())
