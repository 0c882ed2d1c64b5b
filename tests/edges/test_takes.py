"""MIDI files of takes read back by mido, whole or not at all, in a bounded folder."""

import errno
import io
import os

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.edges import takes
from sideman.edges.smf import midi_file
from sideman.edges.takes import TakeError, prune, write_take
from sideman.jam.take_data import TakeData, TakePart
from sideman.music.meter import parse_meter

FOUR, SEVEN = parse_meter("4/4"), parse_meter("7/8")
TAKE = TakeData(
    tempo=((0, 500_000_000), (3840, 600_000_000)),
    meters=((0, FOUR), (3840, SEVEN)),
    markers=((0, "listen"), (3840, "commit")),
    parts={
        "player": TakePart(0, None, ((-480, 480, 60, 90), (0, 960, 64, 80))),
        "bass": TakePart(1, 33, ((0, 960, 40, 100), (960, 960, 40, 101))),
    },
    name="Take 1",
)


def read(data):
    return mido.MidiFile(file=io.BytesIO(data))


def absolute(track):
    now, out = 0, []
    for message in track:
        now += message.time
        out.append((now, message))
    return out


def notes_of(track):
    sounding, out = {}, []
    for now, m in absolute(track):
        if m.type == "note_on":
            assert m.note not in sounding
            sounding[m.note] = (now, m.velocity)
        elif m.type == "note_off":
            start, velocity = sounding.pop(m.note)
            out.append((start, now - start, m.note, velocity))
    assert not sounding
    return sorted(out)


def test_everything_is_in_the_file_and_moved_by_a_whole_bar():
    file = read(midi_file(TAKE))
    assert (file.type, file.ticks_per_beat, [t.name for t in file.tracks]) == (1, 960, ["Take 1", "player", "bass"])
    head = absolute(file.tracks[0])
    assert [(t, m.tempo) for t, m in head if m.type == "set_tempo"] == [(0, 500_000), (7680, 600_000)]
    assert [(t, m.numerator, m.denominator) for t, m in head if m.type == "time_signature"] == [(0, 4, 4), (7680, 7, 8)]
    assert [(t, m.text) for t, m in head if m.type == "marker"] == [(3840, "listen"), (7680, "commit")]
    assert notes_of(file.tracks[1]) == [(3360, 480, 60, 90), (3840, 960, 64, 80)]
    assert notes_of(file.tracks[2]) == [(3840, 960, 40, 100), (4800, 960, 40, 101)]
    assert [m.program for _, m in absolute(file.tracks[2]) if m.type == "program_change"] == [33]


def test_a_part_s_place_in_the_mix_stands_before_its_first_note():
    part = TakePart(1, 33, ((0, 960, 40, 100),), controls=((7, 90), (10, 50)))
    track = read(midi_file(TakeData((), ((0, FOUR),), parts={"bass": part}))).tracks[1]
    sent = [(t, m.type) for t, m in absolute(track) if not m.is_meta]
    assert sent[:4] == [(0, "program_change"), (0, "control_change"), (0, "control_change"), (0, "note_on")]
    assert [(m.control, m.value) for m in track if m.type == "control_change"] == [(7, 90), (10, 50)]


def test_an_empty_take_is_a_file_too():
    file = read(midi_file(TakeData((), ())))
    assert len(file.tracks) == 1
    assert [m.tempo for m in file.tracks[0] if m.type == "set_tempo"] == [500_000]


NOTES = st.lists(
    st.tuples(st.integers(-9000, 90_000), st.integers(0, 5000), st.integers(0, 127), st.integers(1, 127)), max_size=40
)


@given(NOTES, st.randoms())
def test_any_notes_are_balanced_and_their_order_does_not_matter(notes, rng):
    take = TakeData(((0, 500_000_000),), ((0, SEVEN),), parts={"solo": TakePart(3, 65, tuple(notes))})
    data = midi_file(take)
    mixed = list(notes)
    rng.shuffle(mixed)
    assert midi_file(TakeData(take.tempo, take.meters, parts={"solo": TakePart(3, 65, tuple(mixed))})) == data
    got = notes_of(read(data).tracks[1])
    onsets = sorted({(tick, pitch) for tick, _, pitch, _ in notes})
    lowest = min((tick for tick, _ in onsets), default=0)
    shift = (got[0][0] - lowest) if got else 0
    assert shift % SEVEN.bar_ticks == 0
    assert shift >= 0
    assert (lowest >= 0) <= (shift == 0)
    assert sorted((tick - shift, pitch) for tick, _, pitch, _ in got) == onsets
    assert all(tick >= 0 and length >= 1 for tick, length, _, _ in got)


def test_a_take_is_written_whole_and_over_an_older_one(tmp_path):
    path = tmp_path / "new" / "a.mid"
    write_take(path, TakeData((), ()))
    write_take(path, TAKE)
    assert path.read_bytes() == midi_file(TAKE)
    assert [p.name for p in path.parent.iterdir()] == ["a.mid"]


@pytest.mark.parametrize(
    ("code", "says"),
    [(errno.ENOSPC, "DISK FULL"), (errno.EROFS, "DISK READ-ONLY"), (errno.EACCES, "NO RIGHT"), (errno.EIO, "not kept")],
)
def test_trouble_is_one_sentence_and_leaves_the_old_take(tmp_path, monkeypatch, code, says):
    path = tmp_path / "a.mid"
    path.write_bytes(b"old")

    def fail(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(takes.os, "fsync", fail)
    with pytest.raises(TakeError, match=says) as error:
        write_take(path, TAKE)
    assert str(tmp_path) in str(error.value)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.mid"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TakeError, match="Takes are not kept"):
        write_take(tmp_path / "file" / "a.mid", TAKE)


def make(folder, names, size=10):
    for name in names:
        (folder / name).write_bytes(b"x" * size)


def test_the_oldest_takes_go(tmp_path):
    make(tmp_path, [f"2026-{i}.{ext}" for i in range(5) for ext in ("mid", "log")])
    (tmp_path / ".2026-9.mid.part").write_text("")
    assert {p.name for p in prune(tmp_path, 3, 10**9)} == {f"2026-{i}.{ext}" for i in (0, 1) for ext in ("mid", "log")}
    assert prune(tmp_path, 3, 10**9) == []
    assert {p.name for p in prune(tmp_path, 3, 45)} == {"2026-2.mid", "2026-2.log"}


def test_the_newest_and_what_is_kept_stay(tmp_path):
    make(tmp_path, ["1.mid", "2.mid", "3.mid"], 100)
    assert {p.name for p in prune(tmp_path, 1, 1, keep=[tmp_path / "1.mid"])} == {"2.mid"}
    assert {p.name for p in tmp_path.iterdir()} == {"1.mid", "3.mid"}


def test_takes_may_be_folders(tmp_path):
    for name in ("1", "2"):
        (tmp_path / name / "inner").mkdir(parents=True)
        make(tmp_path / name / "inner", ["a"], 50)
    assert [p.name for p in prune(tmp_path, 9, 60)] == ["1"]
    assert prune(tmp_path / "none", 1, 1) == []
