from fractions import Fraction

import pytest

from sideman.music.chords import parse_chord
from sideman.music.meter import Meter
from sideman_lab.data.abc import read_score, signature
from sideman_lab.data.openhymnal import harmony, hymn, key_of
from sideman_lab.data.pop909 import DataMissingError

HEAD = "X: 1\nT: Made up\nM: {meter} % time signature\nL: 1/4\n%%staves (S1V1 S1V2) | (S2V1 S2V2)\nK: {key} % key\n"
PARTS = ("S1V1", "S1V2", "S2V1", "S2V2")


def score(*parts, meter="4/4", key="C"):
    lines = [f"[V: {name}] {music}" for name, music in zip(PARTS, parts, strict=False)]
    return read_score(HEAD.format(meter=meter, key=key) + "\n".join(lines))


def notes(music, **head):
    return [(float(o), float(e), p) for o, e, p in score(music, **head).voices["S1V1"].notes]


@pytest.mark.parametrize(
    ("music", "pitches"),
    [
        ("C c c' C,", [60, 72, 84, 48]),
        ("^F F | F", [66, 66, 65]),
        ("^F- | F F", [66, 65]),
        ("!fermata!C (D .E) {/F}G", [60, 62, 64, 67]),
        ('"words" [Q:1/4=90] C z D', [60, 62]),
    ],
)
def test_pitches_hold_accidentals_for_a_bar_and_pass_ornaments_over(music, pitches):
    assert [p for _, _, p in notes(music)] == pitches


@pytest.mark.parametrize(
    ("music", "lengths"),
    [
        ("C2 C/ C// C3/2 C/4", [2, 0.5, 0.25, 1.5, 0.25]),
        ("C>D C<D", [1.5, 0.5, 0.5, 1.5]),
        ("(3C/D/E/ F", [1 / 3, 1 / 3, 1 / 3, 1]),
        ("C2- | C2", [4]),
        ("C.- C", [1, 1]),
    ],
)
def test_lengths(music, lengths):
    assert [e - o for o, e, _ in notes(music)] == pytest.approx(lengths)


def test_the_signature_colours_the_notes():
    assert [p for _, _, p in notes("B E =B A", key="Eb")] == [70, 63, 71, 68]
    assert signature("F#m") == 3
    assert signature("D dor") == 0


def test_an_overlay_sounds_beside_the_line_and_the_bar_goes_on_after_it():
    voice = score("C D & E2 | F G").voices["S1V1"]
    assert [(float(o), p) for o, _, p in voice.notes] == [(0, 60), (1, 62), (2, 65), (3, 67)]
    assert voice.overlaid == [(Fraction(0), Fraction(2), 64)]


PLAIN = ("G | G G A A | G F D2 | E3 |]", "E | E E F F | D D B,2 | C3 |]", "C | C C C C | B, A, G,2 | G,3 |]")
BASS = "C, | C, C, F, F, | G, G, G,2 | C,3 |]"


def test_a_hymn_has_its_upper_voice_its_pickup_its_key_and_plain_chords():
    piece = hymn("openhymnal-made-up", score(*PLAIN, BASS))
    assert piece["meter"] == [4, 4]
    assert piece["pickup"] == 4
    assert piece["key"] == "C:maj"
    assert piece["melody"][:2] == [[-4, 4, 67], [0, 4, 67]]
    triads = [(o, d, parse_chord(label).triad.label) for o, d, label in piece["chords"]]
    assert triads == [(-4, 12, "C:maj"), (8, 8, "F:maj"), (16, 16, "G:maj"), (32, 12, "C:maj")]


def test_a_passing_chord_on_a_weak_beat_does_not_count():
    still = [(Fraction(b), Fraction(b + 1), p) for b in (0, 2, 3) for p in (48, 64, 67, 72)]
    passing = [(Fraction(1), Fraction(2), p) for p in (47, 62, 67, 74)]
    assert harmony([*still, *passing], Meter(4, 4), Fraction(0)) == [(Fraction(0), Fraction(4), "C:maj")]


def test_a_leaning_second_inversion_is_the_dominant():
    leaning = [(Fraction(0), Fraction(1), p) for p in (43, 60, 64, 67)]
    solved = [(Fraction(1), Fraction(2), p) for p in (43, 59, 62, 67)]
    assert harmony([*leaning, *solved], Meter(2, 4), Fraction(0))[-1][2] == "G:maj"


@pytest.mark.parametrize(
    ("fifths", "last", "key"),
    [
        (0, "C:maj", "C:maj"),
        (0, "A:maj", "A:min"),
        (1, "E:min", "E:min"),
        (-1, "G:maj", "G:min"),
        (0, "G:maj", "C:maj"),
    ],
)
def test_the_last_chord_tells_a_minor_key_from_its_major(fifths, last, key):
    assert key_of(fifths, last) == key


def test_no_meter_or_no_even_bars_is_no_piece():
    assert hymn("x", score(*PLAIN, BASS, meter="none")) is None
    assert hymn("x", score("C D | C D E | C | C D E F G | C D E F |")) is None


def test_two_bars_in_one_are_halved():
    assert hymn("x", score("C D E F G A | G6", meter="6/4"))["meter"] == [3, 4]


def test_missing_data_say_what_to_do(tmp_path):
    from sideman_lab.data.openhymnal import read

    with pytest.raises(DataMissingError, match="--data"):
        next(read(tmp_path))
