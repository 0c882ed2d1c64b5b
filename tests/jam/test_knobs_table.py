"""The table of knobs: names, values, controllers, footswitch steps; what they change at once, and that replay agrees."""

from dataclasses import replace

import pytest

from sideman.edges.midi_map import MidiMap
from sideman.jam.events import Controller, EffectAsked, SettingChanged
from sideman.jam.knobs import BY_KEY, BY_NAME, CONTINUOUS, KNOBS, WORDS, turn_of
from sideman.jam.options import PRESETS, Options, preset_of, with_setting
from sideman.music.sounds import CHOICES, NAMES, SIX
from sideman.service.options import options_of
from sideman.service.settings import Settings
from tests.jam.rig import RIFF, Rig, committed, playing


def ask(rig, beat, effect):
    rig.conductor.post(EffectAsked(rig.at(beat), effect))


def change(rig, beat, key, value):
    rig.conductor.post(SettingChanged(rig.at(beat), key, value))


def following(**options):
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96, **options)
    rig.press("START", -1)
    rig.play(RIFF * 3)
    return rig


@pytest.mark.parametrize("knob", KNOBS, ids=lambda k: k.name)
def test_names_are_unique_and_fit_the_display(knob):
    assert (BY_KEY[knob.key], BY_NAME[knob.name]) == (knob, knob)
    assert len(knob.name) <= 14
    assert max(len(knob.shown(value)) for value in knob.values) <= 17
    assert len(set(knob.values)) == len(knob.values)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda k: k.name)
def test_a_controller_reaches_every_end_and_rises(knob):
    got = [knob.of_controller(value) for value in range(128)]
    assert (got[0], got[-1]) == (knob.values[0], knob.values[-1])
    places = [knob.values.index(value) for value in got]
    assert places == sorted(places)
    assert len(set(got)) == min(128, len(knob.values))


@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_a_mapped_controller_sweeps_its_knob(name):
    swept = MidiMap([{"kind": "cc", "number": 20, "effect": name}])
    got = swept.translate(Controller(9, "Pedal", 0, 20, 127))
    assert got == SettingChanged(9, CONTINUOUS[name].key, CONTINUOUS[name].values[-1])


@pytest.mark.parametrize("knob", KNOBS, ids=lambda k: k.name)
@pytest.mark.parametrize("word", WORDS)
def test_a_footswitch_steps_every_knob_and_the_display_says_so(knob, word):
    rig = Rig()
    before = knob.now(rig.jam.options)
    ask(rig, 0, f"{knob.name} {word}")
    rig.run(0.5)
    after = knob.now(rig.jam.options)
    ends = {"up": knob.by_foot(Options())[-1], "down": knob.by_foot(Options())[0]}
    assert after != before or before == ends.get(word) or (knob.name, word) == ("preset", "down")
    assert rig.status.notice.startswith(knob.name.upper()[:10])
    assert dict(rig.jam.chosen)[knob.key] == after or knob.name == "preset"


@pytest.mark.parametrize("word", ["up", "down"])
def test_up_and_down_end_at_the_last_value(word):
    rig = Rig()
    for i in range(40):
        ask(rig, i * 0.1, f"temperature {word}")
    rig.run(10)
    assert rig.jam.options.temperature == (3 if word == "up" else 0)


def test_next_goes_round():
    rig = Rig()
    for i in range(2):
        ask(rig, i, "click next")
        rig.run(i + 0.5)
        assert rig.jam.options.click == (i == 0)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("set preset wild", "chords.preset", "wild"),
        ("set key A min", "jam.key", "A min"),
        ("set key lock 1.5", "chords.key_lock", "1.5"),
        ("set click every 16th", "click.every", "16th"),
        ("set click on", "click.on", "on"),
        ("set sound chords 46", "parts.chords.program", "46"),
        ("set sound chords -1", "parts.chords.program", "-1"),
    ],
)
def test_a_program_change_may_ask_for_a_value(text, key, value):
    turn = turn_of(text)
    assert (turn.knob.key, turn.value) == (key, value)


@pytest.mark.parametrize(
    "text", ["set", "set preset", "set preset mild", "set temperature 4", "temperature", "up", "set key H"]
)
def test_what_is_no_turn_is_none(text):
    assert turn_of(text) is None


# what they change ----------------------------------------------------------------------------------------------------


def test_the_commitment_never_passes_the_lookahead():
    rig = Rig(mode="follow")
    change(rig, 0, "follow.commit_beats", "8")
    assert rig.run(0.5).jam.options.commit_beats == 4
    change(rig, 1, "follow.lookahead_beats", "2")
    assert rig.run(1.5).jam.options.commit_beats == 2
    ask(rig, 2, "commit up")
    assert rig.run(2.5).jam.options.commit_beats == 2


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "own"])
def test_a_preset_turns_its_knobs_and_is_told_by_them(name):
    options = with_setting(Options(), "chords.preset", name)
    assert preset_of(options) == name
    for key, text in PRESETS[name].items():
        assert BY_KEY[key].now(options) == text
    assert preset_of(with_setting(options, "follow.temperature", "1.7")) == "own"


def test_presets_get_bolder():
    bold = [with_setting(Options(), "chords.preset", name) for name in ("plain", "rich", "wild")]
    for field in ("temperature", "complexity"):
        assert [getattr(o, field) for o in bold] == sorted({getattr(o, field) for o in bold})
    assert [o.key_lock for o in bold] == sorted({o.key_lock for o in bold}, reverse=True)


@pytest.mark.parametrize(
    ("key", "value"),
    [("chords.form", "13"), ("chords.complexity", "9"), ("follow.temperature", "-1"), ("click.every", "3"),
     ("chords.preset", "tame"), ("jam.style", "polka"), ("parts.bass.program", "200"), ("jam.key", "H maj")],
)  # fmt: skip
def test_what_no_knob_holds_is_refused(key, value):
    rig = Rig()
    change(rig, 0, key, value)
    rig.run(0.5)
    assert rig.jam.options == Options()
    assert rig.did("refused_setting")


@pytest.mark.parametrize("key", ["chords.complexity", "chords.form", "chords.key_lock", "chords.cadence"])
def test_a_wish_reaches_the_next_ask_while_following(key):
    rig = following()
    change(rig, 16.2, key, "2" if key != "chords.form" else "blues")
    rig.run(15.9)
    before = len(rig.link.asks)
    rig.run(17.2)
    fresh = rig.link.asks[before:]
    field = key.partition(".")[2]
    assert str(getattr(fresh[-1].knobs, field)).removesuffix(".0") in ("2", "blues")


def test_a_wish_has_a_committed_phrase_harmonised_again():
    rig = committed()
    epoch = rig.run(17).jam.session.epoch
    change(rig, 17.5, "chords.complexity", "3")
    rig.run(20)
    assert rig.jam.session.epoch == epoch + 1
    assert rig.jam.session.material.form
    change(rig, 20.5, "chords.complexity", "3")
    assert rig.run(21).jam.session.epoch == epoch + 1, "the same again changes nothing"


def test_turning_everything_replays_to_the_same_music():
    rig = following()
    for i, effect in enumerate(
        ("temperature up", "set preset wild", "commit down", "form next", "sound chords next", "click next",
         "set click every 16th", "key next", "level bass down", "silence up", "chord rate up", "incoming next")
    ):  # fmt: skip
        ask(rig, 10 + 2 * i, effect)
    change(rig, 15.3, "chords.form", "blues")
    rig.finish(46)
    other = rig.replayed()
    assert other.sounded() == rig.sounded()
    assert other.jam.options == rig.jam.options
    assert other.out.sent == rig.out.sent


def clicks(rig):
    return [n for n in rig.sounded() if n[0] == "click"]


def test_the_click_in_16ths():
    plain, quick = playing(click=True), playing(click=True, click_every="16th")
    count = len(clicks(plain.run(30)))
    many = clicks(quick.run(30))
    assert 4 * count - 4 <= len(many) <= 4 * count + 4
    assert len({n[3] for n in many}) >= 3, "bar, beat and between differ in strength"


def test_the_metronome_comes_and_goes_at_once():
    rig = playing()
    change(rig, 24.5, "click.on", "on")
    change(rig, 28.5, "click.on", "off")
    rig.run(36)
    assert len(clicks(rig)) == 4


def test_the_metronome_counts_from_the_players_first_note_while_the_band_is_silent():
    rig = following(click=True)
    rig.finish(24)
    line = rig.jam.timeline
    ticks = [n[1] for n in clicks(rig)]
    assert ticks == sorted(set(ticks)), "none twice, also where the band enters"
    assert {line.within(tick) for tick in ticks} == {0, 960, 1920, 2880}
    assert sum(tick < rig.jam.recorder.chords[0][0] * 240 for tick in ticks) >= 7
    assert len(ticks) >= 22


def test_what_a_foot_chose_is_taken_again_after_a_power_off():
    rig = Rig(mode="follow")
    for i, effect in enumerate(
        ("set lookahead 8", "set commit 7", "set lookahead 3", "set preset wild", "temperature down")
    ):
        ask(rig, i, effect)
    rig.run(8)
    settings = Settings()
    for key, text in rig.jam.chosen:
        settings = settings.with_value(key, text)
    assert options_of(settings) == replace(rig.jam.options, bpm=settings.tempo.bpm, mode=settings.jam.mode)


def test_hidden_chords_leave_only_what_sounds():
    rig, plain = playing(), playing()
    change(rig, 26.1, "display.incoming", "off")
    told = [chord.name for chord in plain.run(27).status.strip]
    assert len(told) > 1
    assert [chord.name for chord in rig.run(27).status.strip] == told[:1]


def test_a_sound_goes_out_at_once():
    rig = playing()
    change(rig, 25, "parts.chords.program", "46")
    rig.run(25.2)
    assert bytes((0xC2, 46)) in [data for _, data in rig.out.sent]


def test_the_six_sounds_lead_and_all_have_names():
    assert len(NAMES) == 128
    for part in ("chords", "solo", "player"):
        assert CHOICES[part][:6] == SIX
    for part, programs in CHOICES.items():
        assert len(set(programs)) == len(programs), part


def test_a_transposing_instrument_is_heard_as_it_sounds():
    rig = Rig(tempo_fixed=True, bpm=96, heard_higher=-2)
    rig.press("START", -1)
    rig.play([p + 2 for p in RIFF])
    rig.press("STOP", 15.9)
    rig.run(17)
    plain = Rig(tempo_fixed=True, bpm=96)
    plain.press("START", -1)
    plain.play(RIFF)
    plain.press("STOP", 15.9)
    plain.run(17)
    assert rig.jam.session.material.phrase == plain.jam.session.material.phrase
    assert rig.out.sent == plain.out.sent


def test_a_note_held_while_it_is_turned_ends_where_it_began():
    rig = Rig()
    rig.note(0, 60, 4)
    rig.note(0, 127, 4)
    change(rig, 1, "listen.transpose", "5")
    rig.note(2, 62)
    rig.note(5, 127)
    rig.finish(8)
    assert rig.out.hung() == set()
    struck = [data[1] for _, data in rig.out.sent if data[0] & 0xF0 == 0x90 and data[2]]
    assert sorted(struck) == [60, 67, 127, 127]
    assert rig.replayed().out.sent == rig.out.sent


def test_a_sound_goes_by_the_style_until_a_foot_or_a_controller_chooses_one():
    knob = BY_NAME["sound solo"]
    options = Options()
    assert knob.shown(knob.now(options)) == "BY STYLE"
    assert knob.stepped(options, 1, round_=True) == knob.by_foot(options)[1] == "0"
    assert knob.of_controller(46) == "46"  # a program each: a controller never comes to the style's own
    assert not BY_NAME["sound player"].allows("-1")
