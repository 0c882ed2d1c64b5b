"""The band's loudness over a groove that stands: an envelope by how loud the player is now.

A plan is made for a player as loud as he was (its reference); bars later it sounds. The velocities that go out are the
plan's, times how much louder or softer he has become. All functions are pure; the conductor keeps the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from sideman.music.drum_styles import GHOST

if TYPE_CHECKING:
    from collections.abc import Sequence

SOFTEST, LOUDEST = 44.0, 110.0
"""The band goes with the player between these mean velocities."""
USUAL = 80.0
"""Mean velocity of a player of whom nothing was heard."""
_STEP = 0.4
"""Share of the way to what is heard that a 16th goes: a note that enters or leaves the window makes no jump."""
_REST_BARS = 2
"""Bars of the player's rest through which the band keeps its level."""
_BACK_BARS = 4
"""Bars in which it then comes most of the way back to what was planned."""
_OLDEST = 0.1
"""Weight of a note a bar old, of the latest's."""
_SOFTEST_STROKE = 10
_GHOSTLY = 0.6
"""A stroke of the drummer softer than this share of the level is a ghost."""
_KNEE = 100
"""From here on louder strokes come closer together, so that accents stay accents."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How loud the player is.

    Attributes:
        now: Mean velocity, None before anything was heard over the band.
        silent: 16ths since the last note left the window.
    """

    now: float | None = None
    silent: int = 0


def level(mean: float) -> float:
    """How loud a band plays for a player of a mean velocity."""
    return min(LOUDEST, max(SOFTEST, mean))


def mean_of(velocities: Sequence[int]) -> float:
    """Mean velocity, the usual one of nothing."""
    return sum(velocities) / len(velocities) if velocities else USUAL


def heard(envelope: Envelope, notes: Sequence[tuple[float, int]], reference: float, bar_frames: int) -> Envelope:
    """The envelope a 16th later.

    Args:
        envelope: As it was.
        notes: Age (in bars, 0-1) and velocity of the player's notes of the last bar; the latest counts most.
        reference: Mean velocity of what the standing plan was made from.
        bar_frames: 16ths in a bar.
    """
    now = reference if envelope.now is None else envelope.now
    weights = [max(_OLDEST, 1.0 - age) for age, _ in notes]
    if weights:
        mean = sum(w * velocity for w, (_, velocity) in zip(weights, notes, strict=True)) / sum(weights)
        return Envelope(now + _STEP * (mean - now))
    if envelope.now is None:
        return envelope
    silent = envelope.silent + 1
    if silent > _REST_BARS * bar_frames:
        now += 2.0 * (reference - now) / (_BACK_BARS * bar_frames)
    return Envelope(now, silent)


def sounding(velocity: int, envelope: Envelope, reference: float | None, part: str = "") -> int:
    """A planned velocity as it sounds, 1-127: the planned one where the player is as he was, or nothing is known.

    A ghost note on its way up goes half of the way.

    Args:
        velocity: As planned.
        envelope: How loud the player is.
        reference: Mean velocity of the player for whom it was planned.
        part: Who plays it.
    """
    if envelope.now is None or reference is None:
        return velocity
    planned = level(reference)
    gain = level(envelope.now) / planned
    ghost = part == "drums" and velocity < _GHOSTLY * planned
    if ghost and gain > 1.0:
        gain = sqrt(gain)
    loud = velocity * gain
    if ghost:
        loud = min(loud, float(max(GHOST, velocity)))
    elif loud > _KNEE and gain > 1.0:
        loud = _KNEE + (127 - _KNEE) * (loud - _KNEE) / (127 * gain - _KNEE)
    return max(min(velocity, _SOFTEST_STROKE), min(127, round(loud)))


Steps = tuple[tuple[int, float], ...]
"""A value from each of some frames on, in their order."""


def at(steps: Steps, frame: int) -> float | None:
    """The value in a frame, None before the first."""
    found = None
    for since, value in steps:
        if since > frame:
            break
        found = value
    return found


def spliced(old: Steps, new: Steps, start: int, end: int) -> Steps:
    """Old steps outside ``start`` to ``end`` (frames), new ones inside."""
    first, after = at(new, start), at(old, end)
    out = [step for step in old if step[0] < start]
    out += [] if first is None else [(start, first)]
    out += [step for step in new if start < step[0] < end]
    out += [] if after is None else [(end, after)]
    out += [step for step in old if step[0] > end]
    return tuple(step for i, step in enumerate(out) if not i or out[i - 1][1] != step[1])
