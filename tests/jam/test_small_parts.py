"""Options, recorder, sounding notes, sessions and phrases: the small values of the jam."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.band.messages import Phrase
from sideman.jam.options import Options, setting_keys, with_setting
from sideman.jam.phrase import TooShortError, free_phrase, known_phrase, reinterpret
from sideman.jam.record import Recorder
from sideman.jam.session import Material, Session
from sideman.jam.sounding import Sounding
from sideman.jam.states import BandState, Ear, State
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note
from sideman.service.settings import Settings
from tests.jam.rig import RIFF, Rig

# options --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", setting_keys())
def test_the_settings_own_text_is_understood(key):
    text = Settings().plain(key)
    options = with_setting(Options(), key, text)
    assert isinstance(options, Options)


def test_options_are_what_the_settings_say():
    options = with_setting(Options(), "parts.bass.channel", "7")
    assert options.part("bass").channel == 6
    assert with_setting(options, "parts.bass.mute", "true").part("bass").mute
    assert with_setting(options, "tempo.bpm", "999").bpm == 300
    assert with_setting(options, "no.such.key", "1") == options
    assert with_setting(options, "parts.bass.colour", "1") == options
    assert str(with_setting(options, "jam.meter", "7/8 3+2+2").meter) == "7/8"


def test_bpm_counts_the_meters_beats():
    assert Options(bpm=100, meter=parse_meter("6/8")).quarter_bpm == pytest.approx(150)
    assert Options(bpm=100, meter=parse_meter("7/8")).quarter_bpm == pytest.approx(100)


# recorder and sounding ------------------------------------------------------------------------------------------------


def test_the_recorder_keeps_notes_chords_and_states():
    kept = Recorder()
    kept.note_on("bass", 40, 90, 960)
    kept.note_on("player", 60, 80, 123)
    kept.note_off("bass", 40, 900)
    assert (kept.band[0].on, kept.band[0].off) == (960, 960)  # never before it began
    assert kept.player[0].off is None
    for frame, label in enumerate(["C:maj", "C:maj", "", "C:maj", "F:maj"]):
        kept.harmony(frame, label)
    assert kept.chords == [(0, 2, "C:maj"), (3, 1, "C:maj"), (4, 1, "F:maj")]
    kept.state(1, "IDLE")
    kept.state(2, "IDLE")
    assert kept.spans == [(1, "IDLE")]


def test_only_its_own_note_off_ends_a_note():
    notes = Sounding()
    first = notes.start("bass", 1, 40)
    second = notes.start("bass", 1, 40)
    assert not notes.end("bass", 1, 40, first)
    assert notes.end("bass", 1, 40, second)
    assert not notes.end("bass", 1, 40)
    notes.start("bass", 1, 40, "")
    notes.start("player", 0, 60, "keys")
    assert notes.of("player") == notes.of(source="keys") == [("player", 0, 60)]
    assert len(notes) == 2


# session --------------------------------------------------------------------------------------------------------------


def material(pitch=60, bars=4, text="4/4"):
    return Material(Phrase((Note(0, 100, pitch, 90),), bars, parse_meter(text), 96.0))


def test_undo_keeps_sixteen_phrases_and_a_new_one_clears_redo():
    s = replace(Session(), redo=(material(),), undone=True)
    for i in range(20):
        s = s.with_material(material(40 + i))
    assert len(s.undo) == 16
    assert s.material.phrase.notes[0].pitch == 59
    assert (s.redo, s.undone, s.epoch) == ((), False, 20)


def test_frames_of_a_form():
    assert material(bars=3, text="7/8").frames == 42
    assert Session().resting is BandState.NONE
    assert replace(Session(), material=material()).resting is BandState.READY


@given(st.sampled_from(Ear), st.sampled_from(BandState), st.booleans())
def test_the_menu_lies_over_everything(ear, band, menu):
    s = Session(ear=ear, band=band, menu=(0, 0) if menu else None)
    assert (s.state is State.MENU) == menu
    assert s.below_menu is not State.MENU


# phrases --------------------------------------------------------------------------------------------------------------


def heard(pitches=RIFF, step=1.0, **options):
    rig = Rig(**options)
    rig.play(pitches, step=step)
    return rig.run(len(pitches) * step)


def test_a_free_phrase_is_whole_bars_from_first_note_to_close():
    rig = heard()
    made = free_phrase(rig.jam, list(rig.jam.listener.notes), rig.at(16))
    assert made.phrase.bars == 4
    assert made.phrase.bpm == pytest.approx(96, rel=0.01)
    assert 0 <= made.confidence <= 1
    assert [n.tick for n in made.phrase.notes] == pytest.approx([960 * i for i in range(16)], abs=20)


def test_a_pickup_has_negative_ticks_and_the_downbeat_is_the_bar_line():
    rig = Rig(tempo_fixed=True, bpm=96)
    rig.jam.timeline.anchor(rig.at(1), 96, Meter())
    rig.note(0.5, 67, 0.4)
    rig.play(RIFF, start=1)
    rig.run(17)
    made = known_phrase(rig.jam, list(rig.jam.listener.notes), rig.at(17))
    assert made.phrase.bars == 4
    assert made.phrase.notes[0].tick == pytest.approx(-480, abs=5)
    assert made.phrase.notes[1].tick == pytest.approx(0, abs=5)


@pytest.mark.parametrize(("notes", "close"), [(0, 4), (1, 8), (2, 0.5)])
def test_too_little_is_too_short(notes, close):
    rig = heard(RIFF[:notes], step=0.2)
    with pytest.raises(TooShortError):
        free_phrase(rig.jam, list(rig.jam.listener.notes), rig.at(close))


def test_a_known_phrase_under_a_beat_is_too_short():
    rig = heard(RIFF[:2], step=0.3)
    rig.jam.timeline.anchor(rig.at(0), 96, Meter())
    with pytest.raises(TooShortError):
        known_phrase(rig.jam, list(rig.jam.listener.notes), rig.at(0.9))
    assert known_phrase(rig.jam, list(rig.jam.listener.notes), rig.at(1.1)).phrase.bars == 1


@given(st.sampled_from([0.5, 2.0, 2 / 3, 1.5]), st.integers(1, 16))
def test_reinterpreted_notes_keep_their_order_and_fill_whole_bars(ratio, bars):
    phrase = Phrase(tuple(Note(i * 240, 100, 60 + i % 12, 90) for i in range(bars * 16)), bars, Meter(), 96.0)
    other = reinterpret(Material(phrase, 0.4), ratio, 96 * ratio)
    assert [n.pitch for n in other.phrase.notes] == [n.pitch for n in phrase.notes]
    assert other.phrase.bars == max(1, round(bars * ratio))
    assert other.phrase.bpm == 96 * ratio
    assert other.confidence == 1.0
