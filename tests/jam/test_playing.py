"""PLAY is beat one, or ends the song: entries, endings, silence."""

from itertools import pairwise

import pytest

from sideman.band.messages import PARTS, PartNote
from sideman.jam import standby
from sideman.jam.events import SettingChanged
from sideman.jam.states import State
from tests.jam.rig import RIFF, Rig, playing

MS = 1_000_000


def origin(rig):
    """Beat (quarters of the phrase) of the form's beat one."""
    return (rig.jam.timeline.ns(rig.jam.session.origin * 240) - rig.at(0)) / rig.quarter


def first(rig):
    return min(n[1] for n in rig.sounded()) / 960


def due(rig, beat):
    return rig.jam.timeline.tick(rig.at(beat))


# beat one -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("press", "one"), [(20.0, 20), (20.45, 20), (19.6, 20), (20.6, 24), (18.0, 20), (17.0, 20), (16.4, 16)]
)
def test_the_press_belongs_to_the_nearest_downbeat(press, one):
    rig = playing(press)
    rig.run(press + 0.1)
    assert origin(rig) == pytest.approx(one, abs=0.02)


def test_half_a_beat_late_the_band_joins_that_bar_in_phase():
    rig = playing(20.4).run(24)
    early = [n for n in rig.sounded() if n[1] < due(rig, 20.39)]
    assert early == []
    assert {n[0] for n in rig.sounded() if n[1] < due(rig, 22)} >= {"drums", "bass", "chords"}
    assert any(n[1] == pytest.approx(due(rig, 21), abs=60) for n in rig.sounded("drums"))


def test_half_a_beat_early_it_waits():
    rig = playing(19.7)
    assert rig.run(19.9).sounded() == []
    rig.run(21)
    assert first(rig) == pytest.approx(due(rig, 20) / 960, abs=0.15)


def test_a_dead_pulse_makes_the_press_beat_one():
    rig = playing(16 + 8 + 1.37)
    rig.run(16 + 8 + 2)
    assert origin(rig) == pytest.approx(25.37, abs=0.02)
    assert rig.sounded()


@pytest.mark.parametrize("bars", [1, 2])
def test_a_count_in_counts_from_the_press(bars):
    rig = playing(18.3, count_in=bars)
    rig.run(18.5)
    assert rig.state == "COUNT-IN"
    assert rig.status.shown == str(4 * bars)
    rig.run(18.3 + 4 * bars - 0.5)
    assert rig.status.shown == "1"
    clicks = rig.sounded("click")
    assert len(clicks) == 4 * bars
    assert rig.sounded() == clicks
    rig.run(18.3 + 4 * bars + 0.2)
    assert rig.state == "PLAYING"
    assert origin(rig) == pytest.approx(18.3 + 4 * bars, abs=0.02)


@pytest.mark.parametrize(("switch", "state"), [("START", "ARMED"), ("STOP", "COMMITTED"), ("PLAY", "COMMITTED")])
def test_a_count_in_can_be_cancelled(switch, state):
    rig = playing(18.3, count_in=2)
    rig.press(switch, 21)
    rig.run(30)
    assert rig.state == state
    assert {n[0] for n in rig.sounded()} == {"click"}
    assert max(n[1] for n in rig.sounded()) <= due(rig, 21)


def test_play_while_listening_commits_and_starts_on_this_downbeat():
    rig = Rig()
    rig.press("START", -1)
    rig.play(RIFF)
    rig.press("PLAY", 16.05)
    rig.run(20)
    assert rig.states()[:4] == ["IDLE", "ARMED", "LISTENING", "COMMITTED"]
    assert rig.state == "PLAYING"
    assert origin(rig) == pytest.approx(16, abs=0.1)
    assert "drums" in {n[0] for n in rig.sounded() if n[1] < due(rig, 16.2)}  # no gap
    assert {n[0] for n in rig.sounded() if n[1] < due(rig, 17.2)} >= {"drums", "bass", "chords"}  # on the next beat


@pytest.mark.parametrize("press", [16.0, 16.05, 16.2, 15.9])
def test_closed_by_play_the_form_begins_on_its_first_bar(press):
    """The plan that was asked for at the close speaks of bars; they must be the band's bars."""
    rig = Rig()
    rig.press("START", -1)
    rig.play(RIFF)
    rig.press("PLAY", press)
    rig.run(36)
    s = rig.jam.session
    quiet = Rig()
    quiet.press("START", -1)
    quiet.play(RIFF)
    quiet.press("STOP", press)
    quiet.run(19)
    form = [(c.onset, c.frames, c.chord.label) for c in s.material.form]
    assert form == [(c.onset, c.frames, c.chord.label) for c in quiet.jam.session.material.form]
    heard = [(o - s.origin, d, label) for o, d, label in rig.jam.recorder.chords]
    assert [label for _, _, label in heard[:4]] == [label for _, _, label in form[:4]]


def test_the_first_bar_is_the_plan_kept_ready():
    rig = playing(18)
    rig.run(21)
    assert rig.did("rules") == []
    assert rig.jam.late_plans == 0


# endings --------------------------------------------------------------------------------------------------------------


def final(ending, press=26.0, **options):
    rig = playing(ending=ending, **options)
    rig.press("PLAY", press)
    return rig


def test_a_hit_lands_on_the_next_downbeat_and_rings_two_bars_at_most():
    rig = final("hit")
    rig.run(27)
    assert rig.state == "ENDING"
    assert rig.status.shown == "END 1"
    rig.run(28.2)
    assert rig.state == "COMMITTED"
    last = [n for n in rig.sounded() if n[1] >= due(rig, 27.9)]
    assert {n[0] for n in last} >= {"drums", "bass", "chords"}
    assert {n[2] for n in last if n[0] == "drums"} >= {36, 49}
    assert rig.out.hung()
    rig.run(36.1)
    assert rig.out.hung() == set()
    assert max(n[1] for n in rig.sounded()) <= due(rig, 28.1)


def test_the_hit_is_asked_for_when_the_ending_is_known_and_thought_of_no_more_on_the_downbeat(monkeypatch):
    rig = final("hit").run(27)
    ask = rig.link.asks[-1]
    assert (ask.start, ask.end) == (rig.jam.session.ending, rig.jam.session.ending + 1)
    plain = final("hit", latency_ns=None).run(40)  # no band answers: by the rules, at once
    monkeypatch.setattr(standby, "rules_plan", None)
    rig.run(40)
    last = [n for n in rig.sounded() if n[1] >= due(rig, 27.9)]
    assert last == [n for n in plain.sounded() if n[1] >= due(plain, 27.9)]
    assert rig.jam.late_plans == 0


@pytest.mark.parametrize("answer_ms", [None, 5000])
def test_a_hit_that_does_not_come_is_played_by_the_rules(answer_ms):
    rig = playing(ending="hit")
    rig.run(25.9)
    rig.link.latency_ns = answer_ms and answer_ms * MS
    rig.press("PLAY", 26.0)
    rig.run(28.2)
    assert rig.state == "COMMITTED"
    assert {n[0] for n in rig.sounded() if n[1] >= due(rig, 27.9)} >= {"drums", "bass", "chords"}
    assert rig.run(60).out.hung() == set()


def test_the_hit_of_an_ending_that_was_cancelled_is_not_played_at_another():
    rig = final("hit", press=25.0)
    rig.press("PLAY", 26.5)  # it goes on
    rig.run(29)
    assert rig.state == "PLAYING"
    rig.link.latency_ns = None
    rig.press("PLAY", 30)
    rig.run(32.2)
    assert rig.state == "COMMITTED"
    assert {n[0] for n in rig.sounded() if n[1] >= due(rig, 31.9)} >= {"drums", "bass", "chords"}


def test_stop_leaves_the_downbeat_empty():
    rig = final("stop").run(40)
    assert all(ask.end > ask.start + 1 for ask in rig.link.asks)
    assert max(n[1] for n in rig.sounded()) < due(rig, 27.9)
    assert rig.out.hung() == set()
    assert rig.state == "COMMITTED"


def test_a_ritard_slows_the_last_bar_only():
    rig = final("ritard", press=20.7)
    rig.run(40)
    line = rig.jam.timeline
    zero = line.bar_zero + 16 * 960
    gaps = [b - a for a, b in pairwise(line.ns(zero + i * 960) / rig.quarter for i in range(9))]
    assert gaps[:4] == pytest.approx([1.0] * 4, rel=0.01)
    assert gaps[4:8] == pytest.approx([1.0, 1.18, 1.32, 1.5], rel=0.01)  # pressed after its first beat
    plain = playing().run(40)
    assert rig.sounded("drums")[0] == plain.sounded("drums")[0]
    tempi = [s.quarter for s in line.tempo.segments]
    assert len(tempi) >= 4


def test_after_a_ritard_the_next_start_is_in_tempo():
    rig = final("ritard", press=20.7)
    rig.play([60, 62, 64], start=25)
    rig.press("PLAY", 28.2)
    rig.run(32)
    assert rig.state == "PLAYING"
    assert rig.jam.timeline.tempo.bpm == pytest.approx(rig.jam.session.material.phrase.bpm, rel=0.01)


def test_half_a_beat_late_ends_on_the_downbeat_just_played_where_that_is_home():
    rig = final("hit", press=36.3)
    rig.run(36.5)
    assert rig.state == "COMMITTED"
    sounding = rig.out.hung()
    assert sounding  # what sounds rings
    rig.run(44)
    assert max(n[1] for n in rig.sounded()) <= due(rig, 36.41)
    assert rig.out.hung() == set()


def test_half_a_beat_late_on_another_chord_ends_on_the_next_bar_line_at_home():
    rig = final("hit", press=24.4)  # A minor has just been struck
    rig.run(24.5)
    assert rig.state == "ENDING"
    rig.run(40)
    last = [n for n in rig.sounded("bass") if n[1] >= due(rig, 27.9)]
    assert last
    assert {n[2] % 12 for n in last} == {0}


def test_start_cancels_an_ending_and_listens():
    rig = final("hit")
    rig.press("START", 27)
    rig.run(27.2)
    assert rig.state == "LISTEN+PLAY"
    rig.run(30)
    assert {n[0] for n in rig.sounded() if n[1] > due(rig, 28.5)} >= {"drums", "bass", "chords"}


def test_play_later_than_a_double_carries_on():
    rig = final("hit", press=25.0)
    rig.press("PLAY", 26.5)
    rig.run(27)
    assert rig.state == "PLAYING"
    plain = playing().run(32)
    assert rig.run(32).sounded("bass") == plain.sounded("bass")


# silence --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beat", [20.1, 23.37, 27.99, 31.2])
def test_one_stop_silences_playing_within_100_ms(beat):
    rig = playing()
    rig.press("STOP", beat, hold_s=0.05)
    rig.run(beat + 6)
    assert rig.state == "COMMITTED"
    after = [ns for ns, data in rig.out.sent if data[0] & 0xF0 == 0x90 and ns > rig.at(beat) + 80 * MS]
    assert after == []
    offs = [ns for ns, data in rig.out.sent if data[0] & 0xF0 == 0x80]
    assert max(offs) <= rig.at(beat) + 100 * MS
    assert rig.out.hung() == set()


def test_stop_silences_an_ending_and_what_rings_after_it():
    rig = final("hit")
    rig.press("STOP", 27)
    rig.run(27.2)
    assert (rig.state, rig.out.hung()) == ("COMMITTED", set())
    rig = final("hit")
    rig.press("STOP", 29)  # it rings
    rig.run(29.2)
    assert rig.out.hung() == set()


@pytest.mark.parametrize(("press", "start"), [(17.0, None), (20.5, None), (25.0, 24.0), (27.0, 26.0)])
def test_two_stops_silence_everything(press, start):
    rig = playing()
    if start:
        rig.press("START", start)
    rig.play([60, 62], start=press - 0.9, step=0.4)
    rig.press("STOP", press, hold_s=0.05)
    rig.press("STOP", press + 0.6, hold_s=0.05)
    rig.run(press + 0.6 + 0.16)
    assert not rig.jam.playing
    assert rig.jam.sounding.of(*PARTS) == []


def test_three_stops_silence_from_the_menu():
    rig = playing()
    rig.press("START", 24)
    rig.press("PLAY", 25, hold_s=0.9)
    rig.run(27)
    assert rig.state == "MENU"
    for i in range(3):
        rig.press("STOP", 28 + i, hold_s=0.05)
    rig.run(30.2)
    assert not rig.jam.playing


# plans that fail ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("latency", [None, 400 * MS, 3000 * MS])
def test_a_late_band_is_replaced_by_rules(latency):
    rig = playing(latency_ns=latency)
    rig.run(40)
    for beat in range(20, 40):
        here = {n[0] for n in rig.sounded() if due(rig, beat) - 480 <= n[1] < due(rig, beat) + 480}
        assert "drums" in here, beat
    assert rig.did("rules") or latency == 400 * MS  # asked for a bar ahead, that is still in time
    assert rig.jam.late_plans > 0
    assert len(rig.did("late")) == rig.jam.late_plans


def test_a_part_that_never_answers_says_so_on_the_display():
    rig = playing(latency_ns=None)
    assert set(rig.run(24).status.rules) >= {"drums", "chords"}


def test_the_click_is_heard_while_playing():
    rig = playing(click=True).run(28.5)
    beats = [round((rig.jam.timeline.ns(n[1]) - rig.at(0)) / rig.quarter, 1) for n in rig.sounded("click")]
    assert beats == [float(b) for b in range(20, 29)]
    pitches = [n[2] for n in rig.sounded("click")][:5]
    assert len(set(pitches)) == 3  # form, bar, beat


def test_states_name_only_the_table():
    rig = final("hit")
    rig.conductor.post(SettingChanged(rig.at(21), "jam.ending", "stop"))
    rig.run(40)
    assert set(rig.states()) <= {s.value for s in State}


@pytest.mark.parametrize("early", [1, 30, 50, 110])
@pytest.mark.parametrize("ending", ["hit", "stop"])
def test_nothing_of_the_groove_sounds_into_the_final_stroke(ending, early):
    """What a hand strikes a little early on a downbeat belongs to that downbeat: the song ends there instead."""
    rig = Rig(ending=ending)
    rig.press("START", -1)
    rig.play(RIFF)
    rig.press("PLAY", 16)
    rig.press("PLAY", 30)
    rig.run(31)
    final = rig.jam.timeline.nearest_bar_line(rig.jam.timeline.tick(rig.at(32)))
    rig.jam.book.add(PartNote("bass", final - early, 400, 41, 90))
    rig.run(44)
    struck = [note.on for note in rig.jam.recorder.band]
    assert not [tick for tick in struck if final - 120 <= tick < final]
    assert (max(struck) >= final) is (ending == "hit")
    assert rig.state == "COMMITTED"
