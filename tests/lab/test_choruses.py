"""Turns of the form through the whole program: repeated for practice, varied else, on the same chords."""

from sideman_lab.choruses import PARTS, REPEATS, TURNS, likeness, likenesses, turns


def test_likeness_by_hand():
    one, other = frozenset({(0, 60), (4, 62)}), frozenset({(0, 60), (4, 63)})
    assert likeness(one, one) == likeness(frozenset(), frozenset()) == 1
    assert likeness(one, other) == round(1 / 3, 3)
    assert likenesses([one, one, other]) == [1.0, round(1 / 3, 3)]


def test_a_funk_band_varies_its_turns_unless_it_is_told_not_to():
    same, varied = turns("funk", variety=0.0), turns("funk")
    assert all(len(same[part]) == TURNS and all(same[part]) for part in PARTS)
    assert all(likeness(same[part][0], same[part][2]) >= REPEATS for part in PARTS)
    assert same["bass"][0] == varied["bass"][0]  # the first turn is the song's own
    assert all(likeness(varied[part][0], varied[part][2]) < 1 for part in PARTS)
    assert likeness(varied["bass"][0], varied["bass"][2]) < REPEATS
    assert turns("funk") == varied
