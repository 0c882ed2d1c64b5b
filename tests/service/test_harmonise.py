"""After STOP: the whole melody with chords, as paper and as MIDI; whatever the take, it is written or refused."""

import io
import itertools
import subprocess
import sys
import time

import mido
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sideman.edges import takes
from sideman.edges.smf import midi_file
from sideman.edges.takes import TakeError
from sideman.jam.take_data import TakeData, TakePart
from sideman.music.chords import parse_chord
from sideman.music.meter import parse_meter
from sideman.music.notes import Note
from sideman.music.spelling import chord_name
from sideman.service import cli, lead_maker
from sideman.service.harmonise import melody_of, read_source
from sideman.service.lead_maker import LeadMaker, without_sheet
from sideman.service.leadsheet import NothingPlayedError, lead_sheet, lead_take, write_lead

PATIENCE_S = 90.0
FOUR = parse_meter("4/4")
TUNE = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60)


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def take_of(notes, meters=((0, FOUR),), tempo=((0, 500_000_000),), name="Sideman 000001"):
    return TakeData(tempo, meters, (), {"player": TakePart(0, None, tuple(notes))}, name)


def tune(pitches=TUNE, at=0, step=960):
    return [(at + i * step, step - 60, pitch, 90) for i, pitch in enumerate(pitches)]


def sheet_of(notes, *meters, **more):
    take = take_of(notes, tuple(meters) or ((0, FOUR),), **more)
    return lead_sheet(take, melody_of(take))


def names(sheet):
    return [(c.on, c.off, c.chord.name) for c in sheet.chords]


def test_a_melody_gets_chords_from_its_first_bar_to_its_last():
    sheet = sheet_of(tune())
    assert [len(sheet.bars), sheet.keys, sheet.tempi] == [4, ((0, (0, "maj")),), ((0, 120.0),)]
    assert [n.pitch for n in sheet.notes] == list(TUNE)
    assert sheet.chords[0].on == 0
    assert sheet.chords[-1].off == sheet.bars[-1].end
    assert sheet.chords[-1].chord.root == 0


def test_the_players_own_chords_win():
    said = ("E:min", "A:7", "Bb:maj", "C:maj")
    comped = [
        (i * 3840, 3700, 48 + pc, 80) for i, name in enumerate(said) for pc in sorted(parse_chord(name).pitch_classes)
    ]
    sheet = sheet_of(comped)
    assert [c.chord.triad for c in sheet.chords] == [parse_chord(name).triad for name in said]
    assert not sheet.notes, "blocks of chords alone are no melody"


def test_a_pickup_begins_the_sheet_and_counts_for_no_bar():
    sheet = sheet_of(tune((67,), at=2880) + tune(at=3840))
    assert [sheet.bars[0].start, sheet.bars[0].end] == [36, 48]
    assert sheet.notes[0].on == 36
    assert sheet.chords[0].on >= 36


def test_a_note_before_the_bar_line_is_on_it():
    sheet = sheet_of([(-50, 900, 60, 90), *tune(at=960)])
    assert [sheet.bars[0].start, sheet.notes[0].on] == [0, 0]


def test_meters_change_where_they_do_and_chords_stay_inside():
    seven = parse_meter("7/8")
    sheet = sheet_of(tune() + tune(TUNE[:14], 15360, 480), (0, FOUR), (15360, seven))
    assert [str(bar.meter) for bar in sheet.bars] == ["4/4"] * 4 + ["7/8"] * 2
    assert all(a.off <= b.on for a, b in itertools.pairwise(sheet.chords))


def test_a_change_inside_a_bar_gives_a_short_one_with_its_own_meter():
    sheet = sheet_of(tune(TUNE[:14]), (0, FOUR), (3840 + 1920, FOUR))
    assert [str(bar.meter) for bar in sheet.bars] == ["4/4", "2/4", "4/4", "4/4"]


def test_after_a_long_rest_the_music_begins_anew():
    sheet = sheet_of(tune() + tune([p + 6 for p in TUNE], at=8 * 3840))
    assert len(sheet.bars) == 12
    assert not [c for c in sheet.chords if 4 * 48 <= c.on < 8 * 48]
    assert sheet.chords[-1].chord.root == 6


def test_a_new_tempo_is_marked_where_the_bar_begins():
    tempo = ((0, 500_000_000), (7680, 600_000_000), (9000, 601_000_000))
    assert sheet_of(tune(), tempo=tempo).tempi == ((0, 120.0), (2, 100.0))


def test_an_empty_take_is_refused_in_a_sentence():
    with pytest.raises(NothingPlayedError, match="nothing to harmonise"):
        sheet_of([])


rows = st.lists(
    st.tuples(st.integers(-4000, 40000), st.integers(1, 9000), st.integers(0, 127), st.integers(1, 127)),
    min_size=1, max_size=25,
)  # fmt: skip
meter_maps = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n * 480), st.sampled_from(["4/4", "7/8", "5/4", "6/8", "3/4", "11/16"])),
    min_size=1, max_size=4, unique_by=lambda row: row[0],
).map(lambda found: tuple((tick, parse_meter(text)) for tick, text in sorted(found)))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows, meter_maps)
@example([(0, 1, 0, 1), (-121, 1, 0, 1)], ((0, parse_meter("4/4")),))  # the shortest of notes, on a bar line
def test_any_take_is_written(notes, meters):
    sheet = sheet_of(notes, *meters)
    for a, b in itertools.pairwise(sheet.bars):
        assert a.end == b.start
        assert b.whole
    first, last = sheet.bars[0].start, sheet.bars[-1].end
    for each in sheet.notes:
        assert first <= each.on < each.off <= last
        covered = sum(max(0, min(c.off, each.off) - max(c.on, each.on)) for c in sheet.chords)
        assert covered >= min(6, each.off - each.on), "there is a chord where a note begins"
    for a, b in itertools.pairwise(sheet.chords):
        assert a.on < a.off <= b.on
    file = mido.MidiFile(file=io.BytesIO(midi_file(lead_take(sheet))))
    assert [t.name for t in file.tracks] == ["Sideman 000001", "melody", "chords"]
    melody = [m.note for m in file.tracks[1] if m.type == "note_on"]
    assert melody == [n.pitch for n in sheet.notes]
    assert [m.text for m in file.tracks[2] if m.type == "text"] == [
        chord_name(c.chord, [key for bar, key in sheet.keys if sheet.bars[bar].start <= c.on][-1]) for c in sheet.chords
    ]
    assert any(m.type == "key_signature" for m in file.tracks[0])


def test_the_midi_file_holds_blocks_over_their_bass():
    sheet = sheet_of(tune())
    chords = lead_take(sheet).parts["chords"]
    first = {pitch for tick, _, pitch, _ in chords.notes if tick == 0}
    assert min(first) == 36
    assert len(first) > 3


def test_a_take_and_its_log_give_the_same_sheet(tmp_path, capsys):
    assert cli.main(["demo", "--fast", "--out", str(tmp_path / "demo")]) == 0
    made = {name: (tmp_path / "demo" / name).read_bytes() for name in ("lead.musicxml", "lead.mid")}
    for source in ("events.log", "take.mid"):
        assert cli.main(["harmonise", str(tmp_path / "demo" / source), "--out", str(tmp_path / source[:4])]) == 0
        assert made == {name: (tmp_path / source[:4] / name).read_bytes() for name in made}
    assert "chords by model" in capsys.readouterr().out


def test_other_files_find_their_tune(tmp_path, capsys):
    drums, tune_part, bass = (
        TakePart(9, None, ((0, 100, 36, 90),)),
        TakePart(3, None, tuple(tune())),
        TakePart(1, None, ((0, 900, 36, 80),)),
    )
    data = TakeData((), ((0, FOUR),), (), {"kit": drums, "bass": bass, "Lead vocal": tune_part}, "Song")
    path = tmp_path / "song.mid"
    path.write_bytes(midi_file(data))
    take, _ = read_source(path)
    assert [n.pitch for n in melody_of(take)] == list(TUNE)
    assert melody_of(take, "bass") == [Note(0, 900, 36, 80)]
    assert cli.main(["harmonise", str(path), "--out", str(tmp_path), "--track", "bas"]) == 2
    assert "there is no track 'bas' with notes; there is: bass, Lead vocal" in capsys.readouterr().err
    assert cli.main(["harmonise", str(path), "--out", str(tmp_path), "--key", "A min", "--meter", "3/4"]) == 0
    assert "A min" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "data", "said"),
    [
        ([], None, "is not there: name a MIDI file or an event log"),
        ([], b"", "is neither a MIDI file nor the event log of a jam"),
        ([], b"MThd\0\0\0\6\0\1", "is not a MIDI file that can be read"),
        ([], b'{"log": 1, "settings": {}}', "holds no events"),
        ([], b"{nonsense", "line 1"),
        ([], b'{"\xff\xfe"}', "not text"),
        (["--key", "H"], midi_file(TakeData((), ())), "is no key: write a note and maj or min"),
        (["--meter", "nine"], midi_file(take_of(tune())), "is not a meter"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(words, data, said, tmp_path, capsys):
    path = tmp_path / "given"
    if data is not None:
        path.write_bytes(data)
    assert cli.main(["harmonise", str(path), "--out", str(tmp_path / "out"), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_file_without_notes_is_refused(tmp_path, capsys):
    path = tmp_path / "empty.mid"
    path.write_bytes(midi_file(TakeData((), ())))
    assert cli.main(["harmonise", str(path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == "sideman harmonise: the player played nothing: there is nothing to harmonise\n"


def test_without_a_model_rules_find_the_chords_and_that_is_said(tmp_path, capsys):
    path = tmp_path / "take.mid"
    path.write_bytes(midi_file(take_of(tune())))
    assert cli.main(["harmonise", str(path), "--out", str(tmp_path), "--models", str(tmp_path)]) == 0
    found = capsys.readouterr()
    assert "found by rules" in found.err
    assert "chords by rules" in found.out


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(takes.os, "fsync", full)
    with pytest.raises(TakeError, match="DISK FULL"):
        write_lead(sheet_of(tune()), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_sheet_of_a_take_is_made_beside_it(tmp_path):
    path = tmp_path / "000007.mid"
    path.write_bytes(midi_file(take_of(tune())))
    assert without_sheet(tmp_path) == path
    assert LeadMaker().make(path, "C maj") == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["000007.lead.mid", "000007.lead.musicxml", "000007.mid"]
    assert without_sheet(tmp_path) is None


def test_a_sheet_that_cannot_be_made_is_said(tmp_path):
    path = tmp_path / "000007.mid"
    said = LeadMaker().make(path)
    assert said == f"No lead sheet for take 000007: {path} is not there: name a MIDI file or an event log"
    path.write_bytes(midi_file(TakeData((), (), parts={"player": TakePart(0, None, ())})))
    assert LeadMaker().make(path) == "", "nothing was played: that is no trouble"


def test_the_next_take_need_not_wait_for_the_sheet(tmp_path):
    said = []
    maker = LeadMaker(said=said.append)
    for number in (1, 2):
        path = tmp_path / f"00000{number}.mid"
        path.write_bytes(midi_file(take_of(tune())))
        maker.want(path)
    assert not said
    until(lambda: said == ["", ""])
    assert (tmp_path / "000002.lead.musicxml").exists()
    maker.end()


def test_nothing_is_made_once_it_has_ended(tmp_path, monkeypatch):
    maker = LeadMaker()
    maker.end()
    monkeypatch.setattr(lead_maker.subprocess, "Popen", None)
    assert maker.make(tmp_path / "000001.mid") == ""
    maker.want(tmp_path / "000001.mid")
    assert not list(tmp_path.iterdir())


def test_the_service_loads_no_numpy_for_it():
    script = "import sys, sideman.service.keeping\nprint(sorted({'numpy', 'mido'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
