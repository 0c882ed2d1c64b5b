"""Writes a model into the package: the file, its golden outputs, its line in the manifest."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.library import MANIFEST, SCHEMA
from sideman.models.runtime import installed_backends
from sideman_lab.check import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike

REQUIRED = ("licence", "rights_class", "trained_on")


def package_folder() -> Path:
    """Folder ``sideman_models`` of this checkout.

    Raises:
        FileNotFoundError: The lab is not installed from a checkout.
    """
    folder = Path(__file__).resolve().parents[3] / "sideman_models"
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} does not exist: install the lab with `pip install -e models_tflite/lab`")
    return folder


def cards_folder() -> Path:
    """Folder ``cards`` beside it, where model cards and their pictures lie."""
    return package_folder().parent / "cards"


def write_model(
    family: str,
    model: bytes,
    golden_inputs: Mapping[str, ArrayLike],
    golden_outputs: Mapping[str, ArrayLike],
    meta: Mapping[str, Any],
    *,
    golden_atol: float = 0.02,
    folder: Path | None = None,
) -> dict[str, float]:
    """Write ``<family>.tflite``, ``<family>.golden.npz`` and the manifest's entry.

    Nothing is written unless every interpreter installed here reproduces the golden outputs.

    Args:
        family: "chords", "drums" or "melody".
        model: The TFLite model.
        golden_inputs: By input name, a leading axis of consecutive steps; a state input ``<x>_in`` that an
            output ``<x>_out`` feeds needs its first step only.
        golden_outputs: By output name, the same steps, computed without the interpreter (see ``reference``).
        meta: ``licence``, ``rights_class`` and ``trained_on``, and whatever else the family keeps there.
        golden_atol: Largest absolute difference allowed, now and at every load: one activation rounded the
            other way on another processor may pass, a wrong kernel may not.
        folder: Where to write; None is the package of this checkout.

    Returns:
        The largest difference found, by interpreter.

    Raises:
        ValueError: An interpreter computes something else, or ``meta`` lacks a field.
    """
    missing = [name for name in REQUIRED if not meta.get(name)]
    if missing:
        raise ValueError(f"the manifest entry of {family} lacks {', '.join(missing)}")
    arrays = {f"in_{name}": np.asarray(value) for name, value in golden_inputs.items()}
    arrays |= {f"out_{name}": np.asarray(value) for name, value in golden_outputs.items()}
    errors: dict[str, float] = {}
    specs: dict[str, Any] = {}
    for backend in installed_backends():
        found = check(model, arrays, backend)
        errors[backend] = found.error
        specs = {"inputs": found.inputs, "outputs": found.outputs}
        if not errors[backend] <= golden_atol:
            raise ValueError(
                f"{family}: {backend} differs from the golden outputs by {errors[backend]:.3g} "
                f"(allowed {golden_atol:.3g}); nothing was written"
            )
    if not errors:
        raise ValueError("no TFLite interpreter is installed to check the model with; nothing was written")
    golden = _npz(arrays)
    entry = {
        "file": f"{family}.tflite",
        "bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
        "golden": f"{family}.golden.npz",
        "golden_sha256": hashlib.sha256(golden).hexdigest(),
        "golden_atol": golden_atol,
        **specs,
        "created_by": f"sideman-lab export {family}",
        **meta,
    }
    target = folder or package_folder()
    with _locked(target):
        manifest = _read(target / MANIFEST)
        manifest["models"][family] = entry
        manifest["models"] = dict(sorted(manifest["models"].items()))
        _replace(target / entry["file"], model)
        _replace(target / entry["golden"], golden)
        _replace(target / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    return errors


def _npz(arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"schema": SCHEMA, "models": {}}
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    partial.replace(path)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder, so that two exports do not lose each other's entry."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
