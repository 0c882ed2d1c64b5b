"""After STOP: chords for the whole melody with hindsight, on paper and as MIDI (``lead.musicxml``, ``lead.mid``)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sideman.band.harmony import changes_for, key_text, parsed_key
from sideman.band.messages import Ask, Knobs, Phrase
from sideman.band.models import NO_MODELS, Models
from sideman.edges.musicxml import musicxml
from sideman.edges.smf import midi_file
from sideman.edges.takes import write_whole
from sideman.jam.take_data import TakeData, TakePart
from sideman.music.harmony import estimate_key, histogram_of
from sideman.music.leadsheet import UNIT, LeadBar, LeadChord, LeadSheet, quantised, skyline, without_blocks
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman.music.spelling import chord_name, fifths
from sideman.music.tempo import NS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sideman.music.harmony import Key

MOST_BARS = 4000
"""More than two hours; a longer file is no tune."""
_REST_BARS = 2
"""Whole bars without a note after which the music begins anew, with chords of its own."""
_ANOTHER_KEY_BARS, _ANOTHER_KEY_SURE = 8, 0.6
_ANOTHER_TEMPO = 0.04
_DEFAULT_QUARTER = 500_000_000
_VOICING = 48
"""C3: from here up lie the chords of the MIDI file, their bass an octave lower."""


class NothingPlayedError(ValueError):
    """There is no melody to harmonise; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Section:
    """Bars between two long rests, in one meter: index of the first and of the one after the last."""

    first: int
    end: int


def lead_sheet(take: TakeData, notes: Sequence[Note], models: Models = NO_MODELS, key: str = "") -> LeadSheet:
    """The player's melody with chords for all of it, found with hindsight; his own chords stay.

    Args:
        take: Tempo, meters and title.
        notes: What the player played, on the take's ticks.
        models: The band's networks; without one for chords they are found by rules.
        key: ``"A min"`` where it was given.

    Raises:
        NothingPlayedError: There are no notes, or too many bars.
    """
    if not notes:
        raise NothingPlayedError("the player played nothing: there is nothing to harmonise")
    bars, zero = bars_over(take.meters, min(n.tick for n in notes), max(n.tick for n in notes) + FRAME_TICKS // 2 + 1)
    if len(bars) > MOST_BARS:
        raise NothingPlayedError(f"{len(bars)} bars are more than a lead sheet holds ({MOST_BARS}): cut the file")
    # A last note that rings into empty bars ends with the bar in which it begins and the next one.
    moved = [n.moved(-zero) for n in sorted(notes)]
    bars = _through(bars, max(n.end for n in moved))
    high = bars[-1].end * UNIT
    moved = [replace(n, duration=min(n.duration, high - n.tick)) for n in moved if n.tick < high]
    sections = sections_of(moved, bars)
    chords: list[LeadChord] = []
    keys: list[tuple[int, Key]] = []
    for section in sections:
        found, its_key = _harmonised(moved, bars[section.first : section.end], models, key)
        chords += found
        _note_key(keys, section, its_key, sure=bool(key) or len(sections) == 1)
    melody = without_blocks(moved, [(bar.start * UNIT, bar.end * UNIT) for bar in bars])
    line = quantised(skyline(melody), bars)
    first = min([note.on for note in line] + [chord.on for chord in chords if not line], default=0)
    bars = _with_pickup(bars, first)
    start = bars[0].start
    cut = (replace(c, on=max(c.on, start)) for c in chords if c.off > start)
    return LeadSheet(
        take.name,
        tuple(bars),
        tuple(line),
        tuple(cut),
        tuple(_settled(keys, moved, key)),
        tuple(_tempi(take, bars, zero)),
    )


# bars ------------------------------------------------------------------------------------------------------------


def bars_over(meters: Sequence[tuple[int, Meter]], low: int, high: int) -> tuple[list[LeadBar], int]:
    """The bars that hold two ticks (the second excluded), in units from the first one's line; and that line's tick.

    Bar lines go on backwards before the first meter. A meter that changes inside a bar ends it there if what is left
    can be counted, as notation programs do; else it holds from the next bar line on.
    """
    changes = list(meters) or [(0, Meter())]
    origin, meter = changes[0]
    near = low + FRAME_TICKS // 2  # a hair early is on the bar line
    at = zero = min(origin, origin + (near - origin) // meter.bar_ticks * meter.bar_ticks)
    ticks = [tick for tick, _ in changes]
    bars: list[tuple[int, int, Meter]] = []
    while at < high and len(bars) <= MOST_BARS + len(changes):
        index = max(0, bisect_right(ticks, at) - 1)
        meter = changes[index][1]
        end = at + meter.bar_ticks
        inside = next((tick for tick in ticks[index + 1 :] if at < tick < end), None)
        short = _meter_of(inside - at) if inside is not None else None
        if short is not None:
            meter, end = short, at + short.bar_ticks
        if end > near:
            bars.append((at, end, meter))
        else:
            zero = end
        at = end
    zero = bars[0][0] if bars else zero
    return [LeadBar((a - zero) // UNIT, (b - zero) // UNIT, m) for a, b, m in bars], zero


def _meter_of(ticks: int) -> Meter | None:
    for denominator in (4, 8, 16):
        pulse = 3840 // denominator
        if ticks % pulse == 0 and 2 <= ticks // pulse <= 16:
            return Meter(ticks // pulse, denominator)
    return None


def _through(bars: list[LeadBar], end: int) -> list[LeadBar]:
    """The bars and, where the last note rings over, one more."""
    last = bars[-1]
    over = end // UNIT - last.end
    if over <= last.meter.bar_ticks // UNIT // 4:
        return bars
    return [*bars, LeadBar(last.end, last.end + last.meter.bar_ticks // UNIT, last.meter)]


def _with_pickup(bars: list[LeadBar], first: int) -> list[LeadBar]:
    """The first bar begins with the beat of its first note when half of it or more is empty."""
    bar = bars[0]
    into = first - bar.start
    if len(bars) == 1 or 2 * into < bar.end - bar.start:
        return bars
    beat = max(tick // UNIT for tick in bar.meter.beats if tick // UNIT <= into)
    return [replace(bar, start=bar.start + beat), *bars[1:]] if beat else bars


def sections_of(notes: Sequence[Note], bars: Sequence[LeadBar]) -> list[Section]:
    """Stretches of one meter without two empty bars in a row."""
    starts = [bar.start for bar in bars]

    def bar_at(tick: int) -> int:
        return max(0, bisect_right(starts, tick // UNIT) - 1)

    half = FRAME_TICKS // 2
    played = sorted(
        {
            index
            for note in notes
            # The shortest of notes is in the bar in which it begins.
            for index in range(bar_at(note.tick + half), bar_at(max(note.tick + half, note.end - half)) + 1)
        }
    )
    out: list[Section] = []
    for index in played:
        near = bool(out) and index - out[-1].end < _REST_BARS
        if near and all(bar.meter == bars[out[-1].first].meter for bar in bars[out[-1].first : index + 1]):
            out[-1] = Section(out[-1].first, index + 1)
        else:
            out.append(Section(index, index + 1))
    return out


# harmony ---------------------------------------------------------------------------------------------------------


def _harmonised(
    notes: Sequence[Note], bars: Sequence[LeadBar], models: Models, key: str
) -> tuple[list[LeadChord], tuple[Key, float]]:
    """The chords of a section, as the band finds those of a committed phrase; and its key with how sure that is."""
    low, high, meter = bars[0].start * UNIT, bars[-1].end * UNIT, bars[0].meter
    near = FRAME_TICKS // 2  # a hair before a bar line is on it, a hair over it is not
    inside = tuple(
        n.moved(-low) for n in notes if n.tick < high - near and (n.tick >= low - near or n.end > low + near)
    )
    frames = len(bars) * meter.bar_frames
    phrase = Phrase(inside, len(bars), meter, 100.0, key)
    ask = Ask(1, 1, 1, "trade", meter, 100.0, 0, 0, frames, 0, frames, phrase, knobs=Knobs(key=key, temperature=0.0))
    changes = changes_for(ask, phrase, (), models)
    per_frame = FRAME_TICKS // UNIT
    spans = changes.within(0, frames)
    chords = [LeadChord(low // UNIT + s.onset * per_frame, low // UNIT + s.end * per_frame, s.chord) for s in spans]
    tonic, mode, sure = estimate_key(histogram_of(inside))
    return chords, (parsed_key(key) or (tonic, mode), sure)


def _note_key(keys: list[tuple[int, Key]], section: Section, found: tuple[Key, float], *, sure: bool) -> None:
    """Keep the key of a section long enough to have one, where it is another."""
    key, confidence = found
    long_enough = section.end - section.first >= _ANOTHER_KEY_BARS and confidence >= _ANOTHER_KEY_SURE
    if (sure or long_enough) and (not keys or fifths(keys[-1][1]) != fifths(key)):
        keys.append((section.first, key))


def _settled(keys: list[tuple[int, Key]], notes: Sequence[Note], key: str) -> list[tuple[int, Key]]:
    tonic, mode, _ = estimate_key(histogram_of(notes))
    if not keys:
        return [(0, parsed_key(key) or (tonic, mode))]
    return [(0, keys[0][1]), *keys[1:]]


def _tempi(take: TakeData, bars: Sequence[LeadBar], zero: int) -> list[tuple[int, float]]:
    """Tempo marks at bar lines: the first, and those that differ from the one before by more than 4 %."""
    ticks = [tick for tick, _ in take.tempo]
    out: list[tuple[int, float]] = []
    for index, bar in enumerate(bars):
        at = bisect_right(ticks, bar.start * UNIT + zero + FRAME_TICKS // 2) - 1
        quarter = take.tempo[max(at, 0)][1] if take.tempo else _DEFAULT_QUARTER
        bpm = NS_PER_MINUTE / max(1, quarter)
        if not out or abs(bpm / out[-1][1] - 1) > _ANOTHER_TEMPO:
            out.append((index, bpm))
    return out


# files -----------------------------------------------------------------------------------------------------------


def lead_take(sheet: LeadSheet) -> TakeData:
    """The sheet as MIDI: a melody track, and a track of block chords with their names."""
    melody = tuple((n.on * UNIT, (n.off - n.on) * UNIT, n.pitch, n.velocity) for n in sheet.notes)
    chords, names = [], []
    for each in sheet.chords:
        names.append((each.on * UNIT, chord_name(each.chord, _key_at(sheet, each.on))))
        pitches = {_VOICING + pc for pc in each.chord.pitch_classes} | {_VOICING - 12 + each.chord.bass_class}
        chords += [(each.on * UNIT, (each.off - each.on) * UNIT, pitch, 64) for pitch in sorted(pitches)]
    meters: list[tuple[int, Meter]] = []
    for bar in sheet.bars:
        if not meters or meters[-1][1] != bar.meter:
            meters.append((bar.line * UNIT, bar.meter))
    keys = tuple((max(0, sheet.bars[i].line) * UNIT, fifths(key), key[1] == "min") for i, key in sheet.keys)
    tempo = tuple((max(0, sheet.bars[i].line) * UNIT, round(NS_PER_MINUTE / bpm)) for i, bpm in sheet.tempi)
    parts = {"melody": TakePart(0, None, melody), "chords": TakePart(1, None, tuple(chords), tuple(names))}
    return TakeData(tempo, tuple(meters), (), parts, sheet.title, keys)


def _key_at(sheet: LeadSheet, unit: int) -> Key | None:
    """The key in force at a place of the sheet."""
    before = [key for index, key in sheet.keys if sheet.bars[index].start <= unit]
    return before[-1] if before else None


def write_lead(sheet: LeadSheet, folder: Path, prefix: str = "") -> list[Path]:
    """Write ``lead.musicxml`` and ``lead.mid`` into a folder, each whole or not at all.

    Raises:
        TakeError: They cannot be kept there.
    """
    paths = [folder / f"{prefix}lead.musicxml", folder / f"{prefix}lead.mid"]
    write_whole(paths[0], musicxml(sheet))
    write_whole(paths[1], midi_file(lead_take(sheet)))
    return paths


def describe(sheet: LeadSheet, source: str) -> str:
    """One line about a sheet."""
    names = [chord_name(c.chord, _key_at(sheet, c.on)) for c in sheet.chords[:8]]
    shown = ", ".join(names) + (" ..." if len(sheet.chords) > 8 else "")
    return (
        f"{len(sheet.bars)} bars, {key_text(sheet.keys[0][1])}, {len(sheet.notes)} notes; chords by {source}: {shown}"
    )
