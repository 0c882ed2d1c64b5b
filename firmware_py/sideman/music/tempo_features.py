"""What speaks for a tempo, a downbeat and a number of bars: the features of one reading of a phrase.

A *reading* is a length of the 16th, a moment of the first downbeat and a number of bars. Each feature is about -1 to 1
(or a small number) and says one thing a listener would: onsets on the grid, accents, low and long notes on strong
beats, bars that repeat, a usual tempo, a usual number of bars.
"""

from __future__ import annotations

from cmath import exp as cexp
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2, pi

from sideman.music.meter import FRAME_TICKS, Meter

BIN_S = 0.01
MAX_LAG_S = 4.2
CHORD_S = 0.03
"""Onsets this near to each other are one event (a chord)."""
USUAL_BPM = 110.0
TEMPO_KNOTS = (40.0, 60.0, 80.0, 100.0, 120.0, 150.0, 200.0)

NAMES = (
    "fit16", "fit8", "fit_beat", "fit_third", "fit_bar", "anchor8", "anchor_beat",
    "acc4", "acc3", "acc2", "acc1", "acc0", "on4", "on3", "on2", "on1",
    "cover_bar", "cover_beat", "dens", "dens2", "ioi", "ioi2", "short",
    "rep1", "rep2", "rep4", "rep_half", "rep_beat", "rep_pitch",
    "low4", "low3", "long4", "long3", "long2",
    "h_beat", "h_half", "h_bar", "h_8", "h_16",
    "pow2", "even", "bars", "bars2", "no_pickup", "pickup", "on_first", "tail", "close", "late", "early", "antic",
    *(f"tempo{round(k)}" for k in TEMPO_KNOTS), "tempo_far",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One or several onsets at once: seconds from the first, loudness about 1, pitch and length relative."""

    at: float
    weight: float
    low: float
    long: float
    pitch: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A candidate: seconds of a 16th, second of the first downbeat, whole bars."""

    step: float
    zero: float
    bars: int


@dataclass(frozen=True, slots=True)
class Frames:
    """The meter counted in 16ths, once for all readings."""

    bar: int
    beat: int
    weights: tuple[int, ...]

    @classmethod
    def of(cls, meter: Meter) -> Frames:
        """Frames of a meter."""
        weights = tuple(meter.weight(i * FRAME_TICKS) for i in range(meter.bar_frames))
        return cls(meter.bar_frames, meter.beat_ticks // FRAME_TICKS, weights)


def events_of(onsets: Sequence[tuple[int, int]], pitches: Sequence[int]) -> list[Event]:
    """Onsets as events: chords become one, loudness, pitch and length relative to the phrase's own."""
    zero = onsets[0][0]
    given = len(pitches) == len(onsets)
    merged: list[tuple[float, float, int]] = []
    for i, (ns, velocity) in enumerate(onsets):
        at, pitch = (ns - zero) / 1e9, pitches[i] if given else 60
        if merged and at - merged[-1][0] < CHORD_S:
            last = merged[-1]
            merged[-1] = (last[0], max(last[1], velocity) + 2, min(last[2], pitch))
        else:
            merged.append((at, float(velocity), pitch))
    n = len(merged)
    loud = max(1.0, sum(v for _, v, _ in merged) / n)
    middle = sum(p for *_, p in merged) / n
    spread = max(2.0, (sum((p - middle) ** 2 for *_, p in merged) / n) ** 0.5)
    gaps = [b[0] - a[0] for a, b in pairwise(merged)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 1.0
    gaps.append(usual)
    return [
        Event(at, min(2.0, max(0.3, v / loud)), (middle - p) / spread, min(1.5, max(-1.0, log2(gap / usual))), p)
        for (at, v, p), gap in zip(merged, gaps, strict=True)
    ]


def histogram(events: Sequence[Event]) -> list[float]:
    """Share of the phrase that has a partner at each lag (bins of 10 ms, up to 4.2 s, blurred by ±30 ms)."""
    size = round(MAX_LAG_S / BIN_S)
    raw = [0.0] * (size + 8)
    total = 1e-9
    n = len(events)
    for i, event in enumerate(events):
        at, weight = event.at - BIN_S / 2, event.weight
        total += weight
        for j in range(i + 1, n):
            other = events[j]
            lag = int((other.at - at) / BIN_S)
            if lag >= size:
                break
            raw[lag] += min(weight, other.weight)
    raw[0] = 0.0
    blurred = [raw[0]] * 3
    for k in range(3, size):
        near = raw[k - 1] + raw[k + 1]
        blurred.append(
            (raw[k] + 0.85 * near + 0.5 * (raw[k - 2] + raw[k + 2]) + 0.25 * (raw[k - 3] + raw[k + 3])) / total
        )
    return blurred


def look(lags: Sequence[float], seconds: float) -> float:
    """The histogram at a lag; 0 beyond its end."""
    k = int(seconds / BIN_S + 0.5)
    return lags[k] if k < len(lags) else 0.0


def tempo_features(beat_s: float) -> list[float]:
    """Where a beat lies among the usual tempi: hats over the knots, and how far beyond them."""
    bpm = 60 / beat_s
    row = [0.0] * (len(TEMPO_KNOTS) + 1)
    if bpm <= TEMPO_KNOTS[0]:
        row[0], row[-1] = 1.0, log2(TEMPO_KNOTS[0] / bpm)
    elif bpm >= TEMPO_KNOTS[-1]:
        row[-2], row[-1] = 1.0, log2(bpm / TEMPO_KNOTS[-1])
    else:
        k = next(i for i, knot in enumerate(TEMPO_KNOTS) if knot > bpm) - 1
        share = log2(bpm / TEMPO_KNOTS[k]) / log2(TEMPO_KNOTS[k + 1] / TEMPO_KNOTS[k])
        row[k], row[k + 1] = 1 - share, share
    return row


def features(
    events: Sequence[Event], lags: Sequence[float], close: float | None, frames: Frames, reading: Reading
) -> list[float]:
    """The features of a reading, in the order of ``NAMES``.

    Args:
        events: The phrase.
        lags: Its ``histogram``.
        close: Second of the closing press, or None while it is still played.
        frames: The meter.
        reading: The candidate.
    """
    step, zero, bar, beat = reading.step, reading.zero, frames.bar, frames.beat
    turn = 2j * pi / (step * beat)
    weights = frames.weights
    z1 = z8 = z16 = z3 = zb = 0j
    acc, count, low, long = [0.0] * 5, [0] * 5, [0.0] * 5, [0.0] * 5
    total = 1e-9
    antic, just_before = 0.0, (bar - 2) % bar
    seen: dict[int, Event] = {}
    double = beat == 4
    bar_turn = turn * beat / bar
    for event in events:
        at = event.at - zero
        w = event.weight
        one = cexp(turn * at)
        two = one * one
        three = two * one
        four = two * two
        z1 += w * one
        if double:
            z8 += w * two
            z16 += w * four
            z3 += w * three
        else:  # a beat of six 16ths: eighths are thirds
            z8 += w * three
            z16 += w * three * three
            z3 += w * two
        zb += w * cexp(bar_turn * at)
        q = int(at / step + 1000.5) - 1000
        seen[q] = event
        level = weights[q % bar]
        acc[level] += w
        count[level] += 1
        low[level] += event.low
        long[level] += event.long
        if q % bar == just_before:
            antic += event.long
        total += w
    n = len(events)
    span = reading.bars * bar
    beats = max(1.0, (events[-1].at - min(zero, 0.0)) / (step * beat))
    dens = log2(max(0.25, n / beats))
    gaps = sorted(b.at - a.at for a, b in pairwise(events))
    ioi = log2(max(0.25, gaps[len(gaps) // 2] / step)) if gaps else 0.0
    short = log2(max(0.25, gaps[len(gaps) // 10] / step)) if gaps else 0.0
    bars_on = sum(k * bar in seen for k in range(reading.bars)) / reading.bars
    beats_on = sum(k in seen for k in range(0, span, beat)) * beat / span
    pickup = min(1.0, max(0.0, zero) / (step * bar))
    tail = ((close if close is not None else events[-1].at) - events[-1].at) / (step * bar)
    rep1, pitch1 = _repeats(seen, bar)
    off = 0.0 if close is None else (close - zero) - span * step
    log_bars = log2(reading.bars)
    row = [
        abs(z16) / total, abs(z8) / total, abs(z1) / total, abs(z3) / total, zb.real / total,
        z8.real / total, z1.real / total,
        acc[4] / total, acc[3] / total, acc[2] / total, acc[1] / total, acc[0] / total,
        count[4] / n, count[3] / n, count[2] / n, count[1] / n,
        bars_on, beats_on, dens, dens * dens, ioi, ioi * ioi, short,
        rep1, _repeats(seen, 2 * bar)[0] if reading.bars > 2 else rep1,
        _repeats(seen, 4 * bar)[0] if reading.bars > 4 else rep1,
        _repeats(seen, bar // 2)[0], _repeats(seen, beat)[0], pitch1,
        low[4] / n, low[3] / n, long[4] / n, long[3] / n, long[2] / n,
        look(lags, beat * step), look(lags, 2 * beat * step), look(lags, bar * step), look(lags, 2 * step),
        look(lags, step),
        float(reading.bars & (reading.bars - 1) == 0), float(reading.bars % 2 == 0), log_bars, log_bars * log_bars,
        float(pickup < 0.02), pickup, float(0 in seen), min(2.0, max(0.0, tail - 0.5)),
        min(4.0, (off / 0.05) ** 2), min(1.0, max(0.0, off) / (step * beat)), min(1.0, max(0.0, -off) / (step * beat)),
        antic / n,
    ]  # fmt: skip
    row += tempo_features(beat * step)
    return row


def _repeats(seen: dict[int, Event], lag: int) -> tuple[float, float]:
    """Share of the events with one a lag later (of those that could), and how many of these repeat the pitch."""
    if lag < 1 or not seen:
        return 0.0, 0.0
    last = max(seen) - lag
    first = min(seen)
    could = hit = same = 0
    for q, event in seen.items():
        if q <= last:
            could += 1
            other = seen.get(q + lag)
            if other is not None:
                hit += 1
                same += other.pitch == event.pitch
        if q >= first + lag:
            could += 1
            hit += q - lag in seen
    if could < 4:
        return 0.0, 0.0
    return hit / could, 2 * same / could
