"""The box in millimetres: enclosure, parts and holes; everything that is drilled, printed or drawn derives from here.

x runs to the right and y to the rear as the player sees the box from above, from its middle; z runs up from the inner
face of the lid, which is the floor. Measures of parts are nominal: measure yours before you drill.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Face = Literal["top", "rear", "lid"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A cast box of the 1590 family; the default is the 1590DD.

    Attributes:
        length: Outside, left to right.
        depth: Outside, front to rear.
        height: Outside, with the lid.
        wall: Of the sides.
        top: Of the face with the switches.
        lid: Of the lid.
        corner: Radius of the outer corners.
        boss: Radius of the columns for the lid's screws.
        screw_x: Middle of the screws from the middle of the box.
        screw_y: The same, to front and rear.
        screw: Diameter of the screws.
    """

    length: float = 188.0
    depth: float = 119.5
    height: float = 37.0
    wall: float = 2.5
    top: float = 2.5
    lid: float = 2.0
    corner: float = 6.0
    boss: float = 5.0
    screw_x: float = 87.5
    screw_y: float = 53.25
    screw: float = 3.5

    @property
    def inside(self) -> float:
        """Height between lid and top."""
        return self.height - self.top - self.lid


@dataclass(frozen=True, slots=True)
class Part:
    """The room that a part takes: a box from corner to corner."""

    name: str
    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]
    kind: Literal["panel", "board", "display", "jack", "column", "plug"] = "panel"


@dataclass(frozen=True, slots=True)
class Hole:
    """A hole; across is x, along is y on top and lid, z on the rear wall.

    Attributes:
        name: What comes through it.
        face: Where it is.
        across: Middle, from the middle of the box.
        along: Middle; on the rear wall from the inner face of the lid.
        width: Diameter of a round hole, else the width.
        height: 0 for a round hole.
    """

    name: str
    face: Face
    across: float
    along: float
    width: float
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything sits."""

    box: Enclosure = field(default_factory=Enclosure)
    switch_x: tuple[float, float, float] = (-65.0, 0.0, 65.0)
    switch_y: float = -36.0
    switch_hole: float = 12.2
    switch_body: tuple[float, float] = (18.0, 22.0)
    led_y: float = -12.0
    led_hole: float = 8.0
    led_body: tuple[float, float] = (11.0, 10.0)
    oled_at: tuple[float, float] = (-46.0, 29.0)
    oled_board: tuple[float, float, float] = (72.0, 43.0, 8.0)
    oled_window: tuple[float, float] = (57.0, 30.0)
    oled_screws: tuple[float, float] = (67.0, 38.0)
    board_y: float = -25.0
    pi_x: float = 3.0
    dac_x: float = -87.0
    standoff: float = 4.0
    jack_z: float = 15.0
    jack_hole: float = 11.0
    jack_body: tuple[float, float, float] = (16.0, 24.0, 18.0)
    jacks: tuple[tuple[str, float], ...] = (
        ("TWO MORE", -70.0), ("EXPRESSION", -53.5), ("LINE R", -37.0), ("LINE L", -20.5), ("PHONES", -4.0),
    )  # fmt: skip
    usb: tuple[tuple[str, float, float, float], ...] = (("USB-A", 24.0, 14.5, 7.0), ("USB-C", 63.0, 11.0, 5.0))
    usb_ears: float = 30.0
    usb_body: tuple[float, float, float] = (38.0, 22.0, 14.0)

    def parts(self) -> list[Part]:
        """Every part with the room it takes."""
        top = self.box.inside
        back = self.box.depth / 2 - self.box.wall
        pi, dac, front = self.pi_x, self.dac_x, self.board_y
        pcb = self.standoff + 1.6
        parts = [
            Part("Raspberry Pi", (pi + 21, pi + 85), (front + 7, front + 56), (0, pcb + 6), "board"),
            Part("ribbon plug", (pi + 28, pi + 82), (front, front + 7), (0, pcb + 17), "plug"),
            Part("USB, network", (pi - 3, pi + 21), (front, front + 56), (0, pcb + 16), "board"),
            Part("USB plugs", (pi - 24, pi - 3), (front + 8, front + 50), (5, 22), "plug"),
            Part("DAC", (dac, dac + 65), (front + 7, front + 56), (0, pcb + 13), "board"),
            Part("DAC's plug", (dac + 6, dac + 58), (front, front + 7), (0, pcb + 17), "plug"),
        ]
        names = ("START", "STOP", "PLAY")
        size, deep = self.switch_body
        led_size, led_deep = self.led_body
        for name, x in zip(names, self.switch_x, strict=True):
            parts += [
                _around(name, x, self.switch_y, size, size, (top - deep, top), "panel"),
                _around(f"{name} LED", x, self.led_y, led_size, led_size, (top - led_deep, top), "panel"),
            ]
        (ox, oy), (ow, od, oh) = self.oled_at, self.oled_board
        parts.append(_around("OLED 2.42 inch", ox, oy, ow, od, (top - oh, top), "display"))
        for name, x, body in self._connectors():
            width, depth, height = body
            z = (self.jack_z - height / 2, self.jack_z + height / 2)
            parts.append(Part(name, (x - width / 2, x + width / 2), (back - depth, back), z, "jack"))
        box = self.box
        for x in (-box.screw_x, box.screw_x):
            for y in (-box.screw_y, box.screw_y):
                parts.append(_around("column", x, y, 2 * box.boss, 2 * box.boss, (0, top), "column"))
        return parts

    def holes(self) -> list[Hole]:
        """Every hole."""
        holes = [
            Hole(name, "top", x, self.switch_y, self.switch_hole)
            for name, x in zip(("START", "STOP", "PLAY"), self.switch_x, strict=True)
        ]
        holes += [
            Hole(name, "top", x, self.led_y, self.led_hole)
            for name, x in zip(("red", "amber", "green"), self.switch_x, strict=True)
        ]
        (ox, oy), (width, height), (sx, sy) = self.oled_at, self.oled_window, self.oled_screws
        holes.append(Hole("OLED", "top", ox, oy, width, height))
        holes += [Hole("M2.5", "top", ox + x * sx / 2, oy + y * sy / 2, 2.7) for x in (-1, 1) for y in (-1, 1)]
        holes += [Hole(name, "rear", x, self.jack_z, self.jack_hole) for name, x in self.jacks]
        for name, x, width, height in self.usb:
            holes.append(Hole(name, "rear", x, self.jack_z, width, height))
            holes += [Hole("M3", "rear", x + side * self.usb_ears / 2, self.jack_z, 3.2) for side in (-1, 1)]
        front = self.board_y
        for corner in (
            self.pi_x + 85,
            self.dac_x + 65,
        ):  # holes of all Pis and hats: 58 x 49 mm, 3.5 mm from the corner
            holes += [Hole("M2.5", "lid", corner - 3.5 - x, front + 3.5 + y, 2.7) for x in (0, 58) for y in (0, 49)]
        box = self.box
        holes += [Hole("lid", "lid", x * box.screw_x, y * box.screw_y, box.screw) for x in (-1, 1) for y in (-1, 1)]
        return holes

    def _connectors(self) -> list[tuple[str, float, tuple[float, float, float]]]:
        return [(name, x, self.jack_body) for name, x in self.jacks] + [
            (name, x, self.usb_body) for name, x, _, _ in self.usb
        ]


def _around(
    name: str, x: float, y: float, width: float, depth: float, z: tuple[float, float],
    kind: Literal["panel", "board", "display", "jack", "column", "plug"],
) -> Part:  # fmt: skip
    return Part(name, (x - width / 2, x + width / 2), (y - depth / 2, y + depth / 2), z, kind)


def collisions(parts: list[Part], gap: float = 0.0) -> list[tuple[str, str]]:
    """Pairs of parts that take the same room, or come nearer than a gap in every direction."""
    return [
        (one.name, other.name)
        for index, one in enumerate(parts)
        for other in parts[index + 1 :]
        if all(
            a[0] < b[1] + gap and b[0] < a[1] + gap for a, b in ((one.x, other.x), (one.y, other.y), (one.z, other.z))
        )
    ]
