"""What the box remembers survives a power-off, and a broken file never stops it."""

import json
import os
import subprocess
import sys

import pytest

from sideman.band.messages import Phrase
from sideman.music.meter import Meter
from sideman.music.notes import Note
from sideman.service.state import Keeper, Remembered, recall, remember, state_folder

KEPT = Remembered(
    Phrase((Note(-240, 240, 60, 90), Note(0, 480, 64)), 2, Meter(7, 8, (2, 2, 3)), 96.5, "A min"),
    (("jam.mode", "trade"),),
)


def test_it_comes_back(tmp_path):
    file = tmp_path / "deep" / "state.json"
    remember(file, KEPT)
    assert recall(file) == (KEPT, "")
    remember(file, Remembered())
    assert recall(file) == (Remembered(), "")
    assert list(file.parent.iterdir()) == [file], "no leftovers"


def test_nothing_yet_is_no_trouble(tmp_path):
    assert recall(tmp_path / "state.json") == (Remembered(), "")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"schema": 99}', '{"schema": 1, "phrase": {"_": "Spell"}, "choices": []}',
     '{"schema": 1, "phrase": {"_": "Meter", "numerator": 4, "denominator": 4, "grouping": [2, 2]}, "choices": []}',
     '{"schema": 1, "phrase": null, "choices": [3]}', "\x00" * 4096, "[" * 100_000],
)  # fmt: skip
def test_a_broken_file_is_ignored_with_a_sentence(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text, encoding="utf-8")
    found, sentence = recall(file)
    assert found == Remembered()
    assert str(file) in sentence
    assert "ignored" in sentence


def test_every_cut_of_the_file_is_survived(tmp_path):
    file = tmp_path / "state.json"
    remember(file, KEPT)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert recall(file)[0] == Remembered()


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "state.json"
    remember(file, KEPT)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        remember(file, Remembered())
    assert recall(file) == (KEPT, "")
    assert list(tmp_path.iterdir()) == [file]


def test_the_keeper_writes_the_newest(tmp_path):
    file = tmp_path / "state.json"
    keeper = Keeper(file)
    for bpm in range(30, 60):
        keeper.keep(Remembered(choices=(("tempo.bpm", str(bpm)),)))
    keeper.keep(KEPT)
    keeper.close()
    assert recall(file) == (KEPT, "")
    assert keeper.trouble == ""


def test_the_keeper_reports_a_bad_disk(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    keeper = Keeper(tmp_path / "file" / "state.json")
    keeper.keep(KEPT)
    keeper.close()
    assert "nothing will be remembered" in keeper.trouble


def test_the_folder_is_systemds_when_it_gives_one(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}:/elsewhere")
    assert state_folder() == tmp_path
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "sideman"


def test_a_kill_in_mid_write_leaves_a_whole_file(tmp_path):
    file = tmp_path / "state.json"
    remember(file, KEPT)
    writer = (
        "import sys, pathlib\n"
        "from sideman.service.state import Remembered, remember\n"
        "print('go', flush=True)\n"
        "while True: remember(pathlib.Path(sys.argv[1]), Remembered(choices=(('a', 'b' * 50000),)))\n"
    )
    with subprocess.Popen([sys.executable, "-c", writer, str(file)], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        while json.loads(file.read_text(encoding="utf-8"))["phrase"]:
            pass
        process.kill()
    found, sentence = recall(file)
    assert sentence == ""
    assert found.choices
