"""Chords are shown in sharps or flats of the key that sounds."""

from types import SimpleNamespace

import pytest

from sideman.jam import naming
from sideman.jam.record import Recorder
from sideman.music.chords import Chord


def jam(key="auto", *, heard="", stands="", transpose=0, live=False):
    material = SimpleNamespace(key=stands) if stands else None
    return SimpleNamespace(
        options=SimpleNamespace(key=key, transpose=transpose),
        session=SimpleNamespace(material=material),
        following=SimpleNamespace(key=heard),
        live=live,
    )


@pytest.mark.parametrize(
    ("scene", "name"),
    [
        (jam("Ab maj"), "Db"), (jam("E maj"), "C#"), (jam(stands="Ab maj"), "Db"), (jam(), "C#"),
        (jam(heard="F min", stands="E maj", live=True), "Db"), (jam("E maj", heard="F min", live=True), "C#"),
    ],
)  # fmt: skip
def test_the_key_that_is_set_then_the_one_heard_then_the_one_that_stands(scene, name):
    assert naming.name(scene, Chord(1)) == name
    assert naming.label(scene, Chord(1)) == f"{name}:maj"


def test_a_transposed_key_names_transposed_chords():
    assert naming.name(jam("C maj", transpose=3), Chord(5)) == "Ab"
    assert naming.name(jam("C maj", transpose=4), Chord(4, "min")) == "G#m"


def test_the_key_is_shown_with_the_fewer_accidentals():
    assert naming.key_shown(jam("C# maj")) == "Db maj"
    assert naming.key_shown(jam()) == ""


def test_a_chord_that_goes_on_keeps_its_name_in_the_take():
    take = Recorder()
    for frame, label in enumerate(("C#:maj", "Db:maj", "Db:min", "")):
        take.harmony(frame, label)
    assert take.chords == [(0, 2, "C#:maj"), (2, 1, "Db:min")]
