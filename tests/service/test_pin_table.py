"""One table of lines: the settings' defaults, the wheel and the limits of the board agree with it."""

import copy
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from sideman.service import pin_table as module
from sideman.service.pin_table import FILE, GROUNDS, HEADER, SUPPLY, pin_table, read, where
from sideman.service.settings import Settings

REPOSITORY = Path(__file__).parents[2]
HARDWARE = REPOSITORY / "hardware" / "pins.toml"


def tree():
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_the_header_has_forty_pins_each_once():
    assert sorted([*HEADER.values(), *GROUNDS, *SUPPLY]) == list(range(1, 41))


def test_the_settings_begin_with_the_table():
    table, settings = pin_table(), Settings()
    for name, line in table.signals.items():
        assert getattr(settings.pins, name) == line
    assert (settings.pins.tap, settings.pins.next) == (-1, -1), "a line nobody wired is left alone"
    assert (settings.oled.bus, settings.oled.address) == (table.bus, table.oled)


def test_hardware_holds_the_same_file():
    assert HARDWARE.resolve() == FILE.resolve()


def test_no_line_gives_more_than_it_may():
    table = pin_table()
    currents = [table.led_ma(name) for name in table.leds]
    assert all(1 < each <= table.design_ma < table.line_ma for each in currents), currents
    assert sum(currents) <= table.all_ma
    assert table.volts / table.expression.ring_ohm * 1000 < 10, "a mono plug shorts the ring to ground"


def test_six_jumpers_one_for_each_switch_and_led():
    table = pin_table()
    assert {wire.name: wire.near for wire in table.jumpers} == table.signals


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t["switches"]["start"].update(line=27), r"stop = 27: taken by start"),
        (lambda t: t["loopback"].update(red=18), r"loopback\.red = 18: taken by bit_clock"),
        (lambda t: t["leds"]["red"].update(line=28), r"red = 28: no line of the header"),
    ],
)
def test_a_line_is_given_once(change, said):
    changed = copy.deepcopy(tree())
    change(changed)
    with pytest.raises(ValueError, match=said):
        read(changed)


def test_the_readme_has_the_same_lines():
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rows = {
        cells[0]: cells[1:3]
        for line in text.splitlines()
        if len(cells := [c.strip() for c in line.split("|")[1:-1]]) == 4
    }
    table = pin_table()
    wanted = {f"{name.upper()} switch": line for name, line in table.switches.items()}
    wanted |= {f"{name} LED: {led.meaning}": led.line for name, led in table.leds.items()}
    wanted |= {f"{name.upper()} switch (option: `pins.{name}`)": line for name, (line, _) in table.extra.items()}
    wanted |= {"OLED SDA, converter SDA": table.sda, "OLED SCL, converter SCL": table.scl}
    for name, line in wanted.items():
        assert rows[name] == [str(line), str(HEADER[line])], name
    free = sorted(table.i2s.values())
    assert f"GPIO {free[0]} to {free[-1]} stay free" in text


def test_where_a_line_is():
    assert where(17) == "GPIO 17 (pin 11)"


def test_the_wheel_brings_it(tmp_path):
    pytest.importorskip("hatchling")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], check=True, capture_output=True, cwd=REPOSITORY)
    (wheel,) = tmp_path.glob("*.whl")
    held = zipfile.ZipFile(wheel).read("sideman/service/pins.toml")
    assert held == Path(module.__file__).with_name("pins.toml").read_bytes()
