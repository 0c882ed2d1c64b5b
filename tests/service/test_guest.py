"""The service's own unit in a virtual machine with devices: MIDI, GPIO, I2C and SCHED_FIFO really work inside it.

A container shares the host's kernel, which may have none of these; the machine brings Debian's. It runs without
hardware support for virtual machines, so it takes a minute or two.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("SIDEMAN_GUEST", Path.home() / ".cache" / "sideman" / "guest"))
UP = "SYSTEM UP"
WHEELS = ("python-rtmidi==1.5.8", "smbus2==0.6.1", "lgpio==0.2.2.0")
PROGRAMS = ("qemu-system-x86_64", "mmdebstrap", "iasl", "busybox", "cpio", "modprobe", "mkfs.ext4")
SECONDS = 300
LACKING = 75
"""What build_guest exits with when this host cannot make a machine."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seen():
    """What the probe found in both lives, and what systemd said."""
    if os.getuid() != 0:
        pytest.skip("needs root")
    lost = [program for program in PROGRAMS if shutil.which(program) is None]
    if lost:
        pytest.skip(f"needs {', '.join(lost)}")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the machine runs Python 3.11, and so must the packages installed for it")
    site = CACHE / "site"
    if not site.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, *WHEELS]
        if subprocess.run(pip, check=False).returncode:
            shutil.rmtree(site, ignore_errors=True)
            pytest.skip("the packages for the machine could not be fetched")
    built = subprocess.run(
        [HERE / "hardened" / "build_guest", CACHE, site], check=False, stderr=subprocess.PIPE, text=True
    )
    if built.returncode == LACKING:
        pytest.skip(built.stderr.strip())
    assert built.returncode == 0, built.stderr[-2000:]
    boot = [
        "qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024",
        "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio",
        "-kernel", CACHE / "vmlinuz", "-initrd", CACHE / "initrd.gz", "-acpitable", f"file={CACHE / 'gpio.aml'}",
        "-append", "console=ttyS0 panic=-1 quiet systemd.show_status=0 rw memmap=1M$0x3f000000",
        "-drive", f"file={CACHE / 'disk.img'},format=raw,if=virtio,snapshot=on",
    ]  # fmt: skip
    try:
        done = subprocess.run(boot, check=False, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
        console = done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        console = (late.stdout or b"").decode(errors="replace")
        if UP not in console:
            pytest.skip(f"an emulated machine does not come up within {SECONDS} s on this host")
    found = [line.partition("FOUND ")[2] for line in console.splitlines() if "FOUND {" in line]
    if not found:
        pytest.fail(f"the machine said nothing: {console[-2000:]}")
    return json.loads(found[0])


def told(seen):
    assert "second" in seen, seen["observed"]
    return seen["second"]


def test_the_clock_gets_its_scheduling_class(seen):
    assert told(seen)["fifo"] == ["", os.SCHED_FIFO]


def test_memory_is_locked(seen):
    assert told(seen)["memory"] == ""


def test_a_note_goes_through_a_midi_port(seen):
    assert told(seen)["midi_port"] == [[0x90, 60, 99]]


def test_a_gpio_line_is_driven(seen):
    assert told(seen)["gpio_line"] == [0, 0]


def test_a_byte_is_written_over_i2c(seen):
    assert told(seen)["i2c_write"] == 0x42


def test_other_devices_stay_shut(seen):
    assert told(seen)["other_device"] is True


def test_the_band_process_and_the_sockets_work(seen):
    assert told(seen)["band"] == [True, os.SCHED_OTHER]
    assert told(seen)["sockets"] == "/sideman/state"


def test_a_hang_is_ended_by_the_watchdog_and_it_comes_back(seen):
    running = seen["observed"]["running"]
    assert (running["ActiveState"], running["NRestarts"], running["User"]) == ("active", "1", "sideman")
    assert seen["observed"]["stopped"]["Result"] == "success"
