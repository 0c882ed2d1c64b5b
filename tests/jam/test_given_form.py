"""A form given in the menu: the blues leads the plan and is the form; lengths hold; the player's own chords win."""

import pytest

from sideman.jam.events import SettingChanged
from sideman.music.chords import parse_chord
from sideman.music.forms import blues
from sideman.music.meter import Meter, parse_meter
from tests.jam.rig import Rig

LICK = (57, 60, 62, 63, 64, 60, 57, 60)
"""Two bars in quarters over A: the blues scale, nowhere a broken chord."""


def follow(notes=96, **options):
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96, form="blues", complexity=1, **options)
    rig.press("START", -1)
    rig.play([LICK[i % 8] for i in range(notes)])
    return rig


def heard(rig):
    """The chord of every frame."""
    return {f: parse_chord(x) for onset, n, x in rig.jam.recorder.chords for f in range(onset, onset + n)}


def chorus(key, complexity=1, meter=None):
    return [s.chord for s in blues(key, meter or Meter(), complexity) for _ in range(s.frames)]


@pytest.mark.parametrize("silence", [0, 8, 16])
def test_following_the_blues_counts_from_the_players_first_bar(silence):
    rig = follow(key="A maj", silence_beats=silence).finish(100)
    wanted, found = chorus((9, "maj")), heard(rig)
    assert min(found) >= 4 * silence
    inside = [f for f in found if f < 96 * 4]
    assert len(inside) > 300 - 16 * silence // 4
    assert all(found[f] == wanted[f % len(wanted)] for f in inside)


def test_the_key_of_the_blues_is_found():
    found = heard(follow().finish(60))
    assert found[16 * 4 + 2].root == 2, "bar 5 is on the fourth of A"
    assert found[16 * 8 + 2].root == 4


def test_a_blues_chosen_while_following_takes_over_beyond_what_is_committed():
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96, key="A maj", complexity=1)
    rig.press("START", -1)
    rig.play([LICK[i % 8] for i in range(64)])
    rig.conductor.post(SettingChanged(rig.at(24.5), "chords.form", "blues"))
    wanted, found = chorus((9, "maj")), heard(rig.finish(66))
    later = [f for f in found if 32 * 4 <= f < 64 * 4]
    assert later
    assert all(found[f] == wanted[f % len(wanted)] for f in later)


def test_chords_that_the_player_strikes_win():
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96, form="blues", key="A maj")
    rig.press("START", -1)
    for beat in range(64):
        for pitch in (53, 57, 60):  # F major throughout
            rig.note(beat, pitch)
    found = heard(rig.finish(66))
    assert {chord.root for frame, chord in found.items() if 40 * 4 < frame < 60 * 4} == {5}


def committed(**options):
    rig = Rig(tempo_fixed=True, bpm=96, **options)
    rig.press("START", -1)
    rig.play(LICK * 2)
    rig.press("STOP", 15.9)
    return rig


@pytest.mark.parametrize("meter", ["4/4", "3/4", "7/8 2+2+3"])
def test_in_trade_it_is_the_form(meter):
    rig = committed(form="blues", key="A maj", complexity=1, meter=parse_meter(meter))
    rig.press("PLAY", 18)
    rig.run(24)
    material = rig.jam.session.material
    assert material.frames == 12 * parse_meter(meter).bar_frames
    wanted = chorus((9, "maj"), 1, parse_meter(meter))
    assert [s.chord for s in material.form for _ in range(s.frames)] == wanted
    assert rig.status.bars == 12


def test_a_form_chosen_after_the_commit_holds_at_once():
    rig = committed(key="A maj", complexity=1)
    rig.run(17)
    assert rig.jam.session.material.frames == 4 * 16
    rig.conductor.post(SettingChanged(rig.at(17.5), "chords.form", "8"))
    rig.run(20)
    assert rig.jam.session.material.frames == 8 * 16
    rig.conductor.post(SettingChanged(rig.at(20.5), "chords.form", "blues"))
    rig.run(24)
    assert [s.chord for s in rig.jam.session.material.form for _ in range(s.frames)] == chorus((9, "maj"))
    rig.conductor.post(SettingChanged(rig.at(24.5), "chords.form", "auto"))
    rig.run(27)
    assert rig.jam.session.material.frames == 4 * 16


def test_a_phrase_longer_than_the_form_keeps_its_length():
    rig = committed(form="4")
    rig.run(17)
    assert rig.jam.session.material.frames == max(4, rig.jam.session.material.phrase.bars) * 16


def test_the_held_blues_goes_on():
    rig = follow(notes=150, key="A maj")
    rig.press("STOP", 100)
    rig.finish(140)
    wanted, found = chorus((9, "maj")), heard(rig)
    later = [f for f in found if 104 * 4 <= f < 136 * 4]
    assert later
    assert all(found[f] == wanted[f % len(wanted)] for f in later)
