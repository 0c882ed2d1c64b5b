"""A lead sheet as MusicXML 4.0 (partwise): one part with the melody, chord symbols over it.

Written with the standard library: the libraries that write MusicXML (music21, partitura, musicscore) bring 30 to 300 MB
and up to a second of start-up to say what a hundred lines say; the tests read it back with an engraver (Verovio).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sideman.music.leadsheet import QUARTER, LeadBar, LeadChord, LeadNote, LeadSheet, pieces
from sideman.music.spelling import fifths, spelled, spelled_bass, spelled_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter

_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC '
    b'"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_TYPES = {72: ("whole", 1), 48: ("whole", 0), 36: ("half", 1), 24: ("half", 0), 18: ("quarter", 1), 12: ("quarter", 0),
          9: ("eighth", 1), 6: ("eighth", 0), 3: ("16th", 0)}  # fmt: skip
_TRIPLET_TYPES = {8: "quarter", 4: "eighth"}
KINDS: dict[str, tuple[str, str, tuple[int, ...]]] = {
    "maj": ("major", "", ()),
    "min": ("minor", "m", ()),
    "dim": ("diminished", "dim", ()),
    "aug": ("augmented", "+", ()),
    "sus2": ("suspended-second", "sus2", ()),
    "sus4": ("suspended-fourth", "sus4", ()),
    "5": ("power", "5", ()),
    "maj6": ("major-sixth", "6", ()),
    "min6": ("minor-sixth", "m6", ()),
    "7": ("dominant", "7", ()),
    "maj7": ("major-seventh", "maj7", ()),
    "min7": ("minor-seventh", "m7", ()),
    "minmaj7": ("major-minor", "m(maj7)", ()),
    "dim7": ("diminished-seventh", "dim7", ()),
    "hdim7": ("half-diminished", "m7b5", ()),
    "aug7": ("augmented-seventh", "+7", ()),
    "7sus4": ("suspended-fourth", "7sus4", (7,)),
    "9": ("dominant-ninth", "9", ()),
    "maj9": ("major-ninth", "maj9", ()),
    "min9": ("minor-ninth", "m9", ()),
    "add9": ("major", "add9", (9,)),
    "11": ("dominant-11th", "11", ()),
    "13": ("dominant-13th", "13", ()),
}
"""Quality: MusicXML's kind, the text beside the root, degrees added to the kind."""


def musicxml(sheet: LeadSheet) -> bytes:
    """The file's bytes."""
    root = ET.Element("score-partwise", version="4.0")
    if sheet.title:
        ET.SubElement(ET.SubElement(root, "work"), "work-title").text = sheet.title
    encoding = ET.SubElement(ET.SubElement(root, "identification"), "encoding")
    ET.SubElement(encoding, "software").text = "Sideman"
    parts = ET.SubElement(root, "part-list")
    ET.SubElement(ET.SubElement(parts, "score-part", id="P1"), "part-name").text = "Melody"
    part = ET.SubElement(root, "part", id="P1")
    writer = _Writer(sheet)
    for index in range(len(sheet.bars)):
        part.append(writer.bar(index))
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8")
    return _HEAD + body + b"\n"


@dataclass(slots=True)
class _Piece:
    """One note head or rest: its place, and what it is tied to."""

    start: int
    end: int
    triplet: bool
    note: LeadNote | None
    tied_from: bool = False
    tied_to: bool = False


class _Writer:
    def __init__(self, sheet: LeadSheet) -> None:
        self._sheet = sheet
        self._keys = dict(sheet.keys)
        self._tempi = dict(sheet.tempi)
        self._offs = [note.off for note in sheet.notes]
        self._chord_ons = [chord.on for chord in sheet.chords]
        self._sharps = 0
        self._key: Key = (0, "maj")
        self._meter: Meter | None = None
        self._pickup = bool(sheet.bars) and not sheet.bars[0].whole

    def bar(self, index: int) -> ET.Element:
        """One measure."""
        bar = self._sheet.bars[index]
        pickup = self._pickup and index == 0
        measure = ET.Element("measure", number=str(index + (0 if self._pickup else 1)))
        if pickup:
            measure.set("implicit", "yes")
        self._attributes(measure, index, bar)
        if index in self._tempi:
            _tempo(measure, self._tempi[index], bar.meter)
        inside = self._inside(bar)
        first = bisect_right(self._chord_ons, bar.start - 1)
        chords = list(self._sheet.chords[first : bisect_right(self._chord_ons, bar.end - 1)])
        if not inside:
            for chord in chords:
                self._harmony(measure, chord, chord.on - bar.start)
            self._rest_bar(measure, bar)
        else:
            for piece in _filled(inside, bar):
                while chords and chords[0].on < piece.end:
                    chord = chords.pop(0)
                    self._harmony(measure, chord, chord.on - piece.start)
                self._note(measure, piece, bar)
        if index == len(self._sheet.bars) - 1:
            line = ET.SubElement(measure, "barline", location="right")
            ET.SubElement(line, "bar-style").text = "light-heavy"
        return measure

    def _inside(self, bar: LeadBar) -> list[LeadNote]:
        first = bisect_right(self._offs, bar.start)
        out = []
        for note in self._sheet.notes[first:]:
            if note.on >= bar.end:
                break
            out.append(note)
        return out

    def _attributes(self, measure: ET.Element, index: int, bar: LeadBar) -> None:
        key, meter = self._keys.get(index), bar.meter if bar.meter != self._meter else None
        if index and key is None and meter is None:
            return
        found = ET.SubElement(measure, "attributes")
        if index == 0:
            ET.SubElement(found, "divisions").text = str(QUARTER)
        if key is not None:
            self._key, self._sharps = key, fifths(key)
            signature = ET.SubElement(found, "key")
            ET.SubElement(signature, "fifths").text = str(self._sharps)
            ET.SubElement(signature, "mode").text = "minor" if key[1] == "min" else "major"
        if meter is not None:
            time = ET.SubElement(found, "time")
            ET.SubElement(time, "beats").text = str(meter.numerator)
            ET.SubElement(time, "beat-type").text = str(meter.denominator)
            self._meter = meter
        if index == 0:
            clef = ET.SubElement(found, "clef")
            pitches = sorted(note.pitch for note in self._sheet.notes)
            low = bool(pitches) and pitches[len(pitches) // 2] < 53
            ET.SubElement(clef, "sign").text = "F" if low else "G"
            ET.SubElement(clef, "line").text = "4" if low else "2"

    def _rest_bar(self, measure: ET.Element, bar: LeadBar) -> None:
        note = ET.SubElement(measure, "note")
        ET.SubElement(note, "rest", measure="yes")
        ET.SubElement(note, "duration").text = str(bar.end - bar.start)
        ET.SubElement(note, "voice").text = "1"

    def _harmony(self, measure: ET.Element, chord: LeadChord, offset: int) -> None:
        kind, text, added = KINDS[chord.chord.quality]
        harmony = ET.SubElement(measure, "harmony")
        _named(harmony, "root", spelled_root(chord.chord, self._key))
        ET.SubElement(harmony, "kind", text=text).text = kind
        if chord.chord.bass is not None and chord.chord.bass != chord.chord.root:
            _named(harmony, "bass", spelled_bass(chord.chord, self._key))
        for step in added:
            degree = ET.SubElement(harmony, "degree", {"print-object": "no"})  # the text says it
            ET.SubElement(degree, "degree-value").text = str(step)
            ET.SubElement(degree, "degree-alter").text = "0"
            ET.SubElement(degree, "degree-type").text = "add"
        if offset:
            ET.SubElement(harmony, "offset").text = str(offset)

    def _note(self, measure: ET.Element, piece: _Piece, bar: LeadBar) -> None:
        note = ET.SubElement(measure, "note")
        length = piece.end - piece.start
        if piece.note is None:
            ET.SubElement(note, "rest")
        else:
            letter, alter = spelled(piece.note.pitch % 12, self._sharps)
            pitch = ET.SubElement(note, "pitch")
            ET.SubElement(pitch, "step").text = letter
            if alter:
                ET.SubElement(pitch, "alter").text = str(alter)
            # B# sounds in the octave above its name, Cb in the one below.
            ET.SubElement(pitch, "octave").text = str((piece.note.pitch - alter) // 12 - 1)
        ET.SubElement(note, "duration").text = str(length)
        ties = [word for word, is_on in (("stop", piece.tied_from), ("start", piece.tied_to)) if is_on]
        for word in ties:
            ET.SubElement(note, "tie", type=word)
        ET.SubElement(note, "voice").text = "1"
        kind, dots = (_TRIPLET_TYPES[length], 0) if piece.triplet else _TYPES[length]
        ET.SubElement(note, "type").text = kind
        for _ in range(dots):
            ET.SubElement(note, "dot")
        if piece.triplet:
            ratio = ET.SubElement(note, "time-modification")
            ET.SubElement(ratio, "actual-notes").text = "3"
            ET.SubElement(ratio, "normal-notes").text = "2"
            ET.SubElement(ratio, "normal-type").text = "eighth"
        within = (piece.start - bar.line) % QUARTER
        edges = [] if not piece.triplet else ["start"] * (within == 0) + ["stop"] * (within + length == QUARTER)
        if ties or edges:
            notations = ET.SubElement(note, "notations")
            for word in ties:
                ET.SubElement(notations, "tied", type=word)
            for word in edges:
                ET.SubElement(notations, "tuplet", type=word, bracket="yes", number="1")


def _named(harmony: ET.Element, word: str, spelling: tuple[str, int]) -> None:
    letter, alter = spelling
    found = ET.SubElement(harmony, word)
    ET.SubElement(found, f"{word}-step").text = letter
    if alter:
        ET.SubElement(found, f"{word}-alter").text = str(alter)


def _tempo(measure: ET.Element, bpm: float, meter: Meter) -> None:
    direction = ET.SubElement(measure, "direction", placement="above")
    mark = ET.SubElement(ET.SubElement(direction, "direction-type"), "metronome")
    ET.SubElement(mark, "beat-unit").text = "quarter"
    if meter.compound and meter.denominator == 8:
        ET.SubElement(mark, "beat-unit-dot")
        ET.SubElement(mark, "per-minute").text = f"{bpm / 1.5:.0f}"
    else:
        ET.SubElement(mark, "per-minute").text = f"{bpm:.0f}"
    ET.SubElement(direction, "sound", tempo=f"{bpm:.2f}")


def _filled(notes: Sequence[LeadNote], bar: LeadBar) -> list[_Piece]:
    """Notes and the rests between them as what is written, from bar line to bar line."""
    out: list[_Piece] = []
    at = bar.start
    for note in notes:
        low, high = max(note.on, bar.start), min(note.off, bar.end)
        out += [_Piece(a, b, t, None) for a, b, t in pieces(at, low, bar)]
        cut = [_Piece(a, b, t, note) for a, b, t in pieces(low, high, bar)]
        for index, piece in enumerate(cut):
            piece.tied_from = index > 0 or note.on < bar.start
            piece.tied_to = index < len(cut) - 1 or note.off > bar.end
        out += cut
        at = high
    return [*out, *(_Piece(a, b, t, None) for a, b, t in pieces(at, bar.end, bar))]
