"""The bill of materials is complete, and the README says what it and the sums say."""

import csv
import re
import tomllib

import pytest

from sideman.service.pin_table import FILE, pin_table
from sideman.service.settings import Settings
from sideman.service.synth_command import latency_ms
from sideman_hardware.__main__ import HARDWARE
from sideman_hardware.layout import Layout

README = (HARDWARE / "README.md").read_text(encoding="utf-8")
FLAT = " ".join(README.split())


def rows():
    with (HARDWARE / "bom.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(option):
    return sum(int(row["quantity"]) * float(row["price_eur_each"]) for row in rows() if row["option"] == option)


def test_every_cell_is_filled():
    assert all(value.strip() for row in rows() for value in row.values())
    assert {row["option"] for row in rows()} == {"yes", "no"}


def test_the_readme_has_the_sums_and_calls_them_estimates():
    assert f"about {total('no'):.0f} EUR, and {total('yes'):.0f} EUR more" in FLAT
    assert re.search(r"estimates of \w+ \d{4}", FLAT)


def test_every_part_of_the_wiring_is_bought():
    table, count = pin_table(), {row["item"]: int(row["quantity"]) for row in rows()}
    assert count["Footswitch"] == len(table.switches)
    for name, one in table.leds.items():
        assert count[f"LED {name}"] == 1
        assert count[f"Resistor {one.series_ohm} ohms"] == len(table.leds)
    assert count[f"Resistor {table.expression.ring_ohm} ohms"] == 1
    assert table.expression.wiper_ohm == 1000
    assert count["Resistor 1 kilohm"] == 1
    assert count[f"Capacitor {table.expression.wiper_nf} nF"] == 1
    jacks = sum(number for item, number in count.items() if item.startswith("Jack"))
    assert jacks == len(Layout().jacks)


def test_the_readme_says_the_program_s_figures():
    table = pin_table()
    for name, one in table.leds.items():
        assert f"({table.volts} − {one.forward_v}) / {one.series_ohm} = {table.led_ma(name):.1f} mA" in FLAT, name
    assert f"all three {sum(map(table.led_ma, table.leds)):.1f} mA" in FLAT
    assert f"`pedal.debounce_ms` ({Settings().pedal.debounce_ms:.0f} ms)" in FLAT
    assert f"`pins.tap = {table.extra['tap'][0]}` and `pins.next = {table.extra['next'][0]}`" in FLAT
    assert f"{latency_ms(Settings().synth):.1f} ms from a note" in FLAT
    assert f"a mono plug shorts nothing ({table.volts / table.expression.ring_ohm * 1000:.0f} mA)" in FLAT


def test_the_readme_s_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (HARDWARE / link).exists(), link


def test_the_table_explains_itself():
    text = FILE.read_text(encoding="utf-8")
    assert tomllib.loads(text)["supply"]["volts"] == pytest.approx(3.3)
    assert "5 V on a line destroys the board" in text
