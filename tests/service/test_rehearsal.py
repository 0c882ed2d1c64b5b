"""The rehearsal plays all that a first press runs, to nobody."""

import pytest

from sideman.jam.options import Options
from sideman.jam.states import State
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


def test_a_rehearsal_changes_nothing_of_the_jam_to_come():
    options = Options()
    rehearse(options)
    assert options == Options()
