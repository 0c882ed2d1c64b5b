"""The plan book: what is committed stands; what is not is replaced."""

from hypothesis import given
from hypothesis import strategies as st

from sideman.band.messages import PartNote, Plan
from sideman.jam.book import PlanBook, border, join_equal, moved, repeated, splice
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan


def span_of(onset, frames, chord):
    return ChordSpan(onset, frames, chord, 0.5)


C, F, G = Chord(0, "maj"), Chord(5, "maj"), Chord(7, "maj")


def plan(start, end, pitch=40, chord=C, number=1):
    notes = tuple(PartNote("bass", f * 240, 200, pitch, 90) for f in range(start, end))
    return Plan(number, 0, start - 1, start, end, (span_of(start, end - start, chord),), notes)


def frames(spans):
    return {f: s.chord for s in spans for f in range(s.onset, s.onset + s.frames)}


def test_a_plan_replaces_what_is_not_committed():
    book = PlanBook()
    assert book.merge(plan(0, 16))
    book.commit(4)
    assert book.merge(plan(2, 20, pitch=50, chord=F))
    assert [n.pitch for n in book.notes] == [40] * 4 + [50] * 16
    assert frames(book.chords) == dict.fromkeys(range(4), C) | dict.fromkeys(range(4, 20), F)
    assert book.filled == 20


def test_a_plan_for_what_is_committed_is_too_late():
    book = PlanBook()
    book.merge(plan(0, 16))
    book.commit(16)
    assert not book.merge(plan(8, 16, pitch=50))
    assert {n.pitch for n in book.notes} == {40}


def test_commit_never_goes_back_nor_past_the_plan():
    book = PlanBook()
    book.merge(plan(0, 8))
    book.commit(12)
    assert book.committed == 8
    book.commit(3)
    assert book.committed == 8


def test_early_notes_belong_to_their_frame():
    book = PlanBook()
    book.merge(plan(0, 8))
    early = PartNote("drums", 8 * 240 - 100, 60, 36, 90)
    book.merge(Plan(2, 0, 7, 8, 9, (), (early,)))
    assert early in book.notes
    assert border(8) <= early.tick


def test_drop_after_cuts_chords_and_notes():
    book = PlanBook()
    book.merge(plan(0, 16))
    book.commit(16)
    assert book.drop_after(10) == 6
    assert (book.filled, book.committed) == (10, 10)
    assert set(frames(book.chords)) == set(range(10))


def test_take_gives_notes_once_and_in_order():
    book = PlanBook()
    book.merge(plan(0, 8))
    book.add(PartNote("chords", 300, 100, 60, 80))
    first = book.take(481)
    assert [n.tick for n in first] == [0, 240, 300, 480]
    assert book.take(481) == []


def test_a_copy_is_independent():
    book = PlanBook()
    book.merge(plan(0, 8))
    other = book.copy()
    other.drop_after(0)
    assert len(book.notes) == 8


_spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from([C, F, G])).map(lambda t: span_of(*t)),
    max_size=5,
)


@given(_spans, _spans, st.integers(0, 40), st.integers(1, 40))
def test_a_splice_keeps_the_outside_and_takes_the_inside(old, new, start, length):
    clean, end = [], start + length
    for span in sorted(old, key=lambda s: s.onset):
        if not clean or clean[-1].onset + clean[-1].frames <= span.onset:
            clean.append(span)
    fresh = []
    for span in sorted(new, key=lambda s: s.onset):
        if not fresh or fresh[-1].onset + fresh[-1].frames <= span.onset:
            fresh.append(span)
    made = frames(splice(tuple(clean), tuple(fresh), start, end))
    before, inside = frames(clean), frames(fresh)
    for frame in range(100):
        wanted = (inside if start <= frame < end else before).get(frame)
        assert made.get(frame) == wanted, frame


@given(st.integers(-50, 50), st.integers(-100, 100), st.integers(0, 100))
def test_a_form_repeats_from_its_origin(origin, start, length):
    form = (span_of(0, 8, C), span_of(8, 8, G))
    made = frames(repeated(form, origin, 16, start, start + length))
    assert made == {f: (C if (f - origin) % 16 < 8 else G) for f in range(start, start + length)}


def test_an_empty_form_repeats_nothing():
    assert repeated((), 0, 16, 0, 32) == ()
    assert repeated((span_of(0, 8, C),), 0, 0, 0, 32) == ()


def test_equal_neighbours_join():
    assert join_equal((span_of(0, 4, C), span_of(4, 4, C), span_of(9, 1, C))) == (
        span_of(0, 8, C),
        span_of(9, 1, C),
    )


def test_a_moved_plan_keeps_its_shape():
    there = moved(plan(0, 4), 16)
    assert (there.start, there.end, there.chords[0].onset, there.notes[0].tick) == (16, 20, 16, 16 * 240)
    assert moved(there, -16) == plan(0, 4)


def test_the_chord_of_a_frame_and_what_is_forgotten():
    book = PlanBook()
    book.merge(plan(0, 8, chord=C))
    book.merge(plan(8, 16, chord=F))
    assert book.chord_at(8).chord == F
    assert book.chord_at(16) is None
    book.forget_before(9)
    assert book.chord_at(3) is None
    assert book.chord_at(8).chord == F


def test_the_book_knows_for_how_loud_a_player_each_note_was_made():
    book = PlanBook()
    book.clear(0)
    one = Plan(1, 1, 0, 0, 32, loudness=(("drums", -4, 60.0), ("drums", 16, 80.0), ("bass", 0, 70.0)))
    assert book.merge(one)
    book.commit(8)
    assert book.merge(moved(Plan(2, 1, 0, 0, 16, loudness=(("drums", 0, 100.0),)), 4))
    heard = [book.made_for("drums", frame * 240) for frame in (0, 7, 8, 19, 20, 40)]
    assert heard == [60.0, 60.0, 100.0, 100.0, 80.0, 80.0]
    assert book.made_for("drums", 8 * 240 - 100) == 100.0  # microtiming belongs to its place
    assert (book.made_for("bass", 0), book.made_for("click", 0)) == (70.0, None)
    other = book.copy()
    book.clear(64)
    assert book.made_for("drums", 0) is None
    assert other.made_for("drums", 0) == 60.0
    other.forget_before(1000)
    assert other.made_for("drums", 1000 * 240) == 80.0
    assert len(other.loudness["drums"]) == 1
