"""What tempo finding is measured against: the looper's rule, autocorrelation alone, the median inter-onset interval."""

from __future__ import annotations

from itertools import pairwise
from math import log2
from statistics import median
from typing import TYPE_CHECKING

from sideman.music.tempo_features import events_of, histogram

if TYPE_CHECKING:
    from sideman_lab.tempo_data import Phrase

USUAL_BPM = 100.0


def looper(phrase: Phrase) -> float:
    """Whole bars between the first note and the closing press, as near to 100 BPM as can be."""
    length = (phrase.close_ns - phrase.onsets[0][0]) / 60e9
    quarters = phrase.meter.bar_ticks / 960
    bars = max(1, round(length * USUAL_BPM / quarters))
    return bars * quarters / length


def autocorrelation(phrase: Phrase) -> float:
    """The lag of 0.2-2 s at which most of the phrase repeats, under a log-normal of one octave about 100 BPM."""
    lags = histogram(events_of(phrase.onsets, ()))
    beat = max(range(20, 201), key=lambda k: lags[k] * 2 ** -(log2(6000 / k / USUAL_BPM) ** 2))
    return 6000 / beat * phrase.meter.beat_ticks / 960


def median_interval(phrase: Phrase) -> float:
    """The median inter-onset interval, halved or doubled until it is nearest to 100 BPM."""
    times = [ns for ns, _ in phrase.onsets]
    beat = median(b - a for a, b in pairwise(times)) or 1
    bpm = 60e9 / beat
    return float(bpm * 2 ** round(log2(USUAL_BPM / bpm))) * phrase.meter.beat_ticks / 960


def fold(phrase: Phrase) -> float:
    """The median inter-onset interval as a beat, halved or doubled into 80-160 beats a minute."""
    times = [ns for ns, _ in phrase.onsets]
    bpm = 60e9 / (median(b - a for a, b in pairwise(times)) or 1)
    while bpm >= 160:
        bpm /= 2
    while bpm < 80:
        bpm *= 2
    return bpm * phrase.meter.beat_ticks / 960


BASELINES = {"looper": looper, "autocorrelation": autocorrelation, "median_interval": median_interval, "fold": fold}
