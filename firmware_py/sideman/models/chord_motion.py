"""How triads follow each other: log probabilities by root motion, counted on POP909's training songs.

Relative to the first chord, so the same in every key. Indexed ``[from quality][to quality][semitones up]`` with
qualities major, minor, diminished; ``log_motion`` spreads it over the 36 triads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOTION = (
    (
        (-8.0, -4.8, -2.0, -4.6, -4.3, -1.5, -6.7, -2.2, -4.5, -4.0, -2.9, -4.3),
        (-4.4, -7.5, -2.2, -7.6, -3.2, -3.1, -6.9, -4.1, -8.0, -2.2, -5.4, -3.2),
        (-8.0, -6.6, -8.0, -8.0, -7.4, -8.0, -6.4, -8.0, -8.0, -8.0, -8.0, -5.9),
    ),
    (
        (-4.3, -2.7, -3.8, -2.7, -7.6, -1.7, -6.6, -4.2, -2.0, -8.0, -2.3, -5.9),
        (-8.0, -6.9, -3.3, -6.0, -7.4, -1.5, -8.0, -2.4, -6.4, -7.0, -3.3, -7.1),
        (-8.0, -8.0, -6.6, -8.0, -8.0, -8.0, -7.9, -7.9, -8.0, -5.3, -8.0, -7.1),
    ),
    (
        (-5.3, -2.2, -5.0, -4.8, -4.8, -1.4, -3.7, -4.1, -3.3, -4.3, -3.1, -1.8),
        (-5.3, -3.7, -5.7, -3.7, -5.0, -3.9, -4.8, -5.3, -2.1, -4.5, -3.4, -4.2),
        (-8.0, -5.7, -5.7, -5.7, -5.7, -5.3, -5.7, -5.7, -5.7, -5.3, -5.7, -5.7),
    ),
)


def log_motion() -> NDArray[np.float32]:
    """Log probability of the next triad given this one and that it changes, shape (36 from, 36 to)."""
    out = np.empty((36, 36), np.float32)
    for a in range(36):
        for b in range(36):
            out[a, b] = _MOTION[a // 12][b // 12][(b - a) % 12]
    return out
