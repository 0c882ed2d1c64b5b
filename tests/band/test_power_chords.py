"""A player of power chords is followed with power chords: named so, voiced without a third, the bass on the root."""

import pytest

from sideman.band import bassist, comper
from sideman.band.context import Context
from sideman.band.harmony import changes_for
from sideman.band.messages import Ask, Knobs, Phrase
from sideman.band.models import NO_MODELS
from sideman.band.rules import rules_plan
from sideman.music.meter import Meter
from sideman.music.notes import Note

FOUR = Meter()
ROOTS = (40, 43, 45, 43)


def riff():
    return tuple(Note(bar * 3840, 3700, low + up, 90) for bar, low in enumerate(ROOTS) for up in (0, 7))


def trade(style, complexity=3):
    phrase = Phrase(riff(), 4, FOUR, 120.0)
    knobs = Knobs(style=style, complexity=complexity)
    ask = Ask(
        id=1, seed=1, epoch=1, mode="trade", meter=FOUR, bpm=120.0, frame=-1, start=0, end=64, form_frames=64,
        phrase=phrase, knobs=knobs,
    )  # fmt: skip
    return ask, phrase


@pytest.mark.parametrize("style", ["rock", "punk", "jazz", "pop"])
def test_they_are_named_and_played_as_played(style):
    ask, phrase = trade(style)
    changes = changes_for(ask, phrase, (), NO_MODELS)
    assert [s.chord.label for s in changes.spans] == ["E:5", "G:5", "A:5", "G:5"]
    context = Context(ask, phrase, (), changes, NO_MODELS)
    for note in comper.play(ask, context):
        if note.tick >= 0:  # the bar before leads in
            frame = round(note.tick / 240)
            assert note.pitch % 12 in {*changes.at(frame).pitch_classes, *changes.at(frame + 2).pitch_classes}
    firsts = {note.tick // 3840: note.pitch for note in reversed(bassist.play(ask, context)) if note.tick % 3840 < 240}
    assert all(firsts[bar] % 12 == root % 12 for bar, root in enumerate(ROOTS) if bar in firsts)
    assert firsts


def test_following_names_them_too():
    ask = Ask(
        id=1, seed=1, epoch=1, mode="follow", meter=FOUR, bpm=120.0, frame=63, start=64, end=80, heard_until=64,
    )  # fmt: skip
    plan = rules_plan(ask, None, riff())
    assert {s.chord.quality for s in plan.chords} == {"5"}
