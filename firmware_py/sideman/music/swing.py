"""Swing: how late the off-beat eighths lie, read from a player's onsets or usual in a style; the warp of beat time.

The ratio is the share of a beat before its off-beat eighth: .5 straight, two thirds the triplet of a shuffle. Musicians
think in straight 16ths; :func:`swung` lays what they wrote out in time, :func:`straight` reads what was played back.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean, median_low
from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.music.meter import Meter

EVEN = 0.5
LATEST = 0.72
"""Ratios beyond are dotted 16ths, which are written and not felt."""
ENOUGH = 6
"""Off-beat eighths from which a ratio is believed."""
TERNARY = 0.58
"""Ratio from which a beat is felt in three: what stands a 16th before the next beat is the off-beat eighth."""
_NEAR = 0.12
"""Share of a beat by which a hand misses it; an onset from here to ``_OFF`` divides the beat otherwise."""
_OFF = 0.38, 0.86
_ALIKE, _SHARE = 0.09, 0.6
"""A ratio is one where so many of the off-beats lie so near to their middle."""
_HARDLY = 0.03
"""What lies so near to the middle of the beat is straight."""
_MIDDLE = 0.06
_TOGETHER = FRAME_TICKS // 4
_SLOW, _FAST = (110.0, 0.667), (280.0, 0.55)
"""Jazz: ratios fall as the tempo rises (after A. Friberg and A. Sundström, Music Perception 19(3), 2002)."""
SWUNG = frozenset({"jazz", "blues"})
"""Styles that are felt in three at any tempo."""
_STYLES = {"hiphop": 0.56, "neworleans": 0.57}


def has_eighths(meter: Meter) -> bool:
    """Whether the meter's beats are halved: quarters and halves, never the dotted or uneven beats of eighths."""
    return meter.denominator < 8


def of_style(style: str, bpm: float) -> float:
    """The ratio usual in a style of the settings at a tempo in quarters a minute."""
    if style not in SWUNG:
        return _STYLES.get(style, EVEN)
    (slow, most), (fast, least) = _SLOW, _FAST
    return most + (least - most) * min(1.0, max(0.0, (bpm - slow) / (fast - slow)))


def measured(ticks: Iterable[int], meter: Meter) -> float | None:
    """The ratio in a player's onsets: the middle of those off-beat eighths that are alone between their beats.

    Beats of triplets say nothing. Beats of more notes with one in their very middle are straight, and decide where too
    few eighths are alone: a line of 16ths, or one heard at half its tempo. The hand's own lateness on the beat is taken
    off.

    Args:
        ticks: Onsets from a bar line.
        meter: The meter.

    Returns:
        ``EVEN`` to ``LATEST`` in hundredths; None in meters without eighths, and where too few off-beats agree.
    """
    if not has_eighths(meter):
        return None
    ordered = sorted(ticks)
    alone = ordered[:1] + [b for a, b in pairwise(ordered) if b - a >= _TOGETHER]
    beats: dict[int, list[float]] = {}
    late: list[float] = []
    for tick in alone:
        beat, within = divmod(tick, TICKS_PER_QUARTER)
        place = within / TICKS_PER_QUARTER
        if place <= _NEAR:
            late.append(place)
        elif place >= 1 - _NEAR:
            late.append(place - 1)
        else:
            beats.setdefault(beat, []).append(place)
    low, high = _OFF
    found = [places[0] for places in beats.values() if len(places) == 1 and low <= places[0] <= high]
    if len(found) < ENOUGH:
        halved = sum(len(p) > 1 and any(abs(place - EVEN) <= _MIDDLE for place in p) for p in beats.values())
        return EVEN if halved >= ENOUGH else None
    middle = median_low(found)
    near = [place for place in found if abs(place - middle) <= _ALIKE]
    if len(near) < _SHARE * len(found):
        return None
    ratio = fmean(near) - (fmean(late) if len(late) >= ENOUGH else 0.0)
    if ratio > LATEST + _HARDLY / 2:
        return None
    ratio = round(min(LATEST, max(EVEN, ratio)), 2)
    return EVEN if ratio - EVEN < _HARDLY else ratio


def swung(tick: float, ratio: float) -> int:
    """Where a straight tick (from a beat) sounds: beats stay, the off-beat eighth lies at ``ratio``, between linear."""
    return _bent(tick, EVEN, ratio)


def straight(tick: float, ratio: float) -> int:
    """The inverse of :func:`swung`: where what sounds at a tick is written."""
    return _bent(tick, ratio, EVEN)


def _bent(tick: float, old: float, new: float) -> int:
    """A tick moved as the place ``old`` of its beat is moved to ``new``, both shares of the beat."""
    if old == new:
        return round(tick)
    beat, within = divmod(tick, TICKS_PER_QUARTER)
    here, there = old * TICKS_PER_QUARTER, new * TICKS_PER_QUARTER
    if within <= here:
        within *= there / here
    else:
        within = there + (within - here) * (TICKS_PER_QUARTER - there) / (TICKS_PER_QUARTER - here)
    return round(beat * TICKS_PER_QUARTER + within)
