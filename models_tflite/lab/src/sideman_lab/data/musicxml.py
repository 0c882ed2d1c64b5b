"""A light MusicXML reader for one melody line with chord symbols: compressed scores to bars to a lead sheet.

Made for some 1,600 scores, so it reads the element tree directly (about 10 ms a score; a full notation library takes
seconds). It knows what a lead sheet needs: notes, ties, chord symbols, meters, short bars, repeats and their endings.
It does not follow D.S. and D.C. jumps, and drops grace notes and lyrics.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
KINDS = {
    "major": "maj",
    "minor": "min",
    "dominant": "7",
    "minor-seventh": "min7",
    "major-seventh": "maj7",
    "diminished": "dim",
    "diminished-seventh": "dim7",
    "half-diminished": "hdim7",
    "augmented": "aug",
    "augmented-seventh": "aug7",
    "augmented-ninth": "aug7",
    "major-sixth": "maj6",
    "maj69": "maj6",
    "minor-sixth": "min6",
    "suspended-fourth": "sus4",
    "suspended-second": "sus2",
    "dominant-ninth": "9",
    "dominant-11th": "11",
    "dominant-13th": "13",
    "major-ninth": "maj9",
    "minor-ninth": "min9",
    "minor-11th": "min9",
    "minor-13th": "min9",
    "minor-major": "minmaj7",
    "power": "5",
}
LeadSheet = dict[str, Any]


@dataclass(slots=True)
class Bar:
    """One written bar. Times are quarters from the bar's start.

    Attributes:
        meter: Numerator and denominator in force.
        notes: (onset, duration, MIDI pitch, tied from the note before).
        chords: (onset, Harte label).
        opening: Chord label sounding when the bar begins, in written order.
        length: Quarters of music written in it.
        implicit: Marked as not counted: a pickup or the second part of a split bar.
        forward: A repeat begins here.
        times: How often the repeat that ends here is played in all; 0 when none ends.
        endings: Passes on which the bar is played; empty for all.
    """

    meter: tuple[int, int]
    notes: list[tuple[Fraction, Fraction, int, bool]] = field(default_factory=list)
    chords: list[tuple[Fraction, str]] = field(default_factory=list)
    opening: str = "N"
    length: Fraction = Fraction(0)
    implicit: bool = False
    forward: bool = False
    times: int = 0
    endings: tuple[int, ...] = ()

    @property
    def full(self) -> Fraction:
        """Quarters a bar of this meter holds."""
        return Fraction(4 * self.meter[0], self.meter[1])


def open_score(packed: bytes) -> ET.Element:
    """Root element of a compressed score, found by its name: some archives have a broken container.xml.

    Raises:
        ValueError: The archive holds no score.
    """
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".musicxml")) and not name.startswith("META-INF"):
                return ET.fromstring(archive.read(name))  # noqa: S314 - local, known archives
    raise ValueError("this .mxl archive holds no score")


def voice_part(root: ET.Element) -> ET.Element:
    """The part with the most lyrics, else the first."""
    parts = root.findall("part")
    return max(parts, key=lambda part: len(part.findall("measure/note/lyric")))


def label_of(harmony: ET.Element) -> str:
    """Harte label of a chord symbol."""
    step = harmony.findtext("root/root-step")
    kind = (harmony.findtext("kind") or "major").strip()
    if not step or kind == "none":
        return "N"
    label = f"{_note_name(step, harmony.findtext('root/root-alter'))}:{KINDS.get(kind, 'maj')}"
    bass = harmony.findtext("bass/bass-step")
    return f"{label}/{_note_name(bass, harmony.findtext('bass/bass-alter'))}" if bass else label


def _note_name(step: str, alter: str | None) -> str:
    turns = int(float(alter or 0))
    return step.strip() + ("#" * turns if turns > 0 else "b" * -turns)


def read_bars(part: ET.Element) -> list[Bar]:
    """The written bars of a part: its busiest voice, the top note where several sound together."""
    voices = Counter(note.findtext("voice") or "1" for note in part.iter("note") if note.find("pitch") is not None)
    voice = voices.most_common(1)[0][0] if voices else "1"
    state = _State()
    return [_read_bar(measure, state, voice) for measure in part.findall("measure")]


@dataclass(slots=True)
class _State:
    divisions: int = 1
    meter: tuple[int, int] = (4, 4)
    transpose: int = 0
    chord: str = "N"
    endings: tuple[int, ...] = ()


def _read_bar(measure: ET.Element, state: _State, voice: str) -> Bar:
    at = Fraction(0)
    bar = Bar(state.meter, implicit=measure.get("implicit") == "yes", opening=state.chord)
    last_onset = at
    closes = False
    for item in measure:
        length = Fraction(int(float(item.findtext("duration") or 0)), state.divisions)
        if item.tag == "attributes":
            _read_attributes(item, state)
            bar.meter = state.meter
        elif item.tag == "harmony":
            offset = Fraction(int(float(item.findtext("offset") or 0)), state.divisions)
            state.chord = label_of(item)
            bar.chords.append((max(at + offset, Fraction(0)), state.chord))
        elif item.tag == "backup":
            at = max(at - length, Fraction(0))
        elif item.tag == "forward":
            at += length
        elif item.tag == "note" and item.find("grace") is None:
            if item.find("chord") is None:
                last_onset = at
                at += length
            if (item.findtext("voice") or "1") == voice and item.find("cue") is None:
                _add_note(bar, item, last_onset, length, state.transpose)
        elif item.tag == "barline":
            closes |= _read_barline(item, bar, state)
        bar.length = max(bar.length, at)
    bar.endings = bar.endings or state.endings
    if closes:
        state.endings = ()
    return bar


def _read_attributes(item: ET.Element, state: _State) -> None:
    state.divisions = int(item.findtext("divisions") or state.divisions)
    beats, unit = item.findtext("time/beats"), item.findtext("time/beat-type")
    if beats and unit:
        state.meter = (sum(int(n) for n in beats.split("+")), int(unit))
    moved = item.find("transpose")
    if moved is not None:
        octaves = int(moved.findtext("octave-change") or 0)
        state.transpose = int(moved.findtext("chromatic") or 0) + 12 * octaves


def _add_note(bar: Bar, item: ET.Element, onset: Fraction, length: Fraction, transpose: int) -> None:
    pitch = item.find("pitch")
    if pitch is None or length <= 0:
        return
    midi = 12 * (int(pitch.findtext("octave") or 4) + 1) + STEPS[(pitch.findtext("step") or "C").strip()]
    midi += int(float(pitch.findtext("alter") or 0)) + transpose
    tied = any(tie.get("type") == "stop" for tie in item.findall("tie"))
    if bar.notes and bar.notes[-1][0] == onset:
        if midi > bar.notes[-1][2]:
            bar.notes[-1] = (onset, length, midi, tied)
    else:
        bar.notes.append((onset, length, midi, tied))


def _read_barline(item: ET.Element, bar: Bar, state: _State) -> bool:
    repeat, ending = item.find("repeat"), item.find("ending")
    if repeat is not None and repeat.get("direction") == "forward":
        bar.forward = True
    elif repeat is not None:
        bar.times = int(repeat.get("times") or 2)
    if ending is None:
        return False
    numbers = tuple(int(n) for n in (ending.get("number") or "").replace(".", ",").split(",") if n.strip().isdigit())
    if ending.get("type") == "start":
        state.endings = numbers
    bar.endings = state.endings or numbers
    return ending.get("type") in ("stop", "discontinue")


def unfold(bars: Sequence[Bar]) -> list[int]:
    """Indices of the bars in the order in which they are played: repeats with their endings."""
    order: list[int] = []
    at, start, passing = 0, 0, 1
    while at < len(bars) and len(order) <= 8 * len(bars):
        bar = bars[at]
        if bar.forward and at != start:
            start, passing = at, 1
        if bar.endings and passing not in bar.endings:
            at += 1
            continue
        order.append(at)
        if bar.times and _again(bars, at, passing):
            passing += 1
            at = start
            continue
        if bar.times or (bar.endings and (at + 1 == len(bars) or not bars[at + 1].endings)):
            start, passing = at + 1, 1
        at += 1
    return order


def _again(bars: Sequence[Bar], at: int, passing: int) -> bool:
    """Whether the repeat that ends at a bar is taken after this pass."""
    if not bars[at].endings:
        return passing < bars[at].times
    if passing + 1 in bars[at].endings:
        return True
    for later in bars[at + 1 :]:
        if later.forward or not later.endings:
            return False
        if passing + 1 in later.endings:
            return True
    return False


def lead_sheet(song: str, bars: Sequence[Bar], order: Iterable[int]) -> LeadSheet | None:
    """Lead-sheet form of bars in playing order, in 16ths from the first bar line; None without notes.

    A short first bar is a pickup (negative onsets). Later, two short bars in a row make one; a lone one is filled
    up. Bars with too much in them are cut, so that bar lines stay where the meter puts them.
    """
    played = [bars[i] for i in order]
    if not any(bar.notes for bar in played):
        return None
    meter = Counter(bar.meter for bar in played).most_common(1)[0][0]
    melody: list[list[Any]] = []
    chords: list[list[Any]] = []
    at = _first_place(played)
    pickup = -at
    sounding, joined = "N", False
    for i, bar in enumerate(played):
        short = 0 < bar.length < bar.full
        joins = i > 0 and not joined and short and i + 1 < len(played) and _completes(bar, played[i + 1])
        length = bar.length if joins or joined or (i == 0 and pickup) else bar.full
        if short and bar.implicit and length == bar.full:
            at += bar.full - bar.length
            length = bar.length
        joined = joins
        for onset, label in [(Fraction(0), bar.opening), *bar.chords]:
            if label != sounding and onset < length:
                if chords and chords[-1][0] == at + onset:
                    chords.pop()
                chords.append([at + onset, Fraction(0), label])
                sounding = label
        _place_notes(bar, at, length, melody)
        at += length
    ends = [*(chord[0] for chord in chords[1:]), at]
    for chord, end in zip(chords, ends, strict=False):
        chord[1] = end - chord[0]
    piece: LeadSheet = {
        "id": song,
        "meter": list(meter),
        "melody": [[_sixteenths(o), _sixteenths(d), pitch] for o, d, pitch in melody],
        "chords": [[_sixteenths(o), _sixteenths(d), label] for o, d, label in chords if label != "N" and d > 0],
    }
    if pickup:
        piece["pickup"] = _sixteenths(pickup)
    return piece


def _first_place(played: Sequence[Bar]) -> Fraction:
    first = played[0]
    return -first.length if 0 < first.length < first.full and len(played) > 1 else Fraction(0)


def _completes(bar: Bar, following: Bar) -> bool:
    return following.length > 0 and bar.length + following.length <= bar.full


def _place_notes(bar: Bar, at: Fraction, length: Fraction, melody: list[list[Any]]) -> None:
    for onset, duration, pitch, tied in bar.notes:
        if onset >= length:
            continue
        cut = min(duration, length - onset)
        last = melody[-1] if melody else None
        if tied and last is not None and last[2] == pitch and last[0] + last[1] == at + onset:
            last[1] += cut
        else:
            melody.append([at + onset, cut, pitch])


def _sixteenths(quarters: Fraction) -> int | float:
    value = quarters * 4
    return int(value) if value.denominator == 1 else round(float(value), 4)
