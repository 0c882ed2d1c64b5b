"""The pin library is asked for once, and only where there are pins."""

import warnings

import pytest

from sideman.service.pins import pin_factory, pins_wanted
from sideman.service.settings import Settings

gpiozero = pytest.importorskip("gpiozero")


@pytest.fixture(autouse=True)
def unasked(monkeypatch):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)


def test_pins_are_used_where_there_are_some(tmp_path, monkeypatch):
    on, off = Settings(), Settings().with_value("pins.on", "false")
    assert not pins_wanted(on, tmp_path)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    assert pins_wanted(on, tmp_path)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY")
    (tmp_path / "gpiochip0").touch()
    assert pins_wanted(on, tmp_path)
    assert not pins_wanted(off, tmp_path)


def test_the_library_named_is_taken_without_a_word(monkeypatch):
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    factory, said = pin_factory()
    assert type(factory).__name__ == "MockFactory"
    assert said == ""


def test_no_library_is_one_sentence_and_no_warning(monkeypatch):
    def none():
        warnings.warn("Falling back from lgpio", stacklevel=1)
        raise gpiozero.exc.BadPinFactory("Unable to load any default pin factory!")

    monkeypatch.setattr(gpiozero.Device, "_default_pin_factory", staticmethod(none))
    factory, said = pin_factory()
    assert factory is None
    assert said.startswith("No pins: ")
    assert "lgpio" in said


def test_a_slow_library_is_said(monkeypatch):
    native = type("NativeFactory", (), {})()
    monkeypatch.setattr(gpiozero.Device, "_default_pin_factory", staticmethod(lambda: native))
    factory, said = pin_factory()
    assert factory is native
    assert "lgpio" in said
