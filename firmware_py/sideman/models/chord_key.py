"""The key as the chord decoder feels it: how sure each of the 24 is, and which triads belong to it.

``HOME`` is counted on the training songs (``python -m sideman_lab.chords.habits DATA``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.music.harmony import KEYS, SHARPNESS, log_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.music.harmony import Key

    Floats = NDArray[np.float32]

OF_CHORDS = 0.5
"""What the mean log share of the triads heard counts for a tune's key. By the validation songs: the tonic is right a
little more often so, most of all in the first eight bars; with more of it, less often later on."""
# fmt: off
HOME = (
    (-1.4, -4.8, -3.9, -4.0, -4.1, -1.8, -5.5, -2.1, -4.1, -3.9, -3.1, -5.2,
     -3.6, -5.6, -2.5, -5.6, -3.2, -3.9, -5.6, -3.2, -5.6, -2.4, -5.0, -5.4,
     -5.3, -5.5, -4.9, -5.6, -5.0, -5.4, -4.9, -5.1, -5.4, -5.2, -5.5, -4.9),
    (-2.8, -3.2, -4.6, -2.0, -4.8, -3.2, -5.0, -3.0, -1.9, -5.1, -2.5, -4.7,
     -1.6, -5.3, -4.7, -4.9, -5.4, -2.1, -5.7, -3.1, -4.9, -5.2, -3.5, -5.5,
     -5.0, -5.5, -4.2, -5.4, -5.2, -5.0, -5.4, -4.8, -5.3, -4.7, -5.2, -5.2),
)
# fmt: on
"""Log share of each triad (12 major, 12 minor, 12 diminished, from the tonic up) in major and in minor keys."""
STEPS = {"maj": (0, 2, 4, 5, 7, 9, 11), "min": (0, 2, 3, 5, 7, 8, 10, 11)}


def outside(key: Key) -> Floats:
    """1 for each pitch class that is not of the key (both sevenths of a minor key are), shape (12,)."""
    tonic, mode = key
    out = np.ones(12, np.float32)
    out[[(tonic + step) % 12 for step in STEPS[mode]]] = 0
    return out


def _table() -> Floats:
    """Share of each triad in each key, shape (24, 36)."""
    table = np.empty((24, 36), np.float32)
    for row, (tonic, mode) in enumerate(KEYS):
        shares = np.exp(HOME[0 if mode == "maj" else 1])
        for chord in range(36):
            table[row, chord] = shares[chord // 12 * 12 + (chord - tonic) % 12]
    out: Floats = table / table.sum(axis=1, keepdims=True)
    return out


TABLE = _table()
LOG_TABLE = np.log(TABLE)
PROFILES = np.array([[log_share(key, pc) for pc in range(12)] for key in KEYS], np.float32)
"""Log share of each pitch class in each of the keys, shape (24, 12)."""


def key_shares(memory: Floats) -> Floats:
    """Probability of each of ``KEYS`` under a memory of pitch classes, shape (24,)."""
    total = float(memory.sum())
    if total < 1e-6:
        return np.full(24, 1 / 24, np.float32)
    scores = SHARPNESS * (PROFILES @ (memory / total))
    shares = np.exp(scores - scores.max())
    out: Floats = (shares / shares.sum()).astype(np.float32)
    return out


def key_of(memory: Floats) -> tuple[Key, float]:
    """The likeliest key and how sure it is, 0-1."""
    shares = key_shares(memory)
    best = int(shares.argmax())
    return KEYS[best], float(shares[best])


def tune_key(tones: Floats, chords: Floats) -> Key:
    """The key of a whole tune so far, by its pitch classes and by the triads heard in it.

    Args:
        tones: Weights of the pitch classes, shape (12,).
        chords: Weights of the triads, shape (36,).
    """
    likely = np.log(key_shares(tones))
    total = float(chords.sum())
    if total > 0:
        likely = likely + OF_CHORDS * (LOG_TABLE @ (chords / total))
    return KEYS[int(likely.argmax())]


def home_of(shares: Floats) -> Floats:
    """Log share of each triad, the key being known as far as it is: shape (36,)."""
    out: Floats = np.log(shares @ TABLE)
    return out


__all__ = ["HOME", "KEYS", "home_of", "key_of", "key_shares", "outside", "tune_key"]
