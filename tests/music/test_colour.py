"""Colours: as the style and the wish have them, never against the melody, the same in every re-plan."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.chords import Chord, parse_chord
from sideman.music.colour import coloured, mean_tones
from sideman.music.comping_styles import OF_STYLE
from sideman.music.harmony import ChordSpan, histogram_of
from sideman.music.notes import Note

C_MAJOR, A_MINOR = (0, "maj"), (9, "min")
TRIADS = st.builds(Chord, st.integers(0, 11), st.sampled_from(("maj", "min", "dim")))
KEYS = st.none() | st.tuples(st.integers(0, 11), st.sampled_from(("maj", "min")))
WISHES = st.integers(0, 3)


def spans_of(*labels, frames=16):
    return tuple(ChordSpan(i * frames, frames, parse_chord(label), 0.5) for i, label in enumerate(labels))


def names(spans):
    return [span.chord.name for span in spans]


@st.composite
def plans(draw):
    """Triads one after another, each 8, 12 or 16 frames."""
    out, at = [], 0
    for chord in draw(st.lists(TRIADS, min_size=1, max_size=8)):
        frames = draw(st.sampled_from((8, 12, 16)))
        out.append(ChordSpan(at, frames, chord, 0.5))
        at += frames
    return tuple(out)


NOTES = st.lists(
    st.builds(Note, st.integers(0, 100).map(lambda f: f * 240), st.integers(60, 4000), st.integers(40, 90)),
    max_size=30,
)


@pytest.mark.parametrize("style", OF_STYLE)
def test_no_colour_is_triads(style):
    plan = spans_of("C:maj", "A:min", "D:min", "G:maj")
    assert coloured(plan, C_MAJOR, 0, style) == plan


def test_sevenths_where_they_belong():
    plan = spans_of("D:min", "G:maj", "C:maj", "A:min", "F:maj", "B:dim")
    assert names(coloured(plan, C_MAJOR, 1, "rock")) == ["Dm", "G7", "C", "Am", "F", "Bo"]
    assert names(coloured(plan, C_MAJOR, 1, "jazz")) == ["Dm7", "G7", "CM7", "Am7", "FM7", "Bh7"]
    assert names(coloured(plan, C_MAJOR, 1, "soul")) == ["Dm7", "G7", "C", "Am7", "FM7", "Bh7"]
    assert names(coloured(spans_of("C:maj", "F:maj", "G:maj"), C_MAJOR, 1, "blues")) == ["C7", "F7", "G7"]


def test_a_plain_fifth_that_does_not_go_home_stays_plain():
    assert names(coloured(spans_of("C:maj", "G:maj", "A:min", "F:maj"), C_MAJOR, 1, "rock")) == ["C", "G", "Am", "F"]


def test_a_minor_key_has_its_own_dominant_and_leading_chord():
    assert names(coloured(spans_of("B:dim", "E:maj", "A:min"), A_MINOR, 1, "jazz")) == ["Bh7", "E7", "Am7"]
    assert names(coloured(spans_of("G#:dim", "A:min"), A_MINOR, 1, "jazz")) == ["Abo7", "Am7"]


def test_a_suspension_resolves_in_the_middle_of_its_bar():
    out = coloured(spans_of("C:maj", "G:maj", "C:maj"), C_MAJOR, 2, "pop")
    assert [(s.onset, s.frames, s.chord.name) for s in out[1:3]] == [(16, 8, "G7sus"), (24, 8, "G7")]


def test_secondary_dominants_come_with_the_second_step_and_substitutes_with_the_third():
    plan = spans_of("C:maj", "A:min", "D:min", "G:maj", "C:maj")
    assert names(coloured(plan, C_MAJOR, 2, "jazz"))[1:3] == ["A7", "D7"]
    assert names(coloured(plan, C_MAJOR, 3, "jazz"))[2:4] == ["Dh7", "C#7"]
    assert names(coloured(spans_of("F:maj", "C:maj"), C_MAJOR, 3, "pop"))[0] == "Fm6"


def test_the_melody_has_the_last_word():
    plan = spans_of("A:min", "D:min", "G:maj", "C:maj")
    line = [Note(0, 3840, 72), Note(2 * 3840, 3840, 71), Note(3 * 3840, 3840, 72)]
    # C natural forbids the major third of A, B the fourth of G, and C a major seventh under it.
    assert names(coloured(plan, C_MAJOR, 2, "jazz", line))[0] == "Am7"
    assert names(coloured(plan, C_MAJOR, 3, "jazz", line))[2] != "G7sus"
    assert names(coloured(plan, C_MAJOR, 1, "jazz", line))[3] == "C"


@given(plans(), KEYS, WISHES, st.sampled_from(tuple(OF_STYLE)), NOTES)
def test_nothing_added_rubs_with_what_was_heard(plan, key, wish, style, notes):
    out = coloured(plan, key, wish, style, notes)
    for span in out:
        was = next(s for s in plan if s.onset <= span.onset < s.end)
        weights = histogram_of(notes, was.onset, was.end)
        added = set(span.chord.pitch_classes) - set(was.chord.pitch_classes)
        lost = set(was.chord.pitch_classes) - set(span.chord.pitch_classes)
        assert all(weights[(tone + 1) % 12] < 0.75 for tone in added)
        assert all(weights[tone] < 0.75 for tone in lost)


@given(plans(), KEYS, WISHES, st.sampled_from(tuple(OF_STYLE)), NOTES)
def test_every_frame_keeps_a_chord_and_nothing_is_drawn_by_lot(plan, key, wish, style, notes):
    out = coloured(plan, key, wish, style, notes)
    assert out == coloured(plan, key, wish, style, notes)
    assert out[0].onset == 0
    assert out[-1].end == plan[-1].end
    assert all(a.end == b.onset for a, b in pairwise(out))


@given(plans(), KEYS, WISHES, st.sampled_from(tuple(OF_STYLE)), st.data())
def test_a_plan_made_again_from_any_frame_on_has_the_same_colours(plan, key, wish, style, data):
    whole = coloured(plan, key, wish, style)
    cut = data.draw(st.integers(1, plan[-1].end - 1))
    stands = [replace(s, frames=min(s.end, cut) - s.onset) for s in whole if s.onset < cut]
    rest = [replace(s, onset=max(s.onset, cut), frames=s.end - max(s.onset, cut)) for s in plan if s.end > cut]
    again = coloured(rest, key, wish, style, before=stands)

    def at(spans, frame):
        return next(s.chord for s in spans if s.onset <= frame < s.end)

    equal_neighbours = any(a.chord == b.chord for a, b in pairwise(plan))
    if not equal_neighbours:
        assert [at(again, f) for f in range(cut, plan[-1].end)] == [at(whole, f) for f in range(cut, plan[-1].end)]


@given(plans(), KEYS, WISHES, st.sampled_from(tuple(OF_STYLE)))
def test_the_players_own_chords_and_named_ones_are_not_put_in_other_words(plan, key, wish, style):
    own = {span.chord for span in plan[::2]}
    out = coloured(plan, key, wish, style, own=own)
    assert [s for s in out if s.chord in own] == [s for s in plan if s.chord in own]
    named = tuple(replace(s, chord=replace(s.chord, quality="maj7")) for s in plan)
    assert coloured(named, key, wish, style) == named


@pytest.mark.parametrize("style", OF_STYLE)
def test_more_is_never_less(style):
    plan = spans_of("C:maj", "A:min", "F:maj", "C:maj", "D:min", "G:maj", "C:maj", "C:maj")
    strange = []
    for wish in range(4):
        out = coloured(plan, C_MAJOR, wish, style)
        foreign = sum(
            s.frames for s in out if s.chord.quality not in ("maj", "min", "dim") or s.chord.root not in (0, 2, 5, 7, 9)
        )
        strange.append(foreign + 16 * mean_tones(out))
    assert strange == sorted(strange)
