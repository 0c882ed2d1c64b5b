"""The shipped models: manifest, checksums, and golden outputs checked on the runtime in use.

A model can load on a runtime and be silently wrong there (a per-channel int8 model on tflite-runtime 2.14
is), so a model counts as loaded only after it has reproduced its recorded outputs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.runtime import Graph, open_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sideman.models.runtime import Backend, Spec

SCHEMA = 1
MANIFEST = "manifest.json"
HELP = "reinstall sideman, or play on without it: the musician keeps its rule-based part"


class ModelUnusableError(Exception):
    """A model that must not be played from; the message is one sentence for the player."""

    def __init__(self, family: str, reason: str) -> None:
        super().__init__(f"model {family}: {reason}; {HELP}")
        self.family = family
        self.reason = reason


@dataclass(frozen=True)
class Entry:
    """One model of the manifest.

    Attributes:
        family: "chords", "drums" or "melody".
        file: Name of the ``.tflite`` file beside the manifest.
        bytes: Its size.
        sha256: Its checksum, lower-case hex.
        golden: Name of the ``.npz`` with recorded inputs and outputs.
        golden_sha256: Checksum of that file.
        golden_atol: Largest absolute difference allowed between a golden output and the runtime's.
        inputs: Shape and dtype name by input.
        outputs: Shape and dtype name by output.
        licence: SPDX id of the weights.
        rights_class: What the training data allow, in a word or two.
        trained_on: Data sets behind the weights.
        created_by: The command that wrote the file.
        extra: Whatever else the family keeps there, e.g. its feature sizes.
    """

    family: str
    file: str
    bytes: int
    sha256: str
    golden: str
    golden_sha256: str
    golden_atol: float
    inputs: Mapping[str, Spec]
    outputs: Mapping[str, Spec]
    licence: str = ""
    rights_class: str = ""
    trained_on: tuple[str, ...] = ()
    created_by: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def models_folder() -> Path:
    """Folder of the installed ``sideman_models`` package.

    Raises:
        FileNotFoundError: The package is not installed.
    """
    spec = importlib.util.find_spec("sideman_models")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package sideman_models is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def read_manifest(folder: Path | None = None) -> dict[str, Entry]:
    """Every model the manifest names, by family.

    Raises:
        OSError: There is no manifest.
        ValueError: It is not one this version can read (also KeyError and TypeError for missing fields).
    """
    path = (folder or models_folder()) / MANIFEST
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.get("schema") != SCHEMA:
        raise ValueError(f"{MANIFEST} has schema {data.get('schema')!r}, this version reads {SCHEMA}")
    return {family: _entry(family, row) for family, row in data["models"].items()}


def families(folder: Path | None = None) -> tuple[str, ...]:
    """Families that the manifest names; empty when there is none."""
    try:
        return tuple(read_manifest(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def load(family: str, folder: Path | None = None, backend: Backend | None = None) -> Graph:
    """Load a model and prove that this runtime computes it rightly.

    Args:
        family: "chords", "drums" or "melody".
        folder: Where manifest and models lie; None takes the package ``sideman_models``.
        backend: Interpreter to use; None takes the installed one.

    Raises:
        ModelUnusableError: The one error that leaves here: the model is missing, altered, cannot be loaded
            or computes something else than it did when it was exported.
    """
    try:
        return _load(family, folder, backend)
    except ModelUnusableError:
        raise
    except FileNotFoundError as error:
        raise ModelUnusableError(family, f"a file is missing ({Path(error.filename or str(error)).name})") from error
    except Exception as error:
        # A model may fail in any way inside a foreign runtime; the music goes on without it.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnusableError(family, reason) from error


def _load(family: str, folder: Path | None, backend: Backend | None) -> Graph:
    where = folder or models_folder()
    entry = read_manifest(where).get(family)
    if entry is None:
        raise ModelUnusableError(family, f"{MANIFEST} does not name it")
    content = _checked(where / entry.file, entry.sha256, family, entry.bytes)
    golden = _checked(where / entry.golden, entry.golden_sha256, family)
    graph = open_graph(content, backend)
    if graph.inputs != dict(entry.inputs) or graph.outputs != dict(entry.outputs):
        raise ModelUnusableError(family, f"{entry.file} has other inputs or outputs than {MANIFEST} says")
    with np.load(io.BytesIO(golden), allow_pickle=False) as arrays:
        error = golden_error(graph, {name: arrays[name] for name in arrays.files})
    if not error <= entry.golden_atol:  # NaN fails too
        raise ModelUnusableError(
            family,
            f"{graph.backend} computes it wrongly (off by {error:.3g}, allowed {entry.golden_atol:.3g})",
        )
    return graph


def golden_error(graph: Graph, golden: Mapping[str, NDArray[Any]]) -> float:
    """Largest absolute difference between recorded and computed outputs over consecutive steps.

    Args:
        graph: The model.
        golden: ``in_<name>`` and ``out_<name>`` with a leading axis of steps. An output ``<x>_out`` with an
            input ``<x>_in`` is state: it feeds the next step, so errors that build up are seen; only the
            first row of ``in_<x>_in`` is read.

    Returns:
        The difference; NaN when the model computes a NaN, infinity when an output has another shape.

    Raises:
        KeyError: The golden file lacks an input or an output of the graph.
        ValueError: It holds no step.
    """
    steps = min((len(golden[f"out_{name}"]) for name in graph.outputs), default=0)
    if steps == 0:
        raise ValueError("the golden file holds no step")
    state: dict[str, NDArray[Any]] = {}
    worst = 0.0
    for step in range(steps):
        inputs = {n: state[n] if n in state else golden[f"in_{n}"][step] for n in graph.inputs}
        outputs = graph.run(inputs)
        for name, value in outputs.items():
            expected = golden[f"out_{name}"][step]
            if value.shape != expected.shape:
                return float("inf")
            difference = np.abs(value.astype(np.float64) - expected.astype(np.float64))
            worst = float(np.maximum(worst, difference.max(initial=0.0)))  # keeps a NaN, unlike max()
            if name.endswith("_out") and f"{name[:-4]}_in" in graph.inputs:
                state[f"{name[:-4]}_in"] = value
    return worst


def _checked(path: Path, sha256: str, family: str, size: int | None = None) -> bytes:
    content = path.read_bytes()
    if size is not None and len(content) != size:
        raise ModelUnusableError(family, f"{path.name} has {len(content)} bytes instead of {size}")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelUnusableError(family, f"{path.name} is not the file that was shipped (its checksum differs)")
    return content


def _entry(family: str, row: Mapping[str, Any]) -> Entry:
    known: dict[str, Any] = {
        "file": str(row["file"]),
        "bytes": int(row["bytes"]),
        "sha256": str(row["sha256"]),
        "golden": str(row["golden"]),
        "golden_sha256": str(row["golden_sha256"]),
        "golden_atol": float(row["golden_atol"]),
        "inputs": {name: (tuple(shape), dtype) for name, (shape, dtype) in row["inputs"].items()},
        "outputs": {name: (tuple(shape), dtype) for name, (shape, dtype) in row["outputs"].items()},
        "licence": str(row.get("licence", "")),
        "rights_class": str(row.get("rights_class", "")),
        "trained_on": tuple(row.get("trained_on", ())),
        "created_by": str(row.get("created_by", "")),
    }
    extra = {name: value for name, value in row.items() if name not in known}
    return Entry(family=family, extra=extra, **known)
