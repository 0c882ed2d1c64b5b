"""The 40-pin header as all drawings show it: pin 1 square, the pins in use filled and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sideman.service.pin_table import GROUNDS, HEADER, SUPPLY
from sideman_hardware.svg import BOARD, FAINT, INK, PAPER, circle, rect, text

ROW = 34
GAP = 32


@dataclass(frozen=True, slots=True)
class Header:
    """Where a header stands in a drawing.

    Attributes:
        left: Middle of the odd column.
        top: Middle of the first row.
    """

    left: float
    top: float

    def x(self, pin: int) -> float:
        """Middle of a pin."""
        return self.left if pin % 2 else self.left + GAP

    def y(self, pin: int) -> float:
        """Middle of a pin."""
        return self.top + (pin - 1) // 2 * ROW

    def edge(self, pin: int) -> float:
        """Where a wire ends at a pin."""
        return self.x(pin) + (-12 if pin % 2 else 12)

    def draw(self, used: Mapping[int, str], *, even: bool = True) -> list[str]:
        """The header; ``used`` gives wired pins and the colour of their names; ``even`` names that side too."""
        parts = [rect(self.left - 24, self.top - 26, GAP + 48, 19 * ROW + 52, fill=BOARD, round_by=8)]
        names = {pin: f"GPIO {line}" for line, pin in HEADER.items()} | SUPPLY | dict.fromkeys(GROUNDS, "ground")
        for pin in range(1, 41):
            x, y = self.x(pin), self.y(pin)
            fill, ink, rim = (INK, PAPER, INK) if pin in used else (PAPER, FAINT, FAINT)
            shape = (
                rect(x - 12, y - 12, 24, 24, fill=fill, stroke=INK)
                if pin == 1
                else circle(x, y, 12, fill=fill, stroke=rim)
            )
            parts += [shape, text(x, y + 4, str(pin), 11, ink, "middle")]
            if pin in used and (even or pin % 2):
                side = (x - 32, "end") if pin % 2 else (x + 32, "start")
                parts.append(text(side[0], y - 6, names[pin], 11, used[pin], side[1]))
        return parts
