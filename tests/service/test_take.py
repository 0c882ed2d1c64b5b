"""A take's setup: the sounds and the mix that were heard, whatever stood in the way at its end."""

from __future__ import annotations

from tests.jam.rig import Rig

from sideman.jam.options import Options, with_setting
from sideman.music.mix import placed, volume
from sideman.music.sounds import BY_STYLE
from sideman.service.take import take_of


def parts_of(**settings):
    rig = Rig()
    options = Options()
    for key, value in settings.items():
        options = with_setting(options, key.replace("__", "."), value)
    rig.jam.options = options
    return take_of(rig.jam).parts


def test_the_take_has_the_style_s_sounds_and_the_mix_of_the_box():
    parts = parts_of(jam__style="jazz", parts__solo__program="73")
    kit, bass, chords, _ = BY_STYLE["jazz"]
    assert {part: each.program for part, each in parts.items()} == {
        "player": 0, "drums": kit, "bass": bass, "chords": chords, "solo": 73
    }  # fmt: skip
    for part, each in parts.items():
        assert each.controls == ((7, volume(part, each.program, 100)), *placed(part))


def test_a_pedal_at_its_heel_or_a_part_turned_off_does_not_silence_the_take():
    parts = parts_of(levels__band="0", parts__bass__level="0")
    assert all(dict(each.controls)[7] > 0 for each in parts.values())


def test_without_the_mix_a_take_has_its_levels_alone_and_parts_on_one_channel_share_the_first_s():
    parts = parts_of(levels__balance="off", parts__bass__level="64", parts__solo__channel="3")
    assert parts["bass"].controls == ((7, 64),)
    assert parts["chords"].controls == ((7, 100),)
    assert parts["solo"].controls == ()
