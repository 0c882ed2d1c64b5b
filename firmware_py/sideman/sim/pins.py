"""Pins without a board: gpiozero's own mock pins, driven by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sideman.jam.events import Switch


class FakePins:
    """A pin factory for :class:`sideman.edges.footswitch.Footswitches` and :class:`sideman.edges.leds.Leds`.

    Args:
        lines: BCM number of each switch, to press them by name; switches close to ground.
    """

    def __init__(self, lines: Mapping[Switch, int] | None = None) -> None:
        from gpiozero.pins.mock import MockFactory, MockPWMPin  # noqa: PLC0415 - optional at run time

        self.factory: Any = MockFactory(pin_class=MockPWMPin)
        self._lines = dict(lines or {})

    def press(self, switch: Switch) -> None:
        """Close a switch."""
        self.factory.pin(self._lines[switch]).drive_low()

    def release(self, switch: Switch) -> None:
        """Open a switch."""
        self.factory.pin(self._lines[switch]).drive_high()

    def brightness(self, line: int) -> float:
        """What an LED's line puts out, 0-1."""
        return float(self.factory.pin(line).state)

    def close(self) -> None:
        """Forget all pins."""
        self.factory.reset()
