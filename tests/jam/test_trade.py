"""``trade``: turns of the phrase's length, bars left, and a soloist who knows when to be silent."""

import pytest

from sideman.jam.cues import Status
from sideman.music.meter import parse_meter
from tests.jam.rig import RIFF, Rig, playing


def solo_beats(rig):
    line = rig.jam.timeline
    return [(line.ns(n[1]) - rig.at(0)) / rig.quarter for n in rig.sounded("solo")]


def test_me_then_you_for_the_length_of_the_phrase():
    rig = playing().run(70)
    turns = {}
    for item in rig.front.items:
        if isinstance(item, Status) and item.state == "PLAYING" and item.ns > rig.at(20.1):
            turns.setdefault(item.turn, []).append((item.ns - rig.at(20)) / rig.quarter)
    cycle = {name: {int(b // 16) % 2 for b in beats if 0.1 < b % 16 < 15.9} for name, beats in turns.items()}
    assert cycle == {"ME": {0}, "YOU": {1}}


def test_the_soloist_is_silent_outside_its_turn():
    rig = playing().run(70)
    beats = solo_beats(rig)
    assert beats
    for beat in beats:
        assert (beat - 20 + 0.13) // 16 % 2 == 0, beat
    assert {int((beat - 20 + 0.13) // 16) for beat in beats} == {0, 2}


def test_the_others_play_on_in_the_players_turn():
    rig = playing().run(70)
    line = rig.jam.timeline
    for bar in range(20, 68, 4):
        lo, hi = line.tick(rig.at(bar)) - 120, line.tick(rig.at(bar + 4)) - 120
        assert {n[0] for n in rig.sounded() if lo <= n[1] < hi} >= {"drums", "bass", "chords"}, bar


def test_bars_left_count_down():
    rig = playing()
    left = []
    for bar in range(8):
        rig.run(20 + bar * 4 + 1.5)
        left.append((rig.status.turn, rig.status.bar, rig.status.bars, rig.status.bars_left))
    assert left[:4] == [("ME", 1, 4, 4), ("ME", 2, 4, 3), ("ME", 3, 4, 2), ("ME", 4, 4, 1)]
    assert left[4:] == [("YOU", 1, 4, 4), ("YOU", 2, 4, 3), ("YOU", 3, 4, 2), ("YOU", 4, 4, 1)]


def test_the_soloist_makes_room_while_listening_over_the_band():
    rig = playing()
    rig.press("START", 23.8)
    rig.play(RIFF[:8], start=24)
    rig.run(32)
    assert [b for b in solo_beats(rig) if b >= 28] == []  # what was committed when the press came may sound


def test_after_a_new_commit_the_soloist_answers_from_its_beat_one():
    rig = playing()
    rig.press("START", 35.8)
    rig.play([p + 3 for p in RIFF[:8]], start=36)
    rig.press("STOP", 44)
    rig.run(68)
    assert rig.jam.session.material.phrase.bars == 2
    zero = (rig.jam.timeline.ns(rig.jam.session.origin * 240) - rig.at(0)) / rig.quarter
    assert zero == pytest.approx(48, abs=0.05)
    cycles = {int((b - zero + 0.13) // 8) for b in solo_beats(rig) if b > zero - 0.13}
    assert cycles == {0, 2}


def test_outside_the_jam_the_soloist_is_silent():
    rig = playing()
    rig.press("STOP", 36)
    rig.run(60)
    assert [b for b in solo_beats(rig) if b > 36.1] == []


@pytest.mark.parametrize("lineup", ["no_solo", "drums_bass", "drums"])
def test_a_line_up_without_a_soloist(lineup):
    assert playing(lineup=lineup).run(40).sounded("solo") == []


@pytest.mark.parametrize(
    ("meter", "quarters"), [("3/4", 3), ("5/4 3+2", 5), ("6/8", 3), ("7/8 2+2+3", 3.5), ("12/8", 6), ("2/4", 2)]
)
def test_every_meter_trades(meter, quarters):
    found = parse_meter(meter)
    rig = Rig(meter=found, tempo_fixed=True, bpm=96 * 960 / found.beat_ticks)
    rig.press("START", -1)
    pulse = found.pulse_ticks / 960
    length = 4 * quarters
    for i in range(round(length / pulse)):
        rig.note(i * pulse, RIFF[i % 16], pulse * 0.9)
    rig.press("STOP", length)
    rig.press("PLAY", length + 0.2)
    rig.run(length * 4)
    s, line = rig.jam.session, rig.jam.timeline
    assert s.material.phrase.bars == 4
    assert str(s.material.phrase.meter) == meter.split()[0]
    assert line.within(s.origin * 240) == 0
    assert rig.state == "PLAYING"
    assert {n[0] for n in rig.sounded()} == {"drums", "bass", "chords", "solo"}
    rig.press("PLAY", length * 4 + 0.3 * quarters + 0.3)
    rig.run(length * 4 + 3 * quarters)
    assert rig.state == "COMMITTED"
    assert line.within(max(n[1] for n in rig.sounded()) + 200) < 420  # the hit is on a downbeat


@pytest.mark.parametrize(("meter", "starts"), [("7/8 2+2+3", {0, 2, 4}), ("7/8 3+2+2", {0, 3, 5}), ("5/4 3+2", {0, 3})])
def test_the_click_obeys_the_grouping(meter, starts):
    found = parse_meter(meter)
    rig = Rig(meter=found, tempo_fixed=True, bpm=120, click=True)
    rig.press("START", -1)
    rig.play(RIFF[:14], start=0, step=0.5)
    rig.press("STOP", 14 * 0.4)
    rig.press("PLAY", 14)
    rig.run(30)
    line, meter_now = rig.jam.timeline, rig.jam.meter
    clicked = {line.within(n[1]) for n in rig.sounded("click")}
    assert clicked == set(meter_now.beats)
    if found.denominator == 8:
        assert {t // found.pulse_ticks for t in clicked} == starts
