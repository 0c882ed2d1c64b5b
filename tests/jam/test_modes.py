"""What every mode is and has: a name, a row of overrides, plans that never reach over a turn."""

import pytest

from sideman.jam.modes import MODES, mode_of
from sideman.jam.modes.base import Mode
from tests.jam.rig import Rig, playing


def test_modes_by_name():
    for name, mode in MODES.items():
        assert mode.name == name
        assert isinstance(mode, Mode)
    assert mode_of(Rig(mode="follow").jam) is MODES["follow"]


def test_asks_never_reach_over_the_end_of_the_form():
    rig = playing().run(90)
    s = rig.jam.session
    frames = s.material.frames
    for ask in rig.link.asks:
        if ask.origin == s.origin and ask.end > ask.start >= s.origin:
            assert (ask.start - s.origin) // frames == (ask.end - 1 - s.origin) // frames


def test_the_phrase_is_sent_once():
    rig = playing().run(60)
    assert sum(a.phrase is not None for a in rig.link.asks) == 1


def test_every_bar_is_committed_before_it_begins():
    rig = playing()
    for beat in range(21, 50):
        rig.run(beat + 0.1)
        assert rig.jam.book.committed * 240 >= rig.jam.timeline.tick(rig.clock.now())


@pytest.mark.parametrize("press", [25.2, 26.9])
def test_a_fill_leads_to_the_next_bar_that_is_not_committed(press):
    rig = playing()
    rig.press("NEXT", press, hold_s=0.05)
    rig.run(press + 0.1)
    to = rig.jam.session.fill_to
    assert rig.jam.timeline.within(to * 240) == 0
    assert to >= rig.jam.book.committed
    assert any(a.fill_to == to for a in rig.link.asks)
    rig.run(press + 12)
    assert rig.jam.session.fill_to is None
