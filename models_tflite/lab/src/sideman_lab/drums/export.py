"""Write the drum network into the package: int8 TFLite, golden outputs, manifest entry."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sideman.models.drum_features import CHANNELS, COLUMNS, DILATIONS, MAX_STEPS, assemble, neighbours
from sideman.models.drums import GrooveRequest, conditions_of
from sideman.models.sampling import generator
from sideman.music.drum_pattern import Tap
from sideman.music.drum_rules import groove
from sideman.music.meter import Meter

from sideman_lab.drums.forward import NumpyDrums
from sideman_lab.drums.layout import OUTPUTS, heads
from sideman_lab.drums.train import checkpoint_folder
from sideman_lab.tflite_export import convert, dense, tensorflow, write_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


GOLDEN_ATOL = 0.2
"""Logits reach 10 and more; one activation rounded the other way in an int8 kernel moves them by up to .15."""


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


def golden_requests() -> list[GrooveRequest]:
    """Requests of every kind, made by rule: other meters, with and without score, tap, bass, style."""
    rng = generator("golden drums")
    found = []
    for meter in (Meter(), Meter(3, 4), Meter(7, 8), Meter(6, 8)):
        bars = 2
        steps = bars * meter.bar_frames
        taps = tuple(
            Tap(s, 40 + int(rng.integers(80)), float(rng.uniform(-0.3, 0.3)))
            for s in range(steps)
            if rng.random() < 0.5
        )
        bass = tuple(Tap(s, 90) for s in range(steps) if rng.random() < 0.2)
        score = groove(meter, bars, seed=steps)
        found += [
            GrooveRequest(meter, steps, score=score, taps=taps),
            GrooveRequest(meter, steps, taps=taps, bass=bass, style="funk", bpm=95.0),
            GrooveRequest(meter, steps, score=score, bpm=150.0),
            GrooveRequest(meter, steps, bass=bass, style="latin", density=0.4, fill=meter.bar_frames),
        ]
    return found


def golden(weights: Mapping[str, NDArray[Any]]) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Golden inputs and what the NumPy forward pass makes of them."""
    model = NumpyDrums(weights, int8=True)
    inputs: dict[str, list[NDArray[Any]]] = {"x": [], "neighbours": []}
    outputs: dict[str, list[NDArray[Any]]] = {name: [] for name in OUTPUTS}
    for request in golden_requests():
        x = np.zeros((MAX_STEPS, CHANNELS), np.float32)
        x[: request.steps] = assemble(conditions_of(request))
        one = {"x": x, "neighbours": neighbours(request.steps)}
        for name, value in one.items():
            inputs[name].append(value)
        for name, value in model.run(one).items():
            outputs[name].append(value)
    return ({k: np.stack(v) for k, v in inputs.items()}, {k: np.stack(v) for k, v in outputs.items()})


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
    path = args.checkpoint or checkpoint_folder(args.checkpoints) / "best.pt"
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
