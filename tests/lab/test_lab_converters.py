import io
import tarfile
from fractions import Fraction

import mido
import pytest

from sideman_lab import cli
from sideman_lab.chords.piece import frame_piece
from sideman_lab.data import chord_melody, pop909_played
from sideman_lab.data.pop909 import DataMissingError
from sideman_lab.splits import side

SCORE = b"""<?xml version="1.0"?><score-partwise><part id="P1"><measure number="1"><attributes><divisions>4</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time></attributes>
<harmony><root><root-step>C</root-step></root><kind>major</kind><offset>3</offset></harmony>
<note><pitch><step>E</step><octave>4</octave></pitch><duration>12</duration><voice>1</voice></note>
<harmony><root><root-step>A</root-step></root><kind>minor-seventh</kind><offset>-2</offset></harmony>
<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><voice>1</voice></note></measure>
</part></score-partwise>"""


def packed(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_two_symbols_stand_on_the_first_beat_and_in_the_middle(tmp_path):
    (tmp_path / "chord-melody").mkdir()
    (tmp_path / chord_melody.ARCHIVE).write_bytes(packed({"chord-melody/a_song/c.xml": SCORE}))
    (piece,) = chord_melody.read(tmp_path)
    assert piece["id"] == "chord-melody-a_song"
    assert piece["chords"] == [[0, 8, "C:maj"], [8, 8, "A:min7"]]
    assert piece["melody"] == [[0, 12, 64], [12, 4, 60]]


def test_more_symbols_stand_on_the_nearest_beats():
    bar = chord_melody.Bar(
        (4, 4), chords=[(Fraction(1, 4), "C:maj"), (Fraction(5, 4), "F:maj"), (Fraction(9, 4), "G:7")]
    )
    assert [int(onset) for onset, _ in chord_melody.placed(bar)] == [0, 1, 2]


def song(notes, tempo=500_000):
    midi = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    track.name = "MELODY"
    track.append(mido.MetaMessage("set_tempo", tempo=tempo))
    now = 0
    for on, off, pitch in notes:
        track.append(mido.Message("note_on", note=pitch, velocity=90, time=on - now))
        track.append(mido.Message("note_off", note=pitch, time=off - on))
        now = off
    midi.tracks.append(track)
    out = io.BytesIO()
    midi.save(file=out)
    return out.getvalue()


def test_what_was_played_keeps_its_timing_between_the_beats():
    beats = b"".join(b"%.3f %d %d\n" % (0.25 + i * 0.5, i % 2 == 0, i % 4 == 0) for i in range(12))
    chords = b"0.25\t1.25\tC:maj\n1.25\t2.25\tC:maj\n2.25\t4.25\tG:maj\n4.25\t5.0\tN\n"
    # Half a second a quarter, the first beat at 0.25 s: tick 240 is the first bar line.
    piece = pop909_played.played("pop909-1", song([(240, 480, 60), (504, 720, 64)]), beats, chords)
    assert piece["meter"] == [4, 4]
    assert piece["melody"] == [[0.0, 2.0, 60], [2.2, 1.8, 64]]
    assert piece["chords"] == [[0.0, 16.0, "C:maj"], [16.0, 16.0, "G:maj"]]
    assert "pickup" not in piece
    early = pop909_played.played("pop909-1", song([(120, 240, 60), (240, 720, 64)]), beats, chords)
    assert early["pickup"] == 1.0
    assert frame_piece(early, 64).first == -1


def test_a_missing_archive_is_one_sentence(tmp_path):
    with pytest.raises(DataMissingError, match="give the folder that holds pop909/"):
        list(pop909_played.read(tmp_path))


@pytest.mark.parametrize("name", cli.WITHOUT_CHORDS)
def test_drums_hold_no_chords(name, tmp_path, capsys):
    assert cli.main(["pieces", name, "--data", str(tmp_path), "--out", str(tmp_path / "x")]) == 2
    assert "holds drums alone" in capsys.readouterr().err


def test_one_side_of_the_split(tmp_path, monkeypatch):
    ids = [f"pop909-{i:03d}" for i in range(40)]
    rows = [{"id": i, "meter": [4, 4], "melody": [[0, 1, 60]], "chords": []} for i in ids]
    monkeypatch.setattr(chord_melody, "read", lambda _folder: iter(rows))
    out = tmp_path / "x.jsonl"
    words = ["pieces", "chord-melody", "--data", str(tmp_path), "--out", str(out), "--side", "validation"]
    assert cli.main(words) == 0
    assert len(out.read_text().splitlines()) == sum(side(i) == "validation" for i in ids) > 0
