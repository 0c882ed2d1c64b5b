"""Tap tempo: in every state but the menu; what the taps take back, keep and reinterpret."""

from itertools import pairwise

import pytest

from sideman.music.meter import parse_meter
from tests.jam.rig import RIFF, Rig, committed, playing


def taps(rig, start, n=4, step=0.8, switch="START"):
    for i in range(n):
        rig.press(switch, start + i * step, hold_s=0.06)


def bpm(rig):
    return rig.jam.timeline.tempo.bpm


def test_from_idle_the_box_stays_armed_and_the_tempo_holds_for_the_phrase():
    rig = Rig()
    taps(rig, 0)  # 120 BPM, downbeat on 0
    rig.run(2.6)
    assert rig.state == "ARMED"
    assert rig.status.bpm == pytest.approx(120, abs=0.5)
    rig.play(RIFF[:8], start=3.2, step=0.8)  # from the fifth tap on
    rig.press("STOP", 3.2 + 8 * 0.8)
    rig.run(10)
    phrase = rig.jam.session.material.phrase
    assert (phrase.bars, round(phrase.bpm)) == (2, 120)
    assert phrase.notes[0].tick == pytest.approx(0, abs=20)
    assert rig.jam.timeline.ns(rig.jam.timeline.bar_zero) == pytest.approx(rig.at(3.2), abs=5_000_000)


def test_the_first_tap_is_a_downbeat():
    rig = Rig()
    taps(rig, 0, n=3)
    rig.run(2)
    line = rig.jam.timeline
    assert line.within(line.tick(rig.at(0) + 1000)) == 0
    assert line.within(line.tick(rig.at(3.2) + 1000)) == 0


def test_a_tapped_tempo_is_gone_with_the_next_phrase_from_silence():
    rig = Rig()
    taps(rig, 0)
    rig.play(RIFF[:8], start=3.2, step=0.8)
    rig.press("STOP", 3.2 + 8 * 0.8)
    rig.press("START", 22)
    rig.play(RIFF, start=24)
    rig.press("STOP", 40)
    rig.run(41)
    assert rig.jam.session.material.phrase.bpm == pytest.approx(96, rel=0.01)


def test_taps_while_listening_keep_what_was_heard():
    rig = Rig()
    rig.press("START", -1)
    rig.play(RIFF)
    taps(rig, 8.0, step=1.0)
    rig.run(12)
    assert rig.state == "LISTENING"
    assert bpm(rig) == pytest.approx(96, rel=0.005)
    rig.press("STOP", 16)
    rig.run(17)
    assert len(rig.jam.session.material.phrase.notes) == 16
    assert rig.jam.session.material.phrase.bars == 4


@pytest.mark.parametrize("ratio", [0.5, 2.0, 2 / 3, 1.5])
def test_taps_after_the_commit_near_a_ratio_mean_the_same_notes_on_another_beat(ratio):
    rig = committed()
    was = rig.run(17).jam.session.material.phrase
    taps(rig, 18, step=1.02 / ratio)
    rig.run(18 + 5 / ratio)
    now = rig.jam.session.material.phrase
    assert rig.state == "COMMITTED"
    assert [n.pitch for n in now.notes] == [n.pitch for n in was.notes]
    assert now.notes[4].tick == pytest.approx(was.notes[4].tick * ratio, abs=20)
    assert now.bpm == pytest.approx(96 * ratio / 1.02, rel=0.01)
    assert now.bars == max(1, round(was.bars * ratio))


def test_other_taps_after_the_commit_change_its_speed():
    rig = committed()
    was = rig.run(17).jam.session.material.phrase
    taps(rig, 18, step=0.8)
    rig.run(22)
    now = rig.jam.session.material.phrase
    assert (now.bars, now.notes) == (was.bars, was.notes)
    assert now.bpm == pytest.approx(120, rel=0.01)
    assert rig.state == "COMMITTED"
    rig.press("PLAY", 21.2)  # the fifth tap's place: the next downbeat
    rig.run(24)
    assert rig.state == "PLAYING"
    assert bpm(rig) == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize("step", [0.8, 1.25])
def test_taps_while_playing_change_the_tempo_and_keep_the_phase(step):
    rig = playing()
    taps(rig, 24.3, n=4, step=step)
    rig.run(24.3 + 3 * step + 0.1)
    line = rig.jam.timeline
    assert rig.state == "PLAYING"
    assert bpm(rig) == pytest.approx(96 / step, rel=0.01)
    ticks = [line.tick(rig.at(24) + i * 10_000_000) for i in range(300)]
    assert ticks == sorted(ticks)
    assert max(b - a for a, b in pairwise(ticks)) < 25  # 10 ms at any tempo here: no jump
    origin = rig.jam.session.origin
    rig.run(40)
    assert rig.jam.session.origin == origin


def test_a_tempo_tapped_while_playing_stays_after_a_stop():
    rig = playing()
    taps(rig, 24, step=0.8)
    rig.press("STOP", 28)
    rig.press("PLAY", 40)
    rig.run(44)
    assert bpm(rig) == pytest.approx(120, rel=0.01)


def test_taps_in_the_count_in_still_tap():
    rig = playing(18.2, count_in=2)
    taps(rig, 19, step=0.8)
    rig.run(22)
    assert rig.did("tap")
    assert rig.state == "ARMED"
    assert bpm(rig) == pytest.approx(120, rel=0.01)


def test_taps_in_an_ending_leave_it_an_ending():
    rig = playing()
    rig.press("PLAY", 24.6)
    taps(rig, 25, n=3, step=0.6)
    rig.run(26.4)
    assert rig.state == "ENDING"
    assert bpm(rig) == pytest.approx(160, rel=0.01)


def test_no_taps_in_the_menu():
    rig = committed()
    rig.press("PLAY", 18, hold_s=0.9)
    taps(rig, 21, step=0.8)
    rig.run(24)
    assert not rig.did("tap")
    assert rig.state == "MENU"


def test_dotted_quarters_in_compound_meters():
    rig = Rig(meter=parse_meter("6/8"))
    taps(rig, 0, step=0.8)
    rig.run(2.6)
    assert rig.status.bpm == pytest.approx(120, abs=0.5)  # dotted quarters
    assert bpm(rig) == pytest.approx(180, abs=1)  # quarters


def test_tap_is_seen():
    rig = Rig()
    taps(rig, 0, n=3)
    rig.run(1.7)
    assert rig.status.notice == "TAP 120"
    assert rig.status.leds == ("off", "fast", "off")
