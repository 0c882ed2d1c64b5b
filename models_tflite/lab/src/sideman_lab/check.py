"""Runs a model on one interpreter in a process of its own: ``python -m sideman_lab.check BACKEND FOLDER``.

tflite-runtime cannot load a model in a process that has imported TensorFlow (their symbols clash: "vector::reserve"),
and an export has just done that.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sideman.models.library import golden_error
from sideman.models.runtime import open_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sideman.models.runtime import Backend, Spec


@dataclass(frozen=True)
class Checked:
    """What an interpreter made of a model.

    Attributes:
        error: Largest absolute difference from the golden outputs.
        inputs: Shape and dtype name by input.
        outputs: The same by output.
    """

    error: float
    inputs: Mapping[str, Spec]
    outputs: Mapping[str, Spec]


def check(model: bytes, golden: Mapping[str, Any], backend: Backend) -> Checked:
    """Run golden inputs through a model in a fresh process.

    Args:
        model: The TFLite model.
        golden: ``in_<name>`` and ``out_<name>`` as in ``sideman.models.library.golden_error``.
        backend: The interpreter.

    Raises:
        ValueError: The interpreter cannot run it; with its last line of words.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.tflite").write_bytes(model)
        np.savez(Path(folder, "golden.npz"), **{name: np.asarray(value) for name, value in golden.items()})
        done = subprocess.run(  # noqa: S603 - this module, run by this interpreter
            [sys.executable, "-m", "sideman_lab.check", backend, folder], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or [f"the process ended with status {done.returncode}"]
        raise ValueError(f"{backend} cannot check the model: {words[-1]}")
    found = json.loads(done.stdout)
    return Checked(found["error"], _specs(found["inputs"]), _specs(found["outputs"]))


def _specs(rows: Mapping[str, Any]) -> dict[str, Spec]:
    return {name: (tuple(shape), dtype) for name, (shape, dtype) in rows.items()}


def main(backend: str, folder: Path) -> None:
    """Print error, inputs and outputs as JSON (Python's, which knows NaN and infinity)."""
    graph = open_graph(folder / "model.tflite", cast("Backend", backend))
    with np.load(folder / "golden.npz", allow_pickle=False) as arrays:
        error = golden_error(graph, {name: arrays[name] for name in arrays.files})
    print(json.dumps({"error": error, "inputs": graph.inputs, "outputs": graph.outputs}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
