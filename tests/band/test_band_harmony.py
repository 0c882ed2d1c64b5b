"""What the comper and the bassist go by when no model says."""

from dataclasses import replace

from sideman.band.harmony import broad, changes_for, key_text, parsed_key
from sideman.band.messages import Ask, Phrase
from sideman.band.models import NO_MODELS
from sideman.music.chords import parse_chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

FOUR = Meter()
C, AM, F, G = (parse_chord(name) for name in ("C:maj", "A:min", "F:maj", "G:maj"))
TONES = {C: (60, 64, 67), AM: (57, 60, 64), F: (53, 57, 60), G: (55, 59, 62)}
TRADE = Ask(
    id=1, seed=1, epoch=1, mode="trade", meter=FOUR, bpm=100.0, frame=0, start=80, end=112, origin=80, form_frames=64
)


def broken(chords, first_bar=0):
    """Each chord's tones one after another, a bar each."""
    return tuple(
        Note((first_bar + bar) * 3840 + beat * 960, 900, TONES[chord][beat % 3], 90)
        for bar, chord in enumerate(chords)
        for beat in range(4)
    )


def test_what_stands_wins_over_what_is_found_and_the_rest_is_filled():
    phrase = Phrase(broken((C, AM, F, G)), 4, FOUR, 100.0)
    ask = replace(TRADE, chords=(ChordSpan(96, 16, G, 1.0),))
    found = changes_for(ask, phrase, (), NO_MODELS)
    assert [found.at(f).triad for f in (80, 96, 112, 128, 144, 160)] == [C, G, F, G, C, G]
    assert found.form == 64


def test_chords_that_stand_in_a_later_turn_are_the_forms():
    phrase = Phrase(broken((C, AM, F, G)), 4, FOUR, 100.0)
    form = changes_for(TRADE, phrase, (), NO_MODELS)
    later = replace(TRADE, start=208, end=224, chords=tuple(form.within(192, 224)))
    again = changes_for(later, phrase, (), NO_MODELS)
    assert [s.chord for s in again.spans] == [s.chord for s in form.spans]


def test_following_hears_the_chord_and_expects_the_round():
    heard = broken((C, AM, F, G, C, AM, F, G, C, AM))
    ask = replace(TRADE, mode="follow", origin=0, form_frames=0, start=160, end=176, heard_until=160)
    found = changes_for(ask, None, heard, NO_MODELS)
    assert {s.chord.triad for s in found.within(160, 176)} == {F}


def test_following_does_not_play_an_older_form():
    ask = replace(
        TRADE,
        mode="follow",
        origin=0,
        form_frames=16,
        start=64,
        end=72,
        heard_until=64,
        chords=(ChordSpan(0, 16, G, 1.0),),
    )
    found = changes_for(ask, None, broken((C, C, C, C)), NO_MODELS)
    assert found.form == 0
    assert found.at(70).triad == C


def test_nothing_heard_nothing_guessed():
    ask = replace(TRADE, mode="follow", origin=0, form_frames=0, start=1, end=9)
    assert changes_for(ask, None, (), NO_MODELS).spans == ()


def test_harmony_moves_by_bars_where_groups_are_short():
    assert broad(parse_meter("7/8 2+2+3")).grouping == (7,)
    assert broad(parse_meter("12/8")).grouping == (6, 6)
    assert broad(FOUR) == FOUR


def test_keys_are_read_as_they_are_shown():
    assert parsed_key(key_text((9, "min"))) == (9, "min")
    assert parsed_key("Eb maj") == (3, "maj")
    assert parsed_key("") is None
