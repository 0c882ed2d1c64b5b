"""The comper: chords in a rhythm that the meter and its grouping give, held, led by the voice, now and then early."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.music.meter import FRAME_TICKS
from sideman.music.voicing import voice

if TYPE_CHECKING:
    from sideman.band.changes import Changes
    from sideman.band.context import Bar, Context
    from sideman.band.messages import Ask

Cell = tuple[tuple[int, int], ...]
"""Strikes inside a group: (frame from the group's start, accent)."""

_SUSTAINED: dict[int, tuple[Cell, ...]] = {
    4: (((0, 2),), ((0, 2),), ((0, 2), (2, 0))),
    6: (((0, 2),), ((0, 2),), ((0, 2), (4, 0))),
    8: (((0, 2),), ((0, 2), (6, 0)), ((0, 2), (4, 1))),
    12: (((0, 2), (8, 0)), ((0, 2), (4, 0), (8, 1)), ((0, 2),)),
}
_RHYTHMIC: dict[int, tuple[Cell, ...]] = {
    4: (((0, 2), (2, 0)), ((0, 2),), ((0, 2), (2, 0))),
    6: (((0, 2), (4, 0)), ((0, 2), (2, 0), (4, 1)), ((0, 2), (4, 1))),
    8: (((0, 2), (3, 1)), ((0, 2), (6, 1)), ((0, 2), (3, 1), (6, 0))),
    12: (((0, 2), (4, 0), (8, 1)), ((0, 2), (4, 1), (10, 0)), ((0, 2), (6, 1), (8, 0))),
}
_BUSY_PLAYER = 2.2
"""Onsets a quarter from which the hand leaves the room to the player."""
_EARLY = 0.18
"""Share of changes on a bar line that are anticipated by an eighth."""
_ROUNDS = 4
"""How often a form is voiced anew until its end leads into its beginning."""
_SHORTEST = 2
_BREATH = FRAME_TICKS // 6
"""Ticks between a chord's release and the next strike."""


def play(ask: Ask, context: Context) -> list[PartNote]:
    """Chords of every bar the window touches."""
    strikes: dict[int, int] = {}
    for bar in context.bars(before=1, after=1):
        strikes.update(_strikes(bar, context))
    frames = sorted(strikes)
    hands = voicings(context.changes, context.hand, ask.knobs.transpose)
    out: list[PartNote] = []
    for frame, until in pairwise(frames):
        # An early strike sounds the coming chord: look where the strike's own sound ends.
        index = context.changes.index(frame if not _is_early(frame, context) else frame + _SHORTEST)
        if index is None:
            continue
        length = min(until - frame, 2 * ask.meter.bar_frames)
        out += _chord(hands[index], frame, length, strikes[frame], context)
    return out


def voicings(changes: Changes, hand: tuple[int, int], transpose: int = 0) -> list[tuple[int, ...]]:
    """A voicing for each span, each led from the one before; a form comes round smoothly.

    Nothing is kept between asks: the same chords give the same hands (the voicing itself is cached).
    """
    out: list[tuple[int, ...]] = []
    previous: tuple[int, ...] = ()
    for _ in range(_ROUNDS if changes.form else 1):
        before, out = out, []
        for span in changes.spans:
            previous = voice(span.chord.transposed(transpose), previous, *hand)
            out.append(previous)
        if out == before:
            break
    return out


def _strikes(bar: Bar, context: Context) -> dict[int, int]:
    """Frames of a bar at which the hand comes down, with the accent of each (0 soft, 1, 2 firm)."""
    pattern = _pattern(bar, context)
    found = {bar.start + at: accent for at, accent in pattern.items()}
    changes = context.changes
    for frame in range(bar.start + 1, bar.end):
        if changes.at(frame) != changes.at(frame - 1):
            found[frame] = 2
            # A soft strike just before a change or just after it is one too many.
            for near in (frame - 1, frame + 1):
                if found.get(near, 2) < 2:
                    del found[near]
    if _early(bar, context):
        found.pop(bar.start, None)
    coming = context.bar(bar.index + 1)
    if _early(coming, context):
        early = coming.start - _SHORTEST
        found = {frame: accent for frame, accent in found.items() if frame <= early - _SHORTEST}
        found[early] = 1
    return found


def _pattern(bar: Bar, context: Context) -> dict[int, int]:
    """The bar's rhythm: two bars in turn, the last of four (or of the form) with its own second half."""
    calm = context.busy > _BUSY_PLAYER or context.ask.bpm > 168
    rng = context.rng("comp", bar.of_form % 2)
    turnaround = context.rng("turnaround")
    found: dict[int, int] = {}
    groups = context.groups()
    moving = int(rng.random() * len(groups))
    for place, (start, length) in enumerate(groups):
        choice, other = rng.random(), turnaround.random()
        if place == len(groups) - 1 and place and (bar.last or bar.of_form % 4 == 3):
            choice = other
        # One group of the bar moves, the others hold: a hand that never rests says nothing.
        table = _RHYTHMIC if place == moving and not calm else _SUSTAINED
        cells = table.get(length) or (((0, 2),), ((0, 2), (max(_SHORTEST, length - 4), 0)))
        for at, accent in cells[int(choice * len(cells))]:
            if at < length:
                found[start + at] = accent if start + at else 2
    return _thinned(found, context)


def _thinned(found: dict[int, int], context: Context) -> dict[int, int]:
    room = 3 if context.ask.bpm > 132 else _SHORTEST
    out: dict[int, int] = {}
    for at, accent in sorted(found.items()):
        if not out or at - max(out) >= room:
            out[at] = accent
    return out


def _early(bar: Bar, context: Context) -> bool:
    """Whether the chord of a bar line comes an eighth early: never into the form's one, a fill or an ending."""
    ask = context.ask
    if ask.mode == "follow" and not ask.held:
        return False
    firm = bar.of_form == 0 or bar.start in (ask.fill_to, ask.ending) or bar.frames < 8 or ask.bpm > 176
    if firm or context.changes.at(bar.start) in (None, context.changes.at(bar.start - 1)):
        return False
    if context.changes.at(bar.start - _SHORTEST) != context.changes.at(bar.start - 1):
        return False
    return context.rng("early", bar.of_form).random() < _EARLY


def _is_early(frame: int, context: Context) -> bool:
    bar = context.bar((frame + _SHORTEST - context.ask.origin) // context.ask.meter.bar_frames)
    return bar.start == frame + _SHORTEST and _early(bar, context)


def _chord(pitches: tuple[int, ...], frame: int, length: int, accent: int, context: Context) -> list[PartNote]:
    """One strike: soft ones leave the lowest voice out of the accent; the top voice sings a little."""
    level = 0.72 * context.level + 5 * accent + 2 * min(2, context.weight(frame))
    rng = context.rng("touch", frame - context.ask.origin)
    tick = context.tick(frame)
    duration = context.tick(frame + length) - tick - _BREATH
    out = []
    for place, pitch in enumerate(pitches):
        top = 4 if place == len(pitches) - 1 else -3 if place > 0 else 0
        out.append(
            PartNote("chords", tick, duration, pitch, round(min(112, max(24, level + top + rng.uniform(-3, 3)))))
        )
    return out


def final_chord(ask: Ask, context: Context) -> list[PartNote]:
    """The last chord, on the final downbeat, ringing two bars."""
    index = None if ask.ending is None else context.changes.index(ask.ending)
    if index is None or ask.ending is None:
        return []
    pitches = voicings(context.changes, context.hand, ask.knobs.transpose)[index]
    velocity = min(112, context.level + 8)
    return [PartNote("chords", ask.ending * FRAME_TICKS, 2 * ask.meter.bar_ticks, p, velocity) for p in pitches]
