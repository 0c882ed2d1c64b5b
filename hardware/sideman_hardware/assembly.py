"""Assembly in six pictures, drawn from the layout: the box seen from above as if its top were glass."""

from __future__ import annotations

from collections.abc import Collection

from sideman.service.pin_table import PinTable
from sideman_hardware import svg
from sideman_hardware.layout import Layout, Part

WIDTH, HEIGHT = 1260, 1080
_SCALE = 2.0
_FILL = {
    "panel": "#d6dbe3",
    "display": "#1d2430",
    "board": "#cfe5d6",
    "jack": "#f0dfc0",
    "plug": "#e8d5e8",
    "column": "#eceff3",
}
_STEPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("1  Drill", ("column",), (
        "Tape drilling.svg round the rear edge. Centre-punch every cross, drill 3 mm, then",
        "the step drill; file the three windows. Bare metal where LINE L's washer sits.",
    )),
    ("2  Panel parts", ("column", "panel", "display", "jack"), (
        "Switches, LEDs in their clips, the display behind its window on four M2.5 spacers,",
        "jacks on the rear wall, under the display: LINE L bare, the others in insulating washers.",
    )),
    ("3  Boards on the lid", ("column", "board", "plug"), (
        "M2.5 spacers of 4 mm. The Pi's header and the DAC's face the player, side by side,",
        "joined by a 40-way ribbon of 10 cm. Paper under both: the lid is metal.",
    )),
    ("4  Wires", ("column", "panel", "board"), (
        "By wiring.svg: one ground from each switch, LED and jack to the rail, the rail to",
        "pins 9 and 39. Resistors in heat-shrink at the LEDs. Wires of 15 cm, tied.",
    )),
    ("5  Before it closes", ("column", "panel", "jack", "board", "plug"), (
        "Without power: no ohms between 3.3 V (pin 1) and ground means a short: find it.",
        "Sleeve of LINE L to the box: below 1 Ω. Box to pin 1: open.",
    )),
    ("6  Lid on, power", ("column", "panel", "display", "jack", "board", "plug"), (
        "Four screws, rubber feet. USB-C in: the LEDs chase, the display says READY.",
        "sideman doctor tells what it sees; press each switch: the status page shows it.",
    )),
)  # fmt: skip


def diagram(table: PinTable, layout: Layout) -> str:
    """The six pictures as SVG text."""
    parts = [svg.text(24, 38, "Sideman: assembly, seen from above through the top", 22, bold=True)]
    for index, (title, kinds, words) in enumerate(_STEPS):
        x, y = 30 + (index % 2) * 615, 66 + (index // 2) * 338
        parts += _step(layout, x, y, title, kinds, words)
        if index in {3, 4}:
            parts += _wires(table, layout, x, y, checked=index == 4)
    return svg.document(WIDTH, HEIGHT, "Sideman: assembly", parts)


def _step(layout: Layout, x: float, y: float, title: str, kinds: Collection[str], words: Collection[str]) -> list[str]:
    box = layout.box
    width, depth = box.length * _SCALE, box.depth * _SCALE
    wall = box.wall * _SCALE
    left, top = x + 100, y + 14
    parts = [
        svg.text(x, y + 8, title, 16, bold=True),
        svg.rect(left, top, width, depth, fill="#fbfbfc", round_by=box.corner * _SCALE),
        svg.rect(left + wall, top + wall, width - 2 * wall, depth - 2 * wall, stroke=svg.FAINT, thick=0.8, round_by=8),
    ]
    order = ("column", "board", "plug", "display", "jack", "panel")
    for part in sorted(layout.parts(), key=lambda each: order.index(each.kind)):
        if part.kind in kinds:
            parts += _part(layout, part, left, top)
    if kinds == ("column",):
        parts += _holes(layout, left, top)
    return [*parts, *svg.column(x, top + depth + 20, words, 13, 18)]


def _at(layout: Layout, left: float, top: float, x: float, y: float) -> tuple[float, float]:
    return left + (x + layout.box.length / 2) * _SCALE, top + (layout.box.depth / 2 - y) * _SCALE


def _part(layout: Layout, part: Part, left: float, top: float) -> list[str]:
    x, y = _at(layout, left, top, part.x[0], part.y[1])
    width, depth = (part.x[1] - part.x[0]) * _SCALE, (part.y[1] - part.y[0]) * _SCALE
    fill = _FILL[part.kind]
    if part.kind == "column":
        return [svg.circle(x + width / 2, y + depth / 2, width / 2, fill=fill, stroke=svg.FAINT, thick=0.8)]
    shape = svg.rect(x, y, width, depth, fill=fill, thick=1, round_by=3)
    if part.name.endswith("LED"):
        return [svg.circle(x + width / 2, y + depth / 2, 8, fill="#f5b7a8")]
    if part.kind == "jack" and width < depth:
        middle = f"{svg.num(x + width / 2 + 3)} {svg.num(y + depth / 2)}"
        return [
            shape,
            f'<g transform="translate({middle}) rotate(-90)">{svg.text(0, 0, part.name, 7.5, svg.INK, "middle")}</g>',
        ]
    size = 8.5 if part.kind == "jack" else 11
    ink = "#cfe8ff" if part.kind == "display" else svg.INK
    words = part.name.split(" ") if width < 8 * len(part.name) and " " in part.name else [part.name]
    foot = y + depth / 2 + 4 - (len(words) - 1) * size / 2
    return [shape] + [
        svg.text(
            x + width / 2, foot + index * (size + 1), word, size if width > 5.6 * len(word) else size - 3, ink, "middle"
        )
        for index, word in enumerate(words)
    ]


def _holes(layout: Layout, left: float, top: float) -> list[str]:
    parts = []
    for hole in layout.holes():
        if hole.face == "lid":
            continue
        along = hole.along if hole.face == "top" else layout.box.depth / 2 - layout.box.wall / 2
        x, y = _at(layout, left, top, hole.across, along)
        width, depth = hole.width * _SCALE, (hole.height if hole.face == "top" else layout.box.wall) * _SCALE
        if hole.height or hole.face == "rear":
            parts.append(svg.rect(x - width / 2, y - depth / 2, width, depth, fill=svg.PAPER, thick=1.2))
        else:
            parts.append(svg.circle(x, y, width / 2, fill=svg.PAPER, thick=1.2))
    return parts


def _wires(table: PinTable, layout: Layout, x: float, y: float, *, checked: bool) -> list[str]:
    """Signal wires to the header, and the ground rail that all parts share; or the two measurements."""
    left, top = x + 100, y + 14

    def at(px: float, py: float) -> tuple[float, float]:
        return _at(layout, left, top, px, py)

    if checked:
        (sx, sy), (px, py) = (
            at(layout.jacks[3][1], layout.box.depth / 2 - 30),
            at(layout.pi_x + 76.6, layout.board_y + 3.5),
        )
        return [
            svg.circle(sx, sy, 9, stroke=svg.POWER, thick=2.5), svg.circle(px, py, 9, stroke=svg.POWER, thick=2.5),
            svg.path(((sx, sy + 9), (sx, sy + 22), (px, sy + 22), (px, py - 9)), svg.POWER, 1.5),
            svg.rect(sx + 50, sy + 10, 66, 24, fill=svg.PAPER, stroke=svg.POWER),
            svg.text(sx + 83, sy + 26, "Ω meter", 12, svg.POWER, "middle"),
        ]  # fmt: skip
    colours = ["#6c3483", "#2471a3", "#117a65"]
    parts: list[str] = []
    rail = layout.switch_y + 10.0
    for index, (sx, colour) in enumerate(zip(layout.switch_x, colours, strict=True)):
        lane = rail + index * 1.6
        pin = layout.pi_x + 40 + index * 8
        parts += [
            svg.path(
                (at(sx + 4, layout.switch_y + 9), at(sx + 4, lane), at(pin, lane), at(pin, layout.board_y + 7)),
                colour,
                1.6,
            ),
            svg.path((at(sx - 4, layout.switch_y - 9), at(sx - 4, -50.0)), svg.INK, 1.6),
        ]
    parts.append(
        svg.path((at(layout.switch_x[0] - 4, -50.0), at(78.0, -50.0), at(78.0, layout.board_y + 7)), svg.INK, 2.2)
    )
    parts.append(svg.text(*at(-55.0, -54.5), "ground rail (black), one wire from each part", 11))
    for index, (sx, led) in enumerate(zip(layout.switch_x, table.leds.values(), strict=True)):
        lane, pin = rail + 5.5 + 1.6 * index, layout.pi_x + 64 + 4 * index
        way = (at(sx, layout.led_y - 4), at(sx, lane), at(pin, lane), at(pin, layout.board_y + 7))
        parts.append(svg.path(way, led.colour, 1.6))
    return parts
