from xml.etree import ElementTree as ET

import pytest

from sideman_lab.data.lieder_chords import UNCLEAR, _best, stretches


@pytest.mark.parametrize(
    ("classes", "label"),
    [((0, 4, 7), "C:maj"), ((9, 0, 4), "A:min"), ((7, 11, 2, 5), "G:7"), ((11, 2, 5, 8), "B:dim7"), ((0, 1, 2), "X")],
)
def test_the_plainest_chord_that_explains_all(classes, label):
    weights = [0.0] * 12
    for pc in classes:
        weights[pc] = 1.0
    assert _best(weights, classes[0]) == label


def test_nothing_sounding_is_unclear():
    assert _best([0.0] * 12, None) == UNCLEAR


def note(step, octave, quarters, *, chord=False, lyric=False):
    return (
        f"<note>{'<chord/>' if chord else ''}<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
        f"<duration>{quarters}</duration>{'<lyric/>' if lyric else ''}</note>"
    )


def test_the_piano_names_the_half_bars_of_the_voice():
    start = "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
    sung = "".join(note("G", 4, 1, lyric=True) for _ in range(4))
    triads = (("C", "E", "G"), ("G", "B", "D"))
    played = "".join(note(s, 3, 2, chord=i > 0) for triad in triads for i, s in enumerate(triad))
    parts = [f"<part><measure>{start}{bar}</measure>" + f"<measure>{bar}</measure>" * 2 for bar in (sung, played)]
    root = ET.fromstring(f"<score>{''.join(f'{part}</part>' for part in parts)}</score>")  # noqa: S314 - written here
    (piece,) = stretches("lieder-1", root)
    assert len(piece["melody"]) == 12
    assert [label for _, _, label in piece["chords"]][:2] == ["C:maj", "G:maj"]
    assert piece["chords"][1][0] == 8
