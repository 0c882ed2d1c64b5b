"""The enclosure as solid bodies: the drilled box and its lid, to print or to look at, as binary STL in millimetres."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from sideman_hardware.layout import Hole, Layout

_SEGMENTS = 48
_THROUGH = 4.0
"""How far a drill goes beyond a wall's two faces."""

Triangle = tuple[tuple[float, float, float], ...]


def box(layout: Layout) -> Any:
    """The drilled box without its lid, open side down, as a manifold; z = 0 is the lid's inner face."""
    import manifold3d as m3  # noqa: PLC0415 - only who makes the bodies again needs it

    outer, top = layout.box, layout.box.inside
    shell = _plate(outer.length, outer.depth, outer.corner, top + outer.top)
    hollow = _plate(
        outer.length - 2 * outer.wall, outer.depth - 2 * outer.wall, max(1.0, outer.corner - outer.wall), top + 1
    ).translate((0, 0, -1))
    body = shell - hollow
    columns = [
        m3.Manifold.cylinder(top + 0.5, outer.boss, outer.boss, _SEGMENTS).translate((x, y, 0))
        - m3.Manifold.cylinder(12, 1.4, 1.4, _SEGMENTS).translate((x, y, -1))
        for x in (-outer.screw_x, outer.screw_x)
        for y in (-outer.screw_y, outer.screw_y)
    ]
    for column in columns:
        body += column ^ shell
    for hole in layout.holes():
        if hole.face != "lid":
            body -= _drill(layout, hole)
    return body


def lid(layout: Layout) -> Any:
    """The drilled lid as a manifold; its inner face at z = 0."""
    outer = layout.box
    body = _plate(outer.length, outer.depth, outer.corner, outer.lid).translate((0, 0, -outer.lid))
    for hole in layout.holes():
        if hole.face == "lid":
            body -= _drill(layout, hole)
    return body


def write_stl(body: Any, path: Path, name: str) -> int:
    """Write a manifold as binary STL; returns the number of triangles."""
    mesh = body.to_mesh()
    points = [tuple(float(value) for value in row[:3]) for row in mesh.vert_properties]
    faces = [tuple(points[int(index)] for index in row) for row in mesh.tri_verts]
    faces.sort()
    out = bytearray(f"Sideman {name}, mm".ljust(80).encode("ascii")) + struct.pack("<I", len(faces))
    for face in faces:
        out += struct.pack("<12fH", 0.0, 0.0, 0.0, *(value for point in face for value in point), 0)
    path.write_bytes(bytes(out))
    return len(faces)


def read_stl(path: Path) -> list[Triangle]:
    """The triangles of a binary STL file."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, 80)
    faces: list[Triangle] = []
    for index in range(count):
        values = struct.unpack_from("<12f", data, 84 + 50 * index)[3:]
        faces.append((values[0:3], values[3:6], values[6:9]))
    return faces


def _plate(length: float, depth: float, corner: float, height: float) -> Any:
    import manifold3d as m3  # noqa: PLC0415 - as above

    flat = m3.CrossSection.square((length - 2 * corner, depth - 2 * corner), center=True)
    return flat.offset(corner, m3.JoinType.Round, 2.0, _SEGMENTS).extrude(height)


def _drill(layout: Layout, hole: Hole) -> Any:
    """What a hole takes away."""
    import manifold3d as m3  # noqa: PLC0415 - as above

    outer = layout.box
    thick = {"top": outer.top, "rear": outer.wall, "lid": outer.lid}[hole.face] + 2 * _THROUGH
    if hole.height:
        bit = m3.Manifold.cube((hole.width, hole.height, thick), center=True)
    else:
        bit = m3.Manifold.cylinder(thick, hole.width / 2, hole.width / 2, _SEGMENTS, center=True)
    if hole.face == "rear":
        return bit.rotate((90, 0, 0)).translate((hole.across, outer.depth / 2 - outer.wall / 2, hole.along))
    z = outer.inside + outer.top / 2 if hole.face == "top" else -outer.lid / 2
    return bit.translate((hole.across, hole.along, z))
