from dataclasses import replace

import pytest

from sideman.band.models import NO_MODELS
from sideman.jam.options import Options, with_setting
from sideman.music.chords import triad_index
from sideman.music.colour import coloured
from sideman.music.functional import Wanted, functional
from sideman.music.meter import Meter
from sideman_lab.tunes import play
from sideman_lab.tunes.baselines import drone, krumhansl, textbook
from sideman_lab.tunes.command import measured, text_of
from sideman_lab.tunes.measure import NONE, marks, mean
from sideman_lab.tunes.read import HALVES, TuneError, as_piece, read_half, tune

TEXT = """title: Made Up
origin: nobody, today
key: C maj
meter: 4/4
bpm: 100
bars:
pickup | G4:1
C | E4:1 F4:1 G4:2
F G / Dm | A4:1 A4:1 B4:1 D5:1
C | C5:1 G4:1 E4:2
C G | C5:1 E4:1 D4:1 B3:1
C | C4:4
"""
RESERVED = (
    "silent night", "twinkle", "ode to joy", "amazing grace", "saints", "susanna", "auld lang", "jingle", "birthday",
    "yankee", "clementine", "jacques", "clair de la lune", "deck the", "bonnie", "row row", "greensleeves", "drunken",
    "scarborough", "korobeiniki", "three kings", "emmanuel", "god rest", "hatikvah",
)  # fmt: skip


def test_a_tune_is_read():
    found = tune("made-up", TEXT)
    assert (found.key, found.meter, found.bars) == ((0, "maj"), Meter(), 5)
    assert found.notes[0].tick == -960
    assert found.plain[16:32] == (5,) * 8 + (7,) * 8
    assert found.other[16:32] == (14,) * 16
    assert found.other[0] == -1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("E4:1 F4:1 G4:2", "E4:1 F4:1 G4:1", "3 quarters are not a bar"),
        ("E4:1", "H4:1", "'H4:1' is no note"),
        ("F G / Dm", "F G / Dm Am", "one alternative"),
        ("F G / Dm", "F G C", "3 chords"),
        ("F G / Dm", "F7 G", "'F7' is no triad"),
        ("key: C maj", "key: C dorian", "key"),
        ("pickup | G4:1", "pickup | G4:4", "shorter than a bar"),
        ("C4:4", "C2:4", "out of a voice's range"),
    ],
)
def test_what_is_no_tune_says_where(old, new, said):
    with pytest.raises(TuneError, match="made-up") as error:
        tune("made-up", TEXT.replace(old, new, 1))
    assert said in str(error.value)


def test_there_are_enough_and_none_is_in_both_halves_or_reserved():
    halves = [read_half(which) for which in HALVES]
    names = [t.name for half in halves for t in half]
    assert len(names) == len(set(names)) >= 40
    assert abs(len(halves[0]) - len(halves[1])) <= 2
    everything = [t for half in halves for t in half]
    assert not [t.title for t in everything if any(word in t.title.lower() for word in RESERVED)]
    assert {str(t.meter) for t in everything} >= {"4/4", "3/4", "6/8"}
    assert sum(t.key[1] == "min" for t in everything) >= 3
    assert sum(t.notes[0].tick < 0 for t in everything) >= 10


@pytest.mark.parametrize("which", HALVES)
def test_each_half_is_neither_too_easy_nor_too_hard(which):
    tunes = read_half(which)
    assert 0.58 <= mean([marks(t, drone(t)) for t in tunes])["accepted"] <= 0.68
    assert 0.80 <= mean([marks(t, textbook(t)) for t in tunes])["accepted"] <= 0.88


def test_people_get_all_and_silence_nothing():
    one = tune("made-up", TEXT)
    right = marks(one, one.plain, (0, "maj"))
    assert (right.accepted, right.plain, right.roots, right.first, right.last, right.key) == (1, 1, 1, 1, 1, True)
    nothing = marks(one, [NONE] * len(one.plain))
    assert (nothing.accepted, nothing.plain, nothing.roots, nothing.nic, nothing.key) == (0, 0, 0, 0, None)
    other = marks(one, [second if second >= 0 else first for first, second in zip(one.plain, one.other, strict=True)])
    assert (other.accepted, other.plain) == (1, 0.8)


def test_the_textbook_takes_the_triad_that_holds_most():
    one = tune("made-up", TEXT)
    assert krumhansl(one) == (0, "maj")
    assert textbook(one)[0] == 0
    assert textbook(one)[-1] == 0


def test_a_performance_is_the_same_by_its_seed_and_keeps_every_note():
    one = tune("made-up", TEXT)
    assert play.performed(one, 3) == play.performed(one, 3) != play.performed(one, 4)
    assert [n.pitch for n in play.performed(one)] == [n.pitch for n in one.notes]
    assert len(play.performed(one, rounds=3)) == 3 * len(one.notes) - 2


def test_rules_alone_name_a_made_up_tunes_chords_on_its_own_timeline():
    one = tune("made-up", TEXT)
    heard = play.harmonise(one, NO_MODELS)
    assert heard.key == (0, "maj")
    found = marks(one, heard.chords[0])
    assert found.first == found.last == 1
    assert found.accepted >= 0.7


@pytest.mark.parametrize("way", [play.trade, play.follow])
def test_a_whole_jam_is_listened_to(way):
    one = replace(tune("made-up", TEXT), bpm=104.0)
    heard = way(one)
    assert all(len(row) == len(one.plain) for row in heard.chords)
    assert any(chord != NONE for chord in heard.chords[-1])
    assert heard.bpm == pytest.approx(104, rel=0.6)


def test_the_tables_are_written():
    found = measured(read_half("choose")[:2], ["harmonise"], 1)
    text = text_of({"choose": found})
    assert "| textbook, key known |" in text
    assert "| harmonise |" in text
    assert found["rows"]["people"]["accepted"] == 1


def test_a_tune_goes_round_in_the_common_form():
    piece = as_piece(tune("made-up", TEXT), rounds=2)
    assert piece["pickup"] == 4
    assert len([1 for on, _, _ in piece["melody"] if on < 0]) == 1
    assert max(on for on, _, _ in piece["melody"]) == 80 + 64
    assert sum(length for _, length, _ in piece["chords"]) == 160


def away(tunes, preset):
    """Share of the time off plain I, IV and V (their sevenths count as plain only on V) under a preset."""
    options = with_setting(Options(), "chords.preset", preset)
    off = total = 0
    for t in tunes:
        found = functional(t.notes, len(t.plain), t.meter, Wanted(key_lock=options.key_lock))
        minor = 12 if found.key[1] == "min" else 0
        plain = {found.key[0] + minor, (found.key[0] + 5) % 12 + minor, (found.key[0] + 7) % 12}
        for span in coloured(found.spans, found.key, options.complexity, "soul", t.notes):
            simple = span.chord.quality in ("maj", "min", "7") and triad_index(span.chord) in plain
            off += 0 if simple else span.frames
            total += span.frames
    return off / total


def test_presets_move_away_from_what_people_expect():
    shares = [away(read_half("choose"), name) for name in ("plain", "rich", "wild")]
    assert shares == sorted(shares)
    assert shares[2] - shares[0] > 0.1
    assert shares[1] - shares[0] > 0.01
