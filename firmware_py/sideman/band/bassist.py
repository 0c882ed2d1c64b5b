"""The bassist: root on every change, fifth and octave on the kick's other strokes, a step into the next root."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.music.chords import pitch_class
from sideman.music.drumkit import OUT_PITCH, Voice
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from random import Random

    from sideman.band.changes import Changes
    from sideman.band.context import Bar, Context
    from sideman.band.messages import Ask
    from sideman.music.chords import Chord

LOW, HIGH = 28, 55
"""E1 to G3."""
_HOME_LOW, _HOME_HIGH = 28, 43
"""Roots stay below G2: above it a bass is a second guitar."""
_BREATH = FRAME_TICKS // 5
_GHOST = 28
"""A kick softer than this is not a stroke to lock to."""
_APPROACH = 0.55
_EXTRA = 0.3
_LONGEST = 16
_MAJOR, _MINOR = frozenset((0, 2, 4, 5, 7, 9, 11)), frozenset((0, 2, 3, 5, 7, 8, 10))


def play(ask: Ask, context: Context) -> list[PartNote]:
    """The line of every bar the window touches, and the stroke after it, so that lengths are known."""
    strokes: dict[int, tuple[int, int, int]] = {}
    for bar in context.bars(before=1, after=1):
        strokes.update(_bar(bar, context))
    frames = sorted(strokes)
    out: list[PartNote] = []
    for frame, until in pairwise(frames):
        tick, pitch, velocity = strokes[frame]
        end = min(strokes[until][0], tick + _LONGEST * FRAME_TICKS)
        if ask.ending is not None and frame < ask.ending < until:
            end = min(end, ask.ending * FRAME_TICKS)
        out.append(PartNote("bass", tick, max(FRAME_TICKS // 2, end - tick - _BREATH), pitch, velocity))
    return out


def roots(changes: Changes, transpose: int = 0) -> list[int]:
    """The bass's home pitch for each span: the nearest octave to the one before, between E1 and G2."""
    out: list[int] = []
    for span in changes.spans:
        pc = (span.chord.bass_class + transpose) % 12
        places = range(_HOME_LOW + (pc - _HOME_LOW) % 12, _HOME_HIGH + 1, 12)
        near = out[-1] if out else 35
        out.append(min((abs(p - near) + 0.3 * abs(p - 35), p) for p in places)[1])
    return out


def _bar(bar: Bar, context: Context) -> dict[int, tuple[int, int, int]]:
    """Tick, pitch and velocity of each stroke of a bar by its frame."""
    changes, ask = context.changes, context.ask
    homes = roots(changes, ask.knobs.transpose)
    kicks = _kicks(bar, context)
    firm = {f for f in range(bar.start, bar.end) if f == bar.start or changes.at(f) != changes.at(f - 1)}
    grid = firm | set(kicks)
    if len(kicks) == 0:
        grid |= {bar.start + start for start, _ in context.groups()}
    frames = [f for f in sorted(grid) if f in firm or not {f - 1, f + 1} & firm]
    rng = context.rng("bass", bar.of_form)
    out: dict[int, tuple[int, int, int]] = {}
    for place, frame in enumerate(frames):
        roll, pick = rng.random(), rng.random()
        index = changes.index(frame)
        if index is None:
            continue
        chord, home = changes.spans[index].chord, homes[index]
        change = changes.next_change(frame, 4)
        pitch = home
        if frame not in firm:
            last = place == len(frames) - 1 or (change is not None and frames[place + 1] >= change)
            if change is not None and last and roll < _APPROACH:
                pitch = _approach(_home(change, context, homes), home, pick, context)
            else:
                pitch = _support(chord, home, pick, ask.knobs.transpose)
        tick, velocity = kicks.get(frame, (context.tick(frame), 0))
        out[frame] = (tick, pitch, _velocity(context, frame, velocity, rng, firm=frame in firm))
    return out | _walk_in(bar, context, homes, out, rng)


def _walk_in(
    bar: Bar, context: Context, homes: list[int], strokes: dict[int, tuple[int, int, int]], rng: Random
) -> dict[int, tuple[int, int, int]]:
    """Now and then an eighth before a new chord's bar line where the kick is silent: the step into it."""
    frame = bar.end - 2
    changes = context.changes
    roll, pick = rng.random(), rng.random()
    before = {f for f in strokes if frame - 2 <= f < bar.end}
    stays = changes.at(bar.end) == changes.at(bar.end - 1) or changes.at(frame) != changes.at(bar.end - 1)
    if before or stays or roll > _EXTRA or bar.frames < 8:
        return {}
    index = changes.index(frame)
    if index is None:
        return {}
    pitch = _approach(_home(bar.end, context, homes), homes[index], pick, context)
    return {frame: (context.tick(frame), pitch, round(0.72 * context.level))}


def _home(frame: int, context: Context, homes: list[int]) -> int:
    index = context.changes.index(frame)
    return homes[index] if index is not None else 36


def _kicks(bar: Bar, context: Context) -> dict[int, tuple[int, int]]:
    """Tick and velocity of the drummer's kicks in a bar, by frame."""
    kick = OUT_PITCH[Voice.KICK]
    found: dict[int, tuple[int, int]] = {}
    for note in context.drums:
        frame = (note.tick + FRAME_TICKS // 2) // FRAME_TICKS
        if note.pitch == kick and note.velocity >= _GHOST and bar.start <= frame < bar.end:
            found[frame] = (note.tick, note.velocity)
    return found


def _support(chord: Chord, home: int, pick: float, transpose: int) -> int:
    """Root, fifth or octave: what a stroke that is no change plays."""
    if pick < 0.5:
        return home
    if pick < 0.72 or chord.bass not in (None, chord.root):
        return home + 12 if home + 12 <= 50 else home
    fifth = next((step for step in (7, 6, 8) if (chord.root + step) % 12 in chord.pitch_classes), 12)
    pc = (chord.root + fifth + transpose) % 12
    above = home + (pc - home) % 12
    return above if above <= 47 or above - 12 < LOW else above - 12


def _approach(target: int, home: int, pick: float, context: Context) -> int:
    """A step into the next root from the side we come from; in the key if one is known, else from a semitone."""
    transpose = context.ask.knobs.transpose
    side = -1 if home < target else 1 if home > target else (-1 if pick < 0.5 else 1)
    scale = _scale(context.changes.key)
    steps = (side * 2, side) if pick < 0.6 else (side, side * 2)
    for step in (*steps, -side, -side * 2):
        pitch = target + step
        legal = not scale or (pitch - transpose) % 12 in scale
        if legal and LOW <= pitch <= HIGH and pitch != home:
            return pitch
    return target - 1 if target > LOW else target + 1


def _scale(key: str) -> frozenset[int]:
    name, _, kind = key.partition(" ")
    try:
        tonic = pitch_class(name)
    except ValueError:
        return frozenset()
    return frozenset((tonic + step) % 12 for step in (_MINOR if kind.startswith("min") else _MAJOR))


def _velocity(context: Context, frame: int, kick: int, rng: Random, *, firm: bool) -> int:
    level = 0.55 * context.level + 0.45 * (kick or context.level)
    accent = 6 if context.weight(frame) >= 3 else 0 if firm else -6
    return round(min(118, max(40, level + accent + rng.uniform(-3, 3))))


def final_note(ask: Ask, context: Context) -> list[PartNote]:
    """The root on the final downbeat, ringing two bars."""
    index = None if ask.ending is None else context.changes.index(ask.ending)
    if index is None or ask.ending is None:
        return []
    pitch = roots(context.changes, ask.knobs.transpose)[index]
    velocity = min(118, context.level + 14)
    return [PartNote("bass", ask.ending * FRAME_TICKS, 2 * ask.meter.bar_ticks, pitch, velocity)]
