"""Values that travel between processes."""

import copy
import pickle

import pytest

from sideman.band.messages import PartNote
from sideman.music.chords import parse_chord
from sideman.music.harmony import ChordSpan
from sideman.music.notes import Note


@pytest.mark.parametrize(
    "value", [PartNote("bass", -12, 240, 40, 99), Note(480, 960, 60), ChordSpan(16, 8, parse_chord("A:min7"), 0.25)]
)
def test_a_value_comes_back_whole_from_a_pipe(value):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own bytes
        assert again == value
        assert type(again) is type(value)
    assert copy.deepcopy(value) == value
    assert not hasattr(value, "__dict__")
