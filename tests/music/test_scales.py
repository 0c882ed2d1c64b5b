import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.chords import TRIADS, Chord
from sideman.music.colour import coloured
from sideman.music.functional import Wanted, functional
from sideman.music.harmony import KEYS
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman.music.scales import AUTO, NAMES, SCALES, key_in, tones_of, triads_of

LINES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 12), st.integers(40, 90)).map(
        lambda row: Note(row[0] * FRAME_TICKS, row[1] * FRAME_TICKS, row[2], 80)
    ),
    max_size=30,
)


def labels(name, tonic):
    return {TRIADS[index].label for index in triads_of(name, tonic)}


def test_the_triads_of_scales():
    assert labels("dorian", 2) == {"D:min", "E:min", "F:maj", "G:maj", "A:min", "B:dim", "C:maj"}
    assert {"E:maj", "F:maj", "A:min", "D:min"} <= labels("hijaz", 4)
    assert labels("blues", 0) == {"C:maj", "F:maj", "G:maj"}
    assert len(triads_of(AUTO, 0)) == 36
    assert tones_of(AUTO, 0) == frozenset(range(12))


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("tonic", range(12))
def test_every_scale_has_its_home_and_another_chord_to_leave_it_for(name, tonic):
    classes = triads_of(name, tonic)
    assert any(TRIADS[index] == Chord(tonic, SCALES[name].mode) for index in classes)
    assert len(classes) > 2
    assert all(set(TRIADS[index].pitch_classes) <= tones_of(name, tonic) for index in classes)


@given(LINES, st.sampled_from(NAMES[1:]), st.sampled_from([None, *KEYS]), st.integers(0, 3))
def test_no_chord_and_no_colour_leaves_a_chosen_scale(notes, name, key, complexity):
    found = functional(notes, 64, Meter(), Wanted(key=key, scale=name))
    assert found.key == key_in(name, found.key)
    assert key is None or found.key[0] == key[0]
    bound = tones_of(name, found.key[0])
    played = coloured(found.spans, found.key, complexity, "jazz", notes, scale=name)
    assert all(set(span.chord.pitch_classes) <= bound for span in played)
