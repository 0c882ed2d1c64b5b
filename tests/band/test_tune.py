"""What the comper leaves out under a held melody note, and what it knows of the melody to come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.band import comper
from sideman.band.changes import Changes
from sideman.band.context import Context
from sideman.band.finish import apart
from sideman.band.messages import Ask, Knobs, PartNote, Phrase
from sideman.band.models import NO_MODELS
from sideman.band.tune import FEWEST, held, is_held, period, without_rubs
from sideman.music.chords import QUALITIES, Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman.music.voicing import voice

FOUR = Meter()
C_MAJOR = Changes((ChordSpan(0, 64, Chord(0), 1.0),), 0, 64, "C maj", 1.0)
CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))


def scene(pitch, style="rock", **values):
    """Four bars of one held note over C major; the player has the turn."""
    notes = tuple(Note(bar * 3840, 3840, pitch, 90) for bar in range(4))
    given_ = {"start": 64, "end": 128, "form_frames": 64, "frame": 63, "solo": False, "seed": 3} | values
    phrase = Phrase(notes, 4, FOUR, 100.0)
    ask = Ask(id=1, epoch=1, mode="trade", meter=FOUR, bpm=100.0, phrase=phrase, knobs=Knobs(style=style), **given_)
    return Context(ask, phrase, (), C_MAJOR, NO_MODELS)


def classes(context):
    return {note.pitch % 12 for note in comper.play(context.ask, context)}


@pytest.mark.parametrize(("pitch", "left"), [(77, {0, 7}), (71, {4, 7}), (68, {0, 4}), (72, {0, 4, 7})])
def test_a_tone_beside_a_held_note_of_the_phrase_is_left_out_in_any_octave(pitch, left):
    assert classes(scene(pitch)) == left


def test_styles_of_colour_keep_their_sevenths():
    assert 0 in classes(scene(71, "blues"))


def test_the_root_stays_where_no_bass_has_it():
    hand = (52, 55, 60)
    assert without_rubs(hand, Chord(0), {11}, bass=True) == (52, 55)
    assert without_rubs((48, 59, 64), Chord(0, "maj7"), {0, 11}, bass=False) == (48, 64)


def test_in_the_soloists_turn_the_phrase_is_not_expected():
    assert not held(scene(77, solo=True), 64, 72)
    assert held(scene(77), 64, 72) == {5}


@given(CHORDS, st.sets(st.integers(0, 11)), st.booleans())
def test_no_more_than_what_rubs_goes_and_two_tones_stay(chord, melody, bass):
    hand = voice(chord)
    kept = without_rubs(hand, chord, melody, bass=bass)
    assert set(kept) <= set(hand)
    assert len(kept) >= min(FEWEST, len(hand))
    rubs = [p for p in hand if (p + 1) % 12 in melody or (p - 1) % 12 in melody]
    assert set(hand) - set(kept) <= set(rubs)
    if len(kept) > FEWEST:
        assert not set(kept) & set(rubs)


def test_a_passing_note_is_not_held():
    assert is_held(900, 400, 1900)
    assert not is_held(440, 440, 1900)
    assert is_held(440, 440, 440)
    assert not is_held(3600, 200, 440)


def follow(bars, *, known):
    """A line of ``bars`` bars that is played again and again, heard for ``known`` bars."""
    pitches = (60, 64, 65, 67, 69, 65, 62, 71, 72, 67, 64, 62, 59, 60, 66, 68)
    line = [pitches[(i * 5 + i // 3) % 16] for i in range(4 * bars)]
    return tuple(Note(i * 960, 900, line[i % len(line)], 90) for i in range(4 * known))


@pytest.mark.parametrize("bars", [4, 8])
def test_a_line_that_came_round_is_expected_to_do_so_again(bars):
    notes = follow(bars, known=bars + 4)
    until = 16 * (bars + 4)
    assert period(notes, until, FOUR) == 16 * bars
    ask = Ask(
        id=1, seed=1, epoch=1, mode="follow", meter=FOUR, bpm=100.0, frame=until, start=until + 1, end=until + 17,
        heard_until=until,
    )  # fmt: skip
    known = Context(ask, None, notes, C_MAJOR, NO_MODELS)
    for beat in range(8, 16):
        frame = until + 4 * beat
        assert held(known, frame, frame + 4) == {follow(bars, known=40)[frame // 4].pitch % 12} | {
            p % 12 for p in known.held_at(frame)
        }


def test_a_line_that_was_heard_once_is_not():
    assert period(follow(8, known=8), 128, FOUR) == 0
    assert period((), 64, FOUR) == 0


def test_the_soloists_held_note_takes_out_the_wide_ones_too():
    hand = [PartNote("chords", 0, 1800, p, 70) for p in (48, 52, 55, 60)]
    solo = PartNote("solo", 0, 1800, 83, 90)
    assert [n.pitch for n in apart([*hand, solo], wide=True) if n.part == "chords"] == [52, 55]
    assert len(apart([*hand, solo])) == 5
    assert len(apart([*hand, PartNote("solo", 0, FRAME_TICKS, 83, 90)], wide=True)) == 5
