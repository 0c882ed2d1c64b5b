"""The settings file: defaults, limits, errors that help, and documents that agree with the schema."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.options import STYLES
from sideman.service.settings import Settings, keys, load, load_or_defaults
from sideman.service.settings_checks import EFFECTS, MidiMap
from sideman.service.settings_errors import SettingsError
from sideman.service.settings_text import example, listing, markdown

DOCS = Path(__file__).parents[2] / "firmware_py" / "docs" / "settings.md"


def written(tmp_path, text):
    file = tmp_path / "box.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_no_file_means_defaults():
    assert Settings().tempo.bpm == 96
    assert Settings().parts.drums.channel == 10
    with pytest.raises(FrozenInstanceError):
        Settings().tempo.bpm = 3


def test_every_key_is_documented_and_its_default_is_allowed():
    for name, one in keys().items():
        assert one.doc.endswith("."), name
        assert one.low is None or one.low <= one.default <= one.high, name
        assert not one.choices or one.default in one.choices, name
        assert one.kind not in {"int", "float"} or one.low is not None, name


def test_the_example_is_complete_and_means_the_defaults(tmp_path):
    file = written(tmp_path, example())
    assert load(file) == Settings()
    assert all(f"\n{name.rpartition('.')[2]} = " in example() for name in keys())


def test_the_guide_is_what_the_command_prints():
    assert DOCS.read_text(encoding="utf-8") == markdown(), (
        "run: sideman settings --markdown > firmware_py/docs/settings.md"
    )


def test_a_file_is_read_by_section(tmp_path):
    file = written(
        tmp_path,
        """
        [tempo]
        mode = "fixed"
        bpm = 128
        [jam]
        meter = "7/8  3+2+2"
        key = "bb major"
        [parts.bass]
        program = 38
        mute = true
        [pedal]
        usb_keys = {f14 = "START", f15 = "panic"}
        [[midi.map]]
        kind = "cc"
        number = 64
        effect = "PLAY"
        """,
    )
    found = load(file)
    assert (found.tempo.mode, found.tempo.bpm, found.jam.meter, found.jam.key) == ("fixed", 128, "7/8 3+2+2", "Bb maj")
    assert found.parts.named("bass").program == 38
    assert found.parts.bass.mute
    assert found.parts.bass.channel == Settings().parts.bass.channel
    assert found.pedal.usb_keys == (("f14", "START"), ("f15", "panic"))
    assert found.midi.map == (MidiMap("cc", 64, "press PLAY"),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[tempo]\nbpm = 301", ["tempo.bpm", "301", "a number from 30 to 300 BPM"]),
        ("[tempo]\nbpm = 'fast'", ["tempo.bpm", "'fast'", "a number from 30 to 300 BPM"]),
        ("[tempo]\nbpm = nan", ["tempo.bpm", "nan"]),
        ("[tempo]\nbpm = true", ["tempo.bpm", "True"]),
        ("[tempo]\nbmp = 90", ["tempo.bmp", "did you mean 'tempo.bpm'?"]),
        ("[jam]\nmode = 'improv'", ["jam.mode", "'improv'", "trade or follow"]),
        ("[jam]\nmeter = '4/3'", ["jam.meter", "'4/3'", "7/8 2+2+3"]),
        ("[jam]\nkey = 'H moll'", ["jam.key", "'H moll'", "A min"]),
        ("[parts.drum]\nlevel = 3", ["parts.drum.level", "did you mean 'parts.drums.level'?"]),
        ("channel = 3", ["channel", "did you mean"]),
        ("tempo = 120", ["tempo", "a table with mode, bpm, count_in"]),
        ("[midi]\nignore = ['(']", ["midi.ignore", "regular expression"]),
        ("[[midi.map]]\nkind = 'cc'\nnumber = 200\neffect = 'START'", ["midi.map", "0 to 127"]),
        ("[[midi.map]]\nkind = 'cc'\nnumber = 2\neffect = 'STRAT'", ["midi.map", "START, STOP, PLAY"]),
        ("[osc]\ntargets = ['stage']", ["osc.targets", "host:port"]),
        ("[pedal]\nusb_keys = {a = 'JUMP'}", ["pedal.usb_keys", "JUMP"]),
        ("[pins]\nred = 17", ["pins.red", "GPIO 17 for both pins.start and pins.red"]),
        ("[follow]\nlookahead_beats = 2", ["follow.commit_beats", "at most follow.lookahead_beats"]),
        ("[tempo\nbpm = 3", ["TOML", "sideman settings --example"]),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_used(tmp_path, line, says):
    file = written(tmp_path, line)
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert all(word in str(caught.value) for word in [str(file), *says]), str(caught.value)
    found = load_or_defaults(file)
    assert found.fault.startswith(str(caught.value))
    assert found.settings.follow.commit_beats <= found.settings.follow.lookahead_beats
    assert file.read_text(encoding="utf-8") == line, "the player's file is never touched"


def test_good_keys_beside_a_bad_one_hold(tmp_path):
    found = load_or_defaults(written(tmp_path, "[tempo]\nbpm = 3\nmode = 'fixed'\n[jam]\nseed = -1\n"))
    assert found.settings.tempo.mode == "fixed"
    assert found.settings.tempo.bpm == 96
    assert len(found.problems) == 2
    assert "1 more" in found.fault


def test_a_missing_file_that_was_asked_for_is_told(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        load(tmp_path / "none.toml")


def test_a_broken_byte_is_told(tmp_path):
    file = tmp_path / "box.toml"
    file.write_bytes(b"\xff\xfe[tempo]")
    assert "TOML" in load_or_defaults(file).fault


def test_a_value_is_set_from_text():
    found = Settings().with_value("tempo.bpm", "96.5").with_value("click.on", "on").with_value("jam.meter", "6/8")
    assert (found.tempo.bpm, found.click.on, found.jam.meter) == (96.5, True, "6/8")
    assert found.changed() == {"tempo.bpm": "96.5", "click.on": "true", "jam.meter": '"6/8"'}
    assert Settings().tempo.bpm == 96


def test_less_lookahead_takes_the_commitment_with_it():
    found = Settings().with_value("follow.lookahead_beats", "2")
    assert found.follow.commit_beats == 2
    with pytest.raises(SettingsError, match="at most"):
        found.with_value("follow.commit_beats", "3")


def test_several_values_are_set_at_once():
    found = Settings().with_values({"pins.start": 27, "pins": {"stop": 17}, "tempo.bpm": 80})
    assert (found.pins.start, found.pins.stop, found.tempo.bpm) == (27, 17, 80)


def test_the_listing_marks_what_was_changed():
    assert "* tempo.bpm " in listing(Settings().with_value("tempo.bpm", "80"))
    assert "*" not in listing(Settings())


def test_what_can_be_mapped_is_known_to_the_jam_and_to_the_edge():
    from dataclasses import asdict

    from sideman.edges import midi_map
    from sideman.jam import effects, events

    assert set(EFFECTS) - {"listen"} <= set(effects.EFFECTS)
    mapping = midi_map.MidiMap([asdict(MidiMap("cc", 3, "press START", 2, "FCB"))])
    assert mapping.translate(events.Controller(1, "FCB1010", 1, 3, 127)) == events.EffectAsked(1, "press START")


def test_the_drummers_styles_are_the_models():
    from sideman.models.drum_features import STYLES as TRAINED

    assert STYLES == TRAINED


@given(st.sampled_from(sorted(keys())), st.text(max_size=20))
def test_any_text_is_either_taken_or_refused_with_a_sentence(name, text):
    try:
        found = Settings().with_value(name, text)
    except SettingsError as error:
        sentence = str(error)
    else:
        assert Settings().with_value(name, found.text(name)) == found
        return
    assert name in sentence
    assert "allowed: " in sentence


@given(st.data())
def test_the_text_of_a_number_reads_back(data):
    name = data.draw(st.sampled_from([n for n, one in keys().items() if one.kind == "float"]))
    value = data.draw(st.floats(keys()[name].low, keys()[name].high))
    try:
        found = Settings().with_values({name: value})
    except SettingsError:
        assert name.startswith("follow.")
        return
    again = Settings().with_value(name, found.text(name))
    assert again.value(name) == value


def test_a_preset_sets_its_knobs_and_the_files_own_keys_win(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('[follow]\ntemperature = 1.1\n[chords]\npreset = "wild"\n', encoding="utf-8")
    found = load_or_defaults(file)
    assert found.problems == ()
    assert (found.settings.follow.temperature, found.settings.chords.complexity) == (1.1, 3)
    assert not found.settings.follow.adaptive_commit
    file.write_text('[chords]\npreset = ["wild"]\n', encoding="utf-8")
    assert "plain" in str(load_or_defaults(file).problems[0])


def test_a_knob_turned_after_a_preset_is_ones_own():
    wild = Settings().with_value("chords.preset", "wild")
    assert wild.follow.temperature == 2
    own = wild.with_value("follow.temperature", "0.5")
    assert (own.chords.preset, own.chords.complexity) == ("own", 3)
    several = Settings().with_values({"follow": {"temperature": 1.5}, "chords": {"preset": "plain"}})
    assert (several.follow.temperature, several.chords.complexity) == (1.5, 1)


@pytest.mark.parametrize(
    ("effect", "kind", "good"),
    [
        ("knob temperature", "cc", True),
        ("knob temperature", "program", False),
        ("knob warmth", "cc", False),
        ("temperature up", "note", True),
        ("set preset wild", "program", True),
        ("set preset mild", "program", False),
    ],
)
def test_knobs_can_be_mapped(effect, kind, good):
    text = f'[{{kind = "{kind}", number = 5, effect = "{effect}"}}]'
    if good:
        assert Settings().with_value("midi.map", text).midi.map[0].effect == effect
    else:
        with pytest.raises(SettingsError, match=r"kind is cc|NAME up"):
            Settings().with_value("midi.map", text)
