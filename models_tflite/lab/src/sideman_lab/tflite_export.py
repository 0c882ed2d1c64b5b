"""From NumPy weights to a TFLite file that both interpreters compute alike.

Networks are written again as raw TensorFlow operations on constants (Keras cells inside a ``tf.Module`` are
not tracked and convert to a wrong, tiny model), with the state as explicit inputs and outputs, and converted
through a SavedModel signature. Weights keep PyTorch's layout, so a ``state_dict`` converts one to one.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sideman_lab.packaging import write_model
from sideman_lab.reference import flat_taps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from sideman_lab.reference import GruWeights

    Tensor = Any
    Step = Callable[[dict[str, Any]], Mapping[str, Any]]

__all__ = [
    "Converted",
    "conv1d_circular",
    "convert",
    "dense",
    "embedding",
    "gru_step",
    "layer_norm",
    "write_model",
]

SIGNATURE = "serving_default"


@dataclass(frozen=True)
class Converted:
    """One network in two precisions.

    Attributes:
        int8: The model to ship.
        float32: The same network unquantised, to measure what quantisation costs.
    """

    int8: bytes
    float32: bytes


def tensorflow() -> Any:
    """TensorFlow, quiet and without a GPU.

    Raises:
        ModuleNotFoundError: This is not the training environment.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import tensorflow as tf

    return tf


def dense(x: Tensor, weight: ArrayLike, bias: ArrayLike | None = None, relu: bool = False) -> Tensor:
    """``x @ weight.T + bias``; x is (rows, inputs), weight (outputs, inputs) as in PyTorch's Linear."""
    tf = tensorflow()
    y = tf.matmul(x, tf.constant(np.asarray(weight, np.float32)), transpose_b=True)
    if bias is not None:
        y = tf.nn.bias_add(y, tf.constant(np.asarray(bias, np.float32)))
    return tf.nn.relu(y) if relu else y


def gru_step(x: Tensor, h: Tensor, weights: GruWeights) -> Tensor:
    """One GRU step with PyTorch's gates (r, z, n); see ``reference.Numerics.gru_step`` for the shapes."""
    tf = tensorflow()
    size = int(h.shape[-1])
    a = dense(x, weights.w_ih, weights.b_ih)
    b = dense(h, weights.w_hh, weights.b_hh)
    reset = tf.sigmoid(a[:, :size] + b[:, :size])
    update = tf.sigmoid(a[:, size : 2 * size] + b[:, size : 2 * size])
    new = tf.tanh(a[:, 2 * size :] + reset * b[:, 2 * size :])
    return (1.0 - update) * new + update * h


def conv1d_circular(
    x: Tensor, weight: ArrayLike, bias: ArrayLike | None = None, dilation: int = 1, relu: bool = False
) -> Tensor:
    """Circular dilated convolution of (steps, channels) with a Conv1d weight (outputs, channels, taps).

    The taps are gathered by rolling and the product is one dense layer: the hybrid int8 convolution differs
    between the two interpreters, the fully connected kernel does not.
    """
    tf = tensorflow()
    weight = np.asarray(weight, np.float32)
    taps = weight.shape[2]
    steps = int(x.shape[0])
    rolled = []
    for k in range(taps):
        shift = (k - taps // 2) * dilation % steps
        rolled.append(tf.concat([x[shift:], x[:shift]], axis=0) if shift else x)
    return dense(tf.concat(rolled, axis=-1), flat_taps(weight), bias, relu)


def layer_norm(
    x: Tensor, gamma: ArrayLike | None = None, beta: ArrayLike | None = None, epsilon: float = 1e-5
) -> Tensor:
    """Normalise the last axis as PyTorch's LayerNorm does.

    The converter folds gamma and beta into a dense layer behind; see ``reference.fold_layer_norm``.
    """
    tf = tensorflow()
    centred = x - tf.reduce_mean(x, axis=-1, keepdims=True)
    variance = tf.reduce_mean(centred * centred, axis=-1, keepdims=True)
    scaled = centred * tf.math.rsqrt(variance + epsilon)
    if gamma is not None:
        scaled = scaled * tf.constant(np.asarray(gamma, np.float32))
    return scaled if beta is None else scaled + tf.constant(np.asarray(beta, np.float32))


def embedding(index: Tensor, table: ArrayLike) -> Tensor:
    """Rows of a table (entries, size) by int32 index of any shape."""
    tf = tensorflow()
    return tf.gather(tf.constant(np.asarray(table, np.float32)), index)


def convert(
    step: Step,
    inputs: Mapping[str, tuple[tuple[int, ...], str]],
    *,
    mode: Literal["dynamic", "full"] = "dynamic",
    representative: Iterable[Mapping[str, NDArray[Any]]] | None = None,
) -> Converted:
    """Convert a network.

    Args:
        step: Takes a dict of tensors by input name, returns a dict of tensors by output name, built from
            this module's blocks and plain TensorFlow operations.
        inputs: Fixed shape and dtype name by input, e.g. ``{"x": ((1, 61), "float32")}``.
        mode: "dynamic" = int8 weights, activations quantised at run time; "full" = int8 throughout with
            float32 at the border.
        representative: Inputs to calibrate "full" with.

    Raises:
        ValueError: "full" without a representative set.
        ModuleNotFoundError: TensorFlow is not installed.
    """
    if mode == "full" and representative is None:
        raise ValueError("full int8 needs a representative set of inputs")
    tf = tensorflow()
    spec = {name: tf.TensorSpec(shape, dtype, name=name) for name, (shape, dtype) in inputs.items()}

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def serve(**named: Tensor) -> dict[str, Tensor]:
        return {name: tf.identity(value, name=name) for name, value in step(named).items()}

    module = tf.Module()
    module.serve = serve
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={SIGNATURE: serve.get_concrete_function(**spec)})
        plain = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        # Per-channel dense layers do not load in tflite-runtime 2.14 ("FULLY_CONNECTED version '12'").
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True  # noqa: SLF001 - no public name
        if representative is not None and mode == "full":
            samples = [dict(sample) for sample in representative]
            converter.representative_dataset = lambda: iter(samples)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        return Converted(int8=bytes(converter.convert()), float32=bytes(plain))
