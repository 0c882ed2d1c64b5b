"""``sideman-lab export melody``: the checkpoint as an int8 graph with explicit state, checked and packed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.melody_features import WIDTH
from sideman_lab.melody import baselines as counting
from sideman_lab.melody import pieces
from sideman_lab.melody.madeup import made_up_pieces
from sideman_lab.reference import GruWeights, Numerics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[Any]]

GOLDEN_STEPS = 24
GOLDEN_ATOL = 0.05
"""Largest difference of a logit or a state: rounding may fall the other way where activations are quantised."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``export melody``."""
    parser.add_argument("--checkpoint", type=Path, default=None, help="default: melody.pt in the checkpoint folder")
    parser.add_argument("--out", type=Path, default=None, help="folder to write to (default: the package)")
    parser.add_argument("--data", type=Path, default=None, help="data folder: count the baselines again, too")
    parser.add_argument("--float", type=Path, default=None, dest="float_file", help="where the float variant goes")


def run(args: argparse.Namespace) -> int:
    """Export; returns the exit status."""
    import torch

    from sideman_lab.tflite_export import convert, write_model

    where = args.checkpoint or pieces.cache_dir() / "melody.pt"
    if not where.exists():
        raise FileNotFoundError(f"no checkpoint at {where}: run `sideman-lab train melody` first")
    held = torch.load(where, weights_only=True)
    weights = {name: value.numpy() for name, value in held["net"].items()}
    hidden = weights["first.weight_hh_l0"].shape[1]
    spec = {
        "x": ((1, WIDTH), "float32"),
        "first_in": ((1, hidden), "float32"),
        "second_in": ((1, hidden), "float32"),
    }
    converted = convert(lambda named: graph_step(weights, named), spec)
    inputs, outputs = golden(weights)
    meta = {
        "licence": "MIT",
        "rights_class": "B: POP909's transcriptions are MIT, its songs are in copyright; Lieder are CC0",
        "trained_on": sorted(pieces.SETS),
        "steps": int(held["step"]),
    }
    errors = write_model("melody", converted.int8, inputs, outputs, meta, golden_atol=GOLDEN_ATOL, folder=args.out)
    float_file = args.float_file or pieces.cache_dir() / "melody-float.tflite"
    float_file.write_bytes(converted.float32)
    if args.data:
        seen = (m for m in pieces.training_pieces(args.data) if not pieces.is_validation(m.song))
        counting.fit(seen).save(counting.FILE)
    print(f"melody.tflite {len(converted.int8)} bytes after {held['step']} steps; float in {float_file}")
    print("golden outputs differ by " + ", ".join(f"{error:.2g} on {name}" for name, error in errors.items()))
    return 0


def gru(weights: Weights, name: str) -> GruWeights:
    """One GRU layer of a state dict."""
    return GruWeights(*(weights[f"{name}.{part}_l0"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))


def graph_step(weights: Weights, named: Mapping[str, Any]) -> dict[str, Any]:
    """The network in TensorFlow operations."""
    from sideman_lab.tflite_export import dense, gru_step, tensorflow

    front = dense(named["x"], weights["front.weight"], weights["front.bias"], relu=True)
    first = gru_step(front, named["first_in"], gru(weights, "first"))
    second = gru_step(first, named["second_in"], gru(weights, "second"))
    joined = tensorflow().concat([second, front], axis=-1)
    logits = dense(joined, weights["readout.weight"], weights["readout.bias"])
    return {"logits": logits, "first_out": first, "second_out": second}


def numpy_step(weights: Weights, numerics: Numerics, named: Mapping[str, Any]) -> dict[str, Any]:
    """The same network in NumPy, independent of both interpreters."""
    front = numerics.dense(named["x"], weights["front.weight"], weights["front.bias"], relu=True)
    first = numerics.gru_step(front, named["first_in"], gru(weights, "first"))
    second = numerics.gru_step(first, named["second_in"], gru(weights, "second"))
    joined = np.concatenate([second, front], axis=-1)
    logits = numerics.dense(joined, weights["readout.weight"], weights["readout.bias"])
    return {"logits": logits, "first_out": first, "second_out": second}


def golden(weights: Weights) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Inputs of a made-up melody and the outputs the int8 arithmetic must give for them."""
    from sideman_lab.melody.encode import SCALE, encode_piece

    coded, _ = encode_piece(made_up_pieces(1, 7)[0], spoiled=False, seed=7)
    x = (coded[:GOLDEN_STEPS].astype(np.float32) / SCALE)[:, None, :]
    hidden = weights["first.weight_hh_l0"].shape[1]
    state = {name: np.zeros((1, hidden), np.float32) for name in ("first_in", "second_in")}
    start = {name: value[None].repeat(len(x), 0) for name, value in state.items()}
    numerics = Numerics(int8=True)
    steps: list[dict[str, Any]] = []
    for row in x:
        steps.append(numpy_step(weights, numerics, {"x": row, **state}))
        state = {"first_in": steps[-1]["first_out"], "second_in": steps[-1]["second_out"]}
    outputs = {name: np.stack([step[name] for step in steps]) for name in steps[0]}
    return {"x": x, **start}, outputs
