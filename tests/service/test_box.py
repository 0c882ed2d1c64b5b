"""The box with its real processes on stand-in ports: what breaks is shown, and the jam goes on."""

import os
import signal
import threading
from pathlib import Path

import pytest
from box_kit import ThreadBox, hung, until

from sideman.service import box as box_module
from sideman.service import keeping
from sideman.service.replay import replayed_bytes
from sideman.service.state import recall

NO_MODELS = "/nonexistent/models"


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def start(state):
    made = []

    def make(settings=None, **values):
        made.append(ThreadBox({"band.models_folder": NO_MODELS, **(settings or {})}, **values))
        until(lambda: made[-1].jam.models or "band" in made[-1].jam.faults)
        return made[-1]

    yield make
    for each in made:
        each.close()
        assert hung(each.synth.heard()) == set()


def take_and_replay(state, number="000001"):
    take = state / "takes" / f"{number}.mid"
    log = state / "takes" / f"{number}.log"
    return take.read_bytes(), replayed_bytes(log)


def test_a_jam_is_kept_and_its_log_gives_the_same_bytes(start, state):
    box = start()
    box.commit()
    box.press("PLAY")
    box.goes_on()
    box.press("STOP")
    until(lambda: box.state == "COMMITTED")
    until((state / "takes" / "000001.mid").exists)  # it is silent: the take so far
    until((state / "takes" / "000001.lead.mid").exists)  # and its melody with chords
    assert (state / "takes" / "000001.lead.musicxml").exists()
    assert not box.faults().get("lead sheet")
    box.close()
    take, again = take_and_replay(state)
    assert take == again
    assert len(take) > 250


def test_the_box_wakes_as_it_was_left(start, state):
    first = start()
    first.commit()
    phrase = first.jam.session.material.phrase
    first.jam.chosen = (("jam.ending", "stop"), ("jam.lineup", "drums"))  # as the menu leaves it
    first.close()
    kept, said = recall(state / "state.json")
    assert (kept.phrase, said) == (phrase, "")
    second = start()
    until(lambda: second.state == "COMMITTED")
    assert second.jam.session.material.phrase == phrase
    assert second.jam.options.ending == "stop"
    assert second.jam.options.lineup == "drums"
    assert second.sounded() == 0, "silent"
    second.press("PLAY")
    second.goes_on()
    second.close()
    take, again = take_and_replay(state, "000002")
    assert take == again
    third = start()
    until(lambda: third.state == "COMMITTED")
    assert third.jam.options.lineup == "drums", "choices of two evenings ago still hold"


def test_a_corrupt_state_is_ignored_with_a_sentence(start, state):
    state.mkdir()
    (state / "state.json").write_text('{"schema": 1, "phrase": {"_": "Phrase"}', encoding="utf-8")
    box = start()
    until(lambda: "state" in box.faults())
    assert "is ignored" in box.faults()["state"]
    assert box.state == "IDLE"


def test_choices_that_no_longer_exist_are_forgotten(start, state):
    state.mkdir()
    choices = '[["jam.ending", "explode"], ["jam.lineup", "drums"]]'
    (state / "state.json").write_text(f'{{"schema": 1, "phrase": null, "choices": {choices}}}', encoding="utf-8")
    box = start()
    until(lambda: "jam.ending" in box.faults().get("state", ""))
    assert box.jam.options.lineup == "drums"
    assert box.jam.options.ending == "hit"


def test_settings_trouble_is_shown(start):
    box = start(trouble="settings.toml: tempo.bpm is 'fast'")
    until(lambda: box.faults().get("settings") == "settings.toml: tempo.bpm is 'fast'")


def test_where_takes_cannot_be_kept_that_is_shown_and_the_jam_goes_on(start, tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    box = start({"takes.folder": str(tmp_path / "file")})
    box.commit()
    until(lambda: str(tmp_path / "file") in box.faults().get("takes", ""))
    box.press("PLAY")
    box.goes_on()


def test_a_state_that_cannot_be_written_is_shown(start, state):
    state.write_text("not a folder", encoding="utf-8")
    box = start()
    box.commit()
    until(lambda: "nothing will be remembered" in box.faults().get("state", ""))
    box.press("PLAY")
    box.goes_on()


def test_missing_models_are_shown_and_everybody_plays_by_rules(start):
    box = start()
    assert {"model chords", "model drums", "model melody"} <= set(box.faults())
    box.commit()
    box.press("PLAY")
    box.goes_on()


def test_a_band_killed_while_idle_and_while_playing_comes_back(start):
    box = start()
    os.kill(box.box.band.pid, signal.SIGKILL)
    until(lambda: not box.jam.band_up)
    until(lambda: box.jam.band_up)
    assert "band" not in box.faults()
    box.commit()
    box.press("PLAY")
    box.goes_on()
    os.kill(box.box.band.pid, signal.SIGKILL)
    until(lambda: not box.jam.band_up)
    box.goes_on()
    until(lambda: box.jam.band_up)
    box.goes_on()


def test_a_pulled_instrument_leaves_no_note_and_the_band_plays_on(start):
    box = start()
    box.commit()
    box.press("PLAY")
    box.goes_on()
    box.keys.play(bytes((0x90, 72, 100)))
    until(lambda: bytes((0x90, 72, 100)) in box.synth.heard())
    box.world.unplug(box.keys)
    until(lambda: bytes((0x80, 72, 0)) in box.synth.heard())
    until(lambda: box.jam.notice[1] == "UNPLUGGED")
    box.goes_on()


def test_a_long_evening_becomes_several_takes(start, state, monkeypatch):
    monkeypatch.setattr(box_module, "NEW_JAM_NS", 300_000_000)
    monkeypatch.setattr(box_module, "NEW_JAM_SIZE", 30)
    monkeypatch.setattr(keeping, "SILENT_NS", 100_000_000)
    box = start({"jam.ending": "stop"})
    box.commit()
    box.press("PLAY")
    box.goes_on()
    first = box.box.conductor
    box.press("STOP")
    phrase = first.jam.session.material.phrase
    until(lambda: box.box.conductor is not first, lambda: f"{box.state} {box.box.keeping.journal.records}")
    until(lambda: box.state == "COMMITTED")
    assert box.jam.session.material.phrase == phrase
    assert box.jam.options.ending == "stop"
    assert box.jam.band_up
    assert box.jam.instruments == first.jam.instruments
    assert box.jam.output == first.jam.output != ""
    assert set(box.faults()) == set(first.jam.faults)
    monkeypatch.setattr(box_module, "NEW_JAM_SIZE", 1_000_000)
    box.press("PLAY")
    box.goes_on()
    until(lambda: box.jam.plans)  # the band answers the new jam
    box.close()
    for number in ("000001", "000002"):
        take, again = take_and_replay(state, number)
        assert take == again
        assert len(take) > 250


def test_without_takes_a_long_evening_is_forgotten_all_the_same(start, state, monkeypatch):
    monkeypatch.setattr(box_module, "NEW_JAM_NS", 300_000_000)
    monkeypatch.setattr(box_module, "NEW_JAM_SIZE", 30)
    box = start({"takes.on": "false"})
    box.commit()
    first = box.box.conductor
    until(lambda: box.box.conductor is not first)
    until(lambda: box.state == "COMMITTED")
    assert not box.jam.recorder.player
    assert not (state / "takes").exists()


def test_nothing_is_left_when_boxes_have_closed(start):
    def tasks():
        return {thread.name for thread in threading.enumerate() if thread.is_alive()}

    def files():
        return len(list(Path("/proc/self/fd").iterdir()))

    start().close()  # what stays for good (imports, caches) is there now
    before, open_before = tasks(), files()
    for _ in range(2):
        box = start()
        box.commit()
        box.close()
    until(lambda: tasks() <= before, lambda: str(tasks() - before))
    until(lambda: files() <= open_before, lambda: f"{open_before} files before, {files()} now")


def test_restarts_leave_no_empty_takes(start, state):
    for _ in range(3):
        start().close()
    assert not (state / "takes").exists()
    box = start()
    box.commit()
    box.close()
    assert {"000001.log", "000001.mid"} <= {path.name for path in (state / "takes").iterdir()}


def test_an_expression_jack_without_its_converter_is_shown(start):
    box = start({"pedal.expression": "true", "oled.bus": "31"})
    until(lambda: "converter" in box.faults().get("expression", ""))
