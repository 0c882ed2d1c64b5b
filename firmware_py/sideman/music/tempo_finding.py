"""Tempo, downbeat and whole bars of a phrase from its onsets, as a good looper finds them.

The phrase is whole bars from its first downbeat to the closing press. Every number of bars, with and without a pickup,
is a candidate; a cheap look at the intervals between onsets thins them out, the rest are read closely
(:mod:`sideman.music.tempo_features`) and rated (a small net, fitted on played phrases:
``sideman-lab evaluate tempo`` measures it). The confidence is the model's own probability,
calibrated (a logistic curve, on noise too).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, log, log2

from sideman.music.meter import TICKS_PER_QUARTER, Meter
from sideman.music.tempo import clamp_bpm
from sideman.music.tempo_candidates import closed, still_open
from sideman.music.tempo_features import NAMES, Event, Frames, Reading, events_of, features, histogram
from sideman.music.tempo_net import Net
from sideman.music.tempo_ranges import favour
from sideman.music.tempo_weights import CLOSED, CLOSED_TRUST, OPEN, OPEN_TRUST

FEW = 4
SAME_TEMPO = 0.04
FIT16, H_BEAT = NAMES.index("fit16"), NAMES.index("h_beat")
ON_S = 0.07
"""The downbeat is the onset's own moment when one lies this near."""
LOOPER_BPM = 105.0
KNOWN_BARS, UNKNOWN = 0.75, 0.4
"""While still playing, before so much of a bar was heard nobody can know: the confidence is at most ``UNKNOWN``."""
CLOSE, IN_DOUBT = 0.1, 0.55
"""Where other tempi have this share of likelihood, two readings are close: the confidence is ``IN_DOUBT`` at most."""


@dataclass(frozen=True, slots=True)
class PhraseTempo:
    """What was found.

    Attributes:
        bpm: Quarters a minute.
        downbeat_ns: Moment of the first downbeat.
        bars: Whole bars.
        confidence: 0-1.
        other: Quarters a minute of the next reading where two are close, else None.
    """

    bpm: float
    downbeat_ns: int
    bars: int
    confidence: float
    other: float | None = None


def find_phrase_tempo(
    onsets: Sequence[tuple[int, int]],
    close_ns: int | None,
    meter: Meter,
    *,
    pitches: Sequence[int] = (),
    style: str = "",
) -> PhraseTempo:
    """Find tempo, downbeat and bars of a phrase.

    Args:
        onsets: (ns, velocity 0-127) of each note, rising, at least one.
        close_ns: The closing press, or None while the phrase is still played.
        meter: The meter it is played in.
        pitches: MIDI pitch of each onset, or nothing.
        style: Whose usual tempi speak for a reading (:mod:`sideman.music.tempo_ranges`), or nothing.

    Returns:
        The likeliest reading: bpm within 30-300, at least one bar; with a close the bars fill the time from the
        downbeat to it, give or take a human press. ``confidence`` is the probability that the tempo is right;
        while the phrase is still played, that tempo and bar lines both are.

    Raises:
        ValueError: There is no onset.
    """
    if not onsets:
        raise ValueError("a tempo needs at least one onset")
    events = events_of(onsets, pitches)
    first = onsets[0][0]
    close = None if close_ns is None else (close_ns - first) / 1e9
    readings = readings_of(events, close, meter) if len(events) >= FEW else []
    if not readings:
        return _looper(events, close, meter, first)
    net, trust = (OPEN, OPEN_TRUST) if close is None else (CLOSED, CLOSED_TRUST)
    best, share = choose(readings, net, meter, closed=close is not None, style=style)
    reading, row = readings[best]
    says = sum(map(float.__mul__, trust, signs(share, len(events), row)))
    confidence = 1 / (1 + exp(-max(-50.0, min(50.0, says))))
    if close is None and events[-1].at - max(0.0, reading.zero) < KNOWN_BARS * meter.bar_frames * reading.step:
        confidence = min(confidence, UNKNOWN)
    other = rival(readings, net, meter, best, style=style)
    if other is not None:
        confidence = min(confidence, IN_DOUBT)
    return _answer(events, first, reading, confidence, other)


def find_bar_line(
    onsets: Sequence[tuple[int, int]], beat_ns: int, bpm: float, meter: Meter, *, pitches: Sequence[int] = ()
) -> tuple[int, float]:
    """Where bars begin, the tempo and a beat being known.

    Args:
        onsets: (ns, velocity 0-127) of each note, rising, at least one.
        beat_ns: Moment of some beat.
        bpm: Quarters a minute.
        meter: The meter.
        pitches: MIDI pitch of each onset, or nothing.

    Returns:
        Moment of the likeliest first bar line (on an eighth), and its share of likelihood.
    """
    events, first, frames, step = events_of(onsets, pitches), onsets[0][0], Frames.of(meter), 15 / bpm
    lags, phase = histogram(events), ((beat_ns - onsets[0][0]) / 1e9) % (2 * 15 / bpm)
    bar = frames.bar * step
    readings = []
    for place in range(0, frames.bar, 1 if frames.bar % 2 else 2):
        zero = (phase + place * step) % bar
        bars = max(1, ceil((events[-1].at - zero) / bar - 0.02))
        readings.append(Reading(step, zero - bar if bar - zero < step else zero, bars))
    scores = [OPEN.rate(features(events, lags, None, frames, r)) for r in readings]
    best = max(range(len(scores)), key=scores.__getitem__)
    share = 1 / sum(exp(max(-50.0, s - scores[best])) for s in scores)
    return first + round(readings[best].zero * 1e9), share


def choose(
    readings: Sequence[tuple[Reading, Sequence[float]]], net: Net, meter: Meter, *, closed: bool, style: str = ""
) -> tuple[int, float]:
    """The likeliest reading's index, and the share of likelihood of those that agree with it.

    Args:
        readings: Candidates with their features.
        net: What rates them.
        meter: The meter.
        closed: Agreeing means the same tempo; while the phrase is still played, the same bar lines too.
        style: Whose usual tempi count.
    """
    scores = _scores(readings, net, meter, style)
    best = max(range(len(scores)), key=scores.__getitem__)
    shares = [exp(max(-50.0, s - scores[best])) for s in scores]
    reading = readings[best][0]
    same = sum(
        share
        for share, (r, _) in zip(shares, readings, strict=True)
        if abs(r.step / reading.step - 1) <= SAME_TEMPO and (closed or _same_bar_line(r, reading, meter))
    )
    return best, same / sum(shares)


def rival(
    readings: Sequence[tuple[Reading, Sequence[float]]], net: Net, meter: Meter, best: int, *, style: str = ""
) -> float | None:
    """Quarters a minute of the likeliest reading at another tempo, None unless those are ``CLOSE``."""
    scores = _scores(readings, net, meter, style)
    step = readings[best][0].step
    shares = [exp(max(-50.0, s - scores[best])) for s in scores]
    others = [k for k, (r, _) in enumerate(readings) if abs(r.step / step - 1) > SAME_TEMPO]
    if sum(shares[k] for k in others) < CLOSE * sum(shares):
        return None
    return clamp_bpm(15 / readings[max(others, key=shares.__getitem__)][0].step)


def _scores(readings: Sequence[tuple[Reading, Sequence[float]]], net: Net, meter: Meter, style: str) -> list[float]:
    """What speaks for each reading: the net, and what is usual in the style."""
    quarters = TICKS_PER_QUARTER / meter.beat_ticks
    return [net.rate(row) + (favour(style, 15 / r.step * quarters) if style else 0.0) for r, row in readings]


def signs(share: float, events: int, row: Sequence[float]) -> tuple[float, ...]:
    """What the confidence is made of: the share as a logit, how much was heard, how well it lies on a grid."""
    share = min(0.9995, max(0.0005, share))
    return (1.0, log(share / (1 - share)), log2(events), row[FIT16], row[H_BEAT])


def _same_bar_line(a: Reading, b: Reading, meter: Meter) -> bool:
    bar = b.step * meter.bar_frames
    off = (a.zero - b.zero) / bar
    return abs(off - round(off)) * bar <= ON_S


def readings_of(events: Sequence[Event], close: float | None, meter: Meter) -> list[tuple[Reading, list[float]]]:
    """The candidates of a phrase with their features (also what the weights are fitted on)."""
    frames, lags = Frames.of(meter), histogram(events)
    found = still_open(events, lags, frames) if close is None else closed(events, lags, close, frames)
    return [(r, features(events, lags, close, frames, r)) for r in found]


def _answer(
    events: Sequence[Event], first: int, reading: Reading, confidence: float, other: float | None
) -> PhraseTempo:
    near = min(events, key=lambda e: abs(e.at - reading.zero))
    zero = near.at if abs(near.at - reading.zero) <= ON_S else reading.zero
    bpm = clamp_bpm(15 / reading.step)
    return PhraseTempo(bpm, first + round(zero * 1e9), reading.bars, confidence, other)


def _looper(events: Sequence[Event], close: float | None, meter: Meter, first: int) -> PhraseTempo:
    """The looper's rule alone: as many whole bars as come nearest to a usual tempo."""
    quarters = meter.bar_ticks / TICKS_PER_QUARTER
    length = max(0.05, events[-1].at if close is None else close)
    if close is None:
        bpm = LOOPER_BPM
        return PhraseTempo(bpm, first, max(1, -int(-length * bpm / 60 // quarters)), 0.0)
    most = max(1, int(length * 300 / 60 / quarters))
    bars = min(range(1, most + 1), key=lambda b: abs(log2(b * quarters * 60 / length / LOOPER_BPM)))
    return PhraseTempo(clamp_bpm(bars * quarters * 60 / length), first, bars, 0.3)
