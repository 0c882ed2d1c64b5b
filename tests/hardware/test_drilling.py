"""The template is in true size, and another program reads the DXF as it is meant."""

from io import StringIO

import pytest

from sideman_hardware import drilling
from sideman_hardware.layout import Layout

LAYOUT = Layout()


def test_it_prints_in_millimetres():
    for drawing in (drilling.template(LAYOUT), drilling.lid(LAYOUT)):
        assert 'width="210mm" height="297mm" viewBox="0 0 210 297"' in drawing


def test_the_dxf_holds_every_hole():
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.read(StringIO(drilling.dxf(LAYOUT)))
    assert not document.audit().has_errors
    circles = {
        (round(e.dxf.center.x, 2), round(e.dxf.center.y, 2), round(2 * e.dxf.radius, 2))
        for e in document.modelspace().query("CIRCLE")
    }
    lid_y = -(LAYOUT.box.depth + 20)
    wanted = {(round(x, 2), round(y, 2), hole.width) for hole, x, y in drilling.placed(LAYOUT) if not hole.height}
    wanted |= {(round(h.across, 2), round(h.along + lid_y, 2), h.width) for h in LAYOUT.holes() if h.face == "lid"}
    assert circles == wanted
    windows = sum(bool(hole.height) for hole in LAYOUT.holes())
    assert len(document.modelspace().query("LINE[layer=='HOLES']")) == 4 * windows
    assert len(document.modelspace().query("LINE[layer=='OUTLINE']")) == 12


def test_the_rear_wall_is_folded_up_behind_the_top():
    jack = next((x, y) for hole, x, y in drilling.placed(LAYOUT) if hole.name == "PHONES")
    box = LAYOUT.box
    below_the_top = jack[1] - box.depth / 2
    assert below_the_top == pytest.approx(box.height - box.lid - LAYOUT.jack_z)
