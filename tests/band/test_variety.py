"""Later choruses vary: by the turn alone, never twice differently, never the chords, not at all when told not to."""

from dataclasses import replace

import pytest
from tests.band.asks import scale_line

from sideman.band.messages import Ask, Knobs, Phrase
from sideman.band.rules import rules_plan
from sideman.music.meter import Meter

FORM = 8 * 16
STYLES = ("rock", "funk", "jazz", "blues", "latin")


def ask(style, start, end, variety):
    phrase = Phrase(scale_line(Meter(), 8), 8, Meter(), 110.0)
    return Ask(
        id=1, seed=3, epoch=1, mode="trade", meter=Meter(), bpm=110.0, phrase=phrase, start=start, end=end,
        form_frames=FORM, frame=start - 1, knobs=Knobs(style=style, variety=variety),
    )  # fmt: skip


def plan(style, start, end, variety=0.5):
    wanted = ask(style, start, end, variety)
    return rules_plan(wanted, wanted.phrase, ())


def struck(found, turn, part):
    low = turn * FORM * 240
    return {(n.tick - low, n.pitch) for n in found.notes if n.part == part and -120 <= n.tick - low < FORM * 240 - 120}


@pytest.mark.parametrize("style", STYLES)
def test_without_variety_the_fourth_turn_is_the_second(style):
    """The first begins with a crash and its bass from nowhere."""
    found = plan(style, FORM, 4 * FORM, 0.0)
    for part in ("drums", "bass", "chords"):
        assert struck(found, 1, part) == struck(found, 3, part), part


@pytest.mark.parametrize("style", STYLES)
def test_with_it_bass_and_comping_are_new_and_chords_are_not(style):
    same, varied = plan(style, 2 * FORM, 3 * FORM, 0.0), plan(style, 2 * FORM, 3 * FORM, 1.0)
    assert same.chords == varied.chords
    assert struck(same, 2, "bass") != struck(varied, 2, "bass")
    assert struck(same, 2, "drums") != struck(varied, 2, "drums")


@pytest.mark.parametrize("style", STYLES)
def test_the_first_turn_is_the_song_s_own(style):
    assert plan(style, 0, FORM, 1.0).notes == plan(style, 0, FORM, 0.0).notes


@pytest.mark.parametrize("style", STYLES)
def test_what_is_planned_again_is_played_again(style):
    whole = plan(style, 2 * FORM, 3 * FORM)
    again = plan(style, 2 * FORM + 64, 3 * FORM)
    low = (2 * FORM + 64) * 240 + 480
    for part in ("drums", "chords"):
        first, second = (
            {(n.tick, n.pitch) for n in p.notes if n.part == part and n.tick > low} for p in (whole, again)
        )
        assert first == second, part


def test_more_variety_is_more_new():
    first = plan("funk", 2 * FORM, 4 * FORM, 0.0)
    base = struck(first, 2, "bass") | struck(first, 3, "bass")
    news = []
    for variety in (0.0, 0.3, 1.0):
        found = plan("funk", 2 * FORM, 4 * FORM, variety)
        news.append(len((struck(found, 2, "bass") | struck(found, 3, "bass")) - base))
    assert news == sorted(news)
    assert news[-1] > news[0] == 0


def test_variety_is_the_same_for_the_same_seed_only():
    one = ask("rock", 2 * FORM, 3 * FORM, 1.0)
    assert rules_plan(one, one.phrase, ()) == rules_plan(one, one.phrase, ())
    other = replace(one, seed=4)
    assert rules_plan(other, other.phrase, ()).notes != rules_plan(one, one.phrase, ()).notes
