"""What a drone and a textbook name under a tune."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import TRIADS
from sideman.music.harmony import KEYS, histogram_of

if TYPE_CHECKING:
    from sideman.music.harmony import Key
    from sideman_lab.tunes.read import KnownTune

PROFILES = {
    "maj": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "min": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
"""Probe-tone profiles of Krumhansl and Kessler (1982), tonic first: the textbook's key."""
DEGREES = {"maj": (0, 14, 16, 5, 7, 21, 35), "min": (12, 26, 3, 17, 7, 8, 10)}
"""Classes of the triads on the degrees above the tonic; the fifth of minor is major."""
PRINCIPAL = (0, 5, 7)


def tonic_of(key: Key) -> int:
    """Class of a key's tonic triad."""
    return key[0] + (12 if key[1] == "min" else 0)


def drone(tune: KnownTune) -> list[int]:
    """The tonic for ever, its key known."""
    return [tonic_of(tune.key)] * len(tune.plain)


def krumhansl(tune: KnownTune) -> Key:
    """The key whose profile correlates best with the sounding time of the pitch classes."""
    heard = histogram_of(tune.notes)
    fit = {key: np.corrcoef(heard, np.roll(PROFILES[key[1]], key[0]))[0, 1] for key in KEYS}
    return max(fit, key=lambda key: fit[key])


def textbook(tune: KnownTune, key: Key | None = None) -> list[int]:
    """In each bar the diatonic triad that holds most of the melody, of equals I, IV or V.

    Args:
        tune: The tune.
        key: Its key, None for Krumhansl's.
    """
    tonic, mode = key or krumhansl(tune)
    classes = [degree // 12 * 12 + (degree + tonic) % 12 for degree in DEGREES[mode]]
    bar, out = tune.meter.bar_frames, []
    for start in range(0, len(tune.plain), bar):
        heard = histogram_of(tune.notes, start, start + bar)

        def holds(chord: int, heard: list[float] = heard) -> tuple[float, bool]:
            inside = sum(heard[pc] for pc in TRIADS[chord].pitch_classes)
            return round(inside, 3), (chord - tonic) % 12 in PRINCIPAL

        out += [max(classes, key=holds)] * bar
    return out


__all__ = ["drone", "krumhansl", "textbook", "tonic_of"]
