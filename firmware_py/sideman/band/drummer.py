"""The drummer: a two-bar groove in the player's feel over the form, varied by bar, with fills and a last stroke."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from sideman.band.context import FREE_BARS, onsets
from sideman.band.messages import PartNote
from sideman.music.drum_ornaments import ornamented
from sideman.music.drum_pattern import DrumHit, DrumPattern, Tap
from sideman.music.drum_rules import ending, groove, skeleton, with_crash, with_fill
from sideman.music.drum_styles import FAST, GHOST, beat
from sideman.music.drum_styles import strokes as feet
from sideman.music.drumkit import Voice
from sideman.music.dynamics import level, mean_of
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.band.context import Bar, Context
    from sideman.band.messages import Ask, Phrase
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

LOOP_BARS = 2
_STROKE = FRAME_TICKS // 2
_RING = 4 * FRAME_TICKS
_TAPPED = 0.5
"""Share of the phrase's loops in which a step must be struck to belong to the groove."""
_CALM = 0.75
"""Onsets a quarter below which a player is as calm as can be."""
_CALMED = 2.0
"""The hand calms down when the player has become calmer by this factor."""
_ACCENT = 1.15
"""A stroke so many times louder than the mean is an accent."""
_TRIPLETS = ("jazz", "blues")
"""Styles in which a 16th off the eighths is no place for a stroke."""


def play(ask: Ask, context: Context) -> list[PartNote]:
    """Every stroke of the bars that the window touches."""
    out: list[PartNote] = []
    for bar in context.bars():
        out += strokes(_bar(bar, ask, context), bar.start, context)
    return out


def prepare(ask: Ask, context: Context) -> None:
    """Have the next loop made, where all that it will be made of was heard: its own plan finds it ready."""
    if context.phrase is not None or ask.start >= ask.end:
        return
    last = context.bar((ask.end - 1 - ask.origin) // ask.meter.bar_frames)
    following = context.bar(last.index - last.of_form % LOOP_BARS + LOOP_BARS)
    if ask.heard_until > following.start - LOOP_BARS * following.frames + 1:  # an early note may be reported late
        _loop(following, ask, context)


def strokes(pattern: DrumPattern, start: int, context: Context) -> list[PartNote]:
    """A pattern as notes from a frame on, in its own timing, straight."""
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


def _before_last(bar: Bar, context: Context) -> tuple[list[Note], int]:
    """What was struck in the loop before last, and the tick at which that began.

    It is heard to its end whenever this loop is planned, so that plans agree.
    """
    steps = LOOP_BARS * bar.frames
    cycle = bar.start - (bar.of_form % LOOP_BARS) * bar.frames
    low, high = (cycle - 2 * steps) * FRAME_TICKS, (cycle - steps) * FRAME_TICKS
    return [n for n in (*context.heard, *context.tapped) if low <= n.tick < high], low


def loudness(bar: Bar, context: Context) -> float:
    """Mean velocity of the player whom a bar is played for."""
    if context.phrase is not None:
        return context.loudness
    return mean_of([note.velocity for note in _before_last(bar, context)[0]])


def levelled(notes: Sequence[PartNote], context: Context) -> list[PartNote]:
    """The drummer's notes as loud as the others play, who hear what is newer than his loop."""
    by_bar = {bar.index: level(context.loudness) / level(loudness(bar, context)) for bar in context.bars(1, 1)}
    size, origin = context.ask.meter.bar_ticks, context.ask.origin * FRAME_TICKS - FRAME_TICKS // 2
    return [
        replace(n, velocity=min(127, max(1, round(n.velocity * by_bar.get((n.tick - origin) // size, 1.0)))))
        for n in notes
    ]


def _loop(bar: Bar, ask: Ask, context: Context) -> DrumPattern:
    steps = LOOP_BARS * bar.frames
    if context.phrase is not None:
        tapped = _phrase_taps(context.phrase, steps)
    else:
        before, low = _before_last(bar, context)
        tapped = taps(before, steps, low)
    if context.models.drums is not None:
        learnt = context.models.drums.groove(ask, tapped, LOOP_BARS)
        if learnt is not None:
            return learnt
    return written(ask.meter, LOOP_BARS, ask.knobs.style, tapped, ask.bpm, context.rng("groove").getrandbits(32))


@lru_cache(maxsize=4)
def _phrase_taps(phrase: Phrase, steps: int) -> tuple[Tap, ...]:
    return taps((*phrase.notes, *phrase.taps), steps)


@lru_cache(maxsize=8)
def written(meter: Meter, bars: int, style: str, tapped: tuple[Tap, ...], bpm: float, seed: int) -> DrumPattern:
    """The loop by rules: the player's syncopations draw kicks; fast tempos leave the hats on the beats."""
    density = 0.2 if bpm > 180 else 0.5
    pushed = pushes(tapped, meter, bars, seed, fine=beat(style).fine and bpm <= FAST)
    return groove(meter, bars, style=style, taps=tapped, bass=pushed, density=density, seed=seed, bpm=bpm)


def pushes(tapped: Sequence[Tap], meter: Meter, bars: int, seed: int, *, fine: bool = False) -> tuple[Tap, ...]:
    """Where the kick goes with the player: the syncopations that the player strikes, two a bar at most.

    A syncopation is an off-beat followed by a silent beat, best before a strong one, or one that is accented. Where the
    style goes by 16ths, a 16th before or after a silent eighth is one too, and three a bar are taken.
    """
    size = meter.bar_frames
    steps = bars * size
    struck = {tap.step % steps: tap for tap in tapped}
    accent = _ACCENT * sum(tap.velocity for tap in tapped) / max(1, len(tapped))
    most = (3 if fine else 2) if size > 12 else 1
    rng = Random(seed)
    out: list[Tap] = []
    for bar in range(bars):
        ranked = []
        for step in range(bar * size + 1, (bar + 1) * size):
            into = step - bar * size
            weight = meter.weight(into * FRAME_TICKS)
            if step not in struck or weight > 1 or (weight == 0 and not fine):
                continue
            if weight == 0:  # a 16th: it pushes into the silent eighth after it
                silent = (step + 1) % steps not in struck
                strong = meter.weight((into + 1) * FRAME_TICKS) >= 2
            else:
                one = next((b for b in range(into + 1, into + 4) if meter.weight(b * FRAME_TICKS) >= 2), into + 4)
                silent = (bar * size + one) % steps not in struck
                strong = meter.weight(one * FRAME_TICKS) >= 3
            if silent or struck[step].velocity > accent:
                ranked.append((2.0 * silent + strong + rng.random(), step))
        for _, step in sorted(ranked, reverse=True)[:most]:
            out.append(Tap(step, max(70, round(0.9 * struck[step].velocity))))
    return tuple(out)


def _bar(bar: Bar, ask: Ask, context: Context) -> DrumPattern:
    """One bar of the loop, with what happens only in this bar."""
    pattern = _loop(bar, ask, context).part(bar.of_form % LOOP_BARS * bar.frames, bar.frames)
    loud = round(level(loudness(bar, context)))
    pattern = _right_hand(_touched(pattern, bar, ask, loud), ask, loud)
    if _calmer(bar, context):
        pattern = _thinned(pattern, ask)
    if _fills(bar, context) and _short(bar, context):
        pattern = _pickup(pattern, loud)
    elif _fills(bar, context):
        long = bar.last and bar.of_form >= 7
        seed = context.rng("fill", context.place(bar)).getrandbits(32)
        turn = bar.turn if ask.knobs.variety else 0
        pattern = with_fill(pattern, ask.meter, seed=seed, turn=turn, long=long, loud=loud)
    elif bar.of_form % 4 == 3:
        pattern = _turned(pattern, bar, ask, context, loud)
    elif take := context.take("drums", bar):
        even = ask.bpm > FAST or ask.knobs.style in _TRIPLETS
        pattern = ornamented(pattern, ask.meter, take, loud, even=even)
    if bar.index == 0 or bar.start == ask.fill_to or _filled_before(bar, context):
        pattern = with_crash(pattern, min(120, loud + 18))
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
    return bar.index % FREE_BARS == FREE_BARS - 1


def _filled_before(bar: Bar, context: Context) -> bool:
    before = context.bar(bar.index - 1)
    return _fills(before, context) and not _short(before, context)


def _short(bar: Bar, context: Context) -> bool:
    """Whether a fill would be one too many: forms under four bars come round too often for one each time."""
    bars = context.form // bar.frames
    return bar.last and bars < 4 and bar.index % 4 != 3 and bar.end != context.ask.ending


def _pickup(pattern: DrumPattern, loud: int) -> DrumPattern:
    """Instead of a fill, two strokes of the snare into the next bar."""
    hits = [DrumHit(pattern.steps - 2, Voice.SNARE, round(0.65 * loud)), DrumHit(pattern.steps - 1, Voice.SNARE, loud)]
    return pattern.plus(hits) if pattern.steps >= 8 else pattern


def _touched(pattern: DrumPattern, bar: Bar, ask: Ask, loud: int) -> DrumPattern:
    """The style's own strokes as it means them: what carries the bar is never whispered, ghosts stay ghosts.

    A foot or a tap has no such touch, and the network knows no side stick.
    """
    meant = {(s.step, s.voice): s for s in feet(ask.meter, ask.knobs.style, bar.of_form % LOOP_BARS, ask.bpm)}
    floor = round(0.8 * loud)
    hits = []
    for hit in pattern.hits:
        stroke = meant.get((hit.step, hit.voice))
        if stroke is None:
            hits.append(hit)
            continue
        low, high = (floor, 127) if stroke.firm else (1, 127)
        if stroke.ghost:
            high = min(GHOST, max(1, round(0.55 * loud)))
        hits.append(replace(hit, velocity=min(high, max(low, hit.velocity)), stick=stroke.stick))
    return DrumPattern(pattern.steps, tuple(hits))


def _right_hand(pattern: DrumPattern, ask: Ask, loud: int) -> DrumPattern:
    """One timekeeper a bar and no holes in its pulse: hat or ride, whichever leads; under a solo the ride."""
    if ask.knobs.style == "jazz":
        return pattern
    hats, rides = len(pattern.onsets(Voice.CLOSED_HAT)), len(pattern.onsets(Voice.RIDE))
    voice = Voice.RIDE if ask.solo or rides > hats else Voice.CLOSED_HAT
    opened = set(pattern.onsets(Voice.OPEN_HAT))
    hits = []
    for hit in pattern.hits:
        if hit.voice not in (Voice.CLOSED_HAT, Voice.RIDE):
            hits.append(hit)
        elif hit.step not in opened:
            hits.append(replace(hit, voice=voice))
    kept = DrumPattern(pattern.steps, tuple(hits))
    pulses = [step for step in skeleton(ask.meter).pulses if ask.bpm <= 180 or step in skeleton(ask.meter).beats]
    holes = [step for step in pulses if step not in opened and step not in kept.onsets(voice)]
    if len(holes) > len(pulses) // 2:
        return kept
    return kept.plus(DrumHit(step, voice, round(0.7 * loud)) for step in holes)


def _calmer(bar: Bar, context: Context) -> bool:
    """Whether the player of a busy loop, which still goes round, has become calm since."""
    if context.phrase is not None:
        return False
    steps = LOOP_BARS * bar.frames * FRAME_TICKS
    notes, low = _before_last(bar, context)
    return onsets(notes, low, low + steps) > _CALMED * max(_CALM, context.busy)


def _thinned(pattern: DrumPattern, ask: Ask) -> DrumPattern:
    """The right hand on the pulse alone."""
    pulses = skeleton(ask.meter).pulses
    hand = (Voice.CLOSED_HAT, Voice.RIDE)
    return DrumPattern(pattern.steps, tuple(h for h in pattern.hits if h.voice not in hand or h.step in pulses))


def _turned(pattern: DrumPattern, bar: Bar, ask: Ask, context: Context, loud: int) -> DrumPattern:
    """Every fourth bar breathes: the last off-beat opens the hat, or a kick pushes into the next bar."""
    take = context.take("turned", bar)
    rng = context.rng("turned", bar.of_form, *([take] if take else ()))
    off_beats = [step for step in skeleton(ask.meter).pulses if step not in skeleton(ask.meter).beats]
    if not off_beats:
        return pattern
    step = off_beats[-1]
    velocity = min(110, round(0.9 * loud))
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
