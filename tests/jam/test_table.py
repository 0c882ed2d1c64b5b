"""The pedal table: whole, its effects real, its LEDs told apart, and the same in the guide and the README."""

from itertools import combinations

import pytest

from sideman.edges.light_patterns import Pulse, level
from sideman.jam.effects import EFFECTS
from sideman.jam.modes import MODES
from sideman.jam.options import MODES as NAMES
from sideman.jam.screen import LEDS
from sideman.jam.states import BandState, Ear, State, state_of
from sideman.jam.table import BASE, COLUMNS, EVERYWHERE, OVERRIDES, Gesture, cell, guide, guide_everywhere
from sideman.service import table_docs

MS = 1_000_000


@pytest.mark.parametrize("mode", NAMES)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("gesture", Gesture)
def test_every_cell_is_defined_and_every_effect_exists(mode, state, gesture):
    found = cell(mode, state, gesture)
    assert found.effects
    assert found.guide
    for name in found.effects:
        kind, _, words = name.partition(":")
        assert kind in EFFECTS or (kind == "refuse" and words)


def test_every_state_answers_every_gesture_of_its_own():
    assert set(BASE) == set(State)
    for row in BASE.values():
        assert set(row) == set(COLUMNS)
    assert set(COLUMNS) | set(EVERYWHERE) == set(Gesture)


@pytest.mark.parametrize("mode", NAMES)
@pytest.mark.parametrize("state", State)
def test_the_bottom_line_says_what_each_switch_does(mode, state):
    for gesture in (Gesture.START, Gesture.STOP, Gesture.PLAY):
        assert 1 <= len(cell(mode, state, gesture).short) <= 7


def test_modes_are_those_of_the_table():
    assert set(NAMES) == set(MODES) == set(OVERRIDES)


def test_every_pair_of_ear_and_band_has_a_row():
    reached = {state_of(ear, band, menu=menu) for ear in Ear for band in BandState for menu in (False, True)}
    assert reached == set(State)


def test_panic_and_silence():
    for mode in NAMES:
        for state in State:
            assert cell(mode, state, Gesture.HOLD_STOP).effects == ("panic",)
        assert cell(mode, State.PLAYING, Gesture.STOP).effects == ("silence",)
        assert cell(mode, State.ENDING, Gesture.STOP).effects == ("silence",)


def test_taps_everywhere_but_in_the_menu():
    for state in State:
        wanted = ("refuse:NOT NOW",) if state is State.MENU else ("tap",)
        assert cell("trade", state, Gesture.TAPS).effects == wanted


@pytest.mark.parametrize("page", [table_docs.GUIDE, table_docs.README], ids=["guide", "readme"])
def test_the_pages_say_what_the_code_does(page):
    text = page.read_text(encoding="utf-8")
    assert table_docs.printed(text) == text, "python -m sideman.service.table_docs"
    assert guide() in text


def test_the_guide_holds_every_generated_piece():
    text = table_docs.GUIDE.read_text(encoding="utf-8")
    for name, piece in table_docs.sections().items():
        assert f"<!-- {name} -->" in text
        assert piece in text
    assert guide("follow") in text
    assert guide_everywhere() in text


def test_the_guide_would_notice_a_change(monkeypatch):
    text = table_docs.GUIDE.read_text(encoding="utf-8")
    row = BASE[State.IDLE] | {Gesture.START: cell("trade", State.IDLE, Gesture.STOP)}
    monkeypatch.setitem(BASE, State.IDLE, row)
    assert table_docs.printed(text) != text


def test_every_state_and_sign_has_lights():
    own = {state.value for state in State} - {State.MENU.value}
    assert set(LEDS) == own | {"HELD", "tap", "refused", "CHANGED", "error", "boot"}


@pytest.mark.parametrize("bpm", [30, 60, 96, 120, 140, 200, 300])
def test_no_two_light_patterns_are_alike(bpm):
    def seen(lights):
        pulse = Pulse(0, round(60e9 / bpm), 0.0)
        return [tuple(round(level(one, ms * MS, 0, pulse)[0], 2) for one in lights) for ms in range(0, 4000, 20)]

    waves = {name: seen(lights) for name, lights in LEDS.items()}
    for a, b in combinations(waves, 2):
        apart = sum(x != y for x, y in zip(waves[a], waves[b], strict=True))
        assert apart >= 10, (a, b, bpm)
