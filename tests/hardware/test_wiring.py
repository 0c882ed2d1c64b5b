"""Wiring, loopback and schematic show the table's lines; what lies in hardware/ is what the code draws now."""

import re
import tomllib
from xml.etree import ElementTree as ET

import pytest

from sideman.service.pin_table import FILE, HEADER, pin_table, read
from sideman_hardware.__main__ import DRAWINGS, HARDWARE, main
from sideman_hardware.layout import Layout

TEXT = "{http://www.w3.org/2000/svg}text"
TABLE, LAYOUT = pin_table(), Layout()


def words_of(name, table=TABLE):
    tree = ET.fromstring(DRAWINGS[name](table, LAYOUT))  # noqa: S314 - our own text
    return [element.text for element in tree.iter(TEXT)]


def changed(section, name, line):
    tree = tomllib.loads(FILE.read_text(encoding="utf-8"))
    tree[section][name]["line"] = line
    tree["kept_free"].pop("spi")
    return read(tree)


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_file_is_what_is_drawn_now(name):
    assert (HARDWARE / name).read_text(encoding="utf-8") == DRAWINGS[name](TABLE, LAYOUT), "make hardware"


def test_the_wiring_names_every_line():
    words = words_of("wiring.svg")
    lines = [*TABLE.signals.values(), *(at for at, _ in TABLE.extra.values()), TABLE.sda, TABLE.scl]
    assert {f"GPIO {line}" for line in lines} <= set(words)
    assert {"START", "STOP", "PLAY", "SDA", "SCL", "VCC", "GND", "EXPRESSION", "TWO MORE"} <= set(words)


def test_the_schematic_names_every_line_and_shows_the_sum_of_each_resistor():
    words = words_of("schematic.svg")
    lines = [
        *TABLE.signals.values(),
        *TABLE.i2s.values(),
        *(at for at, _ in TABLE.extra.values()),
        TABLE.sda,
        TABLE.scl,
    ]
    assert {f"GPIO {line} · pin {HEADER[line]}" for line in lines} <= set(words)
    sums = [re.fullmatch(r"\((.*) − (.*)\) V / (.*) Ω = (.*) mA", word) for word in words]
    shown = [[float(value) for value in found.groups()] for found in sums if found]
    assert len(shown) == len(TABLE.leds)
    for volts, forward, ohms, ma in shown:
        assert ma == pytest.approx((volts - forward) / ohms * 1000, abs=0.05)


def test_the_loopback_drawing_lists_the_six_wires():
    words = words_of("loopback.svg")
    for wire in TABLE.jumpers:
        near, far = HEADER[wire.near], HEADER[wire.far]
        assert f"{wire.name}: pin {near} (GPIO {wire.near}) to pin {far} (GPIO {wire.far})" in words


def test_a_change_of_the_table_changes_the_drawings():
    moved = changed("switches", "start", 11)
    for name in ("wiring.svg", "schematic.svg", "loopback.svg"):
        assert any("GPIO 11" in word for word in words_of(name, moved)), name


def test_a_line_it_cannot_show_is_refused():
    with pytest.raises(ValueError, match="start = 7: this drawing"):
        DRAWINGS["wiring.svg"](_with_start_on_an_even_pin(), LAYOUT)


def _with_start_on_an_even_pin():
    tree = tomllib.loads(FILE.read_text(encoding="utf-8"))
    tree["switches"]["start"]["line"], tree["loopback"]["play"] = 7, 4
    return read(tree)


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name.endswith(".svg")])
def test_no_words_run_out_of_the_picture_or_over_one_another(name):
    tree = ET.fromstring(DRAWINGS[name](TABLE, LAYOUT))  # noqa: S314 - our own text
    width, height = (float(value) for value in tree.attrib["viewBox"].split()[2:])
    turned = {id(text) for group in tree.iter("{http://www.w3.org/2000/svg}g") for text in group.iter(TEXT)}
    boxes = []
    for each in tree.iter(TEXT):
        if id(each) in turned:
            continue
        size, x, y = (float(each.attrib[key]) for key in ("font-size", "x", "y"))
        wide = 0.53 * size * len(each.text)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[each.attrib["text-anchor"]]
        boxes.append((left, y - 0.75 * size, left + wide, y, each.text))
    for left, top, right, foot, words in boxes:
        assert min(left, top, width - right, height - foot) >= 0, words
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, f"{one[4]!r} lies over {other[4]!r}"


def test_the_command_writes_everything(tmp_path):
    assert main(["--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} >= set(DRAWINGS)
