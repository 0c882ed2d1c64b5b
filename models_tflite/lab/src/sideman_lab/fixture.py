"""Writes the models that tests and benches load: ``python -m sideman_lab.fixture tests``.

``models/data/tiny.tflite``: a GRU of 24 units, one circular convolution and a dense layer with random weights;
every building block of the shipped models, big enough that its weights are quantised.
``bench/data/floor.tflite``: one addition.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman_lab import tflite_export as blocks
from sideman_lab.packaging import write_model
from sideman_lab.reference import GruWeights, Numerics, fold_layer_norm, layer_norm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FAMILY = "tiny"
INPUTS, HIDDEN, STEPS, LOOP = 16, 24, 6, 8
SPEC: dict[str, tuple[tuple[int, ...], str]] = {
    "x": ((1, INPUTS), "float32"),
    "h_in": ((1, HIDDEN), "float32"),
    "loop": ((LOOP, HIDDEN), "float32"),
    "style": ((1,), "int32"),
}


class TinyNet:
    """The network twice: in NumPy and in TensorFlow operations, from the same random weights."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)

        def draw(*shape: int) -> NDArray[np.float32]:
            return rng.normal(0, 1 / np.sqrt(shape[-1]), shape).astype(np.float32)

        gates = 3 * HIDDEN
        self.gru = GruWeights(draw(gates, INPUTS), draw(gates, HIDDEN), draw(gates), draw(gates))
        self.conv = draw(HIDDEN, HIDDEN, 3)
        self.table = draw(4, HIDDEN)
        self.out, self.bias = fold_layer_norm(1 + draw(HIDDEN), draw(HIDDEN), draw(48, HIDDEN), draw(48))

    def numpy_step(self, inputs: Mapping[str, NDArray[Any]], numerics: Numerics) -> dict[str, NDArray[np.float32]]:
        """One step in NumPy."""
        h = numerics.gru_step(inputs["x"], inputs["h_in"], self.gru)
        looped = numerics.conv1d_circular(inputs["loop"], self.conv, dilation=2, relu=True)
        mixed = layer_norm(h + looped.mean(0, keepdims=True) + self.table[inputs["style"]])
        return {"h_out": h, "logits": numerics.dense(mixed, self.out, self.bias)}

    def tensor_step(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The same step in TensorFlow operations."""
        tf = blocks.tensorflow()
        h = blocks.gru_step(inputs["x"], inputs["h_in"], self.gru)
        looped = blocks.conv1d_circular(inputs["loop"], self.conv, dilation=2, relu=True)
        style = blocks.embedding(inputs["style"], self.table)
        mixed = h + tf.reduce_mean(looped, axis=0, keepdims=True) + style
        return {
            "h_out": h,
            "logits": blocks.dense(blocks.layer_norm(mixed), self.out, self.bias),
        }

    def golden(self, numerics: Numerics, seed: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs and outputs of a few consecutive steps."""
        rng = np.random.default_rng(seed)
        inputs: dict[str, NDArray[Any]] = {
            "x": rng.normal(size=(STEPS, 1, INPUTS)).astype(np.float32),
            "loop": rng.normal(size=(STEPS, LOOP, HIDDEN)).astype(np.float32),
            "style": rng.integers(0, 4, (STEPS, 1)).astype(np.int32),
            "h_in": np.zeros((1, 1, HIDDEN), np.float32),
        }
        state = inputs["h_in"][0]
        rows = []
        for step in range(STEPS):
            now = {name: inputs[name][step] for name in ("x", "loop", "style")}
            rows.append(self.numpy_step({**now, "h_in": state}, numerics))
            state = rows[-1]["h_out"]
        return inputs, {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def main(tests: Path) -> None:
    """Write the tiny model, its golden outputs and manifest, and the floor of the benches."""
    folder = tests / "models" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    net = TinyNet()
    converted = blocks.convert(net.tensor_step, SPEC)
    inputs, outputs = net.golden(Numerics(int8=True))
    meta = {
        "licence": "MIT",
        "rights_class": "synthetic",
        "trained_on": ["nothing"],
        "created_by": "python -m sideman_lab.fixture",
    }
    print(write_model(FAMILY, converted.int8, inputs, outputs, meta, folder=folder))
    floor = tests / "bench" / "data" / "floor.tflite"
    floor.parent.mkdir(parents=True, exist_ok=True)
    floor.write_bytes(blocks.convert(lambda named: {"y": named["x"] + 1.0}, {"x": ((1, 1), "float32")}).float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
