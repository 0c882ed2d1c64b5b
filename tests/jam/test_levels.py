"""Programs and levels: all of them when an output appears, only what changes afterwards; tuning up at the start."""

from __future__ import annotations

from sideman.jam.cues import Status
from sideman.jam.events import BandChanged, PortAppeared, PortVanished, SettingChanged
from sideman.jam.levels import is_fluidsynth
from sideman.jam.screen import LEDS
from sideman.music.mix import NEUTRAL, placed, volume
from sideman.music.sounds import BY_STYLE, program_of
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
        bytes((0xC0 | channel, program_of(part, options.part(part).program, "rock"))) for part, channel in BAND.items()
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


FLUIDSYNTH = "FLUID Synth (sideman):Synth input port"


def sent_since(rig, before):
    return [bytes(data) for _, data, *_ in rig.out.sent[before:]]


def plug(rig, name):
    rig.conductor.post(PortAppeared(rig.jam.now + 1, name, "out"))
    rig.run(0)


def change(rig, key, value):
    before = len(rig.out.sent)
    rig.conductor.post(SettingChanged(rig.jam.now + 1, key, value))
    rig.run(0)
    return sent_since(rig, before)


def controls(sent):
    """Last value of each controller: {(channel, number): value}."""
    return {(data[0] & 0x0F, data[1]): data[2] for data in sent if data[0] & 0xF0 == 0xB0}


def test_the_box_s_own_synthesiser_gets_the_mix_and_another_one_program_and_level_alone():
    assert is_fluidsynth(FLUIDSYNTH)
    for balance, name, mixed in (
        ("auto", FLUIDSYNTH, True),
        ("auto", "Keystation", False),
        ("on", "Keystation", True),
        ("off", FLUIDSYNTH, False),
    ):
        rig = Rig(balance=balance)
        before = len(rig.out.sent)
        plug(rig, name)
        found = controls(sent_since(rig, before))
        for part, channel in BAND.items():
            own = rig.jam.options.part(part)
            program = program_of(part, own.program, "rock")
            wanted = {7: volume(part, program, own.level), **dict(placed(part))} if mixed else {7: own.level}
            assert {number: value for (at, number), value in found.items() if at == channel} == wanted


def test_another_sound_brings_its_own_volume():
    rig = Rig()
    plug(rig, FLUIDSYNTH)
    sent = change(rig, "parts.solo.program", "81")
    assert sent == [bytes((0xC3, 81)), bytes((0xB3, 7, volume("solo", 81, 100)))]
    assert sent[1][2] < volume("solo", 11, 100)  # a saw lead is turned down, a vibraphone up


def test_the_pedal_turns_every_part_down_and_leaves_their_places():
    rig = Rig()
    plug(rig, FLUIDSYNTH)
    down = controls(change(rig, "levels.band", "0"))
    assert down == {(channel, 7): 0 for part, channel in BAND.items() if part != "player"}
    assert len(change(rig, "levels.band", "127")) == len(down)


def test_what_was_placed_goes_back_to_the_middle_when_the_mix_is_turned_off():
    rig = Rig()
    plug(rig, FLUIDSYNTH)
    found = controls(change(rig, "levels.balance", "off"))
    for part, channel in BAND.items():
        for number, value in placed(part):
            assert found.get((channel, number), value) == NEUTRAL[number]
    assert change(rig, "levels.balance", "off") == []


def test_sounds_follow_the_style_but_for_the_one_that_was_chosen():
    rig = Rig()
    plug(rig, FLUIDSYNTH)
    change(rig, "parts.chords.program", "46")
    programs = [data for data in change(rig, "jam.style", "jazz") if data[0] & 0xF0 == 0xC0]
    kit, bass, _, solo = BY_STYLE["jazz"]
    assert programs == [bytes((0xC9, kit)), bytes((0xC1, bass)), bytes((0xC3, solo))]
    back = change(rig, "parts.chords.program", "-1")
    assert back[0] == bytes((0xC2, BY_STYLE["jazz"][2]))


def test_while_the_band_plays_the_new_sounds_come_with_the_bar_of_the_new_style():
    rig = playing()
    rig.run(20.2)
    before = len(rig.out.sent)
    rig.conductor.post(SettingChanged(rig.at(20.25), "jam.style", "dance"))
    rig.run(20.5)
    rig.conductor.post(SettingChanged(rig.at(20.6), "parts.bass.level", "90"))  # tells levels, not yet the sounds
    rig.run(20.7)
    assert not [data for data in sent_since(rig, before) if data[0] & 0xF0 == 0xC0]
    rig.run(32)
    changes = [(ns, data) for ns, data, *_ in rig.out.sent[before:] if data[0] & 0xF0 == 0xC0]
    assert {bytes(data) for _, data in changes} == {
        bytes((0xC0 | BAND[part], program))
        for part, program in zip(("drums", "bass", "chords", "solo"), BY_STYLE["dance"], strict=True)
    }
    line = rig.jam.timeline
    ticks = {line.tick(ns) for ns, _ in changes}
    assert len(ticks) == 1
    assert -line.meter.bar_ticks // 8 < line.within(ticks.pop()) - line.meter.bar_ticks < 0


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
