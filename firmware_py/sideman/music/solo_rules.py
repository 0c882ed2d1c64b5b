"""The soloist's rules: an answer made of the player's own rhythm and motif, bent to the chords, that comes home.

Plays when the melody model is missing or late; the rhythm rule serves both. Pure arithmetic on notes, seeded.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.notes import fold, mean_pitch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.music.chords import Chord
    from sideman.music.harmony import ChordSpan
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

Slot = tuple[int, int]
"""Onset and duration of a note to come, in ticks."""

MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
STRONG = 3
"""Metrical weight from which a beat is strong (see ``Meter.weight``)."""
ENTRY = 4
"""Semitones the first note may lie from the player's last."""
LEAP = 5
"""A wider interval is a leap and asks for a step back."""
SINGER = (58, 78)
"""Lowest and highest MIDI pitch for the mean of a call that is answered."""
REACH = 12
"""Semitones around the call's mean in which the answer stays."""
RUN = 2
"""Equal pitches in a row that are allowed."""
_JOINED = TICKS_PER_QUARTER // 2
"""A note that begins so soon after the one before goes on its line; after a longer rest it opens one and stays."""


def chord_at(chords: Sequence[ChordSpan], tick: int) -> tuple[Chord | None, Chord | None, int]:
    """Chord sounding at a tick, the chord after it, and the ticks until that one.

    Args:
        chords: Spans in order of onset.
        tick: Ticks from the same bar line as the spans' frames.

    Returns:
        (None, None, 0) where nothing is planned.
    """
    now: Chord | None = None
    for span in chords:
        start = span.onset * FRAME_TICKS
        if start > tick:
            return now, span.chord, start - tick
        now = span.chord if tick < start + span.frames * FRAME_TICKS else None
    return now, None, 0


def in_register(call: Sequence[Note]) -> list[Note]:
    """The call, moved by octaves to where a soloist plays: a bass line is answered by a singer, not by a bass."""
    if not call:
        return []
    mean = round(mean_pitch(call))
    return [note.transposed(fold(mean, *SINGER) - mean) for note in call]


def scale_of(notes: Iterable[Note], chords: Iterable[ChordSpan]) -> frozenset[int]:
    """Pitch classes of the major scale (any mode of it) that holds most of what sounds; ties go to the flatter.

    A note counts by its length, a chord's tones by a half of theirs.
    """
    weight = [0.0] * 12
    for note in notes:
        weight[note.pitch % 12] += min(note.duration, 2 * TICKS_PER_QUARTER)
    for span in chords:
        for pitch_class in span.chord.pitch_classes:
            weight[pitch_class] += span.frames * FRAME_TICKS / 2
    circle = [(7 * turn + 5) % 12 for turn in range(12)]
    scales = [frozenset((tonic + step) % 12 for step in MAJOR) for tonic in circle]
    return max(scales, key=lambda scale: sum(weight[pitch_class] for pitch_class in scale))


def answer_rhythm(
    call: Sequence[Note],
    call_start: int,
    start: int,
    length: int,
    *,
    seed: int,
    vary: float = 0.15,
    density: float = 0.0,
) -> list[Slot]:
    """The player's own rhythm, slightly varied, where the answer lies.

    Args:
        call: The player's notes in order of onset.
        call_start: Tick of the bar line that the call is counted from.
        start: Tick of the bar line that the answer begins on.
        length: Ticks of the answer; a shorter call is repeated, a longer one cut.
        seed: Same seed, same rhythm.
        vary: Chance that an off-beat note is dropped (the one before takes its time), or a long note split.
        density: -1 to 1: fewer notes, or more.

    A hand is early or late: which beat a note stands on is read from the nearest 16th, its own timing is kept.

    Returns:
        Slots that do not overlap, inside ``[start, start + length)``. Empty for an empty call.
    """
    dice = random.Random(seed)
    if not call or length <= 0:
        return []
    period = _period(call, call_start, length)
    dropping = min(1.0, max(0.0, vary - 0.5 * density)) if vary or density else 0.0
    adding = min(1.0, max(0.0, vary + 0.5 * density)) if vary or density else 0.0
    slots: list[Slot] = []
    for again in range(0, length, period):
        for i, note in enumerate(call):
            place = on_grid(note.tick - call_start)
            if not 0 <= place < period:
                continue
            at = max(0, note.tick - call_start + again)
            duration = min(note.duration, length - at)
            off_beat = place % TICKS_PER_QUARTER != 0
            if off_beat and i not in (0, len(call) - 1) and dice.random() < dropping and _goes_on(slots, start + at):
                slots[-1] = (slots[-1][0], start + at + duration - slots[-1][0])
                continue
            if duration >= TICKS_PER_QUARTER and i < len(call) - 1 and dice.random() < adding:
                half = duration // 2
                slots += [(start + at, half), (start + at + half, duration - half)]
            else:
                slots.append((start + at, duration))
    return _apart(sorted(slots))


def _period(call: Sequence[Note], call_start: int, length: int) -> int:
    """After how many ticks the call's rhythm comes again: whole halves of the answer, so that bars stay bars."""
    period = length
    end = on_grid(max(note.tick for note in call) - call_start)
    while period % (2 * FRAME_TICKS) == 0 and period // 2 > end and period // 2 >= 4 * FRAME_TICKS:
        period //= 2
    return period


def on_grid(tick: int) -> int:
    """The nearest 16th, in ticks."""
    return (tick + FRAME_TICKS // 2) // FRAME_TICKS * FRAME_TICKS


def _goes_on(slots: Sequence[Slot], at: int) -> bool:
    """Whether what begins at a tick goes on the line of the last slot."""
    return bool(slots) and at - sum(slots[-1]) <= _JOINED


def _apart(slots: Sequence[Slot]) -> list[Slot]:
    found: list[Slot] = []
    for onset, duration in slots:
        if found and found[-1][0] + found[-1][1] > onset:
            cut = onset - found[-1][0]
            if cut < FRAME_TICKS // 4:
                continue
            found[-1] = (found[-1][0], cut)
        found.append((onset, max(1, duration)))
    return found


def answer_pitches(
    call: Sequence[Note],
    slots: Sequence[Slot],
    chords: Sequence[ChordSpan],
    meter: Meter,
    *,
    seed: int,
    low: int | None = None,
    high: int | None = None,
) -> list[int]:
    """Pitches for an answer: the call's contour moved to the new place and bent to the chords.

    Chord tones on strong beats and on notes held over a change, scale tones by step elsewhere, a leap is followed by
    a step back, no pitch more than twice in a row, and the last note is the root, third or fifth of its chord.

    Args:
        call: The player's notes in order of onset; may be empty.
        slots: Onset and duration of each note to find a pitch for.
        chords: The plan, in order of onset.
        meter: Meter of the plan.
        seed: Same seed, same answer.
        low: Lowest pitch; default an octave under the call's mean.
        high: Highest pitch; default an octave over it.
    """
    dice = random.Random(seed)
    mean = mean_pitch(call)
    low = round(mean) - REACH if low is None else low
    high = max(low + 11, round(mean) + REACH if high is None else high)
    scale = scale_of(call, chords)
    last = fold(call[-1].pitch if call else round(mean), low, high)
    contour = [note.pitch for note in call] or [last]
    move = last - contour[0] + dice.choice((-3, -2, 0, 2, 3))
    turned = dice.random() < 0.25
    pitches: list[int] = []
    for i, (onset, duration) in enumerate(slots):
        shape = contour[i % len(contour)] - contour[0]
        aim = contour[0] + (-shape if turned else shape) + move
        aim = round(0.85 * aim + 0.15 * mean)
        allowed = _allowed(chords, onset, duration, meter, scale, final=i == len(slots) - 1)
        options = [p for p in range(low, high + 1) if p % 12 in allowed]
        if i == 0:
            options = [p for p in options if abs(p - last) <= ENTRY] or options
        pitch = min(options, key=lambda p: (_cost(p, aim, last, [*_line(call), *pitches]), p))
        pitches.append(pitch)
        last = pitch
    return pitches


def _line(call: Sequence[Note]) -> list[int]:
    return [note.pitch for note in call[-3:]]


def _allowed(
    chords: Sequence[ChordSpan], onset: int, duration: int, meter: Meter, scale: frozenset[int], *, final: bool
) -> frozenset[int]:
    """Pitch classes for a note: chord tones where they matter, the scale and the chord elsewhere."""
    chord, following, ticks = chord_at(chords, onset)
    if chord is None:
        chord = following if following is not None and ticks <= duration else None
    if chord is None:
        return scale
    if final:
        return frozenset(chord.pitch_classes[:3])
    if following is not None and ticks < min(duration, TICKS_PER_QUARTER // 2 + 1):
        return frozenset(following.pitch_classes)
    if meter.weight(onset) >= STRONG or duration >= 2 * TICKS_PER_QUARTER:
        return frozenset(chord.pitch_classes)
    return _around(scale, chord)


def _around(scale: frozenset[int], chord: Chord) -> frozenset[int]:
    """The scale, with the notes that rub a half step against a chord tone from outside the scale taken out."""
    tones = frozenset(chord.pitch_classes)
    foreign = tones - scale
    return (scale - {(tone + side) % 12 for tone in foreign for side in (-1, 1)}) | tones


def _cost(pitch: int, aim: int, last: int, line: Sequence[int]) -> float:
    """How little a pitch suits: far from the motif, a wide step, a repetition, a leap left hanging."""
    step = pitch - last
    cost = 0.6 * abs(pitch - aim) + 0.5 * max(0, abs(step) - 2)
    if line and abs(pitch - line[-1]) > 2 * LEAP + 2:
        cost += 50
    if len(line) >= RUN and all(p == pitch for p in line[-RUN:]):
        cost += 40
    elif step == 0:
        cost += 1.5
    if len(line) >= 2 and abs(line[-1] - line[-2]) > LEAP:
        back = -1 if line[-1] > line[-2] else 1
        if step * back <= 0 or abs(step) > 4:
            cost += 8
    return cost
