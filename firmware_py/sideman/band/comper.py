"""The comper: the style's strokes over the changes, led voice by voice, now and then early, quiet beside the player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.band.tune import COLOUR, held, without_rubs
from sideman.music.comping import CALM, SPARSE, Stroke, pattern
from sideman.music.comping_styles import family
from sideman.music.meter import FRAME_TICKS
from sideman.music.voicing import voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.context import Bar, Context
    from sideman.band.messages import Ask

_BUSY, _VERY_BUSY = 2.2, 3.6
"""Onsets a quarter from which the hand leaves the room to the player, and from which it hardly moves."""
_TOO_FAST = 200
_PHRASE = 4
"""Bars for which a later chorus keeps to the rows it has taken."""
_ROUNDS = 4
"""How often a form is voiced anew until its end leads into its beginning."""
_PUSH = 2
"""Frames by which an anticipation is early."""
_WAIT = 4
"""Frames that a new chord may wait for the off-beat in styles that wait, or for a stroke of the row in any."""
_BREATH = FRAME_TICKS // 6
"""Ticks between a chord's release and the next strike."""
_STACCATO = 0.7
"""Share of its frame that a short stroke sounds."""


@dataclass(frozen=True, slots=True)
class _Struck:
    """A stroke on the jam's frames; ``sounds`` is the frame whose chord it plays."""

    stroke: Stroke
    sounds: int


def play(ask: Ask, context: Context) -> list[PartNote]:
    """Chords of every bar the window touches."""
    if ask.start >= ask.end:
        return []
    struck: dict[int, _Struck] = {}
    for bar in context.bars(before=1, after=2):
        struck.update(_bar(bar, context))
    frames = sorted(struck)
    hands = voicings(context)
    out: list[PartNote] = []
    for place, frame in enumerate(frames):
        one = struck[frame]
        index = context.changes.index(one.sounds)
        if index is None or frame >= ask.end:
            continue
        after = [f for f in frames[place + 1 :] if struck[f].stroke.voices in ("all", one.stroke.voices)]
        until = frame + one.stroke.frames
        if one.stroke.tied:
            until = after[0] if after else frame + ask.meter.bar_frames
        until = _until_change(one.sounds, min(until, frame + 2 * ask.meter.bar_frames), context)
        length = max(1, until - frame)
        hand = _off_the_tune(_off_the_player(hands[index], one, frame, context), one, frame, length, context)
        out += _chord(hand, frame, length, one.stroke, context)
    return out


def voicings(context: Context) -> list[tuple[int, ...]]:
    """A voicing for each span, each led from the one before; a form comes round smoothly.

    Nothing is kept between asks: the same chords give the same hands (the voicing itself is cached).
    """
    changes, ask = context.changes, context.ask
    shape = _shape(ask)
    out: list[tuple[int, ...]] = []
    previous: tuple[int, ...] = ()
    for _ in range(_ROUNDS if changes.form else 1):
        before, out = out, []
        for span in changes.spans:
            previous = voice(span.chord.transposed(ask.knobs.transpose), previous, *context.hand, shape=shape)
            out.append(previous)
        if out == before:
            break
    return out


def _shape(ask: Ask) -> str:
    """How the style's chords lie; with no bass their roots are the hand's."""
    shape = family(ask.knobs.style, ask.bpm).shape
    return "close" if shape == "shell" and "bass" not in ask.lineup else shape


def _off_the_player(pitches: tuple[int, ...], one: _Struck, frame: int, context: Context) -> tuple[int, ...]:
    """The same chord where it lies, or nearby where it would rub with a key that the player holds."""
    held, ask = context.held_at(frame), context.ask
    chord = context.changes.at(one.sounds)
    if chord is None or not any(abs(p - h) == 1 for p in pitches for h in held):
        return pitches
    return voice(chord.transposed(ask.knobs.transpose), pitches, *context.hand, shape=_shape(ask), avoid=held)


def _off_the_tune(pitches: tuple[int, ...], one: _Struck, frame: int, length: int, context: Context) -> tuple[int, ...]:
    """The chord without what would rub with a held note of the melody, unless the style wants it."""
    ask, chord = context.ask, context.changes.at(one.sounds)
    if chord is None or ask.knobs.style in COLOUR:
        return pitches
    melody = held(context, frame, frame + length)
    return without_rubs(pitches, chord.transposed(ask.knobs.transpose), melody, bass="bass" in ask.lineup)


def _bar(bar: Bar, context: Context) -> dict[int, _Struck]:
    """What the hand strikes in a bar, by frame."""
    ask = context.ask
    kind = family(ask.knobs.style, ask.bpm)
    seed = f"{ask.seed}/{ask.variation}"
    strokes = pattern(
        ask.meter, ask.knobs.style, ask.bpm, seed, bar.of_form, closing=bar.last, calm=_calm(context),
        take=context.take("comp", bar, _PHRASE),
    )  # fmt: skip
    found = {bar.start + stroke.at: stroke for stroke in strokes}
    for frame in range(bar.start, bar.end):
        _meet(found, frame, bar, context, waits=kind.waits)
    out = {frame: _Struck(stroke, frame) for frame, stroke in found.items()}
    for frame in _strong(bar, context):
        if not _early(frame, context):
            continue
        # In the window that plays both, the push takes the beat's place; else the beat is struck once more.
        if ask.mode != "follow" or ask.held or not ask.start - _PUSH < frame <= ask.start:
            out.pop(frame, None)
    for frame in _strong(bar, context, shifted=_PUSH):
        if _early(frame, context):
            at = frame - _PUSH
            out = {f: one for f, one in out.items() if f <= at - _PUSH or f >= frame}
            out[at] = _Struck(Stroke(at - bar.start, _PUSH + 2, 2, tied=True), frame)
    return out


def _meet(found: dict[int, Stroke], frame: int, bar: Bar, context: Context, *, waits: bool) -> None:
    """A stroke where a new chord begins, unless the row's own next stroke brings it soon enough."""
    if frame in found or not context.changed(frame):
        return
    last = min(frame + _WAIT, bar.end - 1)
    soon = next((f for f in range(frame + 1, last + 1) if f in found and found[f].voices == "all"), None)
    if (
        soon is not None
        and (waits or found[soon].frames <= 2)
        and context.changes.at(soon) == context.changes.at(frame)
    ):
        return
    # A soft strike just before a change or just after it is one too many.
    for near in (frame - 1, frame + 1):
        if near in found and found[near].accent < 2:
            del found[near]
    following = min((f for f in found if f > frame), default=bar.end)
    found[frame] = Stroke(frame - bar.start, following - frame, 2, tied=not waits)


def _calm(context: Context) -> int:
    if context.busy > _VERY_BUSY or context.ask.bpm > _TOO_FAST:
        return SPARSE
    return CALM if context.busy > _BUSY else 0


def _strong(bar: Bar, context: Context, shifted: int = 0) -> list[int]:
    """Frames of the bar's strong beats; with a shift, of those whose push lies in the bar."""
    low, high = bar.start + shifted, bar.end + shifted
    size = bar.frames
    starts = [start for start, _ in context.groups()]
    return [f for base in (bar.start, bar.start + size) for s in starts if low <= (f := base + s) < high]


def _early(frame: int, context: Context) -> bool:
    """Whether the chord of a strong beat comes an eighth early.

    Never into the form's one, a fill or an ending, never while following into a chord that does not stand yet.
    """
    ask, changes = context.ask, context.changes
    size = ask.meter.bar_frames
    kind = family(ask.knobs.style, ask.bpm)
    bar = context.bar((frame - ask.origin) // size)
    on_bar = (frame - ask.origin) % size == 0
    if kind.early <= 0 or ask.bpm > 176 or size < 8 or (on_bar and bar.of_form == 0):
        return False
    if frame in (ask.fill_to, ask.ending) or not context.changed(frame) or context.changed(frame - 1):
        return False
    if changes.at(frame - _PUSH) != changes.at(frame - 1) or changes.at(frame + 1) != changes.at(frame):
        return False
    if ask.mode == "follow" and not ask.held and not _stands(frame, ask):
        return False
    take = context.take("early", bar)
    roll = context.rng("early", bar.of_form, (frame - ask.origin) % size, *([take] if take else ())).random()
    return roll < kind.early * (1.0 if on_bar else 0.5)


def _stands(frame: int, ask: Ask) -> bool:
    return any(span.onset <= frame < span.end for span in ask.chords)


def _until_change(frame: int, until: int, context: Context) -> int:
    """Where a stroke that sounds the chord of ``frame`` must be over."""
    change = context.changes.next_change(frame, max(0, until - frame))
    return until if change is None else min(until, change)


def _chord(pitches: tuple[int, ...], frame: int, length: int, stroke: Stroke, context: Context) -> list[PartNote]:
    """One stroke: its voices, louder on strong beats and for a loud player, the top voice singing a little."""
    lean = 3 + context.level / 32
    level = 0.72 * context.level + lean * (stroke.accent - 0.2) + 2 * min(2, context.weight(frame))
    rng = context.rng("touch", frame - context.ask.origin)
    tick = context.tick(frame)
    sounding = context.tick(frame + length) - tick
    duration = round(_STACCATO * sounding) if length == 1 else sounding - _BREATH
    chosen = _voices(pitches, stroke.voices)
    out = []
    for place, pitch in enumerate(pitches):
        top = 4 if place == len(pitches) - 1 else -3 if place > 0 else 0
        velocity = round(min(112, max(24, level + top + rng.uniform(-3, 3))))
        if pitch in chosen:
            out.append(PartNote("chords", tick, duration, pitch, velocity))
    return out


def _voices(pitches: tuple[int, ...], which: str) -> Sequence[int]:
    if which.isdigit():
        return (pitches[(int(which) - 1) % len(pitches)],)
    if which == "low" and len(pitches) > 1:
        return pitches[:1]
    return pitches[1:] if which == "upper" and len(pitches) > 1 else pitches


def final_chord(ask: Ask, context: Context) -> list[PartNote]:
    """The last chord, on the final downbeat, ringing two bars."""
    index = None if ask.ending is None else context.changes.index(ask.ending)
    if index is None or ask.ending is None:
        return []
    pitches = voicings(context)[index]
    velocity = min(112, context.level + 8)
    return [PartNote("chords", ask.ending * FRAME_TICKS, 2 * ask.meter.bar_ticks, p, velocity) for p in pitches]
