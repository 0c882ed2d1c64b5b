"""Commit, undo, redo, panic, refusals: what each effect leaves behind."""

import pytest

from sideman.jam.cues import Status
from sideman.jam.events import NoteOff, NoteOn, PhraseRecalled, SwitchEdge
from tests.jam.rig import RIFF, SECOND, START_NS, Rig, committed, playing

UP = [p + 5 for p in RIFF]


# refusals -------------------------------------------------------------------------------------------------------------


def refusal(rig, beat):
    rig.run(beat + 0.2)
    words, lights = rig.status.notice, rig.status.leds
    rig.run(beat + 1.9 * 1.6)
    still = rig.status.notice
    rig.run(beat + 2.1 * 1.6)
    assert words == still
    assert rig.status.notice == ""
    assert lights == ("twice", "twice", "twice")
    assert rig.status.leds != lights
    return words


def test_play_with_nothing_committed_says_start_first():
    rig = Rig()
    rig.press("PLAY", 0)
    assert refusal(rig, 0) == "START FIRST"
    assert rig.sounded() == []


def test_play_while_armed_with_nothing_committed_says_play_a_note():
    rig = Rig()
    rig.press("START", 0)
    rig.press("PLAY", 1)
    assert refusal(rig, 1) == "PLAY A NOTE"
    assert rig.state == "ARMED"


def test_no_menu_while_listening_alone():
    rig = Rig()
    for beat in (0, 1, 2):
        rig.press("START", beat)
    rig.play(RIFF, start=4)
    rig.press("PLAY", 13, hold_s=1.0)  # the band would wait for 16
    rig.run(13 + 1.4)
    assert rig.status.notice == "STOP FIRST"
    assert rig.state == "LISTENING"
    assert rig.jam.session.listen_ns == rig.at(4)
    assert rig.run(18).sounded() == []


def test_play_while_armed_starts_what_is_there():
    rig = committed()
    rig.press("START", 18)
    rig.press("PLAY", 19)
    rig.run(22)
    assert rig.state == "PLAYING"
    assert rig.jam.session.ear.value == "off"


def test_nothing_to_redo_is_said():
    rig = Rig()
    rig.press("START", 0, hold_s=1.0)
    rig.run(2)
    assert rig.status.notice == "NOTHING TO REDO"
    assert rig.state == "IDLE"


# commit ---------------------------------------------------------------------------------------------------------------


def test_stop_before_a_note_goes_back():
    rig = Rig()
    rig.press("START", 0)
    rig.press("STOP", 1)
    assert rig.run(2).state == "IDLE"


@pytest.mark.parametrize("tapped", [False, True])
def test_under_a_beat_of_music_is_too_short_and_arms_again(tapped):
    rig = Rig()
    for beat in (-4, -3, -2) if tapped else (-2,):
        rig.press("START", beat)
    rig.note(0, 60, 0.3)
    rig.note(0.4, 62, 0.3)
    rig.press("STOP", 0.7)
    assert refusal(rig, 0.7) == "TOO SHORT"
    assert rig.state == "ARMED"
    rig.play(RIFF, start=8)
    rig.press("STOP", 24)
    assert rig.run(25).state == "COMMITTED"
    assert len(rig.jam.session.material.phrase.notes) == 16


def test_a_mistake_start_again_discards():
    rig = Rig()
    rig.press("START", -1)
    rig.play([61, 63, 66], step=1)
    rig.press("START", 4)
    rig.run(4.5)
    assert rig.state == "ARMED"
    rig.play(RIFF, start=6)
    rig.press("STOP", 22)
    rig.run(23)
    assert [n.pitch for n in rig.jam.session.material.phrase.notes] == list(RIFF)


def test_the_old_phrase_stays_until_a_new_commit():
    rig = committed()
    old = rig.run(17).jam.session.material
    rig.press("START", 18)
    rig.play(UP[:6], start=20)
    assert rig.run(25).jam.session.material is old
    rig.press("START", 26, hold_s=1.0)  # discard: the earlier phrase is back
    rig.run(29)
    assert (rig.state, rig.jam.session.material.phrase) == ("COMMITTED", old.phrase)
    rig.press("PLAY", 30)
    assert rig.run(33).state == "PLAYING"


def test_the_first_note_starts_the_phrase_even_in_the_very_first_frame():
    rig = Rig()
    rig.conductor.post(SwitchEdge(START_NS, "START", True))
    step = SECOND // 2
    for i, pitch in enumerate(RIFF):
        rig.conductor.post(NoteOn(START_NS + i * step, "keys", 0, pitch, 80))
        rig.conductor.post(NoteOff(START_NS + i * step + step // 2, "keys", 0, pitch))
    rig.conductor.post(SwitchEdge(START_NS + SECOND // 10, "START", False))
    rig.conductor.post(SwitchEdge(START_NS + 8 * SECOND, "STOP", True))
    rig.run(14)
    notes = rig.jam.session.material.phrase.notes
    assert len(notes) == 16
    assert notes[0].tick == pytest.approx(0, abs=5)


@pytest.mark.parametrize("ghost", ["quiet", "short"])
def test_ghost_notes_do_not_start_a_phrase(ghost):
    rig = Rig()
    rig.press("START", -1.5)
    if ghost == "quiet":
        rig.note(-1, 50, 0.2, velocity=11)
    else:
        rig.note(-1, 50, 0.03)  # 19 ms
    rig.run(-0.5)
    assert rig.state == "ARMED"
    rig.play(RIFF)
    rig.press("STOP", 16)
    rig.run(17)
    notes = rig.jam.session.material.phrase.notes
    assert [n.pitch for n in notes] == list(RIFF)
    assert notes[0].tick == pytest.approx(0, abs=5)


def test_a_ghost_overlapping_the_first_note_leaves_the_note():
    rig = Rig()
    rig.press("START", -1)
    rig.note(-0.03, 50, 0.05)  # 31 ms, let go while the real note sounds
    rig.play(RIFF)
    rig.press("STOP", 16)
    rig.run(17)
    assert [n.pitch for n in rig.jam.session.material.phrase.notes] == list(RIFF)


# undo -----------------------------------------------------------------------------------------------------------------


def two_phrases():
    rig = playing()
    rig.press("START", 27)
    rig.play(UP, start=28)
    rig.press("STOP", 44)
    return rig


def test_a_phrase_over_the_band_takes_over_at_the_next_bar():
    rig = two_phrases()
    rig.run(45)
    s = rig.jam.session
    assert rig.state == "PLAYING"
    assert [n.pitch for n in s.material.phrase.notes] == UP
    assert s.material.phrase.bars == 4
    assert (rig.jam.timeline.ns(s.origin * 240) - rig.at(0)) / rig.quarter == pytest.approx(48, abs=0.05)
    drums = rig.run(52).sounded("drums")
    assert any(rig.jam.timeline.tick(rig.at(45)) < n[1] < rig.jam.timeline.tick(rig.at(48)) for n in drums)


def test_undo_and_redo_while_playing_from_the_next_bar():
    rig = two_phrases()
    rig.press("START", 50, hold_s=0.9)
    rig.run(53)
    s = rig.jam.session
    assert rig.state == "PLAYING"
    assert s.material.phrase.notes[0].pitch == RIFF[0]
    assert rig.did("cut")[-1]["cause"] == "undo"
    assert s.origin * 240 == rig.did("cut")[-1]["frame"] * 240
    assert rig.jam.timeline.within(s.origin * 240) == 0
    rig.press("START", 56, hold_s=0.9)
    rig.run(59)
    assert rig.jam.session.material.phrase.notes[0].pitch == UP[0]
    assert rig.state == "PLAYING"


def test_undo_with_nothing_left_stops_and_is_idle():
    rig = playing()
    rig.press("START", 24, hold_s=0.9)
    rig.run(27)
    assert rig.state == "IDLE"
    assert rig.out.hung() == set()
    rig.press("START", 30, hold_s=0.9)
    assert rig.run(33).state == "COMMITTED"


def test_hold_start_in_armed_goes_back_and_undoes():
    rig = committed()
    rig.press("START", 18)
    rig.press("START", 20, hold_s=0.9)
    assert rig.run(23).state == "IDLE"


def test_hold_start_while_listening_over_the_band_discards_the_new_part():
    rig = playing()
    rig.press("START", 27)
    rig.play(UP[:6], start=28)
    rig.press("START", 34, hold_s=0.9)
    rig.run(37)
    assert rig.state == "PLAYING"
    assert [n.pitch for n in rig.jam.session.material.phrase.notes] == list(RIFF)


def test_too_short_over_the_band_leaves_it_playing():
    rig = playing()
    rig.press("START", 26)
    rig.press("STOP", 29)
    rig.run(29.2)
    assert rig.status.notice == "TOO SHORT"
    assert rig.state == "PLAYING"


# the rest -------------------------------------------------------------------------------------------------------------


def test_the_status_page_stands_four_seconds():
    rig = Rig()
    rig.press("STOP", 0)
    assert rig.run(1).status.page == "status"
    assert rig.run(4.1 * 1.6).status.page == ""


def test_the_box_wakes_with_its_last_phrase_silent():
    phrase = committed().run(17).jam.session.material.phrase
    rig = Rig()
    rig.conductor.post(PhraseRecalled(rig.at(0), phrase))
    rig.run(2)
    assert rig.state == "COMMITTED"
    assert [d for _, d in rig.out.sent if d[0] & 0xF0 == 0x90] == []
    rig.press("PLAY", 3)
    rig.run(8)
    assert rig.state == "PLAYING"
    assert {n[0] for n in rig.sounded()} == {"drums", "bass", "chords", "solo"}


def test_panic_deletes_nothing():
    rig = playing()
    rig.press("STOP", 24, hold_s=1.0)
    rig.run(27)
    assert rig.jam.session.material is not None
    rig.press("PLAY", 30)
    assert rig.run(34).state == "PLAYING"


def test_every_state_shows_its_word():
    rig = two_phrases()
    rig.press("PLAY", 58)
    rig.run(64)
    words = {i.state: i.shown.split()[0] for i in rig.front.items if isinstance(i, Status)}
    assert words == {
        "IDLE": "READY",
        "ARMED": "YOUR",
        "LISTENING": "LISTEN",
        "COMMITTED": "GOT",
        "PLAYING": "PLAY",
        "LISTEN+PLAY": "LISTEN",
        "ENDING": "END",
    }
