"""Readings of a phrase worth a closer look: whole bars between first note and closing press, thinned out early."""

from __future__ import annotations

from cmath import exp as cexp
from cmath import phase
from collections.abc import Sequence
from heapq import nlargest
from math import ceil, floor, log2, pi

from sideman.music.tempo_features import USUAL_BPM, Event, Frames, Reading, look

SLOWEST, FASTEST = 30.0, 300.0
KEEP, KEEP_LONG, LONG = 20, 11, 160
"""Candidates of a closed phrase to read closely, and of one with more events than ``LONG``."""
FIT_EVENTS = 48
LATE_BEATS = 0.5
"""A closing press is at most so late."""


def _first_cut(lags: Sequence[float], step: float, frames: Frames) -> float:
    """How well the intervals between onsets suit a 16th: five look-ups and the usual tempo."""
    beat = frames.beat * step
    octaves = log2(60 / beat / USUAL_BPM)
    return (
        look(lags, beat)
        + 0.7 * look(lags, 2 * beat)
        + 0.7 * look(lags, frames.bar * step)
        + 0.5 * look(lags, 2 * step)
        + 0.2 * look(lags, step)
        - 0.5 * octaves * octaves
    )


def closed(events: Sequence[Event], lags: Sequence[float], close: float, frames: Frames) -> list[Reading]:
    """Candidates of a closed phrase: ``bars`` whole bars and a pickup of some 16ths fill it to the press.

    Args:
        events: The phrase, its first event at second 0.
        lags: Its histogram.
        close: Second of the closing press.
        frames: The meter.
    """
    bar = frames.bar
    fewest = max(1, floor(close / (15 / SLOWEST) / bar) - 1)
    most = max(fewest, floor(close / (15 / FASTEST) / bar))
    starts = [e.at for e in events[:12]]
    pickups = range(0, bar, 1 if bar % 2 else 2)
    scored: list[tuple[float, float, int, int]] = []
    for bars in range(fewest, min(most, 128) + 1):
        whole = 0.25 * (bars & (bars - 1) == 0) + 0.1 * (bars % 2 == 0)
        for pickup in pickups:
            step = close / (bars * bar + pickup)
            if not 15 / FASTEST <= step <= 15 / SLOWEST:
                continue
            score = _first_cut(lags, step, frames) + whole
            if pickup == 0:
                score += 0.5
            elif any(abs(at - pickup * step) < 0.06 for at in starts):
                score += 0.1
            else:
                score -= 0.1
            scored.append((score, step, pickup, bars))
    best = nlargest(KEEP if len(events) <= LONG else KEEP_LONG, scored)
    found = [_refined(events, close, frames, step, pickup, bars) for _, step, pickup, bars in best]
    # A press may come late, or a last note may ring into it: what the onsets say alone, if it is whole bars or nearly.
    for step, zero in _free(events, lags, frames, 4 if len(events) <= LONG else 2, 1):
        bars = round((close - zero) / (bar * step))
        if bars >= 1 and -0.25 <= (close - zero - bars * bar * step) / (frames.beat * step) <= LATE_BEATS:
            found.append(Reading(step, zero, bars))
    return found


def _refined(events: Sequence[Event], close: float, frames: Frames, step: float, pickup: int, bars: int) -> Reading:
    """One regression of the onsets on their nearest 16ths, the closing press one point of it."""
    end = bars * frames.bar + pickup
    n, every = len(events), max(1, len(events) // FIT_EVENTS)
    s = 4.0
    sx, sy = 4.0 * end, 4.0 * close
    sxx, sxy = 4.0 * end * end, 4.0 * end * close
    for i in range(0, n, every):
        at = events[i].at
        x = at / step
        q = int(x + 0.5)
        if abs(x - q) < 0.3:
            w = 3.0 if i == 0 else 1.0
            s += w
            sx += w * q
            sy += w * at
            sxx += w * q * q
            sxy += w * q * at
    spread = s * sxx - sx * sx
    if spread > 1e-9:
        slope = (s * sxy - sx * sy) / spread
        if abs(slope / step - 1) < 0.03:
            return Reading(slope, (sy - slope * sx) / s + pickup * slope, bars)
    return Reading(step, pickup * step, bars)


def still_open(events: Sequence[Event], lags: Sequence[float], frames: Frames) -> list[Reading]:
    """Candidates of a phrase that is still played: the best lengths of the 16th, each with its likeliest bar lines."""
    found = []
    for step, zero in _free(events, lags, frames, *((7, 4) if len(events) <= LONG else (4, 2))):
        bars = max(1, ceil((events[-1].at - zero) / (frames.bar * step) - 0.02))
        found.append(Reading(step, zero, bars))
    return found


def _free(
    events: Sequence[Event], lags: Sequence[float], frames: Frames, steps: int, pickups: int
) -> list[tuple[float, float]]:
    """Lengths of the 16th with first downbeats, from the onsets alone.

    Args:
        events: The phrase.
        lags: Its histogram.
        frames: The meter.
        steps: How many lengths.
        pickups: How many downbeats for each, beside the first note itself.
    """
    grid = [15 / SLOWEST * 0.985**k for k in range(153)]
    scores = [_first_cut(lags, step, frames) for step in grid]
    peaks = [
        (scores[k], grid[k])
        for k in range(1, len(grid) - 1)
        if scores[k] >= scores[k - 1] and scores[k] > scores[k + 1] and grid[k] >= 15 / FASTEST
    ]
    bar, length = frames.bar, events[-1].at
    found = []
    for _, rough in nlargest(steps, peaks):
        step, first = _comb(events, rough)
        found.append((step, first))
        profile = [0.0] * bar
        for event in events:
            profile[round((event.at - first) / step) % bar] += event.weight + 0.3 * event.long + 0.3 * event.low
        turned = [
            (sum(profile[(p + i) % bar] * w for i, w in enumerate(frames.weights)), p)
            for p in range(1 if bar % 2 else 2, bar, 1 if bar % 2 else 2)
            if p * step <= length
        ]
        found += [(step, first + p * step) for _, p in nlargest(pickups, turned)]
    return found


def _comb(events: Sequence[Event], rough: float) -> tuple[float, float]:
    """Step and phase of the comb of 16ths near a rough step on which the onsets ring best."""
    some = events[:: max(1, len(events) // FIT_EVENTS)]
    length = max(rough, some[-1].at)
    n = min(9, max(3, ceil(0.012 * length / rough / 0.15)))
    best, step, angle = -1.0, rough, 0.0
    for k in range(-n, n + 1):
        tried = rough * (1 + 0.012 * k / n)
        turn = 2j * pi / tried
        z = sum((e.weight * cexp(turn * e.at) for e in some), 0j)
        if abs(z) > best:
            best, step, angle = abs(z), tried, phase(z)
    return step, angle / (2 * pi) * step
