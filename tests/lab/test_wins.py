"""Five takes, before and after: the players, the ruler, and the command without sound against this very commit."""

import json
import subprocess

import pytest

from sideman.service.script import read_script
from sideman_lab import cli
from sideman_lab.wins import figures as f
from sideman_lab.wins.command import ROWS, table, unpacked
from sideman_lab.wins.takes import BARS, BEATS, PERFORMANCES, TURNS, line, write

SIZE = BEATS * BARS


def steady(places, turns=4, pitch=60, velocity=80, since=0.0):
    return [f.Struck(since + at + SIZE * turn, pitch, velocity) for turn in range(turns) for at in places]


@pytest.mark.parametrize("performance", PERFORMANCES, ids=lambda each: each.name)
def test_a_player_plays_its_phrase_over_and_over_with_a_hand_of_its_own(performance, tmp_path):
    notes = line(performance, 1)
    assert notes == line(performance, 1) != line(performance, 2)
    turns = [[p for at, _, p, _ in notes if turn <= round(at * 8) / 8 // SIZE < turn + 1] for turn in range(TURNS)]
    assert all(turn == turns[0] for turn in turns)
    eighths = [at % 1 for at, *_ in notes if 0.42 < at % 1 < 0.72]
    assert sum(eighths) / len(eighths) == pytest.approx(performance.swing, abs=0.03)
    midi, script = write(performance, tmp_path, 1)
    assert midi.is_file()
    assert dict(read_script(script).settings)["jam.style"] == performance.style


def test_off_beats_are_measured_where_they_lie():
    assert f.off_beat(steady([at + 0.66 for at in range(8)])) == pytest.approx(0.66)
    assert f.off_beat(steady(range(8))) is None
    player, straight = steady([k + o for k in range(32) for o in (0, 0.66)]), steady([k + 0.5 for k in range(32)])
    assert f.swing_distance({"player": player, "bass": straight}) == pytest.approx(0.16)
    assert f.swing_distance({"player": player, "bass": straight, "drums": player}) == pytest.approx(0.16)


def test_a_chorus_repeated_is_like_the_first_and_another_is_not():
    same, other = steady([0, 1.5, 2]), [f.Struck(n.at, 60 + int(n.at // SIZE), 80) for n in steady([0, 1.5, 2])]
    assert f.chorus_likeness({"bass": same}, 0) == 1
    assert f.chorus_likeness({"bass": other}, 0) == 0
    assert f.chorus_likeness({"bass": same, "chords": other}, 0) == 0.5


def test_the_beat_is_held_against_a_backbeat():
    rock = [
        n
        for at, pitch in ((0, 36), (2, 36), (1, 38), (3, 38))
        for n in steady([at + 4 * b for b in range(8)], pitch=pitch)
    ]
    assert f.backbeat({"drums": rock}, 0) == 1
    assert f.backbeat({"drums": steady([4 * b + 2 for b in range(8)], pitch=36)}, 0) == 0.25


def test_notes_on_beats_are_kept_or_not():
    player, solo = steady([0, 1, 2, 3.5], turns=1, since=4), steady([0, 2], turns=1, since=40)
    assert f.on_beat_kept({"player": player, "solo": solo}, 40) == pytest.approx(2 / 3)
    assert f.on_beat_kept({"player": player}, 40) is None


def test_loudness_follows_or_not():
    swell = [60 + 5 * abs(bar % 8 - 4) for bar in range(32)]
    player = [f.Struck(4.0 * bar + beat, 60, swell[bar]) for bar in range(32) for beat in range(4)]
    late = [f.Struck(n.at + 4, 40, n.velocity) for n in player]
    assert f.loudness({"player": player, "drums": late}, 0) == pytest.approx(1)
    assert f.loudness({"player": player, "drums": [f.Struck(n.at, 40, 80) for n in player]}, 0) == 0
    assert f.loudness({"player": steady(range(32)), "drums": late}, 0) is None


def test_the_command_plays_both_and_prints_them_side_by_side(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sideman_lab.wins.command.PERFORMANCES", PERFORMANCES[-1:])
    out = tmp_path / "wins"
    assert cli.main(["wins", "--out", str(out), "--before", "HEAD", "--no-sound"]) == 0
    shown = capsys.readouterr().out
    found = json.loads((out / "wins.json").read_text(encoding="utf-8"))["ballad"]
    assert set(found) == {"before", "after"}
    assert found["after"]["on_beat_kept"] is not None
    assert (out / "ballad" / "after" / "roll.png").is_file()
    assert all(row in shown for row in ROWS)


def test_no_such_commit_is_said_in_a_sentence(tmp_path, capsys):
    assert cli.main(["wins", "--out", str(tmp_path), "--before", "nothing-of-the-kind", "--no-sound"]) == 1
    assert "nothing-of-the-kind" in capsys.readouterr().err


def test_an_old_program_is_found_before_this_one(tmp_path):
    path = unpacked("HEAD", tmp_path)
    words = ["git", "show", "HEAD:firmware_py/sideman/__init__.py"]
    assert (tmp_path / "firmware_py" / "sideman" / "__init__.py").read_bytes() == subprocess.run(
        words, capture_output=True, check=True
    ).stdout
    assert str(tmp_path) in path


def test_the_table_has_a_row_a_figure():
    rows = table({"jazz": {"before": {"backbeat": 1.0}, "after": {"backbeat": 0.25}}})
    assert len(rows) == 2 + 2 * len(ROWS)
    assert "1.00 → 0.25" in "\n".join(rows)
