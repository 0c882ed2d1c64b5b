"""Same events, same music: fast runs, replays, golden MIDI, and the live models against what was recorded."""

from collections import Counter

import pytest

from sideman.models import runtime
from sideman.service import cli
from sideman.service.replay import replayed, replayed_bytes
from tests.jams import record as golden

NAMES = sorted(golden.JAMS)


def command(*words):
    return cli.main([str(word) for word in words])


def jam(folder, midi=golden.CLIP, script=None):
    script = script or midi.with_suffix(".toml")
    done = command("jam", "--midi", midi, "--script", script, "--out", folder, "--fast", "--no-pictures")
    assert done == 0
    return (folder / "take.mid").read_bytes()


@pytest.mark.parametrize("name", ["clip", "blues"])
def test_two_fast_runs_and_the_replay_of_either_give_the_same_bytes(name, tmp_path, capsys):
    midi, script = golden.JAMS[name]
    takes = [jam(tmp_path / run, midi, script) for run in ("one", "two")]
    assert takes[0] == takes[1]
    for run in ("one", "two"):
        made = tmp_path / run / "again.mid"
        assert command("replay", tmp_path / run / "events.log", "--out", made) == 0
        assert made.read_bytes() == takes[0]
    assert "hung 0" in capsys.readouterr().out


def test_a_replay_of_another_jam_differs(tmp_path):
    one = jam(tmp_path / "one")
    other = jam(tmp_path / "two", *golden.JAMS["seven"])
    assert one != other


@pytest.mark.parametrize(("text", "says"), [("", "holds no events"), ("{", "line 1"), ('{"in": {"_": "X"}}', "line 1")])
def test_what_is_no_log_is_said(text, says, tmp_path, capsys):
    log = tmp_path / "x.log"
    log.write_text(text, encoding="utf-8")
    assert command("replay", log, "--out", tmp_path / "x.mid") == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "x.mid").exists()


@pytest.mark.parametrize("name", NAMES)
def test_replaying_the_recorded_plans_gives_the_golden_bytes(name, tmp_path):
    wanted = (golden.GOLDEN / f"{name}.mid").read_bytes()
    assert replayed_bytes(golden.unpacked(name, tmp_path)) == wanted, "if this was meant: python -m tests.jams.record"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", runtime.BACKENDS)
def test_the_live_models_agree_with_what_was_recorded(name, backend, tmp_path, monkeypatch):
    if backend not in runtime.installed_backends():
        pytest.skip(f"{backend} is not installed")
    monkeypatch.setattr(runtime, "installed_backends", lambda: (backend,))
    lines, live = golden.recorded(name)
    assert live.jam.models == {"chords": "ok", "drums": "ok", "melody": "ok"}
    then = golden.notes_of(replayed(golden.unpacked(name, tmp_path))[0])
    share = golden.agreement(golden.notes_of(live), then)
    assert share >= 0.98, f"{share:.3f}; if this was meant: python -m tests.jams.record"
    assert any("PlanReady" in line for line in lines)


def test_agreement_is_a_share_of_the_larger():
    a = Counter({("bass", 40, 0, 90): 1, ("bass", 41, 0, 90): 1})
    assert golden.agreement(a, a) == 1.0
    assert golden.agreement(a, Counter({("bass", 40, 0, 90): 1})) == 0.5
    assert golden.agreement(a, Counter({("bass", 40, 1, 90): 2})) == 0.0
