"""The bodies are closed, have their measures and as many holes as are drilled."""

from collections import Counter

import pytest

from sideman_hardware import enclosure
from sideman_hardware.__main__ import HARDWARE
from sideman_hardware.layout import Layout

LAYOUT = Layout()
FILES = {"box": HARDWARE / "enclosure-box.stl", "lid": HARDWARE / "enclosure-lid.stl"}


def edges_of(faces):
    """Directed edges and how often each is met."""
    return Counter((face[i], face[(i + 1) % 3]) for face in faces for i in range(3))


def volume(faces):
    return sum(
        a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])
        for a, b, c in faces
    ) / 6  # fmt: skip


def is_watertight(faces):
    """Every edge is met once in each direction, and no triangle has lost its area's corners."""
    edges = edges_of(faces)
    return all(count == 1 and edges[end, start] == 1 for (start, end), count in edges.items())


@pytest.mark.parametrize("name", FILES)
def test_the_stl_is_watertight(name):
    faces = enclosure.read_stl(FILES[name])
    assert len(faces) > 1000
    assert is_watertight(faces)
    assert volume(faces) > 0, "its faces look outwards"


@pytest.mark.parametrize("name", FILES)
def test_a_hole_in_the_skin_is_seen(name):
    assert not is_watertight(enclosure.read_stl(FILES[name])[1:])


@pytest.mark.parametrize(("name", "low", "high"), [("box", 0, "height"), ("lid", "-lid", 0)])
def test_it_has_the_outside_of_the_box(name, low, high):
    box = LAYOUT.box
    points = [point for face in enclosure.read_stl(FILES[name]) for point in face]
    spans = [(min(p[axis] for p in points), max(p[axis] for p in points)) for axis in range(3)]
    heights = {0: 0, "height": box.height - box.lid, "-lid": -box.lid}
    wanted = [(-box.length / 2, box.length / 2), (-box.depth / 2, box.depth / 2), (heights[low], heights[high])]
    for found, each in zip(spans, wanted, strict=True):
        assert found == pytest.approx(each, abs=0.01)


@pytest.mark.parametrize(("name", "faces"), [("box", {"top", "rear"}), ("lid", {"lid"})])
def test_it_is_drilled_through_as_often_as_there_are_holes(name, faces):
    """Euler's formula counts the holes: V - E + F = 2 - 2 g."""
    triangles = enclosure.read_stl(FILES[name])
    points = {point for face in triangles for point in face}
    handles = 1 - (len(points) - len(edges_of(triangles)) / 2 + len(triangles)) / 2
    assert handles == sum(hole.face in faces for hole in LAYOUT.holes())


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_is_made_now(name, tmp_path):
    pytest.importorskip("manifold3d")
    made = {"box": enclosure.box, "lid": enclosure.lid}[name](LAYOUT)
    enclosure.write_stl(made, tmp_path / "made.stl", name)
    new, old = enclosure.read_stl(tmp_path / "made.stl"), enclosure.read_stl(FILES[name])
    assert volume(new) == pytest.approx(volume(old), rel=1e-4), "make hardware"
    assert {tuple(round(v, 2) for v in p) for f in new for p in f} == {
        tuple(round(v, 2) for v in p) for f in old for p in f
    }
