"""Switches held at power-on: what they ask for, once, and what is forgotten."""

import pytest

from sideman.service import boot_hold
from sideman.service.boot_hold import Hold, watch
from sideman.service.settings import Settings

BOTH = frozenset({"STOP", "PLAY"})


class Feet:
    """Switches by time: a list of (seconds, what is closed from then on)."""

    def __init__(self, *changes):
        self.now, self.changes, self.shown = 0.0, changes, []

    def down(self):
        return next((frozenset(closed) for since, closed in reversed(self.changes) if self.now >= since), frozenset())

    def wait(self, seconds):
        self.now = round(self.now + seconds, 6)

    def watch(self):
        return watch(self.down, self.shown.append, self.wait)


def test_nothing_held_costs_no_time():
    feet = Feet()
    assert feet.watch() is Hold.NOTHING
    assert (feet.now, feet.shown) == (0, [])


def test_play_alone_is_safe_settings_at_once():
    feet = Feet((0, {"PLAY"}))
    assert feet.watch() is Hold.SAFE
    assert feet.now < 0.1


@pytest.mark.parametrize("closed", [{"STOP"}, {"START"}, {"STOP", "PLAY", "TAP"}])
def test_other_switches_mean_nothing(closed):
    assert Feet((0, closed)).watch() is Hold.NOTHING


def test_a_contact_that_bounces_is_not_held():
    assert Feet((0, {"PLAY"}), (0.01, ())).watch() is Hold.NOTHING


def test_both_for_ten_seconds_is_a_reset_and_each_second_is_shown():
    feet = Feet((0, BOTH))
    assert feet.watch() is Hold.RESET
    assert feet.shown == [*(f"RESET IN {n}" for n in range(10, 0, -1)), "RESET"]
    assert 10 <= feet.now < 10.1


@pytest.mark.parametrize("left", [(), {"PLAY"}, {"STOP"}])
@pytest.mark.parametrize("seconds", [0.5, 5, 9.9])
def test_let_go_before_the_end_is_no_reset(seconds, left):
    feet = Feet((0, BOTH), (seconds, left))
    assert feet.watch() is Hold.NOTHING
    assert feet.shown[-1] == "NO RESET"


def test_only_the_first_start_is_a_power_on(tmp_path):
    assert [boot_hold.power_on(str(tmp_path)) for _ in range(3)] == [True, False, False]


def test_without_a_folder_in_run_it_is_never_a_power_on(monkeypatch, tmp_path):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    assert not boot_hold.power_on()
    assert not boot_hold.power_on(str(tmp_path / "missing"))


def test_safe_settings_keep_the_wiring_only():
    mine = Settings().with_value("tempo.bpm", "96").with_value("pins.play", "20").with_value("oled.rotate", "true")
    safe, said = boot_hold.obeyed(mine, Hold.SAFE)
    assert said == boot_hold.SAFE_SENTENCE
    assert set(safe.changed()) == {"pins.play", "oled.rotate"}
    assert boot_hold.obeyed(mine, Hold.NOTHING) == (mine, "")


def test_a_reset_forgets_the_state_and_keeps_the_takes(monkeypatch, tmp_path):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / "000001.mid").write_bytes(b"take")
    (tmp_path / "state.json").write_text("{}", encoding="utf-8")
    _, said = boot_hold.obeyed(Settings().with_value("tempo.bpm", "96"), Hold.RESET)
    assert said == boot_hold.RESET_SENTENCE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reset-wanted", "takes"]
    assert (tmp_path / "takes" / "000001.mid").read_bytes() == b"take"


@pytest.fixture
def held_lines(monkeypatch):
    """Lines whose switches are closed when the box takes them."""
    gpiozero = pytest.importorskip("gpiozero")
    from gpiozero.pins.mock import MockFactory, MockPin

    closed = set()

    class HeldPin(MockPin):
        def _set_pull(self, value):
            super()._set_pull(value)
            if self._number in closed:
                self.drive_low()

    factory = MockFactory(pin_class=HeldPin)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield closed
    factory.reset()


def test_the_box_looks_at_its_own_lines_and_lets_them_go(held_lines):
    settings = Settings().with_value("oled.on", "false")
    assert boot_hold.held(settings) is Hold.NOTHING
    held_lines.add(settings.pins.play)
    assert boot_hold.held(settings) is Hold.SAFE
    held_lines.clear()
    assert boot_hold.held(settings) is Hold.NOTHING, "the same lines can be taken again"


def test_a_box_without_pins_does_not_look():
    assert boot_hold.held(Settings().with_value("pins.on", "false")) is Hold.NOTHING
