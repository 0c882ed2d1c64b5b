"""The service's own unit with a probe in the program's place: what its filters must let through works on real devices.

The same probe runs in a container (``tests/service/test_hardened.py``), where the host's kernel has no such devices.
"""

import os
from pathlib import Path

import pytest

PROBE = Path(__file__).parents[1] / "service" / "hardened" / "probe.py"
GUEST_PROBE = Path(__file__).with_name("unit_probe.py")


@pytest.fixture(scope="module")
def seen(bench):
    """What the probe found, and what systemd said, after it had hung once."""
    bench.need("systemd", "probe")
    bench.bench()
    yield bench.ask("probe", {path.name: path.read_text(encoding="utf-8") for path in (PROBE, GUEST_PROBE)})
    bench.bench()


def test_the_clock_gets_its_scheduling_class(seen):
    assert seen["found"]["fifo"] == ["", os.SCHED_FIFO]


def test_memory_is_locked(seen):
    assert seen["found"]["memory"] == ""


def test_a_note_goes_through_a_midi_port(seen):
    assert seen["found"]["midi_port"] == [[0x90, 60, 99]]


def test_a_gpio_line_is_driven(seen):
    assert seen["found"]["gpio_line"] == [0, 0]


def test_a_byte_is_written_over_i2c(seen):
    assert seen["found"]["i2c_write"] == 0x42


def test_other_devices_stay_shut(seen):
    assert seen["found"]["other_device"] is True


def test_the_band_process_and_the_sockets_work(seen):
    assert seen["found"]["band"] == [True, os.SCHED_OTHER]
    assert seen["found"]["sockets"] == "/sideman/state"


def test_a_hang_is_ended_by_the_watchdog_and_it_comes_back(seen):
    unit = seen["unit"]
    assert (unit["ActiveState"], unit["NRestarts"], unit["User"]) == ("active", "1", "sideman")
    assert seen["stopped"]["Result"] == "success"
