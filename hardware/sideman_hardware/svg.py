"""The few shapes that the drawings are made of, as SVG text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

INK, FAINT, PAPER = "#1d2430", "#8b94a3", "#ffffff"
POWER, BUS, SIGNAL, BOARD = "#c0392b", "#2471a3", "#1d2430", "#e9f2ec"


def document(width: float, height: float, title: str, parts: Iterable[str], *, unit: str = "") -> str:
    """A whole drawing on white paper; ``unit`` mm makes it print in its true size."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{num(width)}{unit}" height="{num(height)}{unit}" '
        f'viewBox="0 0 {num(width)} {num(height)}" font-family="Helvetica, Arial, sans-serif">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{num(width)}" height="{num(height)}" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


def num(value: float) -> str:
    """A number as short as it goes, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def path(points: Iterable[tuple[float, float]], colour: str = INK, width: float = 2.5) -> str:
    """A line through points."""
    way = " L ".join(f"{num(x)} {num(y)}" for x, y in points)
    return (
        f'<path d="M {way}" fill="none" stroke="{colour}" stroke-width="{num(width)}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str = INK, width: float = 2.5) -> str:
    """A straight line."""
    return path(((x1, y1), (x2, y2)), colour, width)


def rect(
    x: float, y: float, width: float, height: float, *, fill: str = "none", stroke: str = INK, thick: float = 1.5,
    round_by: float = 0,
) -> str:  # fmt: skip
    """A rectangle by its upper left corner."""
    return (
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}" rx="{num(round_by)}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{num(thick)}"/>'
    )


def circle(x: float, y: float, radius: float, *, fill: str = "none", stroke: str = INK, thick: float = 1.5) -> str:
    """A circle."""
    return (
        f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(radius)}" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{num(thick)}"/>'
    )


def dot(x: float, y: float, colour: str = INK) -> str:
    """Where wires are joined."""
    return circle(x, y, 4, fill=colour, stroke=colour, thick=0)


def text(
    x: float, y: float, words: str, size: float = 13, colour: str = INK, anchor: str = "start", *, bold: bool = False
) -> str:
    """One line of words; y is the foot of the letters."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{num(x)}" y="{num(y)}" font-size="{num(size)}" fill="{colour}" text-anchor="{anchor}"{weight}>'
        f"{escape(words, quote=False)}</text>"
    )


def column(x: float, y: float, rows: Iterable[str], size: float = 13, step: float = 20) -> list[str]:
    """Lines of words under one another; a row that ends with a colon is a heading."""
    return [text(x, y + index * step, row, size, bold=row.endswith(":")) for index, row in enumerate(rows) if row]


def resistor(x: float, y: float, ohms: str, *, width: float = 44) -> str:
    """A resistor lying on a line, its left end at x."""
    return rect(x, y - 7, width, 14, fill=PAPER) + text(x + width / 2, y + 4, ohms, 10, INK, "middle")


def led(x: float, y: float, colour: str) -> str:
    """An LED on a line, its flat side to the left at x; 22 wide."""
    return line(x, y - 10, x, y + 10) + (
        f'<path d="M {num(x + 22)} {num(y - 10)} L {num(x + 22)} {num(y + 10)} L {num(x + 1)} {num(y)} Z" '
        f'fill="{colour}" stroke="{INK}" stroke-width="1.5"/>'
    )


def switch(x: float, y: float) -> str:
    """An open switch on a line, 54 wide."""
    return (
        circle(x + 4, y, 4, fill=PAPER, thick=2)
        + line(x + 7, y - 3, x + 46, y - 15)
        + circle(x + 50, y, 4, fill=PAPER, thick=2)
    )


def ground(x: float, y: float) -> str:
    """The sign of ground under a point."""
    return (
        line(x, y, x, y + 10) + line(x - 11, y + 10, x + 11, y + 10) + line(x - 7, y + 15, x + 7, y + 15)
        + line(x - 3, y + 20, x + 3, y + 20)
    )  # fmt: skip


def jack(x: float, y: float, width: float, height: float, name: str) -> str:
    """A panel jack as a box with its name."""
    return rect(x, y, width, height, fill="#f4f6f8", round_by=6) + text(
        x + width / 2, y + 18, name, 13, INK, "middle", bold=True
    )
