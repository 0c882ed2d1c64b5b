"""The drum network once more in NumPy: what golden outputs are made with, and the float column of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.drum_features import COLUMNS, DILATIONS
from sideman_lab.drums.layout import OUTPUTS, heads
from sideman_lab.reference import Numerics, sigmoid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


class NumpyDrums:
    """Runs like a loaded graph.

    Args:
        weights: Arrays by the names of the PyTorch net's state.
        int8: Reproduce the dynamic-range int8 arithmetic.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]], int8: bool = False) -> None:
        self.weights = heads(weights)
        self.numerics = Numerics(int8)

    def _dense(self, name: str, x: Floats, relu: bool = False) -> Floats:
        return self.numerics.dense(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], relu)

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """One loop: ``x`` (32, channels) and ``neighbours`` (10, 32) in, the outputs of the graph out."""
        x, looks = inputs["x"], inputs["neighbours"]
        h = self._dense("enter", x, relu=True)
        for i in range(len(DILATIONS)):
            around = np.concatenate((h[looks[2 * i]], h, h[looks[2 * i + 1]]), -1)
            h = h + self._dense(f"blocks.{i}.out", self._dense(f"blocks.{i}.mix", around, relu=True))
        last = np.maximum(h, 0)
        out: dict[str, NDArray[Any]] = {name: self._dense(name, last) for name in OUTPUTS}
        gate_v, gate_o = self._dense("gate_velocity", last), self._dense("gate_offset", last)
        tap = x[:, COLUMNS["tap"]]
        onset, velocity, offset = tap[:, 0:1], tap[:, 1:2], tap[:, 2:3] * 0.5
        own = out["velocity"] + 0.5
        out["velocity"] = own + sigmoid(gate_v + 1.0) * onset * (velocity - own)
        out["offset"] = out["offset"] + sigmoid(gate_o + 1.0) * onset * (offset - out["offset"])
        return out
