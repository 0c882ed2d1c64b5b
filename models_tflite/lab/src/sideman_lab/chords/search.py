"""Covariance matrix adaptation in a box, for a few dozen numbers (Hansen and Ostermeier 2001; rank-mu and rank-one)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def search(
    score: Callable[[Floats], float],
    start: Floats,
    *,
    step: float,
    seed: int,
    more: Callable[[], bool],
    each: Callable[[Floats, float], None],
) -> Floats:
    """Look for the highest score in the unit cube.

    Args:
        score: What is to be high.
        start: Where to begin, within 0 to 1.
        step: First standard deviation.
        seed: Of the draws.
        more: Whether there is time for another generation.
        each: Told every new best point and its score.

    Returns:
        The best point found.
    """
    rng, n = np.random.default_rng(seed), len(start)
    size = 4 + int(3 * np.log(n))
    parents = size // 2
    weights = np.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
    weights /= weights.sum()
    mass = 1 / (weights**2).sum()
    c_path, c_step = (4 + mass / n) / (n + 4 + 2 * mass / n), (mass + 2) / (n + mass + 5)
    c_one = 2 / ((n + 1.3) ** 2 + mass)
    c_mu = min(1 - c_one, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass))
    damp = 1 + c_step
    length = np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    mean, cov = start.copy(), np.eye(n)
    path, path_step = np.zeros(n), np.zeros(n)
    best, top = start, score(start)
    each(best, top)
    while more():
        values, axes = np.linalg.eigh(cov)
        root = axes * np.sqrt(np.maximum(values, 1e-12))
        points = np.clip(mean + step * (rng.normal(size=(size, n)) @ root.T), 0, 1)
        found = np.array([score(point) for point in points])
        order = np.argsort(-found)[:parents]
        if found[order[0]] > top:
            best, top = points[order[0]], float(found[order[0]])
            each(best, top)
        before, mean = mean, weights @ points[order]
        moved = (mean - before) / step
        whitened = axes @ ((axes.T @ moved) / np.sqrt(np.maximum(values, 1e-12)))
        path_step = (1 - c_step) * path_step + np.sqrt(c_step * (2 - c_step) * mass) * whitened
        path = (1 - c_path) * path + np.sqrt(c_path * (2 - c_path) * mass) * moved
        steps = (points[order] - before) / step
        cov = (1 - c_one - c_mu) * cov + c_one * np.outer(path, path) + c_mu * (steps.T * weights) @ steps
        cov = (cov + cov.T) / 2
        step = float(np.clip(step * np.exp(c_step / damp * (np.linalg.norm(path_step) / length - 1)), 0.01, 0.4))
    return best
