"""The mix: every sound of a part equally loud, room to turn up, places that a mono amplifier survives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.options import ALL_PARTS, DEFAULT_PARTS, STYLES
from sideman.music.mix import CHORUS, PAN, PLACES, REVERB, placed, trim, volume
from sideman.music.sound_trims import TRIMS
from sideman.music.sounds import BAND, BY_STYLE, CHOICES, KITS, OF_STYLE, program_of

PARTS = tuple(part for part in ALL_PARTS if part != "click")
OFFERED = [(part, program) for part in PARTS for program in CHOICES.get(part, KITS)]


def test_every_program_of_every_part_has_its_trim():
    assert set(TRIMS) == set(BAND)
    assert set(PLACES) == set(PARTS)
    for values in TRIMS.values():
        assert len(values) == 128
        assert all(-24 <= value <= 4 for value in values)


@given(st.sampled_from(PARTS), st.integers(0, 127), st.integers(0, 126))
def test_more_level_is_never_softer_and_only_silence_is_silent(part, program, level):
    here, more = volume(part, program, level), volume(part, program, level + 1)
    assert here <= more <= 127
    assert (here == 0) == (level == 0)


@given(st.sampled_from(OFFERED), st.integers(30, 100))
def test_a_level_turns_every_sound_down_by_as_many_db(sound, level):
    """General MIDI's law, 40 log10 of the ratio, to within one step of the controller."""
    part, program = sound
    full, less = volume(part, program, 100), volume(part, program, level)
    off = 40 * math.log10(less / full) - 40 * math.log10(level / 100)
    assert abs(off) < 40 * math.log10((less + 1) / less)


@pytest.mark.parametrize(("part", "program"), OFFERED)
def test_every_sound_on_offer_reaches_the_mix_at_its_own_level(part, program):
    wanted = DEFAULT_PARTS[part].level * 10 ** (trim(part, program) / 40)
    assert wanted <= 127.5
    assert volume(part, program, DEFAULT_PARTS[part].level) == round(wanted)


@pytest.mark.parametrize("part", PARTS)
def test_a_place_is_near_the_middle_and_the_low_end_dry(part):
    sent = dict(placed(part))
    assert set(sent) == {PAN, REVERB, CHORUS}
    assert all(0 <= value <= 127 for value in sent.values())
    assert abs(sent[PAN] - 64) <= 20
    assert sent[REVERB] >= dict(placed("bass"))[REVERB]


def test_every_style_has_sounds_that_are_on_offer():
    assert set(BY_STYLE) == set(STYLES)
    for style, (kit, *others) in BY_STYLE.items():
        assert kit in KITS
        for part, program in zip(BAND[1:], others, strict=True):
            assert program in CHOICES[part], (style, part)


def test_what_the_player_chose_wins_over_the_style():
    for style in STYLES:
        assert program_of("chords", 46, style) == 46
        assert program_of("chords", OF_STYLE, style) == BY_STYLE[style][2]
        assert program_of("player", OF_STYLE, style) == 0
    assert {program_of("chords", OF_STYLE, style) for style in ("rock", "punk", "blues")}.isdisjoint({4, 5})
