"""``sideman-lab evaluate jams``: whole songs through the program; three of them wherever the data sets are."""

import json

import pytest

from sideman.service.demo import CLIPS
from sideman_lab import cli, jams


def test_a_row_and_a_summary(tmp_path):
    row = jams.play(CLIPS / "first_evening.mid", tmp_path / "out")
    assert row["song"] == "first_evening"
    assert row["hung"] == 0
    assert row["frames"] > 0
    assert (tmp_path / "out" / "report.json").exists()
    broken = {"song": "x", "wrong": ["PerformanceError: it is not a MIDI file"]}
    found = jams.summary([row, broken])
    assert (found["songs"], found["hung_notes"]) == (2, 0)
    assert found["broken"] >= 1
    assert "MIDI file" in jams.line(broken)
    assert jams.line(row).startswith("first_evening")


def test_a_song_that_cannot_be_read_is_a_row_of_its_own(tmp_path):
    (tmp_path / "bad.mid").write_bytes(b"nothing")
    row = jams.play(tmp_path / "bad.mid", tmp_path / "out")
    assert row["wrong"][0].startswith("PerformanceError")


def test_missing_data_are_said(tmp_path, capsys):
    assert cli.main(["evaluate", "jams", "--data", str(tmp_path)]) == 1
    assert "pop909.tar.gz is not there" in capsys.readouterr().err


def test_three_validation_songs(data_folder, capsys):
    status = cli.main(["evaluate", "jams", "--data", str(data_folder), "--songs", "3", "--json"])
    found = json.loads(capsys.readouterr().out)
    for row in found["songs"]:
        assert row["wrong"] == []
        assert row["hung"] == 0
        assert row["nic"] > 0.2
        assert len(row["baselines"]) == 3
    assert (status, found["songs"] and len(found["songs"]), found["broken"]) == (0, 3, 0)


def test_no_data_folder_is_said(monkeypatch, capsys):
    monkeypatch.delenv("SIDEMAN_DATA", raising=False)
    assert cli.main(["evaluate", "jams"]) == 1
    assert "SIDEMAN_DATA" in capsys.readouterr().err


@pytest.mark.parametrize("argument", ["--jobs", "--out", "--songs"])
def test_the_command_explains_itself(argument, capsys):
    with pytest.raises(SystemExit):
        cli.main(["evaluate", "jams", "--help"])
    assert argument in capsys.readouterr().out
