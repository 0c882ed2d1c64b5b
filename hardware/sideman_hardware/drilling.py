"""The drilling template in true size: top and rear wall in one piece to wrap round the edge, and the lid."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sideman_hardware import svg
from sideman_hardware.layout import Hole, Layout

A4 = (210.0, 297.0)
_THIN = 0.25


def placed(layout: Layout) -> Iterator[tuple[Hole, float, float]]:
    """Holes of top and rear wall in the template's plane: y to the rear, the wall folded up behind the top."""
    box = layout.box
    for hole in layout.holes():
        if hole.face == "top":
            yield hole, hole.across, hole.along
        elif hole.face == "rear":
            yield hole, hole.across, box.depth / 2 + box.height - box.lid - hole.along


def template(layout: Layout) -> str:
    """Top and rear wall on A4 paper, in true size."""
    box = layout.box
    middle, zero = A4[0] / 2, 40 + box.height + box.depth / 2
    at = _paper(middle, zero)
    parts = [
        *_head("Drilling template: top and rear wall"),
        svg.rect(
            middle - box.length / 2, zero - box.depth / 2, box.length, box.depth, thick=_THIN, round_by=box.corner
        ),
        svg.rect(middle - box.length / 2, zero - box.depth / 2 - box.height, box.length, box.height, thick=_THIN),
        svg.text(middle, zero - box.depth / 2 - 1, "fold here: rear wall above, top below", 2.6, svg.FAINT, "middle"),
        svg.text(middle, zero + box.depth / 2 - 3, "front: the player", 3, svg.FAINT, "middle"),
    ]
    for index, (hole, x, y) in enumerate(placed(layout)):
        parts += _hole(hole, *at(x, y), above=hole.face == "rear" and bool(index % 2))  # neighbours' names would meet
    return svg.document(
        *A4, "Sideman: drilling template", [*parts, *_table(layout, zero + box.depth / 2 + 10)], unit="mm"
    )


def lid(layout: Layout) -> str:
    """The lid from inside, on A4 paper, in true size."""
    box = layout.box
    middle, zero = A4[0] / 2, 40 + box.depth / 2
    at = _paper(middle, zero)
    parts = [
        *_head("Drilling template: lid, seen from inside the box (from above)"),
        svg.rect(
            middle - box.length / 2, zero - box.depth / 2, box.length, box.depth, thick=_THIN, round_by=box.corner
        ),
        svg.text(middle, zero + box.depth / 2 - 3, "front", 3, svg.FAINT, "middle"),
    ]
    for board in (part for part in layout.parts() if part.kind in {"board", "plug"}):
        x, y = at(board.x[0], board.y[1])
        width, depth = board.x[1] - board.x[0], board.y[1] - board.y[0]
        parts.append(svg.rect(x, y, width, depth, stroke=svg.FAINT, thick=0.15))
        parts.append(svg.text(x + width / 2, y + depth / 2, board.name, 2.6, svg.FAINT, "middle"))
    for hole in layout.holes():
        if hole.face == "lid":
            parts += _hole(hole, *at(hole.across, hole.along))
    return svg.document(*A4, "Sideman: drilling template of the lid", parts, unit="mm")


def dxf(layout: Layout) -> str:
    """All three faces as DXF R12 in millimetres, the lid below the top; layers OUTLINE, HOLES and NOTES."""
    box = layout.box
    half, deep = box.length / 2, box.depth / 2
    down = -(box.depth + 20)
    entities = [
        *_dxf_rect(-half, -deep, half, deep, "OUTLINE"),
        *_dxf_rect(-half, deep, half, deep + box.height, "OUTLINE"),
        *_dxf_rect(-half, down - deep, half, down + deep, "OUTLINE"),
        *_dxf_text(-half, deep + box.height + 3, "Sideman: rear wall and top, lid below; mm"),
    ]
    every = [
        *placed(layout),
        *((each, each.across, each.along + down) for each in layout.holes() if each.face == "lid"),
    ]
    for hole, x, y in every:
        if hole.height:
            wide, high = hole.width / 2, hole.height / 2
            entities += _dxf_rect(x - wide, y - high, x + wide, y + high, "HOLES")
        else:
            entities += [
                "0",
                "CIRCLE",
                "8",
                "HOLES",
                "10",
                svg.num(x),
                "20",
                svg.num(y),
                "30",
                "0",
                "40",
                svg.num(hole.width / 2),
            ]
    head = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1009", "9", "$INSUNITS", "70", "4", "0", "ENDSEC"]
    body = ["0", "SECTION", "2", "ENTITIES", *entities, "0", "ENDSEC", "0", "EOF"]
    return "\n".join([*head, *body]) + "\n"


def _paper(middle: float, zero: float) -> Callable[[float, float], tuple[float, float]]:
    def at(x: float, y: float) -> tuple[float, float]:
        return middle + x, zero - y

    return at


def _head(title: str) -> list[str]:
    return [
        svg.text(11, 14, title, 5, bold=True),
        svg.text(11, 20, "Print at 100 %, no fitting to the page. Measure this bar and the box before drilling:", 3),
        svg.line(11, 25, 61, 25, width=0.4),
        svg.line(11, 23.5, 11, 26.5, width=0.4), svg.line(61, 23.5, 61, 26.5, width=0.4),
        svg.text(63, 26, "50 mm", 3),
        svg.text(11, 32, "Centre-punch, pilot 3 mm, then a step drill; file the windows. Check each part first.", 3),
    ]  # fmt: skip


def _hole(hole: Hole, x: float, y: float, *, above: bool = False) -> list[str]:
    cross = [svg.line(x - 3, y, x + 3, y, width=0.15), svg.line(x, y - 3, x, y + 3, width=0.15)]
    if hole.height:
        shape = svg.rect(x - hole.width / 2, y - hole.height / 2, hole.width, hole.height, thick=_THIN)
        size, reach = f"{svg.num(hole.width)} × {svg.num(hole.height)}", hole.height / 2
    else:
        shape = svg.circle(x, y, hole.width / 2, thick=_THIN)
        size, reach = f"⌀ {svg.num(hole.width)}", hole.width / 2
    if hole.width < 4:
        return [shape, *cross]
    foot = y - reach - 1.4 if above else y + reach + 3.4
    return [shape, *cross, svg.text(x, foot, f"{hole.name} {size}", 2.6, anchor="middle")]


def _table(layout: Layout, top: float) -> list[str]:
    """Middle of each hole: from the middle line, and from the front or the upper edge."""
    box = layout.box
    rows = []
    for hole in layout.holes():
        if hole.face == "top":
            rows.append(f"{hole.name}: x {svg.num(hole.across)}, {svg.num(hole.along + box.depth / 2)} from the front")
        elif hole.face == "rear":
            rows.append(
                f"{hole.name}: x {svg.num(hole.across)}, {svg.num(box.height - box.lid - hole.along)} from the top"
            )
    half = (len(rows) + 1) // 2
    return [
        svg.text(
            11,
            top,
            "Middles of the holes in mm; x from the middle of the box, to the right as the player sees it",
            3,
            bold=True,
        )
    ] + [
        svg.text(11 + 95 * (index // half), top + 5 + 4.4 * (index % half), row, 2.8) for index, row in enumerate(rows)
    ]


def _dxf_rect(left: float, low: float, right: float, high: float, layer: str) -> list[str]:
    corners = [(left, low), (right, low), (right, high), (left, high)]
    out: list[str] = []
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        out += ["0", "LINE", "8", layer, "10", svg.num(x1), "20", svg.num(y1), "30", "0"]
        out += ["11", svg.num(x2), "21", svg.num(y2), "31", "0"]
    return out


def _dxf_text(x: float, y: float, words: str) -> list[str]:
    return ["0", "TEXT", "8", "NOTES", "10", svg.num(x), "20", svg.num(y), "30", "0", "40", "4", "1", words]
