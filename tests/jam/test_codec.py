"""Every event goes into the log and comes back as it was."""

import json
import typing
from dataclasses import dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.band.messages import Phrase, Plan
from sideman.jam import codec, events
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

_text = st.text(max_size=12)
_ns = st.integers(0, 1 << 62)
_byte = st.integers(0, 127)
st.register_type_strategy(bytes, st.binary(max_size=3))
st.register_type_strategy(int, _ns)
st.register_type_strategy(str, _text)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    Meter, st.sampled_from(["4/4", "3/4", "6/8", "7/8 2+2+3", "7/8 3+2+2", "5/4", "12/8"]).map(parse_meter)
)
st.register_type_strategy(Chord, st.builds(Chord, st.integers(0, 11), st.sampled_from(["maj", "min", "min7"])))
st.register_type_strategy(
    ChordSpan, st.builds(ChordSpan, st.integers(0, 999), st.integers(1, 64), st.from_type(Chord), st.floats(0, 1))
)
st.register_type_strategy(
    Note, st.builds(Note, st.integers(-960, 1 << 20), st.integers(1, 9999), _byte, st.integers(1, 127))
)
KINDS = typing.get_args(events.Event)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind, data):
    hints = typing.get_type_hints(kind)
    event = kind(**{f.name: data.draw(st.from_type(hints[f.name])) for f in fields(kind)})
    text = json.dumps(codec.encode(event))
    assert codec.decode(json.loads(text)) == event


def test_every_kind_of_event_is_known():
    assert set(codec._EVENTS) == set(KINDS)


def test_plan_and_phrase_hold_meters_that_work():
    phrase = Phrase((Note(0, 10, 60, 90),), 2, parse_meter("7/8 3+2+2"), 101.25, "A min")
    back = codec.decode(json.loads(json.dumps(codec.encode(phrase))))
    assert back == phrase
    assert back.meter.beats == phrase.meter.beats
    assert codec.decode(codec.encode(Plan(1, 2, 3, 4, 5))) == Plan(1, 2, 3, 4, 5)


def test_what_the_log_does_not_know_is_refused():
    @dataclass
    class Stranger:
        ns: int = 0

    with pytest.raises(TypeError, match="Stranger"):
        codec.encode(Stranger())
    with pytest.raises(ValueError, match="'Stranger', which this version does not know"):
        codec.decode({"_": "Stranger", "ns": 0})
