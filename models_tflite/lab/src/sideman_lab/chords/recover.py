"""The shipped net as a checkpoint to train on from: ``python -m sideman_lab.chords.recover OUT.pt``.

Weights that are tied share one int8 value and one scale in the shipped file, so each comes back as it was rounded; the
golden outputs, which the float net must come near, say whether every matrix was found.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from sideman.models.library import load, read_manifest
from sideman_lab.chords.net import ChordNet
from sideman_lab.packaging import package_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sideman_lab.chords.net import Tied

LAYERS = ("dense", "ih1", "hh1", "ih2", "hh2", "chord", "change", "histogram")
"""Parts of the net in the order in which the exported graph names its constants."""


def constants(file: Path) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Matrices and biases of a model file, in the order of their names' numbers."""
    from ai_edge_litert.interpreter import Interpreter

    reader = Interpreter(str(file))
    reader.allocate_tensors()
    matrices: dict[int, NDArray[np.float32]] = {}
    biases: dict[int, NDArray[np.float32]] = {}
    for detail in reader.get_tensor_details():
        found = re.fullmatch(r"(?:Relu;)?(Const|BiasAdd)(?:_(\d+))?", detail["name"])
        if found:
            kept = matrices if found[1] == "Const" else biases
            kept[int(found[2] or 0)] = _real(reader.get_tensor(detail["index"]), detail["quantization_parameters"])
    return [matrices[n] for n in sorted(matrices)], [biases[n] for n in sorted(biases)]


def _real(values: NDArray[Any], scale: dict[str, Any]) -> NDArray[np.float32]:
    if values.dtype != np.int8:
        return np.asarray(values, np.float32)
    scales = np.asarray(scale["scales"], np.float32)
    return np.asarray(values * (scales[:, None] if len(scales) > 1 else scales), np.float32)


def recovered(file: Path) -> ChordNet:
    """The net of a model file.

    Raises:
        ValueError: Its constants are not those of such a net, or are not tied as its are.
    """
    matrices, biases = constants(file)
    net = ChordNet()
    if len(matrices) != len(LAYERS) or len(biases) != len(LAYERS):
        raise ValueError(f"{file.name} has {len(matrices)} matrices and {len(biases)} biases, not {len(LAYERS)} each")
    with torch.no_grad():
        for name, matrix, bias in zip(LAYERS, matrices, biases, strict=True):
            part: Tied = getattr(net, name)
            if matrix.shape != tuple(part.index.shape):
                raise ValueError(f"{file.name}: {name} is {matrix.shape}, not {tuple(part.index.shape)}")
            part.weight.copy_(torch.from_numpy(untied(matrix, part.index.numpy())))
            part.bias.copy_(torch.from_numpy(untied(bias, part.channel.numpy())))
    return net


def untied(values: NDArray[np.float32], index: NDArray[np.int64]) -> NDArray[np.float32]:
    """The free value behind each group of tied ones.

    Raises:
        ValueError: Values of a group differ.
    """
    count = np.bincount(index.ravel())
    found = np.asarray(np.bincount(index.ravel(), values.ravel()) / count, np.float32)
    if np.abs(found[index] - values).max() > 1e-5 * max(float(np.abs(values).max()), 1.0):
        raise ValueError("the weights are not tied as this net's are")
    return found


def main(arguments: Iterable[str]) -> None:
    """Write the checkpoint."""
    (out,) = arguments
    load("chords")  # the golden outputs hold
    entry = read_manifest()["chords"]
    net = recovered(package_folder() / entry.file)
    about = {"sources": list(entry.trained_on), "rights": "A+B", "seed": entry.extra.get("seed", 0)}
    about["teacher"] = int(entry.extra.get("teacher_steps", 0))
    steps = int(entry.extra.get("training_steps", 0))
    torch.save({"best": net.state_dict(), "best_step": steps, "step": steps, "top": 0.0, "about": about}, out)


if __name__ == "__main__":
    main(sys.argv[1:])
