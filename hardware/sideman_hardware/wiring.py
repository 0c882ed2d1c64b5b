"""The wiring: every wire of the box between a part and the pin of the header."""

from __future__ import annotations

from sideman.service.pin_table import HEADER, PinTable
from sideman_hardware.header import Header
from sideman_hardware.svg import (
    BUS,
    INK,
    POWER,
    column,
    document,
    dot,
    jack,
    led,
    line,
    path,
    rect,
    resistor,
    switch,
    text,
)

WIDTH, HEIGHT = 1150, 900
_RAIL = 250
_HEAD = Header(left=640, top=170)
_OLED = (330, 480)


def diagram(table: PinTable) -> str:
    """The diagram as SVG text.

    Raises:
        ValueError: A line is not where this drawing has room for it.
    """
    used = dict.fromkeys([1, 9, 20, 39, HEADER[table.sda], HEADER[table.scl]], INK)
    used |= {_odd(name, each): INK for name, each in table.signals.items()}
    used |= {_even(name, each): INK for name, (each, _) in table.extra.items()}
    parts = [text(24, 40, "Sideman: wiring", 22, bold=True), *_bus(table), *_HEAD.draw(used)]
    parts += [part for name, each in table.switches.items() for part in _switch(name, each)]
    parts += [part for name in table.leds for part in _led(table, name)]
    parts += [*_rail(), *_extra(table), *_notes(table)]
    return document(
        WIDTH, HEIGHT, "Sideman: switches, lights, display and jacks on the header of a Raspberry Pi", parts
    )


def _bus(table: PinTable) -> list[str]:
    left, right = _OLED
    top = _HEAD.y(1) - 30
    parts = [
        *_converter(table, top),
        rect(left, top, right - left, 128, fill="#f4f6f8", round_by=6),
        rect(left + 14, top + 36, 84, 46, fill=INK),
        text(left + 56, top + 65, "OLED", 14, "#cfe8ff", "middle"),
        text(left + 56, top + 102, f"address {table.oled:#x}", 11, INK, "middle"),
    ]
    bus = ((1, "VCC", POWER, 500), (HEADER[table.sda], "SDA", BUS, 514), (HEADER[table.scl], "SCL", BUS, 528))
    for index, (pin, name, colour, x) in enumerate(bus):
        y, over = _HEAD.y(pin), 76 + index * 12
        adc = 208 - index * 36
        parts += [
            line(right, y, _HEAD.edge(pin), y, colour),
            text(right - 6, y + 4, name, 11, INK, "end"),
            path(((x, y), (x, over), (adc, over), (adc, top)), colour),
            dot(x, y, colour),
            text(adc, top + 14, name, 11, INK, "middle"),
        ]
    parts += [text(right - 6, _HEAD.y(7) - 12, "GND", 11, INK, "end")]
    parts += [path(((right - 18, top + 128), (right - 18, _HEAD.y(9)))), dot(right - 18, _HEAD.y(9))]
    return parts


def _converter(table: PinTable, top: float) -> list[str]:
    part = table.expression
    foot = top + 128
    wiper, ring, sleeve = 60, 120, 180
    parts = [
        rect(40, top, 190, 128, fill="#f4f6f8", round_by=6),
        text(135, top + 52, "ADS1115", 14, INK, "middle", bold=True),
        text(135, top + 70, f"address {table.adc:#x}: ADDR to GND", 11, INK, "middle"),
        text(wiper, foot - 8, f"A{part.wiper}", 11, INK, "middle"),
        text(ring, foot - 8, f"A{part.reference}", 11, INK, "middle"),
        text(sleeve + 20, foot - 8, "GND", 11, INK, "middle"),
        path(((sleeve + 20, foot), (sleeve + 20, _HEAD.y(9)), (_RAIL, _HEAD.y(9)))),
    ]
    jack_top = foot + 190
    parts += [
        path(((wiper, foot), (wiper, jack_top))),
        path(((ring, foot), (ring, jack_top))),
        rect(wiper - 9, foot + 104, 18, 44, fill="#ffffff"),
        text(wiper - 13, foot + 130, f"{part.wiper_ohm / 1000:g} kΩ", 10, INK, "end"),
        dot(wiper, foot + 40),
        path(((wiper, foot + 40), (80, foot + 40), (80, foot + 56))),
        line(68, foot + 56, 92, foot + 56),
        line(68, foot + 63, 92, foot + 63),
        path(((80, foot + 63), (80, foot + 84), (sleeve, foot + 84))),
        text(50, foot + 64, f"{part.wiper_nf} nF", 10, INK, "end"),
        dot(ring, foot + 120),
        path(((ring, foot + 120), (150, foot + 120))),
        rect(141, foot + 98, 18, 44, fill="#ffffff"),
        path(((150, foot + 98), (150, foot + 62))),
        text(150, foot + 56, "3.3 V", 11, POWER, "middle"),
        text(187, foot + 122, f"{part.ring_ohm} Ω", 10),
        path(((sleeve, jack_top), (sleeve, foot + 84), (_RAIL, foot + 84))),
        dot(_RAIL, foot + 84),
        jack(30, jack_top, 180, 62, "EXPRESSION"),
        text(wiper, jack_top + 38, "tip", 11, INK, "middle"),
        text(ring, jack_top + 38, "ring", 11, INK, "middle"),
        text(sleeve, jack_top + 38, "sleeve", 11, INK, "middle"),
        text(120, jack_top + 55, "switched TRS, 6.35 mm", 10, INK, "middle"),
    ]
    return parts


def _switch(name: str, at: int) -> list[str]:
    y = _HEAD.y(_odd(name, at))
    return [
        line(_RAIL, y, 400, y), dot(_RAIL, y), switch(400, y), line(454, y, _HEAD.edge(1), y),
        text(392, y - 8, name.upper(), 14, INK, "end", bold=True),
    ]  # fmt: skip


def _led(table: PinTable, name: str) -> list[str]:
    one = table.leds[name]
    y = _HEAD.y(_odd(name, one.line))
    return [
        line(_RAIL, y, 410, y), dot(_RAIL, y), led(410, y, one.colour), line(432, y, 470, y),
        resistor(470, y, f"{one.series_ohm} Ω"), line(514, y, _HEAD.edge(1), y),
        text(396, y - 8, f"{name}: {one.meaning}", 13, INK, "end"),
    ]  # fmt: skip


def _rail() -> list[str]:
    top, foot = _HEAD.y(9), _HEAD.y(39)
    return [
        line(_RAIL, top, _HEAD.edge(9), top), line(_RAIL, foot, _HEAD.edge(39), foot), line(_RAIL, top, _RAIL, foot),
        dot(_RAIL, top), text(_RAIL + 8, foot - 8, "ground rail", 12),
    ]  # fmt: skip


def _extra(table: PinTable) -> list[str]:
    left, top = 860, _HEAD.y(15) - 18
    wires = [(_even(name, at), f"{contact}: {name.upper()}") for name, (at, contact) in table.extra.items()]
    wires.append((20, "sleeve"))
    parts = [rect(left, top, 190, _HEAD.y(19) - top + 24, fill="#f4f6f8", round_by=6)]
    for pin, words in wires:
        y = _HEAD.y(pin)
        parts += [line(_HEAD.edge(pin), y, left, y), text(left + 10, y + 4, words, 12)]
    return [*parts, text(left + 180, top + 18, "TWO MORE", 12, INK, "end", bold=True)]


def _notes(table: PinTable) -> list[str]:
    rows = (
        "Seen from above, pin 1 (square)",
        "at the board's end.",
        "",
        "TWO MORE:",
        "a TRS jack for two switches to ground,",
        f"settings: pins.tap = {table.extra['tap'][0]}, pins.next = {table.extra['next'][0]}",
        "",
        "Switches:",
        "momentary, normally open, to ground; the",
        "Pi's own pull-ups: no resistor, no capacitor.",
        "",
        "LEDs:",
        "flat side (short leg) to the ground rail.",
        "",
        "OLED:",
        "SSD1309 2.42 inch (or SSD1306, SH1106);",
        "3.3 V only.",
        "",
        "Kept free for sound boards:",
        f"GPIO {', '.join(str(each) for each in sorted(table.i2s.values()))}.",
    )
    above, below = rows[:2], rows[3:]
    return [*column(800, 130, above), *column(800, _HEAD.y(23) + 30, below, step=19)]


def _odd(name: str, at: int) -> int:
    pin = HEADER.get(at, 0)
    if pin % 2 == 0 or pin <= 9:
        raise ValueError(f"{name} = {at}: this drawing has room for switches and LEDs on the odd pins from 11 on")
    return pin


def _even(name: str, at: int) -> int:
    pin = HEADER.get(at, 0)
    if pin not in {16, 18}:
        raise ValueError(f"{name} = {at}: this drawing has room for the two more switches on pins 16 and 18")
    return pin
