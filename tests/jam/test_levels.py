"""Programs and levels: all of them when an output appears, only what changes afterwards; tuning up at the start."""

from __future__ import annotations

from sideman.jam.cues import Status
from sideman.jam.events import BandChanged, PortAppeared, PortVanished, SettingChanged
from sideman.jam.screen import LEDS
from tests.jam.rig import SECOND, START_NS, Rig, playing

MODELS = (("drums", "ok"), ("chords", "ok"), ("solo", "ok"))
BAND = {"drums": 9, "bass": 1, "chords": 2, "solo": 3, "player": 0}


def setup_bytes(rig, since=0):
    """Programs and volumes sent, in order."""
    sent = [bytes(data) for _, data, *_ in rig.out.sent[since:]]
    return [data for data in sent if data[0] & 0xF0 == 0xC0 or (data[0] & 0xF0 == 0xB0 and data[1] == 7)]


def test_a_port_that_opens_is_told_every_program_and_level_the_player_s_too():
    rig = Rig()
    whole = setup_bytes(rig)
    options = rig.jam.options
    assert {data for data in whole if data[0] & 0xF0 == 0xC0} == {
        bytes((0xC0 | channel, options.part(part).program)) for part, channel in BAND.items()
    }
    assert {data for data in whole if data[0] & 0xF0 == 0xB0} == {
        bytes((0xB0 | channel, 7, rig.jam.level(part))) for part, channel in BAND.items()
    }
    for event in (PortAppeared, PortVanished, PortAppeared):
        before = len(rig.out.sent)
        rig.conductor.post(event(rig.jam.now + 1, "Synth", "out"))
        rig.run(0)
        assert setup_bytes(rig, before) == (whole if event is PortAppeared else [])


def test_a_level_that_moves_sends_its_own_controller_and_nothing_else():
    rig = Rig()
    before = len(rig.out.sent)
    rig.conductor.post(SettingChanged(rig.jam.now + 1, "parts.bass.level", "64"))
    rig.run(0)
    assert setup_bytes(rig, before) == [bytes((0xB1, 7, 64))]
    before = len(rig.out.sent)
    rig.conductor.post(SettingChanged(rig.jam.now + 1, "levels.band", "64"))
    rig.run(0)
    assert {data[0] for data in setup_bytes(rig, before)} == {0xB9, 0xB1, 0xB2, 0xB3}
    before = len(rig.out.sent)
    rig.conductor.post(SettingChanged(rig.jam.now + 1, "levels.band", "64"))
    rig.run(0)
    assert setup_bytes(rig, before) == []


def test_the_band_says_its_programs_again_when_it_starts_and_leaves_the_player_alone():
    rig = playing()
    rig.run(16)
    before = len(rig.out.sent)
    rig.run(22)
    programs = [data[0] & 0x0F for data in setup_bytes(rig, before) if data[0] & 0xF0 == 0xC0]
    assert sorted(programs) == [1, 2, 3, 9]


def leds(rig):
    return [item.leds for item in rig.front.items if isinstance(item, Status)]


def test_the_box_tunes_up_until_the_band_has_come():
    rig = Rig()
    rig.run(-0.5)
    assert (rig.status.leds, rig.status.detail) == (LEDS["boot"], "TUNING UP")
    rig.conductor.post(BandChanged(rig.jam.now + 1, up=True, models=MODELS))
    rig.run(0)
    assert (rig.status.leds, rig.status.detail) == (LEDS["IDLE"], "")


def test_tuning_up_ends_when_the_band_cannot_come_and_after_five_seconds_at_most():
    rig = Rig()
    rig.conductor.post(BandChanged(rig.jam.now + 1, up=False, why="no models"))
    rig.run(0)
    assert rig.status.leds == LEDS["error"]
    rig = Rig()
    rig.run(20)
    assert rig.jam.now - START_NS >= 5 * SECOND
    assert rig.status.leds == LEDS["IDLE"]


def test_feet_are_heard_while_it_tunes_up():
    rig = Rig()
    rig.press("START", 0)
    rig.run(0.5)
    assert rig.status.leds == LEDS["ARMED"]
