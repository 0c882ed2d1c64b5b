"""Settings at run time: every key has a reader, and those that can change while playing reach whom they concern."""

import ast
from functools import cache
from pathlib import Path

import pytest

import sideman
from sideman.edges.midi import MidiPorts
from sideman.edges.oled import OledOptions
from sideman.edges.osc import OscOptions
from sideman.edges.switchboard import Switchboard
from sideman.jam.events import Controller, EffectAsked, Fault, NoteOn, SettingChanged, SwitchEdge
from sideman.jam.options import PRESETS, Options, PartOptions, setting_keys, with_setting
from sideman.service.live import EDGE_KEYS, LiveSettings
from sideman.service.settings import Settings, keys
from sideman.service.wiring import contact_ns, midi_settings
from sideman.sim.ports import FakeMidiWorld

ROOT = Path(sideman.__file__).parent
ELSEWHERE = {"oled": OledOptions, "osc": OscOptions}
"""Sections that travel as a whole into options of the same field names."""


@cache
def attributes(*folders):
    """Every ``x.name`` that is read in the source, as ``owner.name`` with the last name of the owner."""
    found = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    owner = node.value
                    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                    found.add(f"{name.lstrip('_')}.{node.attr}")
    return found


OTHER = {
    "jam.meter": "7/8 3+2+2",
    "jam.key": "A min",
    "jam.style": "jazz",
    "jam.lineup": "drums",
    "jam.ending": "stop",
    "chords.preset": "wild",
    "chords.form": "blues",
    "chords.scale": "dorian",
    "click.every": "16th",
    "jam.mode": "follow",
    "tempo.mode": "fixed",
    "midi.thru": "off",
    "levels.balance": "off",
}


def another(key):
    """Another value that is allowed, as text."""
    one = keys()[key]
    if key in OTHER:
        return OTHER[key]
    if one.kind == "bool":
        return "false" if one.default else "true"
    return str(one.low if one.default != one.low else one.high)


@pytest.mark.parametrize("key", sorted(setting_keys()))
def test_every_key_of_the_jam_changes_an_option_that_the_jam_reads(key):
    text = Settings().with_value(key, another(key)).plain(key)
    before = Options()
    before = with_setting(before, key, Settings().plain(key))
    after = with_setting(before, key, text)
    changed = [name for name in Options.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    if key == "chords.preset":
        assert len(changed) == len(PRESETS["wild"]) - 1, "all but what is the default"
        return
    assert len(changed) == 1
    read = attributes("jam")
    if changed == ["parts"]:
        part = key.rpartition(".")[2]
        assert part in PartOptions.__dataclass_fields__
        assert f"own.{part}" in read
    else:
        owners = {name.partition(".")[0] for name in read if name.endswith(f".{changed[0]}")}
        assert owners & {"options", "o", "self"}, changed


@pytest.mark.parametrize("key", sorted(set(keys()) - set(setting_keys())))
def test_every_other_key_has_a_reader(key):
    section, _, name = key.partition(".")
    direct = key in attributes("service")
    whole = name in getattr(ELSEWHERE.get(section), "__dataclass_fields__", ())
    assert direct or (whole and f"options.{name}" in attributes("edges")), f"nobody reads {key}"


def test_keys_that_change_at_run_time_exist():
    assert set(EDGE_KEYS) <= set(keys())


@pytest.fixture
def told():
    return []


def test_a_change_is_checked_told_and_kept(told):
    live = LiveSettings(Settings(), told.append, {})
    assert live.change("tempo.bpm", "120") == ""
    assert [(e.key, e.value) for e in told] == [("tempo.bpm", "120.0")]
    assert live.settings.tempo.bpm == 120
    assert live.changed == {"tempo.bpm": "120.0"}
    live.change("tempo.bpm", "120")
    assert len(told) == 2, "the menu may have turned it in the meantime"


def test_what_follows_from_a_change_is_told_too(told):
    live = LiveSettings(Settings(), told.append, {})
    assert live.change("follow.lookahead_beats", "2") == ""
    assert {e.key: e.value for e in told} == {"follow.lookahead_beats": "2", "follow.commit_beats": "2"}


@pytest.mark.parametrize(
    ("key", "text", "word"),
    [
        ("tempo.bpm", "9000", "300"),
        ("tempo.bmp", "90", "tempo.bpm"),
        ("takes.folder", "/", "at the start"),
        ("osc.allow", "192.0.2.7", "osc.allow"),
        ("", "", ""),
        ("midi.map", "[{}]", "number"),
    ],
)
def test_what_is_not_allowed_is_refused_in_a_sentence(told, key, text, word):
    followed = []
    live = LiveSettings(Settings(), told.append, {"midi": followed.append})
    why = live.change(key, text)
    assert why
    assert word in why
    assert (told, followed, live.settings) == ([], [], Settings())


def test_ports_follow_while_playing(told):
    world = FakeMidiWorld()
    for name in ("Keys", "Synth"):
        world.plug(name)
    midi = MidiPorts(told.append, midi_settings(Settings()), world.open)
    live = LiveSettings(Settings(), told.append, {"midi": lambda settings: midi.configure(midi_settings(settings))})
    midi.scan()
    assert (midi.output, set(midi.inputs)) == ("Keys MIDI 1", {"Keys MIDI 1", "Synth MIDI 1"})
    assert live.change("midi.output", "Synth") == ""
    assert live.change("midi.ignore", "['Keys']") == ""
    midi.scan()
    assert (midi.output, midi.inputs) == ("Synth MIDI 1", ("Synth MIDI 1",))
    assert live.change("midi.map", '[{kind = "cc", number = 80, effect = "tap"}]') == ""
    assert midi.map.translate(Controller(1, "Synth", 0, 80, 127)) == EffectAsked(1, "tap")
    midi.close()


def test_an_expression_pedal_moves_the_band_and_leaves_the_instrument_s_own_controllers_alone(told):
    world = FakeMidiWorld()
    pedal = world.plug("Pedal")
    wanted = Settings().with_value("midi.map", '[{kind = "cc", number = 4, effect = "level band"}]')
    midi = MidiPorts(told.append, midi_settings(wanted), world.open)
    midi.scan()
    told.clear()
    for number in (4, 7, 11):
        pedal.play(bytes((0xB0, number, 99)))
    change, *others = told
    assert isinstance(change, SettingChanged)
    assert (change.key, change.value) == ("levels.band", "99")
    assert with_setting(Options(), change.key, change.value).band_level == 99
    assert [(e.number, e.value) for e in others] == [(7, 99), (11, 99)]
    assert not any(isinstance(e, NoteOn) for e in told)
    midi.close()


def test_switches_follow_while_playing(told):
    board = Switchboard(told.append, ("START",), window_ns=0, stuck_ns=10**12)
    live = LiveSettings(Settings(), told.append, {"pedal": lambda settings: board.configure(*contact_ns(settings))})
    assert live.change("pedal.debounce_ms", "50") == ""
    assert live.change("pedal.stuck_s", "5") == ""
    assert told == []
    ms = 1_000_000
    for at, down in ((0, True), (20, False), (30, True)):
        board.contact("START", down, at * ms)
    board.poll(60 * ms)
    assert told == [SwitchEdge(0, "START", True)], "a bounce within 50 ms"
    board.poll(5_001 * ms)
    assert isinstance(told[-1], Fault)
    assert "stuck" in told[-1].text
