"""The rehearsal plays all that a first press runs, to nobody."""

import pytest

from sideman.jam.options import Options
from sideman.jam.states import State
from sideman.music.meter import parse_meter
from sideman.service.rehearsal import Rehearsal, rehearse


@pytest.mark.parametrize("mode", ["trade", "follow"])
@pytest.mark.parametrize("count_in", [0, 1])
def test_a_rehearsal_starts_plays_listens_and_ends(mode, count_in):
    played = Rehearsal(Options(mode=mode, count_in=count_in))
    played.play()
    jam = played.conductor.jam
    states = {state for _, state in jam.recorder.spans}
    assert states >= {s.value for s in State} - {"MENU", "COUNT-IN"}
    assert jam.done
    answers = {"solo"} if mode == "trade" else set()
    assert {note.part for note in jam.recorder.band} - {"click"} == {"drums", "bass", "chords"} | answers
    assert len(jam.sounding) == 0


@pytest.mark.parametrize("meter", ["2/16", "3/4", "7/8", "5/4", "12/8", "16/16"])
@pytest.mark.parametrize("ending", ["hit", "ritard", "stop"])
def test_any_settings_can_be_rehearsed(meter, ending):
    for mode, bpm in (("trade", 30.0), ("follow", 300.0)):
        played = Rehearsal(Options(mode=mode, bpm=bpm, meter=parse_meter(meter), ending=ending, tempo_fixed=True))
        played.play()
        assert played.conductor.done


def test_a_rehearsal_that_breaks_off_is_told_and_keeps_nobody_from_playing(monkeypatch, caplog):
    monkeypatch.setattr(Rehearsal, "play", lambda _self: 1 / 0)
    rehearse(Options())
    assert "the rehearsal broke off" in caplog.text


def test_a_rehearsal_changes_nothing_of_the_jam_to_come():
    options = Options()
    rehearse(options)
    assert options == Options()
