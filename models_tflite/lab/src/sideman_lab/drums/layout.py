"""Names and sizes shared by the drum network's three forms: PyTorch, NumPy and TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sideman.models.drum_features import FEEL, VOICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

WIDTH = 144
OUTPUTS = {
    "hits": VOICES,
    "velocity": VOICES,
    "velocity_b": VOICES,
    "offset": VOICES,
    "offset_b": VOICES,
    "feel": FEEL,
    "feel_b": FEEL,
}
"""Outputs per step. The ``_b`` are logs of Laplace scales; offsets are fractions of a 16th, velocities 0-1."""
GATES = 2 * VOICES
"""After the outputs come the copy gates, velocity and then offset."""


def heads(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The weights with the last layer cut into one dense layer an output.

    int8 weights share one scale a layer; in one piece the small weights of the offsets would be rounded by
    the scale of the large ones of the gates, at a cost of 1.7 ms in timing.
    """
    out = {name: value for name, value in weights.items() if not name.startswith("leave.")}
    at = 0
    for name, width in {**OUTPUTS, "gate_velocity": VOICES, "gate_offset": VOICES}.items():
        for kind in ("weight", "bias"):
            out[f"{name}.{kind}"] = weights[f"leave.{kind}"][at : at + width]
        at += width
    return out
