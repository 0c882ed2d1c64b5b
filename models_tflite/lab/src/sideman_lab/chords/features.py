"""Features of whole melodies at once, equal to what ``FeatureStream`` gives frame by frame."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_features import (
    DECAYS,
    FORM_BARS,
    FORM_DECAY,
    FORM_WINDOW,
    METER_AT,
    N_FEATURES,
    meter_table,
)
from sideman.music.meter import Meter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

NEGLIGIBLE = 1e-7


@lru_cache(maxsize=64)
def table_of(numerator: int, denominator: int) -> Floats:
    """Meter features of each frame of a bar, kept."""
    return meter_table(Meter(numerator, denominator))


def smooth(x: Floats, decay: float) -> Floats:
    """Running sum that forgets by ``decay`` each frame, along axis 0, by doubling (Hillis and Steele 1986)."""
    out = x.astype(np.float64)
    step, faded = 1, decay
    while step < len(out) and faded > NEGLIGIBLE:
        out[step:] = out[step:] + faded * out[:-step]
        step, faded = 2 * step, faded * faded
    return np.asarray(out, np.float32)


def encode(pitch: Ints, struck: NDArray[np.bool_], table: Floats, first_frame: int = 0) -> Floats:
    """Features of a single line.

    Args:
        pitch: MIDI pitch sounding in each frame, 0 for none, shape (frames,).
        struck: Whether a note begins in each frame, shape (frames,).
        table: Meter features of a bar.
        first_frame: Frame of the first row, counted from a bar line.

    Returns:
        Shape (frames, N_FEATURES).
    """
    frames, bar = len(pitch), len(table)
    rows = np.arange(frames)
    out = np.zeros((frames, N_FEATURES), np.float32)
    on = pitch > 0
    struck = struck & on
    sound = np.zeros((frames, 12), np.float32)
    sound[rows[on], pitch[on] % 12] = 1
    out[:, :12] = sound
    out[rows[struck], 12 + pitch[struck] % 12] = 1
    for i, decay in enumerate(DECAYS):
        memory = smooth(sound, decay) * np.float32(1 - decay)
        out[:, 24 + 12 * i : 36 + 12 * i] = memory / (memory.sum(axis=1, keepdims=True) + 1e-3)
    out[:, 84] = ~on
    out[:, 85] = (_held(np.where(on, pitch, 0), 66) - 66) / 12
    out[:, 86] = struck
    last = np.maximum.accumulate(np.where(struck, rows, -1))
    out[:, 87] = np.log1p(rows - last) / 4
    _form(out, sound, on, bar)
    out[:, METER_AT:] = table[(first_frame + 1 + rows) % bar]
    return out


def _held(values: Ints, before: int) -> Ints:
    at = np.maximum.accumulate(np.where(values > 0, np.arange(len(values)), -1))
    return np.where(at < 0, before, values[np.maximum(at, 0)])


def _form(out: Floats, sound: Floats, on: NDArray[np.bool_], bar: int) -> None:
    frames = len(sound)
    total = np.concatenate([np.zeros((1, 12), np.float32), np.cumsum(sound, axis=0, dtype=np.float64)])
    now = np.arange(1, frames + 1)
    expected = np.zeros((2, frames, 12), np.float32)
    mass = np.full((frames, 1), 1e-3, np.float32)
    for i, bars in enumerate(FORM_BARS):
        lag = bars * bar
        if lag >= frames:
            continue
        same, either = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
        same[lag:] = (sound[lag:] * sound[:-lag]).sum(axis=1)
        either[lag:] = on[lag:] | on[:-lag]
        match = smooth(same, FORM_DECAY) / (smooth(either, FORM_DECAY) + 4)
        out[:, 88 + i] = match
        weight = (np.maximum(match - 0.3, 0) ** 2)[:, None]
        mass += weight
        for k in range(2):
            first = np.clip(now - lag + k * FORM_WINDOW, 0, now)
            last = np.clip(now - lag + (k + 1) * FORM_WINDOW, 0, now)
            expected[k] += weight * ((total[last] - total[first]) / FORM_WINDOW).astype(np.float32)
    out[:, 60:72] = expected[0] / mass
    out[:, 72:84] = expected[1] / mass


OFFLINE_PITCHED = 84 + 24 + 12 * len(DECAYS)
"""Features of an eighth for the teacher that are blocks of twelve pitch classes; they come first."""
N_OFFLINE = OFFLINE_PITCHED + N_FEATURES - 84


def encode_offline(pitch: Ints, struck: NDArray[np.bool_], table: Floats, first_frame: int = 0) -> Floats:
    """Features of eighths with what comes after: for the teacher, which hears the whole melody.

    Args:
        pitch: As in ``encode``, an even number of frames.
        struck: As in ``encode``.
        table: Meter features of a bar.
        first_frame: Frame of the first row, counted from a bar line.

    Returns:
        Shape (frames / 2, N_OFFLINE): features of both 16ths and pitch-class memories of what follows.
    """
    causal = encode(pitch, struck, table, first_frame)
    sound = causal[:, :12]
    following = []
    for decay in DECAYS:
        memory = smooth(sound[::-1], decay)[::-1] * np.float32(1 - decay)
        following.append((memory / (memory.sum(axis=1, keepdims=True) + 1e-3))[::2])
    even, odd = causal[::2], causal[1::2]
    return np.concatenate([odd[:, :84], even[:, :24], *following, odd[:, 84:]], axis=1)
