"""What the display is told: words, position, strip, bottom line, lights, faults, countdown."""

import pytest

from sideman.jam.cues import BeatCue, NoteAhead, NoteSounds, PlanShown, StageCue, Status
from sideman.jam.events import BandChanged, Fault, SettingChanged
from sideman.jam.screen import LEDS
from sideman.jam.states import State
from sideman.jam.table import Gesture, cell
from sideman.music.meter import parse_meter
from tests.jam.rig import RIFF, Rig, committed, playing


def whole_jam():
    rig = playing(count_in=0)
    rig.press("START", 26)
    rig.play(RIFF[:8], start=28)
    rig.press("STOP", 36)
    rig.press("PLAY", 45)
    return rig.run(60)


def test_the_bottom_line_is_the_tables():
    rig = whole_jam()
    for status in (i for i in rig.front.items if isinstance(i, Status)):
        state = State(status.state)
        wanted = tuple(cell("trade", state, g).short for g in (Gesture.START, Gesture.STOP, Gesture.PLAY))
        assert status.bottom == wanted


def test_a_committed_phrase_says_bars_meter_tempo_and_key():
    rig = committed().run(18)
    assert rig.status.shown == "GOT IT"
    assert rig.status.detail.startswith("4x4/4 96")
    assert 0 < rig.status.confidence <= 1


def test_the_free_tempo_is_shown_as_none():
    assert Rig().run(0).status.bpm is None
    assert Rig(tempo_fixed=True, bpm=133).run(0).status.bpm == 133


def test_bar_and_beat_move():
    rig = playing()
    seen = []
    for beat in range(20, 28):
        rig.run(beat + 0.2)
        seen.append((rig.status.bar, rig.status.beat))
    assert seen == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (2, 4)]


def test_the_strip_reaches_four_beats_ahead_and_is_committed_first():
    rig = playing()
    for beat in (20.5, 22.3, 25.9, 30.1):
        rig.run(beat)
        strip = rig.status.strip
        assert sum(c.length for c in strip) == pytest.approx(6, abs=0.01)  # two beats more than are seen
        assert strip[0].committed
        assert [c.start for c in strip] == sorted(c.start for c in strip)
        assert all(c.name for c in strip)


def test_the_strip_reaches_four_groups_ahead_in_an_uneven_meter():
    rig = playing(meter=parse_meter("7/8"))
    rig.run(24)
    strip = rig.status.strip
    assert strip[-1].start + strip[-1].length >= 5  # 3+2+2+3 eighths, in quarters


def test_faults_show_in_words_and_lights_and_go():
    rig = Rig()
    rig.conductor.post(Fault(rig.at(9), "oled", "no answer"))
    rig.run(9.1)
    assert rig.status.faults == ("oled: no answer",)
    assert rig.status.leds == LEDS["error"]
    rig.conductor.post(Fault(rig.at(10), "oled", ""))
    rig.run(12)
    assert rig.status.faults == ()


def test_a_missing_model_is_said():
    rig = playing()
    models = (("chords", "chords.tflite is missing"), ("drums", "ok"), ("melody", "ok"))
    rig.conductor.post(BandChanged(rig.at(0), True, models))
    rig.run(24)
    assert rig.status.faults == ("model chords: chords.tflite is missing",)
    rig.conductor.post(BandChanged(rig.at(25), True, tuple((f, "ok") for f, _ in models)))
    assert rig.run(25.5).status.faults == ()


def test_the_stage_is_told_ahead_and_on_time():
    rig = whole_jam()
    ahead = {(i.due_ns, i.part, i.pitch) for i in rig.front.items if isinstance(i, NoteAhead)}
    sounds = [(i.ns, i.part, i.pitch) for i in rig.front.items if isinstance(i, NoteSounds) and i.velocity]
    band = [s for s in sounds if s[1] != "player"]
    assert sum(s in ahead for s in band) >= 0.95 * len(band)
    order = {id(i): n for n, i in enumerate(rig.front.items)}
    told = {(i.due_ns, i.part, i.pitch): order[id(i)] for i in rig.front.items if isinstance(i, NoteAhead)}
    for item in rig.front.items:
        if isinstance(item, NoteSounds) and item.velocity and (key := (item.ns, item.part, item.pitch)) in told:
            assert told[key] < order[id(item)]


def test_beats_are_told_once_each_in_order():
    rig = playing().run(40)
    beats = [(i.due_ns, i.bar, i.beat) for i in rig.front.items if isinstance(i, BeatCue) and i.due_ns > rig.at(19.5)]
    assert [b for _, _, b in beats[:8]] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert len({ns for ns, _, _ in beats}) == len(beats)


def test_plans_and_gestures_are_told():
    rig = whole_jam()
    plans = [i for i in rig.front.items if isinstance(i, PlanShown)]
    assert plans
    assert any(p.chords for p in plans)
    names = {i.name for i in rig.front.items if isinstance(i, StageCue)}
    assert names >= {"listen", "prepare_play", "stop"}


def test_the_level_and_mode_are_shown():
    rig = Rig()
    rig.conductor.post(SettingChanged(rig.at(0), "levels.band", "40"))
    rig.conductor.post(SettingChanged(rig.at(0), "jam.mode", "follow"))
    rig.run(0.2)
    assert (rig.status.level, rig.status.mode) == (40, "follow")
