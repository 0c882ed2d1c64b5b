"""Training checkpoints: one file each, replaced atomically, kept outside the repository."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def folder(given: str | Path | None = None) -> Path:
    """Where checkpoints lie: the argument, else ``$SIDEMAN_CHECKPOINTS``, else a cache folder of the user.

    The folder is made when it is missing.
    """
    chosen = given or os.environ.get("SIDEMAN_CHECKPOINTS") or Path.home() / ".cache" / "sideman-lab" / "checkpoints"
    path = Path(chosen).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path


def save(
    path: Path,
    step: int,
    parts: dict[str, Any],
    *,
    rng: np.random.Generator | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Save everything that training needs to go on as if it had not stopped.

    Args:
        path: The file; a crash while writing leaves the one before intact.
        step: Training steps done.
        parts: Objects with ``state_dict()``: the net, the optimiser, the schedule.
        rng: The data generator, if training has one. Torch's and Python's own states are kept too.
        extra: Plain values (numbers, strings, lists) to keep beside.
    """
    import torch

    state = {
        "step": step,
        "parts": {name: part.state_dict() for name, part in parts.items()},
        "torch_rng": torch.get_rng_state(),
        # As text: these are nested tuples and 128-bit integers, which the safe loader does not take.
        "python_rng": json.dumps(random.getstate()),
        "numpy_rng": None if rng is None else json.dumps(rng.bit_generator.state),
        "extra": extra or {},
    }
    partial = path.with_name(path.name + ".part")
    torch.save(state, partial)
    partial.replace(path)


def resume(
    path: Path, parts: dict[str, Any], *, rng: np.random.Generator | None = None
) -> tuple[int, dict[str, Any]] | None:
    """Put everything back as it was saved.

    Args:
        path: The checkpoint.
        parts: The same objects as in ``save``; their states are overwritten.
        rng: The data generator, brought to where it was.

    Returns:
        Steps done and the extra values; None when there is no checkpoint yet.

    Raises:
        ValueError: The checkpoint is of a network of another shape.
    """
    import torch

    if not path.exists():
        return None
    state = torch.load(path, map_location="cpu", weights_only=True)
    try:
        for name, part in parts.items():
            part.load_state_dict(state["parts"][name])
    except (RuntimeError, KeyError) as error:
        raise ValueError(f"{path} is of another network; delete it to train from the start") from error
    torch.set_rng_state(state["torch_rng"])
    version, internal, gauss = json.loads(state["python_rng"])
    random.setstate((version, tuple(internal), gauss))
    if rng is not None and state["numpy_rng"] is not None:
        rng.bit_generator.state = json.loads(state["numpy_rng"])
    return int(state["step"]), dict(state["extra"])


def weights(path: Path, part: str = "net") -> dict[str, Any]:
    """The tensors of one part as NumPy arrays, for the export.

    Raises:
        FileNotFoundError: Nothing has been trained yet.
    """
    import torch

    if not path.exists():
        raise FileNotFoundError(f"no checkpoint at {path}: train first, or give --checkpoints DIR")
    state = torch.load(path, map_location="cpu", weights_only=True)["parts"][part]
    return {name: tensor.detach().numpy() for name, tensor in state.items()}
