"""The bassist: root on every change, the style's line between, locked to the kick, a step into the next root."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from sideman.band.messages import PartNote
from sideman.music.bass_styles import bass_row, bass_style
from sideman.music.chords import pitch_class
from sideman.music.drumkit import OUT_PITCH, Voice
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from sideman.band.changes import Changes
    from sideman.band.context import Bar, Context
    from sideman.band.messages import Ask
    from sideman.music.chords import Chord

LOW, HIGH = 28, 50
"""E1 to D3; never up to where the comping hand begins."""
_HOME_LOW, _HOME_HIGH = 28, 43
"""Roots stay below G2: above it a bass is a second guitar."""
_BREATH = FRAME_TICKS // 5
_GHOST = 28
"""A kick softer than this is not a stroke to lock to."""
_EXTRA = 0.3
_LONGEST = 16
_NEAR = 4
"""Frames before a change in which a last stroke leads into it."""
_TIED_BEATS = 4
"""In shorter bars the kick on one is left to nobody else: the bass plays with it."""
_BOOGIES = ("R356865353", "R8653568", "R5686535")
"""Ways up and down the chord, a note a beat; the first is every song's first."""
_CLOSES = 4
_SWAPS = {"5": "8", "8": "5", "3": "5", "7": "8"}
"""Degrees that stand in for each other in a later chorus."""
_SWAPPED = 0.4
_MAJOR, _MINOR = frozenset((0, 2, 4, 5, 7, 9, 11)), frozenset((0, 2, 3, 5, 7, 8, 10))


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A stroke: tick, pitch, velocity, and the frames it sounds (0: up to the next one)."""

    tick: int
    pitch: int
    velocity: int
    frames: int = 0


def play(ask: Ask, context: Context) -> list[PartNote]:
    """The line of every bar the window touches, and the strokes after it, so that lengths are known."""
    if ask.start >= ask.end:
        return []
    strokes: dict[int, _Stroke] = {}
    for bar in context.bars(before=1, after=2):
        strokes.update(_bar(bar, context))
    share = bass_style(ask.knobs.style).length
    frames = sorted(strokes)
    out: list[PartNote] = []
    for frame, until in pairwise(frames):
        one = strokes[frame]
        end = min(strokes[until].tick, one.tick + min(one.frames or _LONGEST, _LONGEST) * FRAME_TICKS)
        if ask.ending is not None and frame < ask.ending < until:
            end = min(end, ask.ending * FRAME_TICKS)
        sounding = round(share * (end - one.tick)) if end - one.tick <= 4 * FRAME_TICKS else end - one.tick
        length = min(2 * ask.meter.bar_ticks, max(FRAME_TICKS // 2, sounding - _BREATH))
        out.append(PartNote("bass", one.tick, length, one.pitch, one.velocity))
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


def _bar(bar: Bar, context: Context) -> dict[int, _Stroke]:
    """The strokes of a bar by their frames."""
    homes = roots(context.changes, context.ask.knobs.transpose)
    if not homes:
        return {}
    kind = bass_style(context.ask.knobs.style)
    if kind.tied:
        return _tumbao(bar, context, homes)
    return _walk(bar, context, homes) if kind.walks else _line(bar, context, homes)


def _rng(bar: Bar, context: Context) -> Random:
    """What a bar's choices are drawn from: as in the first chorus, or anew."""
    take = context.take("bass", bar)
    return context.rng("bass", bar.of_form, *([take] if take else ()))


def _firm(bar: Bar, context: Context) -> set[int]:
    """The bar line and every change in the bar: roots are struck there."""
    return {f for f in range(bar.start, bar.end) if f == bar.start or context.changed(f)}


# lines that go with the kick ---------------------------------------------------------------------------------------


def _line(bar: Bar, context: Context, homes: list[int]) -> dict[int, _Stroke]:
    changes, ask = context.changes, context.ask
    kind, kicks, firm = bass_style(ask.knobs.style), _kicks(bar, context), _firm(bar, context)
    take = context.take("bass", bar)
    # The riff stays the song's own; the bar that closes four of them may be another.
    closing = take if bar.of_form % _CLOSES == _CLOSES - 1 else 0
    row = bass_row(ask.knobs.style, ask.meter, bar.of_form, f"{ask.seed}/{ask.variation}", ask.bpm, closing)
    signs = {bar.start + i: sign for i, sign in enumerate(row) if sign not in "-."}
    grid = firm | set(kicks)
    if not kicks and not signs:
        grid |= {bar.start + start for start, _ in context.groups()}
    grid |= {f for f in signs if not {f - 1, f + 1} & set(kicks)}
    frames = [f for f in sorted(grid) if f in firm or not {f - 1, f + 1} & firm]
    rng, other = _rng(bar, context), Random(take)
    out: dict[int, _Stroke] = {}
    for place, frame in enumerate(frames):
        roll, pick = rng.random(), rng.random()
        index = changes.index(frame)
        if index is None:
            continue
        chord, pitch = changes.spans[index].chord, homes[index]
        change = changes.next_change(frame, _NEAR)
        if frame not in firm:
            last = place == len(frames) - 1 or (change is not None and frames[place + 1] >= change)
            if change is not None and last and roll < kind.approach:
                pitch = _approach(_home(change, context, homes), pitch, context, rng)
            elif frame in signs:
                sign = signs[frame]
                if take and other.random() < _SWAPPED:
                    sign = _SWAPS.get(sign, sign)
                pitch = _degree(sign, chord, pitch, context)
            else:
                pitch = _support(chord, pitch, pick, context)
        tick, velocity = kicks.get(frame, (context.tick(frame), 0))
        length = _row_length(row, frame - bar.start) if frame in signs and frame not in kicks else 0
        out[frame] = _Stroke(tick, pitch, _velocity(context, frame, velocity, rng, firm=frame in firm), length)
    return out | _walk_in(bar, context, homes, out, rng)


def _row_length(row: str, at: int) -> int:
    """Frames that a sign of a row sounds; 0, up to the next stroke, where it sounds to the row's end."""
    end = at + 1
    while end < len(row) and row[end] == "-":
        end += 1
    return 0 if end == len(row) else end - at


def _walk_in(
    bar: Bar, context: Context, homes: list[int], strokes: dict[int, _Stroke], rng: Random
) -> dict[int, _Stroke]:
    """Now and then an eighth before a new chord's bar line where the kick is silent: the step into it."""
    frame = bar.end - 2
    changes = context.changes
    roll = rng.random()
    before = {f for f in strokes if frame - 2 <= f < bar.end}
    stays = changes.at(bar.end) == changes.at(bar.end - 1) or changes.at(frame) != changes.at(bar.end - 1)
    if before or stays or roll > _EXTRA * bass_style(context.ask.knobs.style).approach / 0.55 or bar.frames < 8:
        return {}
    index = changes.index(frame)
    if index is None:
        return {}
    pitch = _approach(_home(bar.end, context, homes), homes[index], context, rng)
    return {frame: _Stroke(context.tick(frame), pitch, round(0.72 * context.level))}


# lines that walk ---------------------------------------------------------------------------------------------------


def _walk(bar: Bar, context: Context, homes: list[int]) -> dict[int, _Stroke]:
    """A note a beat: the root on a change, tones of the chord and the key on the way, a step into the next root."""
    changes, ask = context.changes, context.ask
    kind, kicks, firm = bass_style(ask.knobs.style), _kicks(bar, context), _firm(bar, context)
    beats = {bar.start + tick // FRAME_TICKS for tick in ask.meter.beats}
    frames = sorted(firm | {f for f in beats if not {f - 1, f + 1} & firm})
    rng = _rng(bar, context)
    boogie = _BOOGIES[context.take("bass", bar) % len(_BOOGIES)]
    out: dict[int, _Stroke] = {}
    previous, place = 0, 0
    for number, frame in enumerate(frames):
        index = changes.index(frame)
        if index is None:
            continue
        chord, home = changes.spans[index].chord, homes[index]
        following = frames[number + 1] if number + 1 < len(frames) else bar.end
        turns = changes.at(following) != chord
        fresh = context.changed(frame) or (frame == bar.start and bar.of_form == 0)
        place = 0 if fresh else place + 1 if number else len(frames)
        if fresh or (frame == bar.start and (kind.boogie or rng.random() < 0.6)):
            pitch = home if fresh or not kind.boogie else _degree(boogie[place % 8], chord, home, context)
        elif turns and rng.random() < kind.approach:
            pitch = _approach(_home(following, context, homes), previous or home, context, rng)
        elif kind.boogie:
            pitch = _degree(boogie[place % 8], chord, home, context)
        else:
            target = _home(following, context, homes) if turns else home + 7
            pitch = _passing(chord, previous or home, target, context, rng)
        tick, velocity = kicks.get(frame, (context.tick(frame), 0))
        out[frame] = _Stroke(tick, pitch, _velocity(context, frame, velocity, rng, firm=frame in firm))
        previous = pitch
    return out


def _passing(chord: Chord, previous: int, target: int, context: Context, rng: Random) -> int:
    """The next tone of a walk: of the chord, near the last one, on the way to where it goes."""
    transpose = context.ask.knobs.transpose
    classes = {(pc + transpose) % 12 for pc in chord.pitch_classes}
    side = 1 if target >= previous else -1
    options = [p for p in range(LOW, _ceiling(context) + 1) if p % 12 in classes and p != previous]
    options.sort(key=lambda p: (abs(p - previous - 4 * side), p))
    return options[int(rng.random() * min(2, len(options)))] if options else previous


# tumbao ------------------------------------------------------------------------------------------------------------


def _tumbao(bar: Bar, context: Context, homes: list[int]) -> dict[int, _Stroke]:
    """The fifth on the off-beat after two, the next bar's root already on the last beat and over the bar line."""
    ask, changes, firm = context.ask, context.changes, _firm(bar, context)
    kicks, rng = _kicks(bar, context), _rng(bar, context)
    middle_sign = "58"[context.take("bass", bar) % 2]
    beats = [bar.start + tick // FRAME_TICKS for tick in ask.meter.beats]
    if _ties(bar.start, context) and (ask.mode != "follow" or ask.held or ask.start <= bar.start - _NEAR):
        firm -= {bar.start}
    wanted = dict.fromkeys(firm, "R")
    if len(beats) > 1:
        middle = beats[1] + 2
        if middle < beats[-1] and not {middle - 1, middle, middle + 1} & firm:
            wanted[middle] = middle_sign
        if not {beats[-1] - 1, beats[-1], beats[-1] + 1} & firm:
            wanted[beats[-1]] = "N" if _ties(bar.end, context) else "8"
    if len(beats) > 1:
        free = (f for f in kicks if f < beats[-1] - 1 and f > bar.start + 1)
        wanted |= {f: "8" for f in free if not {f - 1, f, f + 1} & set(wanted)}
    out: dict[int, _Stroke] = {}
    for frame, sign in sorted(wanted.items()):
        index = changes.index(frame)
        if index is None:
            continue
        pitch = (
            _home(bar.end, context, homes)
            if sign == "N"
            else _degree(sign, changes.spans[index].chord, homes[index], context)
        )
        tick, velocity = kicks.get(frame, (context.tick(frame), 0))
        out[frame] = _Stroke(tick, pitch, _velocity(context, frame, velocity, rng, firm=sign in "RN"))
    return out


def _ties(line: int, context: Context) -> bool:
    """Whether the root of a bar line is played a beat before it: its chord must be sure, and no stop lie there."""
    ask, changes = context.ask, context.changes
    bar = context.bar((line - ask.origin) // ask.meter.bar_frames)
    beats = [tick // FRAME_TICKS for tick in ask.meter.beats]
    if bar.index <= 0 or len(beats) < _TIED_BEATS or line in (ask.fill_to, ask.ending):
        return False
    last = line - bar.frames + beats[-1]
    if any(context.changed(f) for f in range(last, line)) or changes.at(line) is None:
        return False
    live = ask.mode == "follow" and not ask.held
    return not live or any(span.onset <= line < span.end for span in ask.chords)


# tones -------------------------------------------------------------------------------------------------------------


def _home(frame: int, context: Context, homes: list[int]) -> int:
    index = context.changes.index(frame)
    return homes[index] if index is not None else 36


def _ceiling(context: Context) -> int:
    """Highest pitch of the bass: under the comping hand."""
    return min(HIGH, context.hand[0] - 1)


def _kicks(bar: Bar, context: Context) -> dict[int, tuple[int, int]]:
    """Tick and velocity of the drummer's kicks in a bar, by frame."""
    kick = OUT_PITCH[Voice.KICK]
    found: dict[int, tuple[int, int]] = {}
    for note in context.drums:
        frame = (note.tick + FRAME_TICKS // 2) // FRAME_TICKS
        if note.pitch == kick and note.velocity >= _GHOST and bar.start <= frame < bar.end:
            found[frame] = (note.tick, note.velocity)
    return found


def _support(chord: Chord, home: int, pick: float, context: Context) -> int:
    """Root, octave or fifth: what a kick that is no change is joined with."""
    kind = bass_style(context.ask.knobs.style)
    if pick < kind.root:
        return home
    return _degree(
        "8" if pick < kind.root + kind.octave or chord.bass_class != chord.root else "5", chord, home, context
    )


def _degree(sign: str, chord: Chord, home: int, context: Context) -> int:
    """A degree of the chord near its home, inside the bass's range; what has no room is the home itself."""
    top = _ceiling(context)
    if sign == "R":
        return home
    if sign == "8":
        return next((p for p in (home + 12, home - 12) if LOW <= p <= top), home)
    has = {(pc - chord.root) % 12 for pc in chord.pitch_classes}
    minor = 3 in has
    wanted = {
        "3": (4, 3, 5, 2),
        "5": (7, 6, 8),
        "6": (10,) if minor else (9,),
        "7": (10, 11, 9),
    }[sign]
    free = 10 if minor or 10 in has else 9
    step = next((s for s in wanted if s in has), wanted[0] if sign == "6" else free if sign == "7" else 0)
    pc = (chord.root + step + context.ask.knobs.transpose) % 12
    above = home + (pc - home) % 12
    if sign == "5" and above > home + 5 and home >= LOW + 7 and above > top - 2:
        above -= 12
    return next((p for p in (above, above - 12) if LOW <= p <= top), home)


def _approach(target: int, home: int, context: Context, rng: Random) -> int:
    """A step into the next root: from the key, by a semitone, or from its fifth, as the style has it."""
    kind, top = bass_style(context.ask.knobs.style), _ceiling(context)
    roll, pick = rng.random(), rng.random()
    transpose = context.ask.knobs.transpose
    side = -1 if home < target else 1 if home > target else (-1 if pick < 0.5 else 1)
    if roll < kind.dominant:
        fifth = next((p for p in (target + 7, target - 5) if LOW <= p <= top and p != home), None)
        if fifth is not None:
            return fifth
    scale = frozenset() if roll < kind.dominant + kind.chromatic else _scale(context.changes.key)
    steps = (side, side * 2) if not scale or pick < 0.4 else (side * 2, side)
    for step in (*steps, -side, -side * 2):
        pitch = target + step
        legal = not scale or (pitch - transpose) % 12 in scale
        if legal and LOW <= pitch <= top and pitch != home:
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
