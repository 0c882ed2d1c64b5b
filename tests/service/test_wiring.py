"""The wiring diagram shows the settings' own pin numbers."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from sideman.service.pictures.wiring import HEADER, WIRING, diagram, main
from sideman.service.settings_schema import Pins

TEXT = "{http://www.w3.org/2000/svg}text"
AGAIN = "regenerate with: python -m sideman.service.pictures.wiring"


@pytest.mark.skipif(not WIRING.parent.is_dir(), reason="the drawing is part of a checkout")
def test_the_diagram_is_that_of_the_defaults():
    assert WIRING.read_text(encoding="utf-8") == diagram(Pins()), AGAIN


def test_it_is_well_formed_and_names_every_line(tmp_path):
    assert main(["--out", str(tmp_path / "w.svg")]) == 0
    words = [element.text for element in ET.parse(tmp_path / "w.svg").iter(TEXT)]  # noqa: S314 - our own file
    pins = Pins()
    for line in (pins.start, pins.stop, pins.play, pins.red, pins.amber, pins.green, 2, 3):
        assert f"GPIO {line}" in words
    assert {"START", "STOP", "PLAY", "SDA", "SCL", "VCC", "GND"} <= set(words)


def test_the_settings_say_the_same_header_pins():
    docs = {field.name: field.metadata["doc"] for field in Pins.__dataclass_fields__.values()}
    for name in ("start", "stop", "play", "red", "amber", "green"):
        assert int(re.search(r"header pin (\d+)", docs[name])[1]) == HEADER[getattr(Pins(), name)]


def test_a_line_it_cannot_show_is_refused():
    with pytest.raises(ValueError, match=r"pins\.start = 18: this drawing"):
        diagram(replace(Pins(), start=18))
