"""The drummer: a two-bar groove in the player's feel over the form, varied by bar, with fills and a last stroke."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.music.drum_pattern import DrumHit, DrumPattern, Tap
from sideman.music.drum_rules import ending, groove, skeleton, with_crash, with_fill
from sideman.music.drumkit import Voice
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.band.context import Bar, Context
    from sideman.band.messages import Ask, Phrase
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

LOOP_BARS = 2
_STROKE = FRAME_TICKS // 2
_RING = 4 * FRAME_TICKS
_TAPPED = 0.5
"""Share of the phrase's loops in which a step must be struck to belong to the groove."""
_FREE_FILL = 8
"""Bars between small fills while there is no form."""


def play(ask: Ask, context: Context) -> list[PartNote]:
    """Every stroke of the bars that the window touches."""
    out: list[PartNote] = []
    for bar in context.bars():
        out += strokes(_bar(bar, ask, context), bar.start, context)
    return out


def strokes(pattern: DrumPattern, start: int, context: Context) -> list[PartNote]:
    """A pattern as notes from a frame on, swing added to the pattern's own timing."""
    out = []
    for hit in pattern.hits:
        length = _RING if hit.voice in (Voice.CRASH, Voice.OPEN_HAT) else _STROKE
        out.append(PartNote("drums", context.tick(start + hit.step, hit.offset), length, hit.pitch, hit.velocity))
    return out


def taps(notes: Iterable[Note], steps: int, start_tick: int = 0) -> tuple[Tap, ...]:
    """The groove in a player's onsets: strongest velocity and mean timing of each step of a loop.

    Steps struck in at least half of the loops heard stay; with none such (a phrase that never repeats) all do.
    """
    found: dict[int, list[tuple[int, int, float]]] = {}
    loops: set[int] = set()
    for note in notes:
        tick = note.tick - start_tick
        frame = (tick + FRAME_TICKS // 2) // FRAME_TICKS
        loops.add(frame // steps)
        offset = min(0.5, max(-0.5, tick / FRAME_TICKS - frame))
        found.setdefault(frame % steps, []).append((frame // steps, note.velocity, offset))
    need = _TAPPED * len(loops)
    kept = {step: all_ for step, all_ in found.items() if len({loop for loop, _, _ in all_}) >= need}
    return tuple(
        Tap(step, max(v for _, v, _ in all_), sum(o for _, _, o in all_) / len(all_))
        for step, all_ in sorted((kept if len(kept) > 2 else found).items())
    )


def _loop(bar: Bar, ask: Ask, context: Context) -> DrumPattern:
    steps = LOOP_BARS * bar.frames
    if context.phrase is not None:
        tapped = _phrase_taps(context.phrase, steps)
    else:
        # The loop before last: heard to its end whenever this one is planned, so that plans agree.
        cycle = bar.start - (bar.of_form % LOOP_BARS) * bar.frames
        low, high = (cycle - 2 * steps) * FRAME_TICKS, (cycle - steps) * FRAME_TICKS
        tapped = taps((n for n in context.heard if low <= n.tick < high), steps, low)
    if context.models.drums is not None:
        learnt = context.models.drums.groove(ask, tapped, LOOP_BARS)
        if learnt is not None:
            return learnt
    return written(ask.meter, LOOP_BARS, ask.knobs.style, tapped, ask.bpm, context.rng("groove").getrandbits(32))


@lru_cache(maxsize=4)
def _phrase_taps(phrase: Phrase, steps: int) -> tuple[Tap, ...]:
    return taps(phrase.notes, steps)


@lru_cache(maxsize=8)
def written(meter: Meter, bars: int, style: str, tapped: tuple[Tap, ...], bpm: float, seed: int) -> DrumPattern:
    """The loop by rules. Fast tempos leave the hats on the beats."""
    return groove(meter, bars, style=style, taps=tapped, density=0.2 if bpm > 180 else 0.5, seed=seed)


def _bar(bar: Bar, ask: Ask, context: Context) -> DrumPattern:
    """One bar of the loop, with what happens only in this bar."""
    pattern = _loop(bar, ask, context).part(bar.of_form % LOOP_BARS * bar.frames, bar.frames)
    if ask.solo:
        pattern = _on_the_ride(pattern)
    filled = _fills(bar, context)
    if filled:
        long = bar.last and bar.of_form >= 7
        pattern = with_fill(pattern, ask.meter, seed=context.rng("fill", bar.index).getrandbits(32), long=long)
    elif bar.of_form % 4 == 3:
        pattern = _turned(pattern, bar, ask, context)
    if bar.index == 0 or bar.start == ask.fill_to or _fills(context.bar(bar.index - 1), context):
        pattern = with_crash(pattern, min(120, context.level + 18))
    return pattern


def _fills(bar: Bar, context: Context) -> bool:
    """Whether a bar leads somewhere: a fill that was asked for, the ending, the end of a form of four bars or more."""
    ask = context.ask
    if bar.end in (ask.fill_to, ask.ending):
        return True
    if bar.index < 0:
        return False
    if context.form:
        return bar.last and bar.of_form >= 3
    return bar.index % _FREE_FILL == _FREE_FILL - 1


def _on_the_ride(pattern: DrumPattern) -> DrumPattern:
    """Under a solo the right hand goes to the ride."""
    moved = (
        replace(hit, voice=Voice.RIDE, velocity=max(1, hit.velocity - 6)) if hit.voice == Voice.CLOSED_HAT else hit
        for hit in pattern.hits
    )
    return DrumPattern(pattern.steps, tuple(moved))


def _turned(pattern: DrumPattern, bar: Bar, ask: Ask, context: Context) -> DrumPattern:
    """Every fourth bar breathes: the last off-beat opens the hat, or a kick pushes into the next bar."""
    rng = context.rng("turned", bar.of_form)
    off_beats = [step for step in skeleton(ask.meter).pulses if step not in skeleton(ask.meter).beats]
    if not off_beats:
        return pattern
    step = off_beats[-1]
    velocity = min(110, round(0.9 * context.level))
    if rng.random() < 0.6:
        kept = tuple(h for h in pattern.hits if h.step != step or h.voice not in (Voice.CLOSED_HAT, Voice.RIDE))
        return DrumPattern(pattern.steps, kept).plus([DrumHit(step, Voice.OPEN_HAT, velocity)])
    return pattern.plus([DrumHit(step, Voice.KICK, velocity)])


def final_strokes(ask: Ask, context: Context) -> list[PartNote]:
    """Kick, crash and snare on the final downbeat."""
    if ask.ending is None:
        return []
    last = ending(ask.meter, min(122, context.level + 26))
    return [
        replace(note, duration=2 * ask.meter.bar_ticks if note.duration == _RING else note.duration)
        for note in strokes(last, ask.ending, context)
    ]
