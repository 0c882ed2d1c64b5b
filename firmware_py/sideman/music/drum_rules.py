"""Drum grooves by rule: what plays when there is no model, in any meter and grouping.

Everything is deterministic: the same arguments and seed give the same pattern.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Literal

from sideman.music.drum_pattern import MAX_OFFSET, DrumHit, DrumPattern, Tap
from sideman.music.drum_styles import GHOST, beat, offices, strokes
from sideman.music.drumkit import Voice
from sideman.music.meter import FRAME_TICKS, Meter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEPT_IN_FILL = frozenset({Voice.KICK, Voice.RIDE})
_KICK, _SNARE = 106, 104
"""Velocities of a firm stroke; the player's level scales them."""
_PLAIN = 98
"""A kick softer than this may make room for one that the player asks for."""
_FIRM = 92
"""A snare louder than this is a backbeat: no kick of the player's crowds it."""
TOMS_DOWN = (Voice.SNARE, Voice.HIGH_TOM, Voice.MID_TOM, Voice.LOW_TOM)
_LOUD = 80.0
"""Velocity of a plain stroke for which a fill's own are written."""
_RUNS = (TOMS_DOWN, (Voice.SNARE,), TOMS_DOWN[1:], (Voice.SNARE, Voice.LOW_TOM))
_RHYTHMS = ("xxxx", "x.x.", "x.xx", "xxx.", "x..x")
"""16ths of a fill's beats; its last two are struck in any."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What each beat of one bar is for, in 16ths from the bar line.

    Attributes:
        kicks: Beats that are struck by the kick.
        backbeats: Beats that are struck by the snare.
        between: Beats that belong to neither: the second of a waltz.
        pulses: Eighths, counted anew from every beat, so that uneven groups keep their own.
        beats: All beats.
        length: 16ths in the bar.
    """

    kicks: tuple[int, ...]
    backbeats: tuple[int, ...]
    between: tuple[int, ...]
    pulses: tuple[int, ...]
    beats: tuple[int, ...]
    length: int


def skeleton(meter: Meter) -> Skeleton:
    """Read a meter and its grouping as a drummer does: kick opens a group, snare closes it."""
    beats = tuple(tick // FRAME_TICKS for tick in meter.beats)
    kicks, snares, between = offices(meter)
    pulses = [p for a, z in pairwise((*beats, meter.bar_frames)) for p in range(a, z, 2)]
    return Skeleton(kicks, snares, between, tuple(pulses), beats, meter.bar_frames)


def psc2(meter: Meter, bars: int, bass: Sequence[int], variant: Literal["paper", "code"] = "paper") -> DrumPattern:
    """The deterministic groove of Psc2 (ICCC 2019; PSC13).

    Kick on each bar's first beat, snare on every bass onset, closed hat on every eighth. The released code
    differs: hats on clicks only, and not on the bar line.

    Args:
        meter: The meter.
        bars: Bars in the loop.
        bass: Steps of the bass line's onsets; those beyond the loop wrap (an anticipated downbeat is step 0).
        variant: ``paper``, or ``code`` for the hats of the released program.
    """
    steps = bars * meter.bar_frames
    hits = [DrumHit(bar * meter.bar_frames, Voice.KICK, 100) for bar in range(bars)]
    hits += [DrumHit(step % steps, Voice.SNARE, 90) for step in bass]
    if variant == "paper":
        hats: Iterable[int] = range(0, steps, 2)
    else:
        pulse = max(1, meter.pulse_ticks // FRAME_TICKS)
        hats = (step for step in range(0, steps, pulse) if step % meter.bar_frames)
    hits += [DrumHit(step, Voice.CLOSED_HAT, 80) for step in hats]
    return DrumPattern(steps, tuple(hits))


def groove(
    meter: Meter,
    bars: int = 2,
    *,
    style: str = "rock",
    taps: Sequence[Tap] = (),
    bass: Sequence[Tap] = (),
    density: float = 0.5,
    seed: int = 0,
    bpm: float = 100.0,
) -> DrumPattern:
    """A plain groove that obeys the meter and its grouping and leans on what the player does.

    Args:
        meter: The meter.
        bars: Bars in the loop.
        style: Of the settings' ``jam.style``: kick and snare are its own, ``jazz`` rides, ``dance`` opens the hat.
        taps: The player's onsets: their accents add kicks, their velocities set the level, their timing the swing.
        bass: The bass line: its onsets add kicks.
        density: 0 hats on beats, about 0.5 on eighths, 1 on sixteenths.
        seed: Chooses small variations.
        bpm: Quarters a minute: what goes by 16ths is played at half the pace when they are too fast.
    """
    chance = random.Random(seed)
    plan = skeleton(meter)
    steps = bars * plan.length
    hits: list[DrumHit] = []
    for bar in range(bars):
        hits += _bar(plan, style, density, chance, bar * plan.length)
        hits += _feet(meter, style, bpm, chance, bar)
    near = 0 if beat(style).fine else 1
    backbeats = {hit.step for hit in hits if hit.voice is Voice.SNARE and hit.velocity > _FIRM}
    ruled = len(hits)
    hits += [
        DrumHit(step, Voice.KICK, velocity)
        for step, velocity in _pushes(taps, bass, steps)
        if step not in backbeats and (step + near) % steps not in backbeats
    ]
    pushed = [hit.step for hit in hits[ruled:]]
    if pushed and taps and beat(style).yields:
        struck = {tap.step % steps for tap in taps} | set(pushed)
        hits = [hit for i, hit in enumerate(hits) if i >= ruled or not _makes_room(hit, pushed, struck, plan.length)]
    return follow_hands(DrumPattern(steps, tuple(hits)), taps)


def _bar(plan: Skeleton, style: str, density: float, chance: random.Random, start: int) -> list[DrumHit]:
    """The right hand of one bar (and jazz's hat foot), from the meter's skeleton."""

    def hit(step: int, voice: Voice, velocity: int) -> DrumHit:
        return DrumHit(start + step, voice, max(1, min(127, velocity + chance.randint(-4, 4))))

    on_beats = set(plan.beats)
    if style == "jazz":
        skips = {beat - 2 for beat in plan.kicks if beat > 1} | {plan.length - 2}
        hits = [hit(s, Voice.RIDE, 88 if s in on_beats else 70) for s in sorted(on_beats | skips)]
        return [*hits, *(hit(s, Voice.CLOSED_HAT, 75) for s in plan.backbeats)]
    hits = []
    if density < 0.25:
        hats: Iterable[int] = plan.beats
    elif density < 0.8:
        hats = plan.pulses
    else:
        hats = range(plan.length)
    for step in hats:
        opened = style == "dance" and step not in on_beats
        hits.append(hit(step, Voice.OPEN_HAT if opened else Voice.CLOSED_HAT, 84 if step in on_beats else 66))
    return hits


def _feet(meter: Meter, style: str, bpm: float, chance: random.Random, bar: int) -> list[DrumHit]:
    """Kick and snare of one bar."""
    out = []
    for stroke in strokes(meter, style, bar, bpm):
        full = _KICK if stroke.voice is Voice.KICK else _SNARE
        velocity = round(full * stroke.loud) + chance.randint(-4, 4)
        velocity = min(velocity, GHOST) if stroke.ghost else velocity
        out.append(DrumHit(bar * meter.bar_frames + stroke.step, stroke.voice, velocity, stick=stroke.stick))
    return out


def _makes_room(hit: DrumHit, pushed: Sequence[int], struck: set[int], bar: int) -> bool:
    """Whether a plain kick that the player does not strike stands beside one that he asks for in the same bar."""
    plain = hit.voice is Voice.KICK and hit.velocity < _PLAIN
    return plain and hit.step not in struck and any(step // bar == hit.step // bar for step in pushed)


def _pushes(taps: Sequence[Tap], bass: Sequence[Tap], steps: int) -> list[tuple[int, int]]:
    """Steps that ask for a kick: every bass onset, or the accents of a tapped groove."""
    if bass:
        return [(tap.step % steps, max(1, min(127, tap.velocity))) for tap in bass]
    if len(taps) < 2:
        return []
    loud = [tap.velocity for tap in taps]
    over = fmean(loud) + pstdev(loud)
    return [(tap.step % steps, max(1, min(127, tap.velocity))) for tap in taps if tap.velocity > over]


def follow_hands(pattern: DrumPattern, taps: Sequence[Tap]) -> DrumPattern:
    """Give a pattern the player's level and timing.

    A step that was tapped takes the tap's offset; the others take the mean offset of taps on steps as odd or even.
    """
    if not taps:
        return pattern
    offsets = {tap.step % pattern.steps: tap.offset for tap in taps}
    means = []
    for parity in (0, 1):
        same = [offset for step, offset in offsets.items() if step % 2 == parity]
        means.append(fmean(same) if same else 0.0)
    level = fmean(tap.velocity for tap in taps) / 90
    return DrumPattern(
        pattern.steps,
        tuple(
            replace(
                hit,
                velocity=max(1, min(127, round(hit.velocity * level))),
                offset=max(-MAX_OFFSET, min(MAX_OFFSET, offsets.get(hit.step, means[hit.step % 2]))),
            )
            for hit in pattern.hits
        ),
    )


def with_fill(
    pattern: DrumPattern, meter: Meter, *, seed: int = 0, turn: int = 0, long: bool = False, loud: float = _LOUD
) -> DrumPattern:
    """Turn the end of a pattern's last bar into a fill that rises to the next bar line.

    Args:
        pattern: Whole bars.
        meter: The meter.
        seed: The order in which a song goes through the runs and rhythms.
        turn: Which of them; neighbours are never the same.
        long: Fill the whole bar instead of about its second half.
        loud: Velocity of a plain stroke of the groove; the fill rises from a little below it to above.
    """
    chance = random.Random(seed)
    plan = skeleton(meter)
    last = pattern.steps - plan.length
    half = [beat for beat in plan.beats if beat >= plan.length / 2]
    begin = last + (0 if long or not half else half[0])
    kept = [hit for hit in pattern.hits if hit.step < begin or hit.voice in KEPT_IN_FILL]
    length = pattern.steps - begin
    fills = [(run, rhythm) for run in _RUNS for rhythm in _RHYTHMS]
    chance.shuffle(fills)
    run, rhythm = fills[turn % len(fills)]
    beats = {last + beat for beat in plan.beats}
    for i in range(length):
        step = begin + i
        since = step - max((beat for beat in beats if beat <= step), default=begin)
        if rhythm[since % len(rhythm)] == "." and i < length - 2:
            continue
        voice = run[min(len(run) - 1, i * len(run) // length)]
        accent = 14 if step in beats else 0
        kept.append(
            DrumHit(step, voice, max(1, min(127, round((66 + 34 * i / max(1, length - 1) + accent) * loud / _LOUD))))
        )
    return DrumPattern(pattern.steps, tuple(kept))


def with_crash(pattern: DrumPattern, velocity: int = 110) -> DrumPattern:
    """Open a phrase: crash and kick on the first step, in place of hat and ride."""
    hidden = (Voice.CLOSED_HAT, Voice.OPEN_HAT, Voice.RIDE)
    kept = tuple(hit for hit in pattern.hits if hit.step or hit.voice not in hidden)
    opening = (DrumHit(0, Voice.CRASH, velocity), DrumHit(0, Voice.KICK, velocity))
    return DrumPattern(pattern.steps, kept).plus(opening)


def ending(meter: Meter, velocity: int = 118) -> DrumPattern:
    """The last bar of a song: one stroke on its first beat."""
    hits = (DrumHit(0, Voice.KICK, velocity), DrumHit(0, Voice.CRASH, velocity), DrumHit(0, Voice.SNARE, 90))
    return DrumPattern(meter.bar_frames, hits)
