"""One note a frame in a line (RJ24), all of them where they sound together."""

from hypothesis import given
from hypothesis import strategies as st

from sideman.music.harmony import melody_frames
from sideman.music.meter import FRAME_TICKS
from sideman.music.monophony import first_in_frame
from sideman.music.notes import Note


def heard(notes, frames=4):
    return [frame.sounding for frame in melody_frames(first_in_frame(notes), frames)]


def test_the_first_note_of_a_frame_wins():
    grace = [Note(-60, 80, 61), Note(40, 60, 62), Note(110, 800, 64)]
    assert heard(grace) == [(61,), (64,), (64,), (64,)]


def test_a_note_that_begins_and_ends_inside_another_ones_frame_is_not_heard():
    assert heard([Note(-100, 90, 61), Note(0, 100, 62)]) == [(61,), (), (), ()]


def test_a_later_note_takes_over_though_the_first_is_held_too_long():
    assert heard([Note(0, 260, 60), Note(240, 700, 62)])[1] in ((62,), (60, 62))
    assert heard([Note(0, 240, 60), Note(240, 700, 62)])[1] == (62,)


def test_notes_struck_together_all_count():
    chord = [Note(0, 700, 60), Note(12, 700, 64), Note(25, 700, 67)]
    assert heard(chord)[0] == (60, 64, 67)


def test_a_held_bass_does_not_hide_the_melody():
    bass, line = Note(0, 960, 36), [Note(i * 240, 220, 60 + i) for i in range(4)]
    for at, sounding in enumerate(heard([bass, *line])):
        assert set(sounding) == {36, 60 + at}


_notes = st.lists(
    st.builds(Note, st.integers(0, 4000), st.integers(30, 2000), st.integers(30, 90), st.integers(1, 127)), max_size=20
)


@given(_notes)
def test_nothing_is_made_up_and_no_onset_comes_earlier(notes):
    made = first_in_frame(notes)
    ends = {(note.pitch, note.end) for note in notes}
    assert {(note.pitch, note.end) for note in made} <= ends
    assert len(made) <= len(notes)
    assert all(note.duration > 0 for note in made)
    assert {note.frame for note in made} >= {note.frame for note in notes}


def test_a_line_on_the_grid_stays_as_it_is():
    line = [Note(i * FRAME_TICKS, 200, 60 + i % 12) for i in range(32)]
    assert first_in_frame(line) == line
