"""Notes as values."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sideman.music.notes import Note, fold, line, mean_pitch

notes = st.lists(
    st.builds(Note, st.integers(0, 8000), st.integers(1, 2000), st.integers(0, 127), st.integers(1, 127)), max_size=30
)


def test_a_note_knows_its_end_frame_and_class():
    note = Note(350, 480, 61)
    assert (note.end, note.frame, note.pitch_class, note.velocity) == (830, 1, 1, 80)
    assert note.moved(-100).tick == 250
    assert note.transposed(80).pitch == 61 + 80 - 24


@given(st.integers(-40, 180), st.integers(0, 110), st.integers(11, 17))
def test_fold_keeps_the_class_and_the_window(pitch, low, width):
    folded = fold(pitch, low, low + width)
    assert low <= folded <= low + width
    assert folded % 12 == pitch % 12


@given(notes)
def test_a_line_is_monophonic_and_holds_no_new_pitch(played):
    top = line(played)
    assert all(a.end <= b.tick for a, b in pairwise(top))
    assert {n.pitch for n in top} <= {n.pitch for n in played}
    assert bool(top) == bool(played)


def test_a_rolled_chord_gives_its_top_note_at_the_first_onset():
    top = line([Note(0, 960, 60), Note(40, 960, 64), Note(80, 960, 67), Note(960, 480, 62)])
    assert [(n.tick, n.pitch) for n in top] == [(0, 67), (960, 62)]


def test_mean_pitch_has_a_default():
    assert mean_pitch([]) == 66.0
    assert mean_pitch([Note(0, 1, 60), Note(0, 1, 62)]) == 61
