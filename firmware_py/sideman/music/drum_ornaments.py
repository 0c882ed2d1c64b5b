"""What a drummer does once and not again: a ghost note, a second stroke of the hat, an open one, a push of the kick.

Kick and snare of the groove are never touched, so it stays the same groove.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sideman.music.drum_pattern import DrumHit, DrumPattern
from sideman.music.drum_styles import GHOST
from sideman.music.drumkit import Voice
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from sideman.music.meter import Meter

HANDS = (Voice.CLOSED_HAT, Voice.RIDE)
MOST = 4
"""Ornaments a bar."""


def ornamented(pattern: DrumPattern, meter: Meter, seed: int, loud: int, *, even: bool = False) -> DrumPattern:
    """One bar with one to four ornaments.

    Args:
        pattern: The bar.
        meter: Its meter.
        seed: Chooses them.
        loud: Velocity of a plain stroke.
        even: No strokes off the eighths: the tempo is too fast for them, or the style goes by triplets.
    """
    rng = Random(seed)
    for _ in range(rng.randint(1, MOST)):
        pattern = rng.choice(_ALL)(pattern, meter, rng, loud, even)
    return pattern


def _ghost(pattern: DrumPattern, meter: Meter, rng: Random, loud: int, even: bool) -> DrumPattern:
    """A snare that is felt rather than heard, beside no other."""
    struck = set(pattern.onsets(Voice.SNARE))
    free = [s for s in _weak(pattern, meter, even) if not {s - 1, s, s + 1} & struck]
    return _plus(pattern, free, Voice.SNARE, min(GHOST, round(0.5 * loud)), rng)


def _double(pattern: DrumPattern, meter: Meter, rng: Random, loud: int, even: bool) -> DrumPattern:
    """One stroke more of the right hand."""
    voice = max(HANDS, key=lambda v: len(pattern.onsets(v)))
    struck = {hit.step for hit in pattern.hits if hit.voice in (*HANDS, Voice.OPEN_HAT)}
    free = [s for s in _weak(pattern, meter, even) if s not in struck]
    return _plus(pattern, free, voice, round(0.55 * loud), rng)


def _push(pattern: DrumPattern, meter: Meter, rng: Random, loud: int, even: bool) -> DrumPattern:
    """A plain kick where neither kick nor snare is near."""
    struck = {hit.step for hit in pattern.hits if hit.voice in (Voice.KICK, Voice.SNARE)}
    free = [s for s in _weak(pattern, meter, even) if s not in struck and s - 1 not in pattern.onsets(Voice.KICK)]
    return _plus(pattern, free, Voice.KICK, round(0.8 * loud), rng)


def _opened(pattern: DrumPattern, meter: Meter, rng: Random, loud: int, even: bool) -> DrumPattern:  # noqa: ARG001 - one of a table of functions
    """A closed hat between the beats is opened."""
    weak = [s for s in pattern.onsets(Voice.CLOSED_HAT) if s in _weak(pattern, meter, even=True)]
    if not weak or pattern.onsets(Voice.OPEN_HAT):
        return pattern
    step = rng.choice(weak)
    kept = tuple(hit for hit in pattern.hits if hit.step != step or hit.voice is not Voice.CLOSED_HAT)
    return _plus(DrumPattern(pattern.steps, kept), [step], Voice.OPEN_HAT, round(0.85 * loud), rng)


_ALL = (_ghost, _double, _push, _opened)


def _weak(pattern: DrumPattern, meter: Meter, even: bool) -> list[int]:
    """Steps between the beats: every 16th, or the eighths alone."""
    beats = {tick // FRAME_TICKS for tick in meter.beats}
    return [step for step in range(1, pattern.steps) if step not in beats and not (even and step % 2)]


def _plus(pattern: DrumPattern, free: list[int], voice: Voice, velocity: int, rng: Random) -> DrumPattern:
    if not free:
        return pattern
    step = rng.choice(free)
    # It has the timing of what is struck there, or as late as its like.
    near = [hit.offset for hit in pattern.hits if hit.step == step] or [
        hit.offset for hit in pattern.hits if hit.step % 2 == step % 2
    ]
    offset = sum(near) / len(near) if near else 0.0
    return pattern.plus([DrumHit(step, voice, max(1, min(127, velocity)), offset)])
