"""The wiring diagram, from the settings' own pin numbers: ``python -m sideman.service.pictures.wiring``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sideman.service.settings_schema import Pins

WIRING = Path(__file__).resolve().parents[4] / "hardware" / "wiring.svg"
HEADER = {
    2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22, 11: 23,
    8: 24, 7: 26, 0: 27, 1: 28, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40,
}  # fmt: skip
"""Pin of the 40-pin header for each GPIO line (BCM number)."""
GROUNDS = (6, 9, 14, 20, 25, 30, 34, 39)
SUPPLY = {1: "3.3 V", 2: "5 V", 4: "5 V", 17: "3.3 V"}
SDA, SCL = 2, 3

_WIDTH, _HEIGHT = 900, 800
_TOP, _ROW = 84, 34
_LEFT, _RIGHT, _RAIL = 420, 452, 60
_INK, _FAINT, _GROUND, _POWER, _BUS = "#1d2430", "#8b94a3", "#1d2430", "#c0392b", "#2471a3"
_LEDS = {"red": ("#e04646", "listening"), "amber": ("#f5a623", "committed"), "green": ("#27ae60", "playing")}


def main(argv: list[str] | None = None) -> int:
    """Write ``hardware/wiring.svg``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WIRING, help="where the diagram goes")
    wanted = parser.parse_args(argv)
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(diagram(Pins()), encoding="utf-8")
    return 0


def diagram(pins: Pins) -> str:
    """The diagram as SVG text.

    Raises:
        ValueError: A line is not on the header's odd pins from 11 on: this drawing cannot show it.
    """
    parts = [_board(pins), _display()]
    parts += [_switch(name, getattr(pins, name)) for name in ("start", "stop", "play")]
    parts += [_led(name, getattr(pins, name)) for name in _LEDS]
    parts += [_rail(), _notes()]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Helvetica, Arial, sans-serif">\n'
        "<title>Sideman: switches, lights and display on the header of a Raspberry Pi</title>\n"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _board(pins: Pins) -> str:
    used = {HEADER.get(line) for line in (pins.start, pins.stop, pins.play, pins.red, pins.amber, pins.green)}
    used |= {HEADER[SDA], HEADER[SCL], 1, 9, 39}
    bottom = _y(39) + 26
    out = [
        _text(24, 40, "Sideman: wiring", 22, bold=True),
        (
            f'<rect x="{_LEFT - 24}" y="{_TOP - 26}" width="{_RIGHT - _LEFT + 48}" height="{bottom - _TOP + 26}" '
            f'rx="8" fill="#e9f2ec" stroke="{_INK}" stroke-width="1.5"/>'
        ),
    ]
    names = {pin: f"GPIO {line}" for line, pin in HEADER.items()} | SUPPLY | dict.fromkeys(GROUNDS, "ground")
    for pin in range(1, 41):
        x = _LEFT if pin % 2 else _RIGHT
        fill, ink = (_INK, "#ffffff") if pin in used else ("#ffffff", _FAINT)
        shape = f'<circle cx="{x}" cy="{_y(pin)}" r="12" fill="{fill}" stroke="{_INK if pin in used else _FAINT}"/>'
        if pin == 1:
            shape = f'<rect x="{x - 12}" y="{_y(pin) - 12}" width="24" height="24" fill="{fill}" stroke="{_INK}"/>'
        out += [shape, _text(x, _y(pin) + 4, str(pin), 11, ink, "middle")]
        if pin % 2 == 0:
            out.append(_text(_RIGHT + 32, _y(pin) + 4, names[pin], 11, _FAINT))
        elif pin in used:
            out.append(_text(_LEFT - 32, _y(pin) - 6, names[pin], 11, _INK, "end"))
    return "\n".join(out)


def _display() -> str:
    left, right, top = 120, 262, _TOP - 22
    out = [
        (
            f'<rect x="{left}" y="{top}" width="{right - left}" height="{_y(7) - top + 8}" rx="6" fill="#f4f6f8" '
            f'stroke="{_INK}" stroke-width="1.5"/>'
        ),
        f'<rect x="{left + 12}" y="{top + 40}" width="72" height="40" fill="{_INK}"/>',
        _text(left + 48, top + 65, "OLED", 14, "#cfe8ff", "middle"),
        _text(left + 48, top + 98, "128 x 64, I2C", 11, _INK, "middle"),
    ]
    for pin, name, colour in ((1, "VCC", _POWER), (HEADER[SDA], "SDA", _BUS), (HEADER[SCL], "SCL", _BUS)):
        out += [
            _line(right, _y(pin), _LEFT - 12, _y(pin), colour),
            _text(right - 6, _y(pin) + 4, name, 11, _INK, "end"),
        ]
    middle = right - 18
    out += [
        _text(right - 6, _y(7) + 2, "GND", 11, _INK, "end"),
        _line(middle, _y(7) + 8, middle, _y(9), _GROUND),
        _dot(middle, _y(9)),
    ]
    return "\n".join(out)


def _switch(name: str, line: int) -> str:
    y = _row_of(name, line)
    return "\n".join(
        [
            _line(_RAIL, y, 186, y, _GROUND),
            _dot(_RAIL, y),
            f'<circle cx="190" cy="{y}" r="4" fill="#ffffff" stroke="{_INK}" stroke-width="2"/>',
            _line(193, y - 3, 232, y - 15, _INK),
            f'<circle cx="236" cy="{y}" r="4" fill="#ffffff" stroke="{_INK}" stroke-width="2"/>',
            _line(240, y, _LEFT - 12, y, _INK),
            _text(176, y - 6, name.upper(), 14, _INK, "end", bold=True),
        ]
    )


def _led(name: str, line: int) -> str:
    y, (colour, meaning) = _row_of(name, line), _LEDS[name]
    return "\n".join(
        [
            _line(_RAIL, y, 204, y, _GROUND),
            _dot(_RAIL, y),
            _line(204, y - 10, 204, y + 10, _INK),
            f'<path d="M 226 {y - 10} L 226 {y + 10} L 205 {y} Z" fill="{colour}" stroke="{_INK}" stroke-width="1.5"/>',
            _line(226, y, 262, y, _INK),
            f'<rect x="262" y="{y - 7}" width="44" height="14" fill="#ffffff" stroke="{_INK}" stroke-width="1.5"/>',
            _text(284, y + 4, "330 Ω", 10, _INK, "middle"),
            _line(306, y, _LEFT - 12, y, _INK),
            _text(192, y - 6, f"{name}: {meaning}", 13, _INK, "end"),
        ]
    )


def _rail() -> str:
    return "\n".join(
        [
            _line(_RAIL, _y(9), _LEFT - 12, _y(9), _GROUND),
            _line(_RAIL, _y(39), _LEFT - 12, _y(39), _GROUND),
            _line(_RAIL, _y(9), _RAIL, _y(39), _GROUND),
            (
                f'<text x="{_RAIL - 12}" y="{(_y(9) + _y(39)) / 2}" font-size="13" fill="{_INK}" text-anchor="middle" '
                f'transform="rotate(-90 {_RAIL - 12} {(_y(9) + _y(39)) / 2})">ground</text>'
            ),
        ]
    )


def _notes() -> str:
    lines = (
        ("Seen from above,", True),
        ("pin 1 (square) at the board's end.", False),
        ("", False),
        ("Switches", True),
        ("momentary, normally open, to ground;", False),
        ("the Pi's own pull-ups are used:", False),
        ("no resistor, no capacitor.", False),
        ("", False),
        ("LEDs", True),
        ("flat side (short leg) to ground;", False),
        ("330 Ω each: about 4 mA.", False),
        ("", False),
        ("OLED", True),
        ("SSD1306, SH1106 or SSD1309,", False),
        ("address 0x3C, from 3.3 V only.", False),
        ("", False),
        ("Free for I2S sound boards:", True),
        ("GPIO 18 to 21.", False),
    )
    return "\n".join(
        _text(580, _TOP + 20 + index * 22, text, 13, bold=bold) for index, (text, bold) in enumerate(lines) if text
    )


def _row_of(name: str, line: int) -> int:
    pin = HEADER.get(line, 0)
    if pin % 2 == 0 or pin <= 9:
        raise ValueError(f"pins.{name} = {line}: this drawing shows lines on the odd pins from 11 on")
    return _y(pin)


def _y(pin: int) -> int:
    return _TOP + (pin - 1) // 2 * _ROW


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<path d="M {x1} {y1} L {x2} {y2}" stroke="{colour}" stroke-width="2.5" stroke-linecap="round"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{_GROUND}"/>'


def _text(
    x: float, y: float, text: str, size: int, colour: str = _INK, anchor: str = "start", *, bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{text}</text>'


if __name__ == "__main__":
    raise SystemExit(main())
