"""The bench itself: its reading of bytes and pictures, its budgets, and its refusals. It runs in every place alike."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luma.core.interface.serial import i2c
from luma.oled.device import ssd1306
from PIL import Image

from sideman.edges.oled_canvas import Canvas
from tests.hil import budget as budgets
from tests.hil.ear import Panel, Stream, fits
from tests.hil.rig import Picture, merged, toml
from tests.hil.rig_pi import unfit

REPOSITORY = Path(__file__).parents[2]


class Bus:
    """An I2C bus as luma uses it, with a panel at its end."""

    def __init__(self):
        self.panel = Panel()

    def write_i2c_block_data(self, _address, mode, data):
        self.panel.take(bytes([mode, *data]))

    def close(self):
        """Nothing to close."""


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # the driver's own
def test_the_panel_shows_what_the_driver_draws():
    bus = Bus()
    device = ssd1306(i2c(bus=bus, address=0x3C))
    device.persist = True
    picture = Image.new("1", (128, 64))
    pixels = picture.load()
    dots = random.Random(4)
    for _ in range(900):
        pixels[dots.randrange(128), dots.randrange(64)] = 1
    frames = bus.panel.frames
    device.display(picture)
    assert bus.panel.frames == frames + 1
    assert Picture(bytes(bus.panel.memory), 1).image().tobytes() == picture.tobytes()


def test_a_word_is_told_from_another():
    canvas = Canvas()
    canvas.word((0, 14, 128, 41), "READY")
    pixels = canvas.image.load()
    memory = bytes(sum(bool(pixels[x, p * 8 + b]) << b for b in range(8)) for p in range(8) for x in range(128))
    assert Picture(memory, 1).shows_word("READY")
    assert not Picture(memory, 1).shows_word("READ")


@given(st.lists(st.tuples(st.integers(0x80, 0xEF), st.integers(0, 127), st.integers(0, 127))), st.integers(1, 9))
def test_messages_are_found_whatever_the_pieces(messages, size):
    wanted = [[kind, one] if kind & 0xF0 in {0xC0, 0xD0} else [kind, one, two] for kind, one, two in messages]
    data = bytes(byte for message in wanted for byte in [*message, 0xF8])
    stream = Stream()
    found = [message for at in range(0, len(data), size) for message in stream.feed(data[at : at + size])]
    assert found == wanted


def test_running_status_is_understood():
    assert list(Stream().feed(bytes((0x90, 60, 1, 62, 0)))) == [[0x90, 60, 1], [0x90, 62, 0]]


def test_no_fault_is_not_any_fault():
    assert fits({"faults": "oled: no display"}, {"faults": "OLED"})
    assert not fits({"faults": "oled: no display"}, {"faults": ""})
    assert fits({"faults": ""}, {"faults": ""})


def test_settings_are_laid_over_each_other_and_written():
    assert toml(merged({"a": {"x": 1, "y": True}}, {"a": {"x": "two"}})) == '[a]\nx = "two"\ny = true\n'


def test_every_budget_has_both_columns_and_no_invented_figure():
    for name, row in budgets.Budget("guest").rows.items():
        assert set(row) == {"what", "unit", "emulator", "pi"}, name
        assert isinstance(row["emulator"], int | float), name
        assert row["pi"] == budgets.NOT_MEASURED or isinstance(row["pi"], int | float), name


def test_a_budget_that_is_exceeded_fails_and_stands_in_the_table():
    one = budgets.Budget("guest")
    one.says("stop_s", 1.0)
    with pytest.raises(AssertionError, match="stop_s is 99"):
        one.says("stop_s", 99.0)
    assert one.exceeded() == ["stop_s"]
    (line,) = [line for line in one.table().splitlines() if line.startswith("stop_s")]
    assert "99" in line
    assert budgets.NOT_MEASURED in line


def test_what_never_happened_is_no_figure():
    with pytest.raises(AssertionError, match="never happened"):
        budgets.Budget("guest").says("plug_to_heard_s", None)


@pytest.mark.parametrize(
    ("where", "status", "words"),
    [
        ("moon", 4, "say fake, guest, card or pi"),
        ("guest", 0, "make hil builds it"),
        ("card", 0, "make image-boot names"),
        ("pi", 0, "Wire one as hardware/ says"),
    ],
)
def test_elsewhere_it_refuses_politely(where, status, words):
    if where == "pi" and not unfit():
        pytest.skip("this is a wired Pi")
    environ = {key: value for key, value in os.environ.items() if key not in {"SIDEMAN_GUEST_DISK", "SIDEMAN_CARD"}}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "tests/hil/test_hil_boot.py"],
        check=False, capture_output=True, text=True, cwd=REPOSITORY, env={**environ, "SIDEMAN_HIL": where},
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    assert words in done.stdout + done.stderr
