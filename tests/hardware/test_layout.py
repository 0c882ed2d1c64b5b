"""The box: parts fit, nothing meets, a foot hits one switch, and holes are where their parts are."""

from dataclasses import replace

import pytest

from sideman_hardware.layout import Enclosure, Layout, collisions

LAYOUT = Layout()
HALF = LAYOUT.box.length / 2, LAYOUT.box.depth / 2


def part(name):
    return next(each for each in LAYOUT.parts() if each.name == name)


def test_no_two_parts_take_the_same_room():
    assert collisions(LAYOUT.parts()) == []


def test_parts_that_meet_are_found():
    lower = replace(LAYOUT, box=replace(LAYOUT.box, height=30))
    assert ("USB, network", "STOP LED") in collisions(lower.parts())


def test_a_1590bb_is_too_small():
    small = Layout(box=Enclosure(length=119.5, depth=94.0, height=34.0))
    assert any(each.x[1] > small.box.length / 2 for each in small.parts())


@pytest.mark.parametrize("each", LAYOUT.parts(), ids=lambda each: each.name)
def test_every_part_lies_inside(each):
    wall = LAYOUT.box.wall
    for (low, high), half in ((each.x, HALF[0] - wall), (each.y, HALF[1] - wall)):
        if each.kind != "column":
            assert -half <= low < high <= half
    assert 0 <= each.z[0] < each.z[1] <= LAYOUT.box.inside


def test_a_foot_hits_one_switch():
    left, middle, right = LAYOUT.switch_x
    assert min(middle - left, right - middle) >= 60


@pytest.mark.parametrize(
    "name", ["START", "STOP", "PLAY", "PHONES", "LINE L", "LINE R", "EXPRESSION", "TWO MORE", "USB-A", "USB-C"]
)
def test_a_hole_is_in_the_middle_of_its_part(name):
    hole = next(each for each in LAYOUT.holes() if each.name == name)
    assert hole.across == sum(part(name).x) / 2
    along = part(name).y if hole.face == "top" else part(name).z
    assert hole.along == sum(along) / 2


def test_holes_leave_metal_between_them():
    holes = LAYOUT.holes()
    for index, one in enumerate(holes):
        for other in holes[index + 1 :]:
            if one.face == other.face:
                across = abs(one.across - other.across) - (one.width + other.width) / 2
                along = abs(one.along - other.along) - ((one.height or one.width) + (other.height or other.width)) / 2
                assert max(across, along) >= 2, (one, other)
