"""Drum pads give rhythm and groove, never harmony."""

from dataclasses import replace

import pytest
from tests.jam.rig import Rig

from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Phrase
from sideman.band.rules import rules_plan
from sideman.jam.events import NoteOff, NoteOn
from sideman.jam.listener import DRUM_CHANNEL, Listener, as_notes, as_taps, pitches_of
from sideman.music.meter import Meter
from sideman.music.notes import Note
from sideman.music.tempo import TempoMap

FOUR = Meter()
KIT = tuple(
    Note(b * 3840 + at, 120, p, 100) for b in range(4) for at, p in ((0, 36), (960, 38), (1440, 36), (2880, 38))
)
TUNE = tuple(Note(i * 960, 900, (60, 64, 67, 72)[i % 4], 90) for i in range(16))
ASK = Ask(
    id=1, seed=1, epoch=1, mode="trade", meter=FOUR, bpm=100.0, frame=63, start=64, end=128, origin=64, form_frames=64,
    solo=True,
)  # fmt: skip


def by_band(ask):
    return Ensemble().answer(ask)


def by_rules(ask):
    return rules_plan(ask, ask.phrase, ask.heard, ask.taps)


@pytest.fixture(params=[by_band, by_rules], ids=["model", "rules"])
def answer(request):
    return request.param


def test_pads_alone_give_drums_alone(answer):
    plan = answer(replace(ASK, phrase=Phrase((), 4, FOUR, 100.0, "", KIT)))
    assert {note.part for note in plan.notes} == {"drums"}
    assert plan.chords == ()
    assert plan.key == ""


def test_pads_alone_in_a_known_key_are_accompanied(answer):
    plan = answer(replace(ASK, phrase=Phrase((), 4, FOUR, 100.0, "A min", KIT)))
    assert {note.part for note in plan.notes} == {"drums", "bass", "chords"}
    assert plan.key == "A min"
    assert all(pc in {9, 11, 0, 2, 4, 5, 7, 8} for span in plan.chords for pc in span.chord.pitch_classes)


def test_pads_do_not_change_the_harmony_of_a_tune(answer):
    without = answer(replace(ASK, phrase=Phrase(TUNE, 4, FOUR, 100.0)))
    both = answer(replace(ASK, phrase=Phrase(TUNE, 4, FOUR, 100.0, "", KIT)))
    assert [(s.onset, s.chord) for s in both.chords] == [(s.onset, s.chord) for s in without.chords]
    assert both.key == without.key


def test_pads_are_heard_in_the_groove():
    off = tuple(Note(b * 3840 + 2640, 120, 36, 120) for b in range(4))
    plain = by_rules(replace(ASK, phrase=Phrase(TUNE, 4, FOUR, 100.0)))
    pushed = by_rules(replace(ASK, phrase=Phrase(TUNE, 4, FOUR, 100.0, "", off)))
    assert [n for n in plain.notes if n.part == "drums"] != [n for n in pushed.notes if n.part == "drums"]


def test_following_pads_is_silent_but_for_the_drums(answer):
    ask = replace(ASK, mode="follow", form_frames=0, heard=(), taps=KIT, heard_until=63, solo=False)
    assert {note.part for note in answer(ask).notes} == {"drums"}


def test_the_ear_knows_pads_by_their_channel():
    ear = Listener(0, 1)
    for channel, pitch in ((0, 60), (DRUM_CHANNEL, 36)):
        ear.note_on(NoteOn(1_000_000_000, "kit", channel, pitch, 90))
        ear.note_off(NoteOff(1_100_000_000, "kit", channel, pitch))
    played = list(ear.notes)
    tempo = TempoMap(0, 0, 120)
    assert [n.pitch for n in as_notes(played, tempo, 2_000_000_000, 0)] == [60]
    assert [n.pitch for n in as_taps(played, tempo, 2_000_000_000, 0)] == [36]
    assert pitches_of(played) == []
    assert pitches_of(played[:1]) == [60]


def test_the_box_says_that_pads_alone_get_drums_only():
    rig = Rig(tempo_fixed=True, bpm=96)
    rig.press("START", -1)
    for beat in range(16):
        rig.conductor.post(NoteOn(rig.at(beat), "pads", DRUM_CHANNEL, 36 + 2 * (beat % 2), 90))
        rig.conductor.post(NoteOff(rig.at(beat + 0.2), "pads", DRUM_CHANNEL, 36 + 2 * (beat % 2)))
    rig.press("STOP", 16)
    rig.run(16.3)
    assert rig.state == "COMMITTED"
    assert rig.status.notice == "DRUMS ONLY"
    assert [n.pitch for n in rig.jam.session.material.phrase.taps] == [36, 38] * 8
    rig.press("PLAY", 18)
    rig.run(26)
    assert rig.sounded("drums")
    assert not rig.sounded("chords") + rig.sounded("bass") + rig.sounded("solo")
    assert rig.out.hung() <= {(9, p) for p in range(128)}
