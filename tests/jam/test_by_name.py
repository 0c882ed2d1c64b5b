"""Effects by name: the words a pedal, key or message may send, in every state."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.jam.by_name import ALIASES, MEANT
from sideman.jam.effects import EFFECTS
from sideman.jam.events import EffectAsked
from sideman.jam.states import State
from sideman.service.settings_checks import EFFECTS as MAPPABLE
from tests.jam.rig import RIFF, Rig, playing

NAMES = sorted({*EFFECTS, *MEANT, *ALIASES, *MAPPABLE})


def test_every_mappable_name_is_an_effect():
    assert set(MAPPABLE) <= {*EFFECTS, *MEANT, *ALIASES, "tap"}
    for meant in MEANT.values():
        assert set(meant) <= set(EFFECTS)
    assert set(ALIASES.values()) <= set(MEANT)


@pytest.mark.parametrize("beat", [17, 25])
def test_silence_and_panic_work_whatever_the_state(beat):
    for name in ("silence", "panic"):
        rig = playing()
        rig.conductor.post(EffectAsked(rig.at(25), "listen"))
        rig.conductor.post(EffectAsked(rig.at(25.5), name))
        rig.run(26)
        assert not rig.jam.playing
        assert rig.out.hung() == set()


def test_undo_by_name_does_not_redo():
    rig = playing()
    for beat in (25, 26):
        rig.conductor.post(EffectAsked(rig.at(beat), "undo"))
    rig.run(25.5)
    assert rig.state == "IDLE"
    assert rig.run(26.5).status.notice == "NOTHING TO UNDO"
    rig.conductor.post(EffectAsked(rig.at(27), "redo"))
    assert rig.run(27.5).state == "COMMITTED"


_asked = st.lists(st.tuples(st.sampled_from(NAMES), st.floats(0.05, 9.0)), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(_asked, st.sampled_from(["trade", "follow"]), st.booleans())
def test_any_row_of_names_leaves_nothing_hanging(asked, mode, jamming):
    rig = playing(mode=mode) if jamming and mode == "trade" else Rig(mode=mode)
    beat = 19.0
    rig.play(RIFF * 3, start=20, step=0.7)
    for name, after in asked:
        beat += after
        rig.conductor.post(EffectAsked(rig.at(beat), name))
    rig.finish(beat + 10)
    assert rig.out.hung() == set()
    assert set(rig.states()) <= {state.value for state in State}
    assert rig.replayed().sounded() == rig.sounded()
