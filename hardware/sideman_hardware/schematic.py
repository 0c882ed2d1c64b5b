"""The schematic: each circuit of the box by itself, joined by the names of its nets."""

from __future__ import annotations

from sideman.service.pin_table import HEADER, PinTable
from sideman_hardware.svg import (
    BUS,
    FAINT,
    INK,
    PAPER,
    POWER,
    column,
    document,
    dot,
    ground,
    led,
    line,
    path,
    rect,
    resistor,
    switch,
    text,
)

WIDTH, HEIGHT = 1240, 842


def diagram(table: PinTable) -> str:
    """The schematic as SVG text."""
    parts = [
        text(24, 40, "Sideman: schematic", 22, bold=True),
        *_switches(table), *_leds(table), *_extra(table), *_bus(table), *_expression(table), *_sound(table), *_power(),
    ]  # fmt: skip
    return document(WIDTH, HEIGHT, "Sideman: schematic", parts)


def _frame(x: float, y: float, width: float, height: float, title: str) -> list[str]:
    return [
        rect(x, y, width, height, stroke=FAINT, thick=1, round_by=8),
        text(x + 12, y + 22, title, 14, bold=True),
    ]


def _net(x: float, y: float, words: str, *, right: bool = False, colour: str = INK) -> list[str]:
    """A net's name in a flag whose tip is at (x, y)."""
    wide = 12 + 6.6 * len(words)
    sign = 1 if right else -1
    far = x + sign * (wide + 10)
    way = [(x, y), (x + sign * 10, y - 10), (far, y - 10), (far, y + 10), (x + sign * 10, y + 10), (x, y)]
    return [
        path(way, colour, 1.5),
        text(x + sign * (10 + wide / 2), y + 4, words, 11, colour, "middle"),
    ]


def _gpio(at: int) -> str:
    return f"GPIO {at} · pin {HEADER[at]}"


def _switches(table: PinTable) -> list[str]:
    x, y = 24, 64
    parts = _frame(x, y, 560, 270, "Switches: closed = low")
    for index, (name, at) in enumerate(table.switches.items()):
        row = y + 82 + index * 72
        parts += [
            *_net(x + 150, row, _gpio(at)), line(x + 150, row, x + 360, row), dot(x + 220, row),
            line(x + 220, row, x + 220, row - 12), rect(x + 213, row - 34, 14, 22, fill=PAPER, stroke=FAINT),
            line(x + 220, row - 34, x + 220, row - 42), text(x + 232, row - 34, "3.3 V", 10, POWER),
            text(x + 232, row - 18, "about 50 kΩ, in the Pi", 10, FAINT),
            switch(x + 360, row), line(x + 414, row, x + 480, row), ground(x + 480, row),
            text(x + 387, row + 22, name.upper(), 13, INK, "middle", bold=True),
        ]  # fmt: skip
    return parts


def _leds(table: PinTable) -> list[str]:
    x, y = 604, 64
    parts = _frame(x, y, 612, 270, "LEDs")
    for index, (name, one) in enumerate(table.leds.items()):
        row = y + 72 + index * 62
        ma = table.led_ma(name)
        parts += [
            *_net(x + 150, row, _gpio(one.line)), line(x + 150, row, x + 190, row),
            resistor(x + 190, row, f"{one.series_ohm} Ω"), line(x + 234, row, x + 272, row),
            f'<g transform="translate({2 * (x + 272) + 22} 0) scale(-1 1)">{led(x + 272, row, one.colour)}</g>',
            line(x + 294, row, x + 350, row), ground(x + 350, row),
            text(x + 262, row + 26, f"{name}: {one.meaning}", 11, INK, "middle"),
            text(x + 386, row + 4, f"({table.volts} − {one.forward_v}) V / {one.series_ohm} Ω = {ma:.1f} mA", 12),
        ]  # fmt: skip
    total = sum(table.led_ma(name) for name in table.leds)
    parts.append(
        text(x + 12, y + 256, f"All three: {total:.1f} mA of the {table.all_ma:.0f} mA that all lines may give; "
             f"one line at most {table.line_ma:.0f} mA, here {table.design_ma:.0f}.", 12)
    )  # fmt: skip
    return parts


def _extra(table: PinTable) -> list[str]:
    x, y = 24, 350
    parts = _frame(x, y, 370, 190, "Two more switches: TRS jack")
    rows = [(_gpio(at), f"{contact}: {name.upper()}") for name, (at, contact) in table.extra.items()]
    for index, (net, words) in enumerate(rows):
        row = y + 62 + index * 42
        parts += [*_net(x + 150, row, net), line(x + 150, row, x + 240, row), text(x + 250, row + 4, words, 12)]
    row = y + 62 + len(rows) * 42
    parts += [line(x + 200, row, x + 240, row), ground(x + 200, row), text(x + 250, row + 4, "sleeve", 12)]
    parts.append(rect(x + 240, y + 40, 110, 128, fill="none", round_by=6))
    return parts


def _bus(table: PinTable) -> list[str]:
    x, y = 414, 350
    parts = _frame(x, y, 330, 190, "I2C")
    for index, (name, at) in enumerate((("SDA", table.sda), ("SCL", table.scl))):
        row = y + 66 + index * 34
        parts += [*_net(x + 150, row, _gpio(at), colour=BUS), line(x + 150, row, x + 230, row, BUS)]
        parts += [text(x + 238, row + 4, name, 11)]
    parts += [
        rect(x + 230, y + 24, 88, 102), text(x + 274, y + 42, f"OLED {table.oled:#x}", 11, INK, "middle", bold=True),
        text(x + 274, y + 118, f"ADC {table.adc:#x}", 11, INK, "middle", bold=True),
        *column(x + 14, y + 148, (
            "Both from 3.3 V, pin 1. The Pi has 1.8 kΩ pull-ups;",
            "wires of 20 cm at most, SDA and SCL apart.",
        ), 11, 18),
    ]  # fmt: skip
    return parts


def _expression(table: PinTable) -> list[str]:
    part = table.expression
    x, y = 24, 556
    row, ring, sleeve = y + 70, y + 130, y + 190
    parts = _frame(x, y, 720, 262, "Expression pedal: TRS jack, 10 kΩ to 50 kΩ potentiometer")
    parts += [
        *_net(x + 150, row, f"ADC A{part.wiper}"), line(x + 150, row, x + 300, row), dot(x + 220, row),
        line(x + 220, row, x + 220, row + 18), line(x + 206, row + 18, x + 234, row + 18),
        line(x + 206, row + 25, x + 234, row + 25), line(x + 220, row + 25, x + 220, row + 32),
        ground(x + 220, row + 28), text(x + 238, row + 30, f"{part.wiper_nf} nF", 10),
        resistor(x + 300, row, f"{part.wiper_ohm / 1000:g} kΩ", width=52),
        line(x + 352, row, x + 470, row), text(x + 480, row + 4, "tip: wiper", 12),
        *_net(x + 150, ring, f"ADC A{part.reference}"), line(x + 150, ring, x + 470, ring), dot(x + 326, ring),
        line(x + 326, ring, x + 326, ring + 10), rect(x + 319, ring + 10, 14, 30, fill=PAPER),
        line(x + 326, ring + 40, x + 326, ring + 48), text(x + 326, ring + 62, "3.3 V", 11, POWER, "middle"),
        text(x + 340, ring + 30, f"{part.ring_ohm} Ω", 10), text(x + 480, ring + 4, "ring: top of the pedal", 12),
        line(x + 420, sleeve, x + 470, sleeve), ground(x + 420, sleeve), text(x + 480, sleeve + 4, "sleeve", 12),
        rect(x + 470, y + 42, 230, 172, round_by=6),
        text(x + 480, y + 230, "switched contacts of tip and ring: ground", 11),
        text(x + 14, y + 250, f"Position = A{part.wiper} / A{part.reference}. No pedal, or a mono plug: "
             f"A{part.reference} = 0 V, at most {table.volts / part.ring_ohm * 1000:.0f} mA flow.", 12),
    ]  # fmt: skip
    return parts


def _sound(table: PinTable) -> list[str]:
    x, y = 764, 350
    parts = _frame(x, y, 452, 250, "Sound: DAC")
    names = {"bit_clock": "BCK", "word_clock": "LRCK", "data_out": "DIN", "data_in": "(unused)"}
    for index, (name, at) in enumerate(table.i2s.items()):
        row = y + 66 + index * 38
        parts += [
            *_net(x + 150, row, _gpio(at)),
            line(x + 150, row, x + 200, row),
            text(x + 208, row + 4, names[name], 11),
        ]
    parts += [
        rect(x + 200, y + 40, 110, 170, round_by=6), text(x + 255, y + 202, "DAC board", 12, INK, "middle", bold=True),
        text(x + 12, y + 232, "It takes 5 V, 3.3 V, ground and I2C from the header too.", 11),
    ]  # fmt: skip
    for index, (words, kind) in enumerate((("PHONES", "TRS"), ("LINE L", "TS"), ("LINE R", "TS"))):
        row = y + 70 + index * 44
        parts += [line(x + 310, row, x + 345, row), text(x + 350, row, words, 12, bold=True)]
        parts.append(text(x + 350, row + 14, f"6.35 mm {kind}", 10, FAINT))
    return parts


def _power() -> list[str]:
    x, y = 764, 616
    parts = _frame(x, y, 452, 202, "Power and ground")
    parts += [
        *_net(x + 160, y + 62, "USB-C 5 V, 3 A", colour=POWER), line(x + 160, y + 62, x + 230, y + 62, POWER),
        rect(x + 230, y + 40, 120, 60, fill="#e9f2ec", round_by=6),
        text(x + 290, y + 74, "Raspberry Pi", 12, INK, "middle"),
        line(x + 290, y + 100, x + 290, y + 116), ground(x + 290, y + 112),
        *column(x + 14, y + 156, (
            "One star: all grounds meet on the Pi's header. The metal box is joined",
            "to it once, at the sleeve of LINE L; other jacks sit in insulating washers.",
        ), 11, 18),
        text(x + 14, y + 194, "Nothing here takes 9 V.", 12, POWER, bold=True),
    ]  # fmt: skip
    return parts
