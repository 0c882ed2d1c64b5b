"""Write the drum network into the package: int8 TFLite, golden outputs, manifest entry."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.models.drum_features import CHANNELS, COLUMNS, DILATIONS, MAX_STEPS
from sideman_lab import checkpoints
from sideman_lab.drums.golden import golden
from sideman_lab.drums.layout import OUTPUTS, heads
from sideman_lab.tflite_export import convert, dense, tensorflow, write_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


GOLDEN_ATOL = 0.155
"""Logits reach 10 and more; one activation rounded the other way in an int8 kernel moves them by up to .15.

A quarter of the range of the timing output is the most that still tells a wrong model.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab export drums``."""
    parser.add_argument("--checkpoint", type=Path, default=None, help="default: best.pt of the training run")
    parser.add_argument("--checkpoints", type=Path, default=None, help="folder for checkpoints")
    parser.add_argument("--out", type=Path, default=None, help="folder for the model (default: the package)")
    parser.add_argument("--float-out", type=Path, default=None, help="also write the float32 model here")


def graph(weights: Mapping[str, NDArray[Any]]) -> Any:
    """The network as TensorFlow operations; see ``forward.NumpyDrums`` for the same in NumPy."""
    tf = tensorflow()
    weights = heads(weights)

    def layer(name: str, x: Any, relu: bool = False) -> Any:
        return dense(x, weights[f"{name}.weight"], weights[f"{name}.bias"], relu)

    def step(inputs: dict[str, Any]) -> dict[str, Any]:
        x, looks = inputs["x"], inputs["neighbours"]
        h = layer("enter", x, relu=True)
        for i in range(len(DILATIONS)):
            around = tf.concat((tf.gather(h, looks[2 * i]), h, tf.gather(h, looks[2 * i + 1])), -1)
            h = h + layer(f"blocks.{i}.out", layer(f"blocks.{i}.mix", around, relu=True))
        last = tf.nn.relu(h)
        out = {name: layer(name, last) for name in OUTPUTS}
        gate_v, gate_o = layer("gate_velocity", last), layer("gate_offset", last)
        first = COLUMNS["tap"].start
        onset, velocity, offset = (x[:, first + k : first + k + 1] for k in range(3))
        own = out["velocity"] + 0.5
        out["velocity"] = own + tf.sigmoid(gate_v + 1.0) * onset * (velocity - own)
        out["offset"] = out["offset"] + tf.sigmoid(gate_o + 1.0) * onset * (offset * 0.5 - out["offset"])
        return out

    return step


def load_weights(path: Path) -> tuple[dict[str, NDArray[Any]], int]:
    """Averaged weights of a checkpoint and the step they come from.

    Raises:
        FileNotFoundError: There is no checkpoint.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}: run sideman-lab train drums first")
    import torch

    state = torch.load(path, weights_only=False)
    return {name: value.numpy() for name, value in state["average"].items()}, int(state["step"])


def run(args: argparse.Namespace) -> int:
    """Convert, check on every interpreter here, write."""
    path = args.checkpoint or checkpoints.folder(args.checkpoints) / "drums" / "best.pt"
    weights, steps = load_weights(path)
    inputs = {"x": ((MAX_STEPS, CHANNELS), "float32"), "neighbours": ((2 * len(DILATIONS), MAX_STEPS), "int32")}
    made = convert(graph(weights), inputs)
    golden_inputs, golden_outputs = golden(weights)
    meta = {
        "licence": "MIT",
        "rights_class": "A",
        "trained_on": ["gmd (Groove MIDI Dataset, CC BY 4.0), rows train"],
        "parameters": int(sum(w.size for w in weights.values())),
        "training_steps": steps,
    }
    errors = write_model(
        "drums", made.int8, golden_inputs, golden_outputs, meta, golden_atol=GOLDEN_ATOL, folder=args.out
    )
    if args.float_out:
        args.float_out.write_bytes(made.float32)
    found = ", ".join(f"{name} {error:.2g}" for name, error in errors.items())
    print(f"drums: {len(made.int8)} bytes after {steps} training steps; golden outputs agree within {found}")
    return 0
