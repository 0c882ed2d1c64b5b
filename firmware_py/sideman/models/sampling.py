"""Seeded sampling: the same seed gives the same decision on any machine, and no global generator is used."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


def seed_for(*parts: int | str) -> int:
    """A stable 63-bit seed of its parts, e.g. ``seed_for(jam_seed, "chords", frame)``.

    The type of a part counts: ``seed_for(1)`` differs from ``seed_for("1")``. Python's own ``hash`` is not
    used because it changes between processes.
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*parts: int | str) -> np.random.Generator:
    """A fresh generator seeded with ``seed_for(*parts)``."""
    return np.random.Generator(np.random.PCG64(seed_for(*parts)))


def softmax(logits: ArrayLike, temperature: float = 1.0, axis: int = -1) -> NDArray[np.float64]:
    """Probabilities along ``axis``; ``-inf`` logits get exactly 0.

    Args:
        logits: Any real array; each slice along ``axis`` has at least one finite value.
        temperature: > 0; below 1 sharper, above 1 flatter.
        axis: The axis that sums to 1.

    Raises:
        ValueError: The temperature is not positive, or a slice allows nothing.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0, not {temperature}")
    scaled = np.asarray(logits, np.float64) / temperature
    top = scaled.max(axis=axis, keepdims=True)
    if not np.isfinite(top).all():
        raise ValueError("softmax needs at least one finite logit in every slice")
    raised = np.exp(scaled - top)
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True))


def gumbel(rng: np.random.Generator, shape: int | tuple[int, ...]) -> NDArray[np.float64]:
    """Standard Gumbel noise, made from uniforms so that every NumPy release draws the same.

    Adding it to log-probabilities and taking the best is sampling (perturb and MAP); scaled by a
    temperature it also perturbs the scores of a Viterbi decoder.
    """
    uniform = np.clip(rng.random(shape), 1e-12, 1 - 1e-12)
    return np.asarray(-np.log(-np.log(uniform)))


def sample(
    logits: ArrayLike,
    rng: np.random.Generator,
    temperature: float = 1.0,
    allowed: Sequence[bool] | NDArray[np.bool_] | None = None,
) -> int:
    """One index of a vector of logits.

    Args:
        logits: (n,) real scores.
        rng: Advanced by exactly n uniforms whatever the temperature, so that later draws do not shift.
        temperature: 0 takes the best; 1 samples the softmax.
        allowed: (n,) mask; an index outside it is never returned.

    Raises:
        ValueError: Nothing is allowed or the temperature is negative.
    """
    scores = np.array(logits, np.float64)
    noise = gumbel(rng, scores.shape)
    if temperature < 0:
        raise ValueError(f"temperature must be >= 0, not {temperature}")
    scores = scores + temperature * noise
    if allowed is not None:
        scores = np.where(np.asarray(allowed, bool), scores, -np.inf)
    best = int(scores.argmax())
    if not np.isfinite(scores[best]):
        raise ValueError("sample needs at least one allowed, finite logit")
    return best
