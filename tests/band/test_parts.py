"""Comper, bassist and soloist: what each owes the others."""

from itertools import pairwise

import pytest
from asks import METERS, scale_line

from sideman.band import bassist, comper, soloist
from sideman.band.changes import Changes
from sideman.band.context import Context
from sideman.band.finish import apart
from sideman.band.messages import Ask, PartNote, Phrase
from sideman.band.models import NO_MODELS
from sideman.music.chords import Chord, parse_chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman.music.voicing import motion

FOUR = Meter()
SPANS = tuple(ChordSpan(i * 16, 16, parse_chord(c), 1.0) for i, c in enumerate(("C:maj", "A:min", "F:maj", "G:maj")))
CHANGES = Changes(SPANS, 0, 64, "C maj", 1.0)


def context(notes=None, meter=FOUR, changes=CHANGES, **values):
    form = changes.form or 4 * meter.bar_frames
    phrase = Phrase(scale_line(meter, 4) if notes is None else notes, 4, meter, 100.0)
    given = {"start": 0, "end": form, "form_frames": form, "frame": -1, "solo": True, "seed": 4} | values
    ask = Ask(id=1, epoch=1, mode="trade", meter=meter, bpm=100.0, phrase=phrase, **given)
    return Context(ask, phrase, (), changes, NO_MODELS)


def kick(frame, velocity=100, late=0):
    return PartNote("drums", frame * FRAME_TICKS + late, 60, 36, velocity)


def test_the_hand_comes_round_without_a_jump():
    hands = comper.voicings(context())
    assert motion(hands[-1], hands[0]) <= 6


@pytest.mark.parametrize("seed", range(12))
def test_chords_are_held_more_than_not_and_struck_by_the_bar(seed):
    scene = context(seed=seed)
    notes = comper.play(scene.ask, scene)
    frames = {n.tick // FRAME_TICKS for n in notes}
    inside = {f for f in frames if 0 <= f < 64}
    assert 4 <= len(inside) <= 24
    sounding = {f for n in notes for f in range(n.tick // FRAME_TICKS, (n.tick + n.duration) // FRAME_TICKS + 1)}
    assert len(sounding & set(range(64))) > 0.9 * 64


@pytest.mark.parametrize("seed", range(12))
def test_an_early_chord_is_an_eighth_early_and_never_at_the_top_of_the_form(seed):
    scene = context(seed=seed)
    frames = {n.tick // FRAME_TICKS for n in comper.play(scene.ask, scene)}
    assert 0 in frames
    for line in (16, 32, 48):
        assert line in frames or line - 2 in frames


def test_the_bass_moves_with_the_kick_to_the_tick():
    scene = context().with_drums([kick(f, late=17) for f in (0, 6, 8, 16, 22, 32, 38, 40, 48, 54)])
    notes = [n for n in bassist.play(scene.ask, scene) if 0 <= n.tick < 64 * FRAME_TICKS]
    locked = [n for n in notes if n.tick % FRAME_TICKS == 17]
    assert len(locked) == 10
    assert len(locked) >= 0.8 * len(notes)


def test_a_ghost_kick_is_not_followed():
    scene = context().with_drums([kick(0), kick(5, velocity=12)])
    assert not [n for n in bassist.play(scene.ask, scene) if n.tick == 5 * FRAME_TICKS]


@pytest.mark.parametrize("pc", range(12))
def test_roots_stay_low_and_near(pc):
    changes = Changes(tuple(ChordSpan(i * 8, 8, Chord((pc + i * 5) % 12), 1.0) for i in range(12)))
    homes = bassist.roots(changes)
    assert all(28 <= home <= 43 for home in homes)
    assert max(abs(a - b) for a, b in pairwise(homes)) <= 9


@pytest.mark.parametrize("meter", METERS, ids=str)
def test_the_answer_lasts_its_turn_and_ends_on_a_chord_tone(meter):
    changes = Changes((ChordSpan(0, 4 * meter.bar_frames, Chord(9, "min"), 1.0),), 0, 4 * meter.bar_frames)
    scene = context(meter=meter, changes=changes)
    notes = soloist.answer(scene.ask, scene, 0, changes.form, 0)
    assert notes[0].tick < meter.bar_ticks
    assert notes[-1].tick >= 3 * meter.bar_ticks
    assert notes[-1].end <= 4 * meter.bar_ticks
    assert notes[-1].pitch % 12 in (9, 0, 4)


def test_a_bass_line_is_answered_in_a_singers_register():
    low = tuple(Note(i * 960, 800, 36 + i % 5, 90) for i in range(16))
    scene = context(low)
    pitches = [n.pitch for n in soloist.play(scene.ask, scene)]
    assert min(pitches) >= soloist.LOW
    assert sum(pitches) / len(pitches) > 52


def test_no_call_no_answer():
    scene = context(())
    assert soloist.play(scene.ask, scene) == []


def test_a_solo_note_is_cut_before_the_next_of_its_pitch():
    scene = context(tuple(Note(i * 240, 240, 60, 90) for i in range(64)))
    notes = soloist.play(scene.ask, scene)
    assert notes
    for place, one in enumerate(notes):  # a note that was left out gives its time to the one before, no more
        again = next((n for n in notes[place + 1 :] if n.pitch == one.pitch), None)
        assert again is None or one.tick + one.duration <= again.tick


def test_the_soloist_is_heard_between_hand_and_sky():
    low_line = tuple(Note(i * 960, 800, 36 + i % 5, 90) for i in range(16))
    comped = tuple(Note(i * 960, 800, pitch, 90) for i in range(16) for pitch in (55, 57, 59, 62 + i % 2))
    for notes in (None, low_line, comped):
        scene = context(notes)
        low, high = scene.hand
        assert low >= 48
        solo = sorted(n.pitch for n in soloist.play(scene.ask, scene))
        assert solo[len(solo) // 2] >= (low + high) / 2
        assert max(n.pitch for n in bassist.play(scene.ask, scene)) < low


def test_a_voice_that_rubs_with_the_soloist_is_left_out():
    chord = [PartNote("chords", 0, 1800, p, 70) for p in (52, 55, 60, 64)]
    long, short = PartNote("solo", 240, 960, 65, 90), PartNote("solo", 240, 200, 65, 90)
    assert [n.pitch for n in apart([*chord, long]) if n.part == "chords"] == [52, 55, 60]
    assert len(apart([*chord, short])) == 5
    few = [PartNote("chords", 0, 1800, p, 70) for p in (60, 64)]
    assert len(apart([*few, long])) == 3


def test_the_hand_does_not_make_way_for_every_note():
    spans = (ChordSpan(0, 64, Chord(0), 1.0),)
    windows = set()
    for now in range(64, 128, 4):
        heard = tuple(Note(i * 960, 800, 62 + (i * 7) % 15, 90) for i in range(now // 4))
        ask = Ask(
            id=1, seed=1, epoch=1, mode="follow", meter=FOUR, bpm=100.0, frame=now, start=now + 1, end=now + 17,
            heard_until=now, chords=spans,
        )  # fmt: skip
        windows.add(Context(ask, None, heard, Changes(spans), NO_MODELS).hand)
    assert len(windows) == 1
