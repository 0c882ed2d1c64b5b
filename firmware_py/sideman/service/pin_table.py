"""What is on which line of the header: read from ``pins.toml``, the one table of program, drawings and tests."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("pins.toml")
HEADER = {
    2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22, 11: 23,
    8: 24, 7: 26, 0: 27, 1: 28, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40,
}  # fmt: skip
"""Pin of the 40-pin header for each GPIO line (BCM number)."""
GROUNDS = (6, 9, 14, 20, 25, 30, 34, 39)
SUPPLY = {1: "3.3 V", 2: "5 V", 4: "5 V", 17: "3.3 V"}


@dataclass(frozen=True, slots=True)
class Led:
    """One LED and the resistor before it.

    Attributes:
        line: BCM number.
        meaning: What it says when it shines.
        colour: For drawings.
        forward_v: Volts across the LED.
        series_ohm: The resistor.
    """

    line: int
    meaning: str
    colour: str
    forward_v: float
    series_ohm: int


@dataclass(frozen=True, slots=True)
class Expression:
    """The expression pedal's jack: inputs of the converter, and what lies before them."""

    wiper: int
    reference: int
    ring_ohm: int
    wiper_ohm: int
    wiper_nf: int


@dataclass(frozen=True, slots=True)
class Jumper:
    """One wire of the Pi that tests itself.

    Attributes:
        name: The switch or LED whose line is at the near end.
        near: Its line.
        far: The line at the other end.
    """

    name: str
    near: int
    far: int


@dataclass(frozen=True, slots=True)
class PinTable:
    """All lines of the box; lines are BCM numbers.

    Attributes:
        volts: Of a line that is high.
        line_ma: Most that one line may give, in mA.
        all_ma: Most that all lines together may give, in mA.
        design_ma: Most that this box lets one line give, in mA.
        switches: The three switches, by their small names.
        extra: The two more on a jack: line and the plug's contact.
        leds: The three LEDs.
        bus: The I2C bus, with its lines ``sda`` and ``scl``.
        oled: I2C address of the display.
        adc: I2C address of the converter.
        expression: The expression pedal's jack.
        i2s: Lines of sound boards, by their purpose.
        kept_free: Other lines that nothing here may take, by their purpose.
        jumpers: The loopback wires.
    """

    volts: float
    line_ma: float
    all_ma: float
    design_ma: float
    switches: dict[str, int]
    extra: dict[str, tuple[int, str]]
    leds: dict[str, Led]
    bus: int
    sda: int
    scl: int
    oled: int
    adc: int
    expression: Expression
    i2s: dict[str, int]
    kept_free: dict[str, tuple[int, ...]]
    jumpers: tuple[Jumper, ...]

    @property
    def signals(self) -> dict[str, int]:
        """Lines of the three switches and the three LEDs."""
        return self.switches | {name: led.line for name, led in self.leds.items()}

    def led_ma(self, name: str) -> float:
        """Current of one LED in mA: what is left of the supply over the resistor."""
        led = self.leds[name]
        return (self.volts - led.forward_v) / led.series_ohm * 1000


def where(line: int) -> str:
    """A line as a person finds it: ``GPIO 17 (pin 11)``."""
    return f"GPIO {line} (pin {HEADER[line]})"


@cache
def pin_table() -> PinTable:
    """The table of this package."""
    return read(tomllib.loads(FILE.read_text(encoding="utf-8")))


def read(tree: dict[str, Any]) -> PinTable:
    """A table from what a TOML reader gives.

    Raises:
        KeyError: Something is missing.
        ValueError: A line is no line of the header, or is given twice.
    """
    switches = {name: int(each["line"]) for name, each in tree["switches"].items()}
    leds = {name: Led(**each) for name, each in tree["leds"].items()}
    near = switches | {name: led.line for name, led in leds.items()}
    i2c, supply = tree["i2c"], tree["supply"]
    table = PinTable(
        volts=float(supply["volts"]),
        line_ma=float(supply["line_ma"]),
        all_ma=float(supply["all_ma"]),
        design_ma=float(supply["design_ma"]),
        switches=switches,
        extra={name: (int(each["line"]), str(each["contact"])) for name, each in tree["extra"].items()},
        leds=leds,
        bus=int(i2c["bus"]),
        sda=int(i2c["sda"]),
        scl=int(i2c["scl"]),
        oled=int(i2c["oled"]),
        adc=int(i2c["adc"]),
        expression=Expression(**tree["expression"]),
        i2s={name: int(line) for name, line in tree["i2s"].items()},
        kept_free={name: tuple(lines) for name, lines in tree["kept_free"].items()},
        jumpers=tuple(Jumper(name, near[name], int(far)) for name, far in tree["loopback"].items()),
    )
    _check(table)
    return table


def _check(table: PinTable) -> None:
    uses: list[tuple[str, int]] = [*table.signals.items(), *((name, line) for name, (line, _) in table.extra.items())]
    uses += [("sda", table.sda), ("scl", table.scl), *table.i2s.items()]
    uses += [(name, line) for name, lines in table.kept_free.items() for line in lines]
    uses += [(f"loopback.{wire.name}", wire.far) for wire in table.jumpers]
    owners: dict[int, str] = {}
    for name, line in uses:
        if line not in HEADER:
            raise ValueError(f"{name} = {line}: no line of the header")
        if line in owners:
            raise ValueError(f"{name} = {line}: taken by {owners[line]}")
        owners[line] = name
