"""NumPy forward passes of the exported building blocks: what the golden outputs are computed with.

``Numerics(int8=True)`` reproduces the arithmetic of a dynamic-range int8 graph (per-tensor symmetric
weights, activations quantised per row at run time), so golden outputs need no loose tolerance and an int8
model can be evaluated in batches without an interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float32]

MIN_QUANTISED = 1024
"""The converter leaves a weight with fewer elements in float."""


def quantise_weight(weight: ArrayLike) -> tuple[NDArray[np.int8], float]:
    """Per-tensor symmetric int8 in the narrow range: values in -127..127 and their scale."""
    array = np.asarray(weight, np.float32)
    largest = float(np.abs(array).max(initial=0.0))
    scale = largest / 127 if largest > 1e-30 else 1.0
    return np.clip(_round(array / np.float32(scale)), -127, 127).astype(np.int8), scale


def quantise_rows(x: Array) -> tuple[Array, Array, Array]:
    """Asymmetric int8 of each row as TFLite's hybrid kernels do it.

    Returns:
        Quantised values (held as float32), scale and zero point, the last two with a trailing axis of 1.
    """
    low = np.minimum(x.min(axis=-1, keepdims=True), 0).astype(np.float64)
    high = np.maximum(x.max(axis=-1, keepdims=True), 0).astype(np.float64)
    flat = high - low < 1e-30  # nothing but zeros, or too small to be told from them
    scale = np.where(flat, 1.0, (high - low) / 255)
    from_low = -128 - low / scale
    from_high = 127 - high / scale
    low_error = 128 + np.abs(low / scale)
    high_error = 127 + np.abs(high / scale)
    zero = np.clip(_round(np.where(low_error < high_error, from_low, from_high)), -128, 127)
    zero = np.where(flat, 0.0, zero)
    step: Array = np.asarray(scale, np.float32)
    offset: Array = np.asarray(zero, np.float32)
    # In single precision and with halves away from zero, as the kernel does it: most ties fall alike.
    values = np.clip(_round(offset + x * (np.float32(1) / step)), -128, 127)
    values = np.where(flat, 0.0, values)
    return values.astype(np.float32), step, offset


def _round(x: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Nearest integer, halves away from zero (C's ``round``; NumPy's goes to even)."""
    wide = x.astype(np.float64)
    return np.asarray(np.trunc(wide + np.copysign(0.5, wide)))


def sigmoid(x: Array) -> Array:
    """Logistic function that does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), np.float32)


class GruWeights(NamedTuple):
    """One GRU layer in PyTorch's layout; gates in the order r, z, n.

    Attributes:
        w_ih: (3 * hidden, inputs) = ``weight_ih_l0``.
        w_hh: (3 * hidden, hidden) = ``weight_hh_l0``.
        b_ih: (3 * hidden,) = ``bias_ih_l0``.
        b_hh: (3 * hidden,) = ``bias_hh_l0``.
    """

    w_ih: ArrayLike
    w_hh: ArrayLike
    b_ih: ArrayLike
    b_hh: ArrayLike


@dataclass(frozen=True)
class Numerics:
    """How matrix products are computed.

    Attributes:
        int8: Reproduce the dynamic-range int8 graph; False is plain float32.
    """

    int8: bool = False

    def dense(self, x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, relu: bool = False) -> Array:
        """``x @ weight.T + bias``.

        Args:
            x: (..., inputs).
            weight: (outputs, inputs), as PyTorch's Linear keeps it.
            bias: (outputs,) or None.
            relu: Clamp at 0 afterwards.
        """
        x = np.asarray(x, np.float32)
        weight = np.asarray(weight, np.float32)
        if self.int8 and weight.size >= MIN_QUANTISED:
            stored, weight_scale = quantise_weight(weight)
            values, scale, zero = quantise_rows(x)
            # Sums of int8 products stay below 2**24 here, so float32 holds them exactly enough and is fast.
            y = ((values - zero) @ stored.astype(np.float32).T) * (scale * np.float32(weight_scale))
        else:
            y = x @ weight.T
        if bias is not None:
            y = y + np.asarray(bias, np.float32)
        return np.asarray(np.maximum(y, 0) if relu else y, np.float32)

    def gru_step(self, x: ArrayLike, h: ArrayLike, weights: GruWeights) -> Array:
        """One GRU step in PyTorch's convention: gates r, z, n; the reset gate after the hidden product.

        Args:
            x: (batch, inputs).
            h: (batch, hidden).
            weights: The layer.

        Returns:
            (batch, hidden), the next state.
        """
        h = np.asarray(h, np.float32)
        size = h.shape[-1]
        a = self.dense(x, weights.w_ih, weights.b_ih)
        b = self.dense(h, weights.w_hh, weights.b_hh)
        gates = sigmoid(a[..., : 2 * size] + b[..., : 2 * size])
        reset, update = gates[..., :size], gates[..., size:]
        new = np.tanh(a[..., 2 * size :] + reset * b[..., 2 * size :])
        return np.asarray((1 - update) * new + update * h, np.float32)

    def conv1d_circular(
        self, x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, dilation: int = 1, relu: bool = False
    ) -> Array:
        """Convolution along time around a loop, so that the seam is no edge.

        Args:
            x: (..., steps, channels).
            weight: (outputs, channels, taps) as PyTorch's Conv1d keeps it, an odd number of taps.
            bias: (outputs,) or None.
            dilation: Steps between taps.
            relu: Clamp at 0 afterwards.
        """
        x = np.asarray(x, np.float32)
        weight = np.asarray(weight, np.float32)
        taps = weight.shape[2]
        rolled = [np.roll(x, -(k - taps // 2) * dilation, axis=-2) for k in range(taps)]
        return self.dense(np.concatenate(rolled, axis=-1), flat_taps(weight), bias, relu)


def flat_taps(weight: ArrayLike) -> Array:
    """A Conv1d weight (outputs, channels, taps) as the dense weight (outputs, taps * channels)."""
    array = np.asarray(weight, np.float32)
    return np.ascontiguousarray(array.transpose(0, 2, 1).reshape(array.shape[0], -1))


def layer_norm(
    x: ArrayLike, gamma: ArrayLike | None = None, beta: ArrayLike | None = None, epsilon: float = 1e-5
) -> Array:
    """Normalise the last axis as PyTorch's LayerNorm does."""
    x = np.asarray(x, np.float32)
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt(variance + np.float32(epsilon))
    if gamma is not None:
        scaled = scaled * np.asarray(gamma, np.float32)
    return np.asarray(scaled if beta is None else scaled + np.asarray(beta, np.float32), np.float32)


def fold_layer_norm(
    gamma: ArrayLike, beta: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None
) -> tuple[Array, Array]:
    """Move a layer norm's scale and shift into the dense layer behind it.

    The converter does this by itself before it quantises, so do it first: then the int8 reference
    quantises the same numbers as the graph.

    Returns:
        Weight (outputs, inputs) and bias (outputs,) for ``dense(layer_norm(x), weight, bias)``.
    """
    weight = np.asarray(weight, np.float32)
    shift = weight @ np.asarray(beta, np.float32)
    if bias is not None:
        shift = shift + np.asarray(bias, np.float32)
    return np.asarray(weight * np.asarray(gamma, np.float32), np.float32), np.asarray(shift, np.float32)


def gru_step_numpy(x: ArrayLike, h: ArrayLike, weights: GruWeights) -> Array:
    """``Numerics().gru_step``: the float32 reference."""
    return Numerics().gru_step(x, h, weights)
