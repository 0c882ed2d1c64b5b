"""Does a form of eight bars come home: the tonic at the end of bar 8 after V, IV or vii."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import NO_CHORD
from sideman_lab.chords.loops import downbeat
from sideman_lab.chords.measure import tonic_of
from sideman_lab.chords.shipped import shipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chord_decoder import PlanOptions
    from sideman.music.meter import Meter
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FORM_BARS = 8
BEFORE = (7, 5, 11)
"""Semitones of V, IV and vii above the tonic."""


def with_form(meter: Meter, bars: int = FORM_BARS) -> PlanOptions:
    """The box's defaults with the form knob at so many bars, beat one at the first bar line."""
    return shipped(meter, form=str(bars))


def cadences(piece: FramedPiece, played: Ints, bars: int = FORM_BARS) -> list[float]:
    """Cadences at the ends of bars ``k * bars`` and how many such bars there are; the same of all other bars.

    A bar ends in a cadence where its last chord is the major or minor triad on the melody's tonic (by hindsight) and
    the chord before it, the last one that differed, stands on V, IV or vii (specification 3.6).
    """
    tonic, bar, start = tonic_of(piece), piece.meter.bar_frames, downbeat(piece)
    out = [0.0] * 4
    for number, end in enumerate(range(start + bar, len(played) + 1, bar), 1):
        home = 0 if number % bars == 0 else 2
        out[home] += _comes_home(played[:end], tonic)
        out[home + 1] += 1
    return out


def _comes_home(played: Ints, tonic: int) -> bool:
    last = int(played[-1])
    if last >= 24 or last % 12 != tonic:
        return False
    others = np.flatnonzero((played != last) & (played < NO_CHORD))
    return len(others) > 0 and (int(played[others[-1]]) - tonic) % 12 in BEFORE


def rate(rows: Floats) -> float:
    """Share of the bars at which a form ends that come home."""
    return float(rows[:, 0].sum() / max(rows[:, 1].sum(), 1))


def lift(rows: Floats) -> float:
    """That rate over the rate of all other bars."""
    other = float(rows[:, 2].sum() / max(rows[:, 3].sum(), 1))
    return rate(rows) / other if other else 0.0
