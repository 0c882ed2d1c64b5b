"""Scripts of jams: what they may say, and one sentence for everything they may not."""

import json
import re
from pathlib import Path

import mido
import pytest

from sideman.service import jam_command
from sideman.service.jam_command import with_script
from sideman.service.script import Script, ScriptError, ScriptPress, read_script
from sideman.service.script_times import Times
from sideman.service.settings import Settings
from sideman.service.settings_errors import SettingsError


def script(tmp_path, text):
    path = tmp_path / "s.toml"
    path.write_text(text)
    return path


def wrong(tmp_path, text):
    path = script(tmp_path, text)
    with pytest.raises((ScriptError, SettingsError)) as caught:
        with_script(Settings(), read_script(path))
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said.removeprefix(f"{path}: ")


def performance(tmp_path):
    track = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name="MELODY"),
            *(mido.Message(kind, note=60, velocity=80, time=t) for kind, t in (("note_on", 0), ("note_off", 480)) * 8),
        ]
    )
    path = tmp_path / "p.mid"
    mido.MidiFile(tracks=[track]).save(path)
    return path


WRONG = {
    "press = 3": ("press: found 3", "[[press]]"),
    "[press]\nswitch = 'START'": ("press: found {'switch': 'START'}", "[[press]]"),
    "player = 'x'": ("player: found 'x'", "[player]"),
    "[end]\nat_s = 'q'": ("[end] at_s: found 'q'", "a number of seconds"),
    "[end]\nat_s = true": ("[end] at_s: found true", "a number of seconds"),
    "[end]\nat_s = nan": ("[end] at_s: found nan", "a number of seconds"),
    "[end]": ("[end]: found neither at nor at_s", "either"),
    "[end]\nat = '3.1'\nat_s = 2": ("[end]: found both at and at_s", "either"),
    "[end]\natt = '3.1'": ("[end]: found 'att'", "did you mean 'at'?"),
    "[player]\nstart = 'abc'": ("[player] start: found 'abc'", "a number of seconds"),
    "[player]\ntrack = 'x'": ("[player]: found 'track'", "did you mean 'tracks'?"),
    "[player]\ntracks = [3]": ("[player] tracks: found [3]", "names of tracks"),
    "[[press]]\nswitch = 'start'\nat_s = 1": ("[[press]] 1 switch: found 'start'", "did you mean 'START'?"),
    "[[press]]\nat_s = 1": ("[[press]] 1 switch: found nothing", "START, STOP, PLAY"),
    "[[press]]\nswitch = 'START'\nat = 3.1": ("[[press]] 1 at: found 3.1", "a text with bar and beat"),
    "[[press]]\nswitch = 'START'\nat = '0.1'": ("[[press]] 1 at: found '0.1'", "from 1"),
    "[[press]]\nswitch = 'START'\nat_s = 1\nhold = 2": ("[[press]] 1: found 'hold'", "did you mean 'hold_s'?"),
    "[[press]]\nswitch = 'START'\nat_s = 1\nhold_s = -2": ("[[press]] 1 hold_s: found -2", "0 or more"),
    "[[set]]\nat_s = 1\nkey = 'tempo.bpm'": ("[[set]] 1 value: found nothing", "a number"),
    "[[set]]\nat_s = 1\nvalue = 3": ("[[set]] 1 key: found nothing", "a key of the settings"),
    "[[set]]\nat_s = 1\nkey = 'tempo.bpn'\nvalue = 3": ("[[set]] 1: tempo.bpn: found", "did you mean 'tempo.bpm'?"),
    "[[set]]\nat_s = 1\nkeys = 'a'": ("[[set]] 1: found 'keys'", "did you mean 'key'?"),
    "[[fault]]\nat_s = 1\nwhat = 'unplugg'": ("[[fault]] 1 what: found 'unplugg'", "did you mean 'unplug'?"),
    "[[fault]]\nat_s = 1\nwat = 'plug'": ("[[fault]] 1: found 'wat'", "did you mean 'what'?"),
    "[settings]\ntempo.bpm = 5000": ("[settings]: tempo.bpm: found 5000", "a number from"),
    "[settings]\ntempo.bpm = 2020-01-01": ("[settings]: tempo.bpm: found", "a number from"),
    "[settings.temp]\nbpm = 100": ("[settings]: temp.bpm: found an unknown key", "did you mean 'tempo.bpm'?"),
    "settings = 3": ("settings: found 3", "a table"),
    "[settingz]": ("found 'settingz'", "did you mean 'settings'?"),
    "what": ("found 'Expected", "TOML"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_file_place_found_and_allowed(tmp_path, text):
    said = wrong(tmp_path, text)
    start, allowed = WRONG[text]
    assert said.startswith(start)
    assert allowed in said.partition("allowed: ")[2]


def test_a_missing_script_and_a_missing_place_are_one_sentence(tmp_path):
    with pytest.raises(ScriptError, match=r"no\.toml: found No such file.*allowed: a TOML file"):
        read_script(tmp_path / "no.toml")
    nowhere = read_script(script(tmp_path, "[[press]]\nswitch = 'START'\nat = '1.9'"))
    with pytest.raises(ScriptError, match=r"s\.toml: \[\[press\]\] 1 at: found '1\.9'; allowed: .*has 4 beats"):
        Times(nowhere, performance(tmp_path)).of(nowhere.presses[0])


def test_a_good_script_is_read_whole(tmp_path):
    path = script(
        tmp_path,
        """[player]
        tracks = "MELODY"
        start = 2
        [settings]
        tempo.bpm = 100
        [[press]]
        switch = "START"
        at = "3.1"
        hold_s = 1
        [[set]]
        at_s = 4.5
        key = "click.on"
        value = true
        [end]
        at = "9"
        """,
    )
    found = read_script(path)
    assert (found.tracks, found.start_s, found.end, found.file) == (("MELODY",), 2.0, "9", str(path))
    assert found.presses == (ScriptPress("START", "3.1", None, 1.0),)
    assert [(s.at_s, s.key, s.value) for s in found.sets] == [(4.5, "click.on", "true")]
    assert with_script(Settings(), Script(settings=found.settings)).tempo.bpm == 100


LATE = """[[press]]
switch = "START"
at_s = 0.5
[[press]]
switch = "STOP"
at = "4.1"
[[set]]
at_s = 4.0
key = "tempo.bpm"
value = 90
[end]
at_s = 2.0
"""


def test_the_guides_example_can_be_played(tmp_path):
    guide = Path(__file__).parents[2] / "firmware_py" / "docs" / "guide.md"
    example = re.search(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)[1]
    found = read_script(script(tmp_path, example))
    assert found.end
    with_script(Settings(), found)


def test_what_comes_after_the_end_is_said_and_reported(tmp_path, capsys, monkeypatch):
    kept, play = [], jam_command.play_fast

    def watched(*given, models):
        kept.append(models)
        return play(*given, models=models)

    monkeypatch.setattr(jam_command, "play_fast", watched)
    path = script(tmp_path, LATE + f'[settings]\nband.models_folder = "{tmp_path}"\n')
    read = read_script(path)
    jam_command.jam(
        performance(tmp_path), read, with_script(Settings(), read), tmp_path / "out", fast=True, pictures=False
    )
    said = capsys.readouterr().err
    notes = json.loads((tmp_path / "out" / "report.json").read_text())["notes"]
    for line in (
        f"{path}: [[press]] 2: at 4.1, after the end at 2 s: left out",
        f"{path}: [[set]] 1: at 4 s, after the end at 2 s: left out",
    ):
        assert line in said
        assert line in notes
    assert kept == [tmp_path]
    assert len(notes) == 2
