"""Covariance matrix adaptation in a box, for a few dozen numbers and few trials.

The covariance is kept diagonal, which is learned in fewer trials (Ros and Hansen 2008, sep-CMA-ES). What is returned is
a mean of the cloud, not the luckiest point drawn from it: on some hundred songs the score is rough, and a point that
stands out from all its neighbours owes that to these songs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SIZE = 20
"""Points a generation; the better half counts."""
LEAST_STEP = 0.004


def search(
    score: Callable[[Floats], float],
    start: Floats,
    *,
    step: float,
    seed: int,
    more: Callable[[], bool],
    each: Callable[[Floats, float], None],
) -> Floats:
    """Look for a high score in the unit cube.

    Args:
        score: What is to be high.
        start: Where to begin, within 0 to 1.
        step: First standard deviation; it grows to one and a half of it at most.
        seed: Of the draws.
        more: Whether there is time for another generation.
        each: Told every new best mean and its score.

    Returns:
        The best mean of all generations.
    """
    rng, n = np.random.default_rng(seed), len(start)
    weights = np.log(SIZE / 2 + 0.5) - np.log(np.arange(1, SIZE // 2 + 1))
    weights /= weights.sum()
    mass = 1 / (weights**2).sum()
    c_path, c_step = 4 / (n + 4), (mass + 2) / (n + mass + 5)
    sooner = (n + 2) / 3
    c_one = 2 / ((n + 1.3) ** 2 + mass) * sooner
    c_mu = min(1 - c_one, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass) * sooner)
    damp = 1 + c_step
    length = np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    most = 1.5 * step
    mean, spread = start.copy(), np.ones(n)
    path, path_step = np.zeros(n), np.zeros(n)
    best, top = start, score(start)
    each(best, top)
    while more():
        drawn = rng.normal(size=(SIZE, n))
        found = np.array([score(np.clip(mean + step * np.sqrt(spread) * z, 0, 1)) for z in drawn])
        chosen = drawn[np.argsort(-found)[: SIZE // 2]]
        moved = weights @ chosen
        mean = np.clip(mean + step * np.sqrt(spread) * moved, 0, 1)
        path_step = (1 - c_step) * path_step + np.sqrt(c_step * (2 - c_step) * mass) * moved
        path = (1 - c_path) * path + np.sqrt(c_path * (2 - c_path) * mass) * np.sqrt(spread) * moved
        spread = (1 - c_one - c_mu) * spread + c_one * path**2 + c_mu * spread * (weights @ chosen**2)
        step = float(np.clip(step * np.exp(c_step / damp * (np.linalg.norm(path_step) / length - 1)), LEAST_STEP, most))
        value = score(mean)
        if value > top:
            best, top = mean.copy(), value
            each(best, top)
    return best
