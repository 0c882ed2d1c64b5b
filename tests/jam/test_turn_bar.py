"""The bar found again in ``follow``: a wrong first beat does not stay for the song."""

import pytest

from sideman.jam.turn_bar import find_again
from sideman.music.meter import FRAME_TICKS
from tests.jam.rig import Rig

TUNE = ((0, 60, 2), (2, 64, 1), (3, 65, 1), (4, 67, 2), (6, 64, 2), (8, 65, 1), (9, 64, 1), (10, 62, 2), (12, 60, 4))


def followed(wrong):
    """A tune with long notes and accents on bar lines, its bars counted from ``wrong`` beats late."""
    rig = Rig(mode="follow")
    rig.press("START", -1)
    for turn in range(4):
        for at, pitch, length in TUNE:
            beat = 16 * turn + at
            rig.note(beat, pitch, 0.9 * length, 112 if at % 4 == 0 else 72)
    rig.run(16)
    jam = rig.jam
    jam.timeline.tempo.change(jam.timeline.tick(jam.now), 96)
    jam.tempo_found(96)
    return rig, wrong


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_a_wrong_downbeat_is_found_again_within_four_bars(wrong):
    rig, _ = followed(wrong)
    jam = rig.jam
    true = jam.timeline.tick(rig.at(16))
    jam.timeline.bar_zero = round(true / 960) * 960 + wrong * 960
    rig.run(16 + 16 + wrong)
    off = (jam.timeline.tick(rig.at(32)) - jam.timeline.bar_zero) % 3840
    assert min(off, 3840 - off) <= 240


def test_a_given_tempo_is_left_alone():
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96)
    rig.press("START", -1)
    rig.play([60, 64, 67, 64] * 8)
    rig.run(30)
    before = rig.jam.timeline.bar_zero
    find_again(rig.jam, before // FRAME_TICKS)
    assert rig.jam.timeline.bar_zero == before
    assert not rig.did("bar")
