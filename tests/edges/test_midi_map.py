"""Mapping of pedals: what triggers, what is swallowed, what passes."""

import pytest

from sideman.edges.midi_bytes import MidiParser
from sideman.edges.midi_map import MidiMap, MidiMapError
from sideman.jam.events import Controller, EffectAsked, NoteOff, NoteOn, OtherMidi, SettingChanged

MAP = MidiMap(
    [
        {"port": "FCB", "kind": "cc", "number": 80, "channel": 1, "effect": "press START"},
        {"port": "", "kind": "program", "number": 3, "channel": 0, "effect": "tap"},
        {"kind": "note", "number": 36, "channel": 10, "effect": "panic"},
    ]
)


@pytest.mark.parametrize(("value", "asked"), [(0, None), (63, None), (64, "press START"), (127, "press START")])
def test_a_controller_asks_from_64_on(value, asked):
    got = MAP.translate(Controller(5, "FCB1010 MIDI 1", 0, 80, value))
    assert got == (EffectAsked(5, asked) if asked else None)


def test_every_press_of_a_pedal_without_release_asks_again():
    press = Controller(5, "fcb1010", 0, 80, 127)
    assert [MAP.translate(press), MAP.translate(press)] == [EffectAsked(5, "press START")] * 2


def test_program_and_key():
    assert MAP.translate(OtherMidi(1, "x", bytes((0xC7, 3)))) == EffectAsked(1, "tap")
    assert MAP.translate(NoteOn(1, "x", 9, 36, 1)) == EffectAsked(1, "panic")
    assert MAP.translate(NoteOff(2, "x", 9, 36)) is None


@pytest.mark.parametrize(
    "event",
    [
        Controller(5, "Piano", 0, 80, 127),
        Controller(5, "FCB1010", 1, 80, 127),
        Controller(5, "FCB1010", 0, 81, 127),
        OtherMidi(1, "x", bytes((0xC0, 4))),
        OtherMidi(1, "x", bytes((0xE0, 3, 3))),
        OtherMidi(1, "x", bytes((0xD0, 3))),
        NoteOn(1, "x", 0, 36, 1),
        NoteOff(1, "x", 9, 37),
    ],
)
def test_what_is_not_mapped_passes(event):
    assert MAP.translate(event) is event
    assert MidiMap().translate(event) is event


@pytest.mark.parametrize("status", range(0x80, 0xF0))
def test_every_parsed_message_can_be_translated(status):
    events = MidiParser("FCB").feed(bytes((status, 36, 36)), 1)
    assert events
    for event in events:
        assert MAP.translate(event) is None or MAP.translate(event).ns == 1


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"kind": "knob", "number": 1, "effect": "tap"}, "must be one of cc, program, note"),
        ({"kind": "cc", "number": 128, "effect": "tap"}, "0 to 127"),
        ({"kind": "cc", "effect": "tap"}, "0 to 127"),
        ({"kind": "cc", "number": True, "effect": "tap"}, "0 to 127"),
        ({"kind": "cc", "number": 1, "channel": 17, "effect": "tap"}, "0 to 16"),
        ({"kind": "cc", "number": 1, "effect": " "}, "must name one"),
        ({"kind": "cc", "number": 1, "effect": "tap", "port": "("}, "not a pattern"),
        ({"kind": "cc", "number": 1, "effect": "tap", "port": 3}, "part of a port's name"),
        ({"kind": "cc", "number": 1, "effect": "tap", "nmber": 3}, "unknown key 'nmber'"),
    ],
)
def test_errors_say_what_to_write(entry, says):
    with pytest.raises(MidiMapError, match="MIDI mapping 2") as error:
        MidiMap([{"kind": "cc", "number": 1, "effect": "tap"}, entry])
    assert says in str(error.value)


def test_an_expression_pedal_moves_a_level_by_its_value():
    levels = MidiMap([{"kind": "cc", "number": 4, "effect": "level drums", "port": "pedal"}])
    for value in (0, 63, 127):
        got = levels.translate(Controller(5, "Pedal", 3, 4, value))
        assert got == SettingChanged(5, "parts.drums.level", str(value))
    own = Controller(5, "Keys", 3, 4, 1)
    assert levels.translate(own) is own


def test_a_level_follows_controllers_only():
    with pytest.raises(MidiMapError, match="write cc"):
        MidiMap([{"kind": "note", "number": 4, "effect": "level band"}])


@pytest.mark.parametrize(
    ("effect", "value", "key", "text"),
    [
        ("knob temperature", 0, "follow.temperature", "0"),
        ("knob temperature", 64, "follow.temperature", "1.5"),
        ("knob click", 63, "click.on", "off"),
        ("knob click", 64, "click.on", "on"),
        ("knob form", 127, "chords.form", "blues"),
        ("knob commit", 127, "follow.commit_beats", "8"),
        ("level bass", 33, "parts.bass.level", "33"),
    ],
)
def test_a_controller_is_spread_over_the_values_of_its_knob(effect, value, key, text):
    swept = MidiMap([{"kind": "cc", "number": 20, "effect": effect}])
    assert swept.translate(Controller(1, "x", 0, 20, value)) == SettingChanged(1, key, text)


def test_a_program_change_chooses_a_preset():
    mapped = MidiMap([{"kind": "program", "number": 6, "effect": "set preset wild"}])
    assert mapped.translate(OtherMidi(1, "x", bytes((0xC0, 6)))) == EffectAsked(1, "set preset wild")
