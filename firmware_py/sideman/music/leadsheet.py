"""A lead sheet as a value: bars, a melody on a grid that can be written, chord symbols; and how playing becomes one.

Places and lengths are in units of a twelfth of a quarter (``UNIT`` = 80 ticks): 16ths are 3, triplet eighths 4.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER, Meter
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.music.chords import Chord
    from sideman.music.harmony import Key

UNIT = 80
"""Ticks of a unit."""
QUARTER, SIXTEENTH, TRIPLET = 12, 3, 4
_TRIPLETS_BETTER = 0.55
"""How much nearer (share of the squared distance) a beat's onsets must lie to triplets for it to be written so."""
_LEGATO = 6
"""A gap up to so many units before the next note is the player's articulation, not a rest."""
_UNDER = 0.35
"""Share of a note that a higher one must sound over for it to be an accompaniment's."""
_TOGETHER = FRAME_TICKS // 2
"""Onsets closer than a 32nd are one."""
_TUNE_ABOVE = 9
"""Semitones between a chord and a note over it from which that is the tune."""


@dataclass(frozen=True, slots=True)
class LeadNote:
    """A note of the sheet: first unit, unit after its last, MIDI pitch, velocity."""

    on: int
    off: int
    pitch: int
    velocity: int = 80


@dataclass(frozen=True, slots=True)
class LeadBar:
    """A bar: where it begins and ends in units, its meter; a pickup is shorter than that."""

    start: int
    end: int
    meter: Meter

    @property
    def whole(self) -> bool:
        """Whether it is as long as its meter says."""
        return (self.end - self.start) * UNIT == self.meter.bar_ticks

    @property
    def line(self) -> int:
        """Where the bar line is that its beats are counted from: before the start of a pickup."""
        return self.end - self.meter.bar_ticks // UNIT


@dataclass(frozen=True, slots=True)
class LeadChord:
    """A chord symbol: first unit, unit after its last, the chord."""

    on: int
    off: int
    chord: Chord


@dataclass(frozen=True, slots=True)
class LeadSheet:
    """Everything on the paper.

    Attributes:
        title: Its name.
        bars: Without gaps; only the first may be shorter than its meter.
        notes: The melody: sorted, one at a time.
        chords: Sorted, without overlaps.
        keys: (bar index, key), the first at bar 0.
        tempi: (bar index, quarters a minute), the first at bar 0.
    """

    title: str
    bars: tuple[LeadBar, ...]
    notes: tuple[LeadNote, ...]
    chords: tuple[LeadChord, ...]
    keys: tuple[tuple[int, Key], ...]
    tempi: tuple[tuple[int, float], ...]


def skyline(notes: Iterable[Note]) -> list[Note]:
    """The tune of what was played: the top line, without what sounds under it and without blocks of chords alone.

    A legato line, each note a little over the next, is a line. Each note ends where the next one begins.
    """
    top: list[Note] = []
    for note in (group[-1] for group in together(notes)):
        while top and top[-1].tick >= note.tick:
            top.pop()
        if top and note.pitch < top[-1].pitch and top[-1].end - note.tick > _UNDER * note.duration:
            continue
        if top and top[-1].end > note.tick:
            last = top.pop()
            top.append(Note(last.tick, note.tick - last.tick, last.pitch, last.velocity))
        top.append(note)
    return top


def together(notes: Iterable[Note]) -> list[list[Note]]:
    """Notes by onset: those closer than a 32nd to the first of a group are struck together; lowest first."""
    groups: list[list[Note]] = []
    for note in sorted(notes):
        if groups and note.tick - groups[-1][0].tick < _TOGETHER:
            groups[-1].append(note)
        else:
            groups.append([note])
    return [sorted(group, key=lambda n: n.pitch) for group in groups]


def without_blocks(notes: Sequence[Note], bar_of: Iterable[tuple[int, int]]) -> list[Note]:
    """The notes without the bars (first tick, end tick) in which only chords of three classes and more are struck."""
    out: list[Note] = []
    groups = together(notes)
    starts = [group[0].tick + _TOGETHER for group in groups]  # a hair early is on the bar line
    for low, high in bar_of:
        first, last = bisect_right(starts, low - 1), bisect_right(starts, high - 1)
        inside = groups[first:last]
        if inside and all(_block(group) for group in inside):
            continue
        out += [note for group in inside for note in group]
    return out


def _block(group: Sequence[Note]) -> bool:
    classes = {note.pitch_class for note in group}
    return len(classes) > 2 and group[-1].pitch - group[-2].pitch <= _TUNE_ABOVE


# --- the grid ----------------------------------------------------------------------------------------------------


def quantised(line: Sequence[Note], bars: Sequence[LeadBar]) -> list[LeadNote]:
    """A line on the grid of its bars: 16ths, triplets in the quarters that are nearer to them; short gaps closed.

    Args:
        line: One note at a time, ticks on the bars' own line (unit 0 is tick 0).
        bars: Whole bars that hold all of it.
    """
    starts = [bar.start for bar in bars]
    triplets = _triplet_quarters(line, bars, starts)
    last = bars[-1].end

    def place(tick: int) -> int:
        at = _snapped(tick, bars[max(0, bisect_right(starts, tick // UNIT) - 1)], triplets)
        return min(max(at, bars[0].start), last)

    placed: list[tuple[int, int, Note]] = []
    for note in sorted(line):
        on = place(note.tick)
        if on >= last:
            continue
        if placed and placed[-1][0] == on:  # a grace note: the longer one is the tune
            if placed[-1][2].duration >= note.duration:
                continue
            placed.pop()
        placed.append((on, place(note.end), note))
    out: list[LeadNote] = []
    for index, (on, off, note) in enumerate(placed):
        following = placed[index + 1][0] if index + 1 < len(placed) else None
        end = off if off > on else _next_place(on, bars, starts, triplets)
        if following is not None and (end > following or following - end <= _LEGATO):
            end = following
        out.append(LeadNote(on, min(end, last), note.pitch, note.velocity))
    return out


def _quarters(bar: LeadBar) -> bool:
    """Whether a bar is made of quarters that may be divided in three."""
    return bar.meter.denominator <= 4 and (bar.end - bar.line) % QUARTER == 0


def _triplet_quarters(line: Sequence[Note], bars: Sequence[LeadBar], starts: Sequence[int]) -> frozenset[int]:
    """First units of the quarters whose onsets are nearer to triplets than to 16ths."""
    found: set[int] = set()

    def quarter(note: Note) -> int:
        # An onset just before a beat belongs to it, not to the triplets before.
        unit = (note.tick + UNIT * SIXTEENTH // 3) // UNIT
        bar = bars[max(0, bisect_right(starts, unit) - 1)]
        return bar.start + (unit - bar.start) // QUARTER * QUARTER if _quarters(bar) else -1

    for at, group in groupby(sorted(line), key=quarter):
        ticks = [note.tick - at * UNIT for note in group]
        if at < 0 or not any(120 < tick < TICKS_PER_QUARTER - 120 for tick in ticks):
            continue
        straight = sum(_off(tick, FRAME_TICKS) ** 2 for tick in ticks)
        three = sum(_off(tick, TICKS_PER_QUARTER // 3) ** 2 for tick in ticks)
        if three < _TRIPLETS_BETTER * straight and (len(ticks) > 1 or three * 4 < straight):
            found.add(at)
    return frozenset(found)


def _off(tick: int, grid: int) -> int:
    return abs(tick - round(tick / grid) * grid)


def _snapped(tick: int, bar: LeadBar, triplets: frozenset[int]) -> int:
    grid = SIXTEENTH
    within = tick - bar.start * UNIT
    quarter = bar.start + within // UNIT // QUARTER * QUARTER
    if quarter in triplets:
        base, grid = quarter, TRIPLET
    else:
        base = bar.start
    return base + round((tick - base * UNIT) / (grid * UNIT)) * grid


def _next_place(on: int, bars: Sequence[LeadBar], starts: Sequence[int], triplets: frozenset[int]) -> int:
    bar = bars[max(0, bisect_right(starts, on) - 1)]
    quarter = bar.start + (on - bar.start) // QUARTER * QUARTER
    return on + (TRIPLET if quarter in triplets and _quarters(bar) else SIXTEENTH)


# --- how lengths are written -------------------------------------------------------------------------------------

_STRAIGHT = (72, 48, 36, 24, 18, 12, 9, 6, 3)
"""Lengths that one note head writes, dots included: dotted whole to 16th."""


def pieces(start: int, end: int, bar: LeadBar) -> list[tuple[int, int, bool]]:
    """A stretch of a bar as lengths that can be written, to be tied: first unit, end, whether of a triplet.

    Cut where a reader looks for the beat: a note that begins off it is cut at the next strong beat (a note that fills
    less than its group may stand over a weak one), one that begins on it may hold beats and bars.
    """
    out: list[tuple[int, int, bool]] = []
    at = start
    while at < end:
        stop = min(end, bar.end)
        quarter = bar.line + (at - bar.line) // QUARTER * QUARTER
        if _quarters(bar) and ((at - bar.line) % SIXTEENTH or (stop < quarter + QUARTER and (stop - at) % SIXTEENTH)):
            stop = min(stop, quarter + QUARTER)
            while (stop - at) not in (TRIPLET, 2 * TRIPLET):
                stop -= 1
            out.append((at, stop, True))
        else:
            if (stop - bar.line) % SIXTEENTH:  # it ends in a triplet: up to that quarter first
                stop = bar.line + (stop - bar.line) // QUARTER * QUARTER
            stop = at + _longest(at - bar.line, stop - bar.line, bar.meter)
            out.append((at, stop, False))
        at = stop
    return out


def _longest(at: int, stop: int, meter: Meter) -> int:
    """The longest note head from ``at`` on, both from the bar line, that hides no beat it should not."""
    groups = [*(tick // UNIT for tick in meter.groups), meter.bar_ticks // UNIT]
    beats = [*(tick // UNIT for tick in meter.beats), meter.bar_ticks // UNIT]
    if at in groups:
        limit = stop
    elif at in beats:
        limit = min(stop, next(g for g in groups if g > at))
    else:
        beat = next(b for b in beats if b > at)
        group = next(g for g in groups if g > at)
        # Eighth, quarter, eighth inside one group is read at sight.
        limit = min(stop, group) if not meter.compound and (at % 6 == 0 and stop - at == QUARTER) else min(stop, beat)
    return next(length for length in _STRAIGHT if length <= limit - at)
