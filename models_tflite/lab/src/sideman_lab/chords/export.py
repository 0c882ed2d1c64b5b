"""``sideman-lab export chords``: the averaged weights as a one-step int8 graph with explicit state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_features import N_FEATURES, FeatureStream
from sideman.models.chords import HORIZONS, N_AHEAD
from sideman.music.harmony import MelodyFrame
from sideman.music.meter import Meter
from sideman_lab import tflite_export as blocks
from sideman_lab.packaging import write_model
from sideman_lab.reference import GruWeights, Numerics

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.float32]]

GOLDEN_STEPS = 24
META = {
    "licence": "MIT",
    "horizons": list(HORIZONS),
    "classes": 37,
}


CLIP = 3.5
"""Weights of the recurrent layers and heads are cut at so many standard deviations: one scale serves a whole matrix,
and a few outliers cost all others their precision (chosen on POP909's validation songs by how alike int8 and float
decide)."""


def clipped(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """The weights with the outliers of every matrix but the first layer's cut."""
    found = {}
    for name, value in weights.items():
        limit = CLIP * float(value.std()) if value.ndim == 2 and name != "dense.weight" else np.inf
        found[name] = np.clip(value, -limit, limit).astype(np.float32)
    return found


def gru(weights: Weights, layer: int) -> GruWeights:
    """One layer's weights."""
    name = f"gru{layer}"
    return GruWeights(*(weights[f"{name}.{part}_l0"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))


def state_size(weights: Weights) -> int:
    """Units of one GRU."""
    return int(weights["gru1.weight_hh_l0"].shape[1])


def numpy_step(weights: Weights, inputs: Mapping[str, Any], numerics: Numerics) -> dict[str, NDArray[np.float32]]:
    """One frame in NumPy."""
    x = numerics.dense(inputs["x"], weights["dense.weight"], weights["dense.bias"], relu=True)
    h1 = numerics.gru_step(x, inputs["h1_in"], gru(weights, 1))
    h2 = numerics.gru_step(h1, inputs["h2_in"], gru(weights, 2))
    heads = {name: numerics.dense(h2, weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in _HEADS}
    return {**heads, "h1_out": h1, "h2_out": h2}


_HEADS = ("chord", "change", "histogram")


def tensor_step(weights: Weights, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The same frame in TensorFlow operations."""
    x = blocks.dense(inputs["x"], weights["dense.weight"], weights["dense.bias"], relu=True)
    h1 = blocks.gru_step(x, inputs["h1_in"], gru(weights, 1))
    h2 = blocks.gru_step(h1, inputs["h2_in"], gru(weights, 2))
    heads = {name: blocks.dense(h2, weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in _HEADS}
    return {**heads, "h1_out": h1, "h2_out": h2}


def golden(weights: Weights) -> tuple[dict[str, Any], dict[str, Any]]:
    """A written-out line, frame by frame, and what the net says of it (int8 arithmetic, no interpreter)."""
    line = (60, 60, 67, 67, 69, 69, 67, 0, 65, 65, 64, 64, 62, 62, 60, 0, 70, 73, 77, 82, 58, 0, 61, 66)
    stream = FeatureStream(Meter())
    rows, outs = [], []
    state = {name: np.zeros((1, state_size(weights)), np.float32) for name in ("h1_in", "h2_in")}
    first = dict(state)
    for step in range(GOLDEN_STEPS):
        pitch = line[step // 2 % len(line)]
        struck = (pitch,) if pitch and step % 2 == 0 else ()
        x = stream.step(MelodyFrame((pitch,) if pitch else (), struck, (80,) if pitch else ()))[None]
        out = numpy_step(weights, {"x": x, **state}, Numerics(int8=True))
        state = {"h1_in": out["h1_out"], "h2_in": out["h2_out"]}
        rows.append(x)
        outs.append(out)
    inputs = {"x": np.stack(rows), **{name: value[None] for name, value in first.items()}}
    return inputs, {name: np.stack([out[name] for out in outs]) for name in outs[0]}


def export(
    weights: Weights, meta: Mapping[str, Any], folder: Path | None = None, float_file: Path | None = None
) -> dict[str, float]:
    """Convert and write into the package (or ``folder``), the float variant into ``float_file``.

    Args:
        weights: The net's weights, written out.
        meta: Of the manifest's entry: ``rights_class``, ``trained_on`` and what else is known of the training.
        folder: Where to write; None for the package.
        float_file: Where to write the float variant.

    Returns:
        The largest golden difference by interpreter.
    """
    size = state_size(weights)
    spec = {
        "x": ((1, N_FEATURES), "float32"),
        "h1_in": ((1, size), "float32"),
        "h2_in": ((1, size), "float32"),
    }
    converted = blocks.convert(lambda inputs: tensor_step(weights, inputs), spec)
    if float_file is not None:
        float_file.write_bytes(converted.float32)
    inputs, outputs = golden(weights)
    whole = {**META, "parameters": int(sum(w.size for w in weights.values())), "ahead": N_AHEAD, **meta}
    return write_model("chords", converted.int8, inputs, outputs, whole, folder=folder, golden_atol=0.15)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``export chords``."""
    from pathlib import Path

    parser.add_argument("--checkpoints", help="folder of the checkpoints (default: $SIDEMAN_CHECKPOINTS)")
    parser.add_argument("--student", default="student.pt", help="name of the checkpoint (default: student.pt)")
    parser.add_argument("--float", dest="float_file", type=Path, help="also write the float model here")


def meta_of(steps: int, free: int, about: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of a training.

    Args:
        steps: Steps behind the weights.
        free: How many weights are free, the others being tied to them.
        about: Of the checkpoint: ``sources``, ``seed``, ``teacher``.
    """
    from sideman_lab.chords.sources import SOURCES

    sources = list(about["sources"])
    return {
        "rights_class": "B" if any(SOURCES[name].rights == "B" for name in sources) else "A",
        "trained_on": sources,
        "training_steps": steps,
        "teacher_steps": int(about["teacher"]),
        "seed": int(about["seed"]),
        "mean_of": int(about.get("mean_of", 1)),
        "free_parameters": free,
    }


def run(args: argparse.Namespace) -> int:
    """Export from the command line."""
    from sideman_lab.chords.train import trained

    found = trained(args.checkpoints, args.student)
    meta = meta_of(found.steps, found.free, found.about)
    errors = export(clipped(found.weights), meta, float_file=args.float_file)
    for backend, error in errors.items():
        print(f"golden outputs on {backend}: off by {error:.2g} at most")
    return 0
