"""The Pi that tests itself: six jumpers between pins of its own header."""

from __future__ import annotations

from sideman.service.pin_table import HEADER, PinTable
from sideman_hardware.header import GAP, Header
from sideman_hardware.svg import INK, circle, column, document, path, text

WIDTH, HEIGHT = 980, 830
_HEAD = Header(left=250, top=110)
_COLOURS = {"start": "#6c3483", "stop": "#2471a3", "play": "#117a65"}


def diagram(table: PinTable) -> str:
    """The diagram as SVG text."""
    used = {HEADER[end]: INK for wire in table.jumpers for end in (wire.near, wire.far)}
    parts = [
        text(24, 40, "Six jumpers: a Raspberry Pi that tests itself", 22, bold=True),
        *_HEAD.draw(used, even=False),
    ]
    for index, wire in enumerate(table.jumpers):
        colour = _COLOURS.get(wire.name) or table.leds[wire.name].colour
        near, far = HEADER[wire.near], HEADER[wire.far]
        parts += _jumper(near, far, colour, index, wire.name)
    rows = ["Female to female jumper wires:"]
    rows += [
        f"{wire.name}: pin {HEADER[wire.near]} (GPIO {wire.near}) to pin {HEADER[wire.far]} (GPIO {wire.far})"
        for wire in table.jumpers
    ]
    rows += [
        "", "What they do:",
        "the far line presses the switch: low is down;",
        "the far line reads what the LED's line puts out.",
        "", "What must not be there:",
        "switches, LEDs, a hat: nothing else on these pins.",
        "", "To see whether they are right:",
        "sudo systemctl stop sideman",
        "sideman doctor --hil",
        "", "Ends in sockets touch nothing. A jumper moved",
        "by one row lands on ground or on 3.3 V: the doctor",
        "measures that before it puts out any level.",
    ]  # fmt: skip
    return document(WIDTH, HEIGHT, "Sideman: loopback wiring", [*parts, *column(560, 110, rows, step=24)])


def _jumper(near: int, far: int, colour: str, index: int, name: str) -> list[str]:
    """A wire round the header's right side; one that starts on the left goes between the rows first."""
    lane = _HEAD.left + GAP + 100 + 24 * (index % 3)
    points = []
    for pin in (near, far):
        if pin % 2:
            between = _HEAD.y(pin) + 17
            points.append([(_HEAD.x(pin) + 11, _HEAD.y(pin) + 11), (_HEAD.x(pin) + 16, between), (lane, between)])
        else:
            points.append([(_HEAD.x(pin) + 15, _HEAD.y(pin)), (lane, _HEAD.y(pin))])
    way = [*points[0], *reversed(points[1])]
    ends = [circle(_HEAD.x(pin), _HEAD.y(pin), 15, stroke=colour, thick=3) for pin in (near, far)]
    words = text(_HEAD.left - 100, _HEAD.y(near) + 4, name, 13, colour, "end", bold=True)
    return [path(way, colour, 3), *ends, words]
