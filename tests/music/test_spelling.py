"""Names of chords and keys in sharps or flats of the key; nothing is renamed into another chord."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.edges.oled_words import chord_name as shown
from sideman.music.chords import QUALITIES, Chord, parse_chord, pitch_class
from sideman.music.spelling import chord_label, chord_name, key_name

KEYS = st.tuples(st.integers(0, 11), st.sampled_from(("maj", "min")))
CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.none() | st.integers(0, 11))


@pytest.mark.parametrize(
    ("key", "label", "name"),
    [
        ((0, "maj"), "C#:maj", "Db"), ((0, "maj"), "C#:min", "C#m"), ((0, "maj"), "Ab:min", "Abm"), ((0, "maj"), "F#:dim", "F#o"), ((0, "maj"), "Ab:maj", "Ab"),
        ((2, "min"), "C#:dim7", "C#o7"), ((8, "maj"), "C#:maj", "Db"), ((4, "maj"), "Ab:min", "G#m"),
        ((1, "min"), "C#:min", "C#m"), ((1, "maj"), "F#:maj", "Gb"), ((6, "maj"), "Bb:min", "A#m"),
        ((9, "min"), "E:7/Ab", "E7/G#"), ((8, "maj"), "F:min/Ab", "Fm/Ab"), ((9, "maj"), "D:maj/F#", "D/F#"),
        ((3, "min"), "B:maj", "Cb"), ((9, "maj"), "C#:5", "C#5"), ((8, "maj"), "C#:5", "Db5"), ((6, "maj"), "B:min", "Bm"),
    ],
)  # fmt: skip
def test_chords_are_named_in_their_key(key, label, name):
    assert chord_name(parse_chord(label), key) == name


@given(CHORDS, KEYS)
def test_a_label_reads_back_as_the_chord_it_names(chord, key):
    again = parse_chord(chord_label(chord, key))
    assert (again.root, again.quality, again.bass_class) == (chord.root, chord.quality, chord.bass_class)


@given(CHORDS, KEYS)
def test_the_display_shows_a_power_chord_without_a_third(chord, key):
    name = chord_name(Chord(chord.root, "5"), key)
    assert name.endswith("5")
    assert shown(name).endswith("5")
    assert shown(chord_label(Chord(chord.root, "5"), key)) == shown(name)


def test_without_a_key_the_usual_names_stand():
    assert chord_name(Chord(1), None) == "C#"
    assert chord_label(Chord(10, "min7"), None) == "Bb:min7"


@pytest.mark.parametrize(("key", "name"), [((1, "maj"), "Db maj"), ((1, "min"), "C# min"), ((8, "min"), "G# min")])
def test_a_key_has_the_fewer_accidentals(key, name):
    assert key_name(key) == name


@given(KEYS)
def test_a_key_reads_back(key):
    assert pitch_class(key_name(key).split()[0]) == key[0]
