"""Which chord stands where."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sideman.band.changes import Changes, fill_form, laid_out
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan

C, AM, F, G = Chord(0), Chord(9, "min"), Chord(5), Chord(7)
SPANS = st.lists(
    st.builds(ChordSpan, st.integers(0, 60), st.integers(0, 20), st.sampled_from((C, AM, F, G)), st.just(0.5)),
    max_size=8,
)


@given(SPANS)
def test_laid_out_spans_are_sorted_and_apart(spans):
    out = laid_out(spans)
    assert list(out) == sorted(out, key=lambda s: s.onset)
    for one, two in pairwise(out):
        assert one.frames > 0
        assert one.end <= two.onset


@given(SPANS, st.integers(1, 40), st.integers(1, 120))
def test_a_filled_form_stays_inside_it(spans, length, form):
    out = fill_form(spans, length, form)
    assert all(s.onset >= 0 and s.end <= form for s in out)


def test_chords_come_round_with_the_form():
    changes = Changes((ChordSpan(16, 16, C, 1.0), ChordSpan(32, 16, G, 1.0)), origin=16, form=32)
    assert [changes.at(f) for f in (16, 32, 48, 64, 47 + 32)] == [C, G, C, G, G]
    assert changes.covers(0, 200)
    assert changes.within(40, 56) == (ChordSpan(40, 8, G, 1.0), ChordSpan(48, 8, C, 1.0))
    assert changes.next_change(40, 20) == 48


def test_without_a_form_the_last_chord_goes_on():
    changes = Changes((ChordSpan(0, 16, C, 1.0), ChordSpan(16, 4, G, 1.0)))
    assert (changes.at(30), changes.at(-3)) == (G, C)
    assert not changes.covers(16, 30)
    assert changes.next_change(16, 100) is None


def test_nothing_known_is_no_chord():
    assert Changes().at(5) is None
    assert Changes().within(0, 9) == ()
