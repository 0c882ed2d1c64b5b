import pytest

from sideman.band.messages import Ask, Knobs, Phrase
from sideman.band.rules import rules_plan
from sideman.music.meter import Meter
from sideman.music.notes import Note

METER = Meter()
NOTES = tuple(
    Note(i * 960, 900, p, 80) for i, p in enumerate((60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60))
)
FORM = 4 * METER.bar_frames


def last(ending, key="", given=""):
    ask = Ask(1, 1, 1, "trade", METER, 100.0, ending - 1, ending, ending + 1, form_frames=FORM, ending=ending,
              knobs=Knobs(key=given), solo=True)  # fmt: skip
    return rules_plan(ask, Phrase(NOTES, 4, METER, 100.0, key), ())


@pytest.mark.parametrize("bar", range(1, 9))
def test_wherever_a_song_ends_chord_bass_and_soloist_are_home(bar):
    plan = last(bar * METER.bar_frames)
    classes = {n.pitch % 12 for n in plan.notes if n.part == "chords"}
    assert {n.pitch % 12 for n in plan.notes if n.part == "bass"} == {0}
    assert {0, 4} <= classes
    assert {n.pitch % 12 for n in plan.notes if n.part == "solo"} <= {0, 4, 7}
    assert [c.chord.root for c in plan.chords] == [0]


def test_the_key_that_is_given_is_home():
    plan = last(2 * METER.bar_frames, given="A min")
    assert {n.pitch % 12 for n in plan.notes if n.part == "bass"} == {9}
    assert plan.chords[0].chord.triad.label == "A:min"
    assert last(2 * METER.bar_frames, key="G maj").chords[0].chord.root == 7
