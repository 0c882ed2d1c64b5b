"""The closed-loop bench: its figures on takes made by hand, JamScore's arithmetic, and the command itself."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from sideman.music.chords import NO_CHORD
from sideman.music.meter import Meter
from sideman_lab import cli
from sideman_lab.bench import command, figures, jamscore
from sideman_lab.bench.takes import Spec, Take, play, sliced
from sideman_lab.chords.piece import FramedPiece

C, F, G, AM = 0, 5, 7, 21


def take(pitch, played, seed=1, settings=(), announced=(), marks=(), meter=None, first=0):
    """A take of one pitch and one chord a frame."""
    pitch, played = np.array(pitch), np.array(played)
    sounding = np.flatnonzero(played < NO_CHORD)
    struck = np.append(True, pitch[1:] != pitch[:-1]) & (pitch > 0)
    human = np.full(len(pitch), C)
    piece = FramedPiece("x", meter or Meter(), first, pitch, struck, human, np.full(len(pitch), 3), 0)
    entry = int(sounding[0]) if len(sounding) else len(played)
    told = np.array(announced, np.int64).reshape(-1, 4)
    return Take(Spec("melody", seed, settings), piece, played, entry, told, tuple(marks), 0, 0, 0, 100.0, 10.0, 1.0)


def test_only_the_bands_frames_count():
    one = take([61] * 32 + [60] * 32, [NO_CHORD] * 32 + [C] * 32)
    found = figures.whole(one)
    assert (found["nic"], found["human"], found["silence"], found["rate"]) == (1.0, 1.0, 0.0, 0.0)
    assert math.isnan(found["strong"])
    assert found["drone"] < 1  # it still stands in the key of what it heard first
    assert figures.whole(take([60] * 32, [NO_CHORD] * 32)) == {"silence": 1.0}


def test_changes_are_counted_by_the_boxs_bars():
    busy = [C, F] * 4 + [C] * 8
    one = take([60] * 32, busy + [C] * 16)
    assert figures.most_in_a_bar(one) == 8
    assert figures.most_in_a_bar(take([60] * 16, [C] * 16)) == 0
    across = [C] * 14 + [F, G, C, F] + [G] * 14
    assert figures.most_in_a_bar(take([60] * 32, across)) == 3
    assert figures.most_in_a_bar(take([60] * 32, across, first=-2)) == 4


def test_strong_changes():
    halves = figures.whole(take([60] * 64, ([C] * 8 + [F] * 8) * 4))
    weak = figures.whole(take([60] * 64, ([C] * 4 + [F] * 4) * 8))
    assert halves["strong"] == 1.0
    assert weak["strong"] == pytest.approx(7 / 15)
    assert halves["rate"] == pytest.approx(7 / 4)


def test_stability_is_what_was_announced_against_what_sounded():
    told = [(0, 8, C, 1), (1, 9, G, 0), (2, 10, C, 0), (2, 12, G, 0)]
    one = take([60] * 32, [C] * 32, announced=told)
    assert figures.stability(one, 8) == pytest.approx(2 / 3)
    assert figures.stability(one) == pytest.approx(1 / 3)
    assert math.isnan(figures.stability(take([60] * 8, [C] * 8), 8))


def test_cycles_agree_from_the_third_on():
    first, other = [C] * 32 + [F] * 32, [G] * 64
    assert figures.cycles(take([60] * 256, other + first * 3), 4) == 1.0
    assert figures.cycles(take([60] * 256, other + first + [C] * 64 + first), 4) == 0.5


def test_listening_is_what_melodies_do_less_what_seeds_do():
    a, b = [C] * 64 + [F] * 64, [G] * 64 + [AM] * 64
    tune = [60, 62, 64, 65, 67, 69, 71, 72] * 16
    one, two = take(tune, a, 1), take(tune, b, 2)
    assert figures.listening([one, two], [replace(one)]) == 1.0
    assert figures.listening([one, take(tune, a, 2)], [take(tune, b, 1)]) == -1.0
    higher = take([p + 5 for p in tune], [(c + 5) % 12 for c in a], 2)
    assert figures.sketch(higher) == figures.sketch(one)  # the same in another key
    assert math.isnan(figures.listening([one], [one]))


def test_recovery_is_a_half_life():
    melody = [60] * 64 + [66] * 96
    soon = take(melody, [C] * 64 + [C] * 16 + [6] * 80, marks=[(64, "change")])
    later = take(melody, [C] * 64 + [C] * 40 + [6] * 56, marks=[(64, "change")])
    never = take(melody, [C] * 160, marks=[(64, "change")])
    found = [figures.recovery([each]) for each in (soon, later, never)]
    assert 3 <= found[0] <= 5
    assert 9 <= found[1] <= 11
    assert found[2] == 16
    assert math.isnan(figures.recovery([take(melody, melody)]))


def target(**values):
    base = {"musician": "comper", "what": "w", "player": "p", "figure": "f", "baseline": 0.0, "moonshot": 1.0}
    return jamscore.Target(**(base | {"bold": True} | values))


def test_the_score_is_the_mean_of_clipped_shares_of_the_bold():
    rows = {"p": {"f": 0.5, "g": 9.0, "drone": 0.4}}
    wanted = [target(), target(figure="g"), target(bold=False), target(baseline="drone", moonshot=None, over=0.2)]
    found = jamscore.score(rows, [], wanted)
    assert [p.share for p in found.parts] == pytest.approx([0.5, 1.0, 0.5, 0.5])
    assert found.score == pytest.approx((0.5 + 1.0 + 0.5) / 3)
    fewer = jamscore.score({"p": {"f": 4.0}}, [], [target(baseline=12.0, moonshot=4.0)])
    assert fewer.score == 1.0  # less may be more


def test_a_broken_rule_is_a_hard_zero_and_is_named():
    found = jamscore.score({"p": {"f": 1.0}}, ["silence 0.50"], [target()])
    assert found.score == 0.0
    assert found.parts[0].share == 1.0
    assert "silence 0.50" in jamscore.table(found)


def test_what_was_not_measured_is_no_score():
    assert math.isnan(jamscore.score({}, [], [target()]).score)


def test_the_shipped_targets_can_all_be_read_from_the_bench():
    wanted = jamscore.targets()
    assert sum(t.bold for t in wanted) >= 4
    assert {t.player for t in wanted} <= {*command.CAST, *command.VARIANTS}
    assert all(t.must is not None or t.must_over is not None for t in wanted)


@pytest.mark.parametrize(
    ("line", "says"), [('figure = "x"', "missing"), ("colour = 3", "colour"), ("", "either moonshot or over")]
)
def test_a_wrong_target_is_said(line, says, tmp_path):
    base = 'musician = "m"\nwhat = "w"\nplayer = "p"\nbaseline = 0.0\n'
    figure = "" if "figure" in line else 'figure = "f"\n'
    file = tmp_path / "targets.toml"
    file.write_text(f"[[target]]\n{base}{figure if says != 'missing' else ''}{line if says != 'missing' else ''}\n")
    with pytest.raises(ValueError, match=says):
        jamscore.targets(file)


def test_a_jam_becomes_a_take_on_the_boxs_frames():
    found = play(Spec("melody", 1))
    assert found.hung == found.late_plans == found.past == 0
    assert found.entry % 16 == (-found.piece.first) % 16  # the band came in on a bar line
    assert len(found.played) == len(found.piece.pitch)
    assert found.answer_ms
    assert figures.whole(found)["human"] > 0.5  # the chords meant stand where the melody stands
    assert sliced(found, 16).first == found.piece.first + 16


def test_the_command_prints_a_line_each_and_the_score(tmp_path, capsys):
    words = ["evaluate", "bench", "--players", "melody,adversary", "--seeds", "1", "--out", str(tmp_path)]
    assert cli.main(words) == 0
    text = capsys.readouterr().out
    assert text.startswith("player")
    assert {"melody", "adversary", "rule:", "JamScore"} <= set(text.split())
    assert {p.name for p in tmp_path.iterdir()} == {"melody.png", "adversary.png"}


def test_given_pieces_are_played_and_told_as_json(tmp_path, capsys):
    piece = {
        "id": "a",
        "meter": [4, 4],
        "melody": [[4 * i, 3, 60 + i % 8] for i in range(48)],
        "chords": [[0, 192, "C"]],
    }
    file = tmp_path / "pieces.jsonl"
    file.write_text(json.dumps(piece) + "\n" + json.dumps(piece | {"id": "b"}) + "\n")
    assert cli.main(["evaluate", "bench", "--pieces", str(file), "--limit", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["rows"]) == {"melody", *command.VARIANTS}
    assert found["rows"]["melody"]["hung"] == 0
    assert {part["name"] for part in found["rule"]} >= {"rate ratio", "silence"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--players", "piper"], "no player is called 'piper'"),
        (["--set", "nothing"], "sets nothing"),
        (["--set", "follow.comit_beats=1"], "comit_beats"),
        (["--pieces", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_what_cannot_be_played_is_said(words, says, capsys):
    assert cli.main(["evaluate", "bench", *words]) == 2
    assert says in capsys.readouterr().err


def test_what_must_never_happen_is_said():
    row = dict.fromkeys(("hung", "late", "past", "never_in", "by_rules"), 0.0) | {"most": 4.0}
    assert command.trouble({"melody": row}) == []
    assert "5 chord changes" in command.trouble({"melody": row | {"most": 5.0}})[0]
    assert "hang" in command.trouble({"melody": row | {"hung": 1.0}})[0]
    assert "never entered" in command.trouble({"melody": row | {"never_in": 1.0}})[0]
    assert "the rules" in command.trouble({"melody": row | {"by_rules": 0.5}})[0]
