"""Edges, holds, doubles, pairs and taps: what a foot says, and what it takes back."""

import pytest

from sideman.jam.events import EffectAsked, NoteOn, SwitchEdge
from sideman.jam.states import State
from tests.jam.rig import RIFF, SECOND, Rig, committed, playing

MS = 1_000_000


def foot(rig, switch, down, beat, ms=0):
    rig.conductor.post(SwitchEdge(rig.at(beat) + ms * MS, switch, down))


def effects(rig):
    return [r["name"] for r in rig.did("effect")]


# the down edge --------------------------------------------------------------------------------------------------------


def test_a_press_acts_on_the_down_edge():
    rig = Rig()
    foot(rig, "START", True, 0)
    rig.run(0)
    assert rig.state == "ARMED"


def test_a_release_does_nothing():
    rig = Rig()
    rig.press("START", 0, hold_s=0.5)
    assert rig.run(0.5).states() == rig.run(3).states() == ["IDLE", "ARMED"]


def test_the_edges_own_stamp_counts_however_late_it_comes():
    """An edge that is delivered 20 ms late closes the phrase where the foot was."""
    found = []
    for late in (0, 20):
        rig = Rig()
        rig.press("START", -1)
        rig.play(RIFF)
        rig.run(16)
        rig.clock.set(rig.at(16) + late * MS)
        rig.conductor.advance(rig.clock.now())
        foot(rig, "STOP", True, 16)
        rig.run(17)
        material = rig.jam.session.material
        found.append((material.phrase.bars, material.phrase.bpm, rig.jam.timeline.ns(material.phrase.bars * 3840)))
    assert found[0] == found[1]


def test_play_is_beat_one_at_the_edges_own_stamp():
    """An edge that is delivered 20 ms late still says where beat one is."""
    rig = committed()
    rig.run(30)
    rig.clock.set(rig.at(30) + 20 * MS)
    rig.conductor.advance(rig.clock.now())
    foot(rig, "PLAY", True, 30)
    rig.run(31)
    assert abs(rig.jam.timeline.ns(rig.jam.session.origin * 240) - rig.at(30)) < 2 * MS


# holds ----------------------------------------------------------------------------------------------------------------


def test_a_hold_takes_back_what_its_press_began():
    rig = committed()
    rig.press("PLAY", 17, hold_s=1.0)  # the band would enter on 20
    rig.run(17.2)
    assert rig.state == "PLAYING"
    rig.run(19)
    assert rig.state == "MENU"
    assert rig.jam.session.below_menu is State.COMMITTED
    assert rig.run(24).sounded() == []


def test_a_hold_is_void_when_its_press_has_sounded():
    rig = playing()
    rig.press("PLAY", 36.2, hold_s=1.2)  # half a beat late: it ends on the downbeat just played, which is home
    rig.run(36.2 + 1.4)
    assert rig.state == "COMMITTED"
    assert rig.status.menu is None
    assert rig.status.notice == "TOO LATE"
    assert rig.status.leds == ("twice", "twice", "twice")


def test_beat_one_that_has_sounded_is_not_taken_back_by_a_hold():
    rig = committed()
    rig.press("PLAY", 31.9, hold_s=1.2)  # nobody has played for two bars: the press is beat one, and sounds
    rig.run(33.9)
    assert (rig.state, rig.status.notice) == ("PLAYING", "TOO LATE")
    assert rig.sounded()
    rig.press("PLAY", 36.9 - 0.3, hold_s=1.0)  # a beat into the bar; hold again: the menu, over the music
    rig.run(38.4)
    assert rig.state == "MENU"
    assert rig.jam.session.below_menu is State.PLAYING


def test_released_before_its_time_it_is_a_press():
    rig = committed()
    rig.press("START", 18, hold_s=0.7)
    assert rig.run(21).state == "ARMED"


def test_hold_start_redoes_the_phrase_before():
    rig = committed()
    first = rig.run(17).jam.session.material
    rig.press("START", 18)
    rig.play([p + 2 for p in RIFF], start=20)
    rig.press("STOP", 36)
    rig.run(37)
    assert rig.jam.session.material is not first
    rig.press("START", 38, hold_s=1.0)
    rig.run(41)
    assert (rig.state, rig.jam.session.material.phrase) == ("COMMITTED", first.phrase)
    rig.press("START", 42, hold_s=1.0)  # again: redo
    rig.run(45)
    assert rig.jam.session.material.phrase.notes[0].pitch == RIFF[0] + 2


def test_hold_start_in_a_count_in_cancels_and_undoes():
    rig = playing(18.2, count_in=2)
    rig.press("START", 20, hold_s=0.9)
    assert rig.run(23).state == "IDLE"


def test_hold_play_in_a_count_in_cancels_and_opens_the_menu():
    rig = playing(18.2, count_in=2)
    rig.press("PLAY", 20, hold_s=0.9)
    rig.run(23)
    assert rig.state == "MENU"
    assert rig.jam.session.below_menu is State.COMMITTED


def test_hold_start_in_an_ending_cancels_it_and_undoes():
    rig = playing()
    rig.press("START", 27)
    rig.play(RIFF[:8], start=28)
    rig.press("STOP", 36)
    rig.press("PLAY", 41)
    rig.press("START", 41.8, hold_s=0.9)
    rig.run(43.5)
    assert rig.state == "PLAYING"
    assert len(rig.jam.session.material.phrase.notes) == 16


def test_hold_play_in_armed_goes_back_and_opens_the_menu():
    rig = committed()
    rig.press("START", 17.2)
    rig.press("PLAY", 17.8, hold_s=0.9)  # would wait for the downbeat on 20
    rig.run(17.8 + 1.5)
    assert rig.state == "MENU"
    assert rig.jam.session.below_menu is State.COMMITTED
    assert rig.run(24).sounded() == []


def test_hold_stop_is_panic_even_after_the_press_has_silenced():
    rig = playing()
    rig.press("STOP", 24, hold_s=1.2)
    rig.run(24.5)
    assert rig.state == "COMMITTED"  # the press silenced at once
    rig.run(27)
    assert "panic" in effects(rig)
    assert rig.jam.session.material is not None
    data = [d for _, d in rig.out.sent]
    for channel in range(16):
        assert bytes((0xB0 | channel, 123, 0)) in data


@pytest.mark.parametrize("beat", [-2.0, -0.5, 4.0, 17.0, 24.0])
def test_hold_stop_panics_in_every_state(beat):
    rig = playing()
    rig.press("STOP", beat, hold_s=1.0)
    rig.run(beat + 2.5)
    assert "panic" in effects(rig)
    assert rig.state in ("IDLE", "COMMITTED")
    assert rig.out.hung() <= {(0, p) for p in range(128)}


def test_the_hold_bar_grows_from_300_ms():
    rig = Rig()
    foot(rig, "PLAY", True, 0)
    rig.run(0.2 * 1.6)
    assert rig.status.hold is None
    rig.run(0.6 * 1.6)
    assert rig.status.hold[0] == "PLAY"
    assert 0.5 < rig.status.hold[1] < 1.0


# doubles --------------------------------------------------------------------------------------------------------------


def test_double_start_is_new_at_the_next_bar():
    rig = playing()
    foot(rig, "START", True, 24.2)
    foot(rig, "START", False, 24.2, 50)
    foot(rig, "START", True, 24.2, 300)
    foot(rig, "START", False, 24.2, 350)
    rig.run(27)
    assert effects(rig)[-1] == "new"
    assert rig.state == "PLAYING"
    assert rig.jam.session.variation == 1
    cut = [r for r in rig.did("cut") if r["cause"] == "new phrase"]
    assert cut[-1]["frame"] == 28 * 4


@pytest.mark.parametrize(("first", "second"), [(300, 300), (300, 390), (390, 310)])
def test_a_third_even_press_makes_it_a_tap(first, second):
    rig = playing()
    for ms in (0, first, first + second):
        foot(rig, "START", True, 24, ms)
        foot(rig, "START", False, 24, ms + 60)
    rig.run(28)
    assert "new" not in effects(rig)
    assert rig.did("tap")
    assert (rig.state, rig.jam.session.variation) == ("PLAYING", 0)


def test_double_play_stops_at_once():
    rig = playing()
    rig.press("PLAY", 25)
    rig.press("PLAY", 25.5)
    rig.run(25.6)
    assert rig.state == "COMMITTED"
    assert rig.out.hung() == set()


def test_the_second_play_right_after_a_start_is_swallowed():
    rig = committed()
    rig.press("PLAY", 18)
    rig.press("PLAY", 18.4)
    assert rig.run(21).state == "PLAYING"


def test_the_second_play_right_after_an_ending_is_swallowed():
    rig = playing()
    rig.press("PLAY", 27.0)  # ends on 28
    rig.press("PLAY", 28.3)
    assert rig.run(29).state == "COMMITTED"


# pairs ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switches", [("STOP", "PLAY"), ("PLAY", "STOP")])
@pytest.mark.parametrize("beat", [24.1, 25.5])
@pytest.mark.parametrize("apart", [0, 40, 79])
def test_stop_and_play_within_80_ms_are_a_fill(switches, beat, apart):
    rig = playing()
    for i, switch in enumerate(switches):
        foot(rig, switch, True, beat, i * apart)
        foot(rig, switch, False, beat, 200)
    rig.run(30)
    assert effects(rig)[-1] == "fill"
    assert rig.state == "PLAYING"
    assert {n[0] for n in rig.sounded() if n[1] >= 28 * 960} >= {"drums", "bass", "chords"}


def test_a_pair_sounds_as_if_there_had_been_no_press_but_for_the_drums():
    plain = playing().run(28)
    rig = playing()
    foot(rig, "PLAY", True, 24.1)
    foot(rig, "STOP", True, 24.1, 50)
    foot(rig, "PLAY", False, 24.1, 150)
    foot(rig, "STOP", False, 24.1, 150)
    rig.run(28)
    for part in ("bass", "chords"):
        assert rig.sounded(part) == plain.sounded(part)


def test_further_apart_they_are_two_presses():
    rig = playing()
    foot(rig, "STOP", True, 25.5)
    foot(rig, "PLAY", True, 25.5, 90)
    rig.run(26)
    assert "fill" not in effects(rig)
    assert "silence" in effects(rig)


def test_kept_down_the_pair_is_the_next_part():
    rig = playing()
    for switch in ("STOP", "PLAY"):
        foot(rig, switch, True, 25)
        foot(rig, switch, False, 25, 1000)
    rig.run(27)
    assert effects(rig)[-2:] == ["fill", "next_part"]
    assert rig.status.notice == "ONE PART"


def test_a_pair_where_there_is_nothing_to_fill_is_refused():
    rig = committed()
    foot(rig, "STOP", True, 18)
    foot(rig, "PLAY", True, 18, 30)
    rig.run(18.5)
    assert rig.status.notice == "NOT NOW"
    assert rig.status.leds == ("twice", "twice", "twice")
    assert rig.state == "COMMITTED"


# taps -----------------------------------------------------------------------------------------------------------------


def test_uneven_presses_are_no_taps():
    rig = Rig()
    for beat in (0, 1, 1.5):
        rig.press("START", beat)
    assert not rig.run(3).did("tap")


def test_too_fast_or_too_slow_presses_are_no_taps():
    for gap in (0.15, 2.2):
        rig = Rig()
        for i in range(4):
            rig.conductor.post(SwitchEdge(rig.at(0) + int(i * gap * SECOND), "START", True))
            rig.conductor.post(SwitchEdge(rig.at(0) + int(i * gap * SECOND) + 50 * MS, "START", False))
        assert not rig.run(20).did("tap")


def test_the_two_more_switches():
    rig = playing()
    rig.press("NEXT", 25)
    rig.run(26)
    assert effects(rig)[-1] == "fill"
    rig.press("NEXT", 29, hold_s=1.0)
    rig.run(32)
    assert effects(rig)[-1] == "next_part"
    for beat in (33, 33.5, 34):
        rig.press("TAP", beat)
    assert rig.run(34.2).did("tap")[-1]["bpm"] == pytest.approx(192, abs=0.5)


def test_mapped_effects_need_no_release():
    rig = Rig()
    for name, beat in (("press START", -1), ("press STOP", 16), ("press PLAY", 18)):
        rig.conductor.post(EffectAsked(rig.at(beat), name))
    rig.play(RIFF)
    assert rig.run(22).state == "PLAYING"


def test_effects_by_name():
    rig = Rig()
    for name, beat in (("listen", -1), ("commit", 16), ("start", 18), ("end", 25)):
        rig.conductor.post(EffectAsked(rig.at(beat), name))
    rig.play(RIFF)
    rig.run(32)
    assert rig.states()[:6] == ["IDLE", "ARMED", "LISTENING", "COMMITTED", "PLAYING", "ENDING"]
    assert rig.state == "COMMITTED"


@pytest.mark.parametrize("name", ["commit", "start", "end", "enter", "hold_form", "cancel_end", "menu_next_value"])
def test_an_effect_that_means_nothing_here_is_refused(name):
    rig = Rig()
    rig.conductor.post(EffectAsked(rig.at(0), name))
    rig.run(0.5)
    assert rig.state == "IDLE"
    assert rig.status.notice == "NOT NOW"


def test_commit_by_name_over_the_playing_band_is_a_new_phrase():
    rig = playing()
    rig.conductor.post(EffectAsked(rig.at(23), "listen"))
    rig.play(RIFF[:8], start=24)
    rig.conductor.post(EffectAsked(rig.at(32), "commit"))
    rig.run(34)
    assert rig.state == "PLAYING"
    assert rig.jam.session.material.phrase.bars == 2


def test_start_by_name_does_not_disturb_a_playing_band():
    rig, plain = playing(), playing()
    rig.conductor.post(EffectAsked(rig.at(25.3), "start"))
    assert rig.run(32).sounded() == plain.run(32).sounded()


def test_an_unknown_effect_is_said():
    rig = Rig()
    rig.conductor.post(EffectAsked(rig.at(0), "dance"))
    assert "DANCE" in rig.run(0.5).status.notice


def test_a_key_may_come_with_the_very_press():
    rig = Rig()
    foot(rig, "START", True, 0)
    rig.conductor.post(NoteOn(rig.at(0) + 1, "keys", 0, 60, 90))
    assert rig.run(0.1).state == "LISTENING"
