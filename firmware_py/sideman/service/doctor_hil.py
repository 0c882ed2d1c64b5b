"""``sideman doctor --hil``: which jumper wire of a Pi that tests itself is wrong, and what to do about it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from sideman.service.doctor_finding import Finding
from sideman.service.doctor_hil_wires import judge, measure
from sideman.service.pin_table import PinTable, pin_table
from sideman.service.pins import pin_factory, pins_wanted
from sideman.service.settings import Settings

_SETTLE_S = 0.001
"""A pull of 50 kilohms and a wire of 100 pF need 5 us; a millisecond is plenty."""
_WIRED = "it is for a Raspberry Pi with the six jumpers of hardware/loopback.svg"


class NoHeaderError(Exception):
    """There is no header to measure here; the text says why and what to do."""


class Header:
    """The lines of a gpiozero pin factory, each used as a bare pin.

    Args:
        factory: gpiozero pin factory.
        lines: BCM numbers that will be used.

    Raises:
        NoHeaderError: A line cannot be had.
    """

    def __init__(self, factory: Any, lines: tuple[int, ...]) -> None:
        self._pins: dict[int, Any] = {}
        for line in lines:
            try:
                self._pins[line] = factory.pin(line)
            except Exception as error:  # pin libraries raise whatever they like
                self.close()
                raise NoHeaderError(
                    f"GPIO {line} cannot be had ({error}): another program holds it, sudo systemctl stop sideman"
                ) from error

    def pull(self, line: int, up: bool) -> None:
        """Let a line listen, with its weak pull up or down."""
        pin = self._pins[line]
        pin.function = "input"
        pin.pull = "up" if up else "down"

    def drive(self, line: int, high: bool) -> None:
        """Put a level out."""
        pin = self._pins[line]
        pin.function = "output"
        pin.state = int(high)

    def read(self, line: int) -> bool:
        """Whether the line is high."""
        return bool(self._pins[line].state)

    def close(self) -> None:
        """All lines listen again, and are given back."""
        for pin in self._pins.values():
            pin.close()


def examine(settings: Settings, *, factory: Any = None, devices: Path = Path("/dev")) -> list[Finding]:
    """Measure the header and judge each jumper.

    Args:
        settings: Whether pins are to be used at all.
        factory: gpiozero pin factory; None for the machine's own.
        devices: Where the device nodes are.

    Raises:
        NoHeaderError: This is no such Pi, or a line is taken.
    """
    if factory is None:
        factory = _own_factory(settings, devices)
    table = pin_table()
    wired = tuple(line for wire in table.jumpers for line in (wire.near, wire.far))
    heard = _spare(table)
    header = Header(factory, (*wired, *heard))
    try:
        found = measure(header, wired, heard, lambda: time.sleep(_SETTLE_S))
    finally:
        header.close()
    return judge(table.jumpers, found)


def refuse(error: NoHeaderError) -> int:
    """Say why nothing was measured; the exit status of a command that could not begin."""
    sys.stderr.write(f"sideman doctor --hil: {error}.\n")
    return 2


def _spare(table: PinTable) -> tuple[int, ...]:
    """Lines that nobody uses, where a wire may have landed: they only listen."""
    return tuple(sorted({4, *(line for line, _ in table.extra.values()), *table.kept_free["spi"]}))


def _own_factory(settings: Settings, devices: Path) -> Any:
    if not settings.pins.on:
        raise NoHeaderError("the settings switch the pins off (pins.on = false)")
    if not pins_wanted(settings, devices):
        raise NoHeaderError(f"this machine has no GPIO lines; {_WIRED}")
    factory, said = pin_factory()
    if factory is None:
        raise NoHeaderError(said.rstrip("."))
    try:
        model = str(factory.board_info.model)
    except Exception as error:  # gpiozero knows only the boards it has a table for
        raise NoHeaderError(f"this machine is no Raspberry Pi ({error}); {_WIRED}") from error
    if not model:
        raise NoHeaderError(f"this machine is no Raspberry Pi; {_WIRED}")
    return factory
