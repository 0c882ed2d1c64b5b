"""Lead sheets as MusicXML: every bar adds up, and what is read back is what was written."""

import base64
import io
import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise

import mido
import pytest
import verovio
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.edges.musicxml import KINDS, musicxml
from sideman.music.chords import QUALITIES, Chord
from sideman.music.leadsheet import LeadBar, LeadChord, LeadNote, LeadSheet
from sideman.music.meter import parse_meter
from sideman.music.spelling import fifths, spelled

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
TYPES = {"whole": 48, "half": 24, "quarter": 12, "eighth": 6, "16th": 3}
QUALITY_OF = {(kind, added): quality for quality, (kind, _, added) in KINDS.items()}
METERS = ["4/4", "3/4", "6/8", "7/8 2+2+3", "5/4", "12/8", "2/2", "7/16"]
keys = st.tuples(st.integers(0, 11), st.sampled_from(("maj", "min")))


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - the test's own text


def number(element, path, default=0):
    return int(element.findtext(path) or default)


def pitch_of(element, step, alter):
    return STEPS[element.findtext(step)] + number(element, alter)


def read(data):
    """The sheet as another program sees it: notes tied together, chords at their places, the lengths of bars."""
    root = parsed(data)
    notes, chords, lengths, meters, at = [], [], [], [], 0
    meter = None
    for measure in root.iter("measure"):
        start = at
        if measure.find("attributes/time") is not None:
            meter = Fraction(number(measure, "attributes/time/beats"), number(measure, "attributes/time/beat-type"))
        for item in measure:
            if item.tag == "harmony":
                added = tuple(int(e.text) for e in item.findall("degree/degree-value"))
                bass = (
                    pitch_of(item.find("bass"), "bass-step", "bass-alter") % 12
                    if item.find("bass") is not None
                    else None
                )
                root_class = pitch_of(item.find("root"), "root-step", "root-alter") % 12
                chord = Chord(root_class, QUALITY_OF[(item.findtext("kind"), added)], bass)
                chords.append((at + number(item, "offset"), chord))
            elif item.tag == "note":
                length = number(item, "duration")
                written(item, length)
                if item.find("pitch") is not None:
                    pitch = pitch_of(item.find("pitch"), "step", "alter") + 12 * (number(item, "pitch/octave") + 1)
                    ties = {tie.get("type") for tie in item.findall("tie")}
                    if "stop" in ties:
                        on, off, before = notes.pop()
                        assert (off, before) == (at, pitch)
                        notes.append((on, at + length, pitch))
                    else:
                        notes.append((at, at + length, pitch))
                at += length
        lengths.append(at - start)
        meters.append(meter)
    return notes, chords, lengths, meters


def written(note, length):
    """The note's shape says as much as its number."""
    if note.find("rest") is not None and note.find("rest").get("measure"):
        return
    shape = Fraction(TYPES[note.findtext("type")])
    shape = shape * 3 / 2 if note.find("dot") is not None else shape
    assert len(note.findall("dot")) <= 1
    if note.find("time-modification") is not None:
        shape = shape * 2 / 3
    assert shape == length


@st.composite
def sheets(draw):
    meters = draw(st.lists(st.sampled_from(METERS).map(parse_meter), min_size=1, max_size=6))
    bars, at = [], 0
    for meter in meters:
        bars.append(LeadBar(at, at + meter.bar_ticks // 80, meter))
        at = bars[-1].end
    cuts = sorted(draw(st.sets(st.integers(0, at // 3), max_size=20)))
    notes = [LeadNote(a * 3, b * 3, draw(st.integers(30, 100))) for a, b in pairwise(cuts) if draw(st.booleans())]
    places = sorted(draw(st.sets(st.integers(0, at // 3 - 1), max_size=10)))
    chords = [
        LeadChord(
            a * 3,
            b * 3,
            Chord(
                draw(st.integers(0, 11)),
                draw(st.sampled_from(sorted(QUALITIES))),
                draw(st.none() | st.integers(0, 11)),
            ),
        )
        for a, b in zip(places, [*places[1:], at // 3], strict=False)
    ]
    return LeadSheet("Any", tuple(bars), tuple(notes), tuple(chords), ((0, draw(keys)),), ((0, 100.0),))


@given(sheets())
def test_what_is_read_back_is_what_was_written(sheet):
    notes, chords, lengths, meters = read(musicxml(sheet))
    assert notes == [(n.on, n.off, n.pitch) for n in sheet.notes]
    plain = [(c.on, Chord(c.chord.root, c.chord.quality, None if c.chord.bass == c.chord.root else c.chord.bass))
             for c in sheet.chords]  # fmt: skip
    assert chords == plain
    assert [Fraction(length, 48) for length in lengths] == meters


def test_a_pickup_is_a_short_bar_without_a_number():
    four = parse_meter("4/4")
    bars = (LeadBar(36, 48, four), LeadBar(48, 96, four))
    notes = (LeadNote(36, 40, 60), LeadNote(40, 44, 62), LeadNote(44, 60, 64))
    data = musicxml(LeadSheet("", bars, notes, (), ((0, (5, "maj")),), ((0, 90.0),)))
    root = parsed(data)
    assert [(m.get("number"), m.get("implicit")) for m in root.iter("measure")] == [("0", "yes"), ("1", None)]
    assert [t.get("type") for t in root.iter("tuplet")] == ["start", "stop"]
    assert read(data)[0] == [(0, 4, 60), (4, 8, 62), (8, 24, 64)]
    assert root.find(".//fifths").text == "-1"


@given(keys, st.integers(0, 11))
def test_every_pitch_class_is_spelled_as_itself(key, pitch_class):
    letter, alter = spelled(pitch_class, fifths(key))
    assert (STEPS[letter] + alter) % 12 == pitch_class
    assert abs(alter) <= 2


@pytest.mark.parametrize(
    ("key", "names"),
    [((0, "maj"), "C F# Bb G#"), ((9, "min"), "A G# F# Bb"), ((3, "maj"), "Eb Ab D Bb"), ((4, "maj"), "E D# A# G#")],
)
def test_keys_spell_their_own_tones(key, names):
    for name in names.split():
        pitch_class = STEPS[name[0]] + name.count("#") - name.count("b")
        letter, alter = spelled(pitch_class % 12, fifths(key))
        assert letter + "#" * alter + "b" * -alter == name


def engraved(sheet):
    """What Verovio makes of a sheet: the notes it plays, in units, and where it puts which chord symbol."""
    toolkit = verovio.toolkit()
    assert toolkit.loadData(musicxml(sheet).decode())
    file = mido.MidiFile(file=io.BytesIO(base64.b64decode(toolkit.renderToMIDI())))
    unit = file.ticks_per_beat / 12
    notes, sounding = [], {}
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                sounding[message.note] = now
            elif message.type in ("note_off", "note_on"):
                notes.append((round(sounding.pop(message.note) / unit), round(now / unit), message.note))
    mei = parsed(toolkit.getMEI())
    name = "{http://www.music-encoding.org/ns/mei}"
    harms = [
        (number, float(harm.get("tstamp")), "".join(harm.itertext()))
        for number, measure in enumerate(mei.iter(f"{name}measure"))
        for harm in measure.iter(f"{name}harm")
    ]
    return sorted(notes), sorted(harms)


def test_an_engraver_reads_it_as_it_was_written():
    four, seven = parse_meter("4/4"), parse_meter("7/8")
    bars = (LeadBar(0, 48, four), LeadBar(48, 96, four), LeadBar(96, 138, seven))
    notes = (LeadNote(0, 4, 60), LeadNote(4, 8, 61), LeadNote(8, 12, 66), LeadNote(18, 60, 70), LeadNote(96, 138, 72))
    chords = (
        LeadChord(0, 24, Chord(10, "7sus4")),
        LeadChord(24, 96, Chord(9, "min7", 7)),
        LeadChord(96, 138, Chord(5)),
    )
    sheet = LeadSheet("Any", bars, notes, chords, ((0, (10, "maj")),), ((0, 96.0),))
    played, harms = engraved(sheet)
    assert played == [(n.on, n.off, n.pitch) for n in notes]
    # Verovio adds the degree that is marked as not to be printed.
    assert harms == [(0, 1.0, "B♭7sus4(7)"), (0, 3.0, "Am7/G"), (2, 1.0, "F")]


@settings(max_examples=25, deadline=None)
@given(sheets())
def test_an_engraver_plays_the_notes_of_any_sheet(sheet):
    played, harms = engraved(sheet)
    assert played == [(n.on, n.off, n.pitch) for n in sheet.notes]
    assert len(harms) == len(sheet.chords)
