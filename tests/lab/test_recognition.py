"""The measure of comped chords: what a perfect, a deaf and a wrong ear get; the reader of POP909-CL's piano parts."""

import io
import tarfile

import mido
import pytest

from sideman.music.chords import QUALITIES, Chord, parse_chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter
from sideman.music.notes import Note
from sideman_lab import cli, recognition
from sideman_lab.data import pop909_cl_piano
from sideman_lab.data.pop909_cl_piano import Comping, found_on, named
from sideman_lab.splits import side

SONG = next(f"{n:03d}" for n in range(1, 99) if side(f"pop909-{n:03d}") == "validation")
NAMES = ("C:maj", "A:min7", "F:maj", "G:7")
BLOCKS = {
    name: [48 + c.root + step for step in QUALITIES[c.quality]]
    for name, c in zip(NAMES, map(parse_chord, NAMES), strict=True)
}
TUNE = (76, 79, 84, 83, 81, 79, 77, 74)


def song():
    notes = [Note(i * 3840, 3700, p, 70) for i, name in enumerate(NAMES) for p in BLOCKS[name]]
    chords = tuple((i * 3840, (i + 1) * 3840, parse_chord(name)) for i, name in enumerate(NAMES))
    return Comping("made-up", Meter(), tuple(notes), (), chords)


def spans(names):
    return [ChordSpan(i * 16, 16, parse_chord(name), 1.0) for i, name in enumerate(names)]


def shares(rows):
    return {name: right / counted for name, (right, counted) in rows.items()}


def test_the_labels_themselves_score_1_and_silence_0():
    assert set(shares(recognition.scored(song(), spans(NAMES))).values()) == {1.0}
    deaf = recognition.scored(song(), [])
    assert deaf["root"] == (0, 64)
    assert deaf["recognised"] == (0, 64)


def test_each_measure_sees_its_own_mistake():
    found = shares(recognition.scored(song(), spans(("C:min", "C:maj6", "F:maj/A", "G:maj"))))
    assert found["root"] == 0.75
    assert found["triad"] == 0.5
    assert found["sevenths"] == 0.25
    assert found["bass"] == 0.5
    late = [ChordSpan(s.onset + 3, 13, s.chord, 1.0) for s in spans(NAMES)]
    assert shares(recognition.scored(song(), late))["onset recall"] == 0.0


def test_the_band_hears_blocks_and_a_line_is_none():
    assert set(shares(recognition.scored(song(), recognition.by_band(song()))).values()) == {1.0}
    line = tuple(Note(i * 960, 900, p) for i, p in enumerate((60, 62, 64, 65, 67, 65, 64, 62)))
    assert recognition.called(recognition.Line(line, Meter(), 32)) == (0, 2)


@pytest.mark.parametrize(
    ("pitches", "chord"),
    [
        ((48, 52, 55), Chord(0)), ((52, 55, 60), Chord(0, "maj", 4)), ((48, 52, 55, 57), Chord(0, "maj6")),
        ((57, 60, 64, 67), Chord(9, "min7")), ((48, 50, 55), Chord(0, "sus2")), ((48, 49, 50), None),
    ],
)  # fmt: skip
def test_blocks_are_named_by_their_tones_and_bass(pitches, chord):
    assert named(pitches) == chord


def test_the_melody_is_found_by_one_shift():
    tune = [Note(i * 480, 400, p, 60 + i) for i, p in enumerate(TUNE)]
    other = [Note(i * 960, 900, p, 50) for i, p in enumerate((48, 52, 55, 48))]
    piano = sorted([*other, *(n.moved(7000 + (i % 3) * 20) for i, n in enumerate(tune))])
    assert [piano[i].pitch for i in found_on(tune, piano)] == list(TUNE)


def midi(**tracks):
    file = mido.MidiFile(ticks_per_beat=480)
    for name, rows in tracks.items():
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        timed = [(tick, "note_on", pitch, velocity) for tick, _, pitch, velocity in rows]
        timed += [(tick + length, "note_off", pitch, 0) for tick, length, pitch, _ in rows]
        now = 0
        for tick, kind, pitch, velocity in sorted(timed):
            track.append(mido.Message(kind, note=pitch, velocity=velocity, time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def archive(path, name, data):
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))


@pytest.fixture
def data(tmp_path):
    tune = [(i * 960, 900, p, 60 + i) for i, p in enumerate(TUNE)]
    # The file's bars are half a bar off, as in many songs of the set.
    moved = [(tick + 960, *rest) for tick, *rest in tune]
    comp = [(960 + i * 1920, 1900, p, 50) for i, name in enumerate(NAMES) for p in BLOCKS[name]]
    piano, chords = sorted([*moved, *comp]), [(tick, 1920, pitch, 90) for tick, _, pitch, _ in comp]
    archive(tmp_path / pop909_cl_piano.ARCHIVE, f"pop909-cl/{SONG}.mid", midi(piano=piano, chords=chords))
    archive(tmp_path / pop909_cl_piano.PLAIN, f"pop909/{SONG}/{SONG}.mid", midi(MELODY=tune))
    (tmp_path / "openscore-lieder").mkdir()
    with tarfile.open(tmp_path / "openscore-lieder" / "openscore-lieder.tar.gz", "w:gz"):
        pass
    return tmp_path


def test_a_song_is_read_from_its_first_bar_line_without_its_melody(data):
    (found,) = pop909_cl_piano.read(data, lambda _: True)
    assert found.id == f"pop909-{SONG}"
    assert [(a, b, c.label) for a, b, c in found.chords] == [
        (i * 3840, (i + 1) * 3840, name) for i, name in enumerate(NAMES)
    ]
    assert {n.pitch for n in found.notes} == {p for pitches in BLOCKS.values() for p in pitches}
    assert [n.pitch for n in found.melody] == list(TUNE)


def test_the_command_prints_figures_beside_baselines(data, capsys):
    assert cli.main(["evaluate", "recognition", "--data", str(data)]) == 0
    printed = capsys.readouterr().out
    assert "triad template" in printed
    assert cli.main(["evaluate", "recognition", "--data", str(data), "--json"]) == 0
    assert '"root": {"value": 1.0' in capsys.readouterr().out


def test_without_data_it_says_what_is_missing(tmp_path, capsys):
    assert cli.main(["evaluate", "recognition", "--data", str(tmp_path)]) == 1
    assert "is not there: give the folder that holds pop909-cl/" in capsys.readouterr().err
