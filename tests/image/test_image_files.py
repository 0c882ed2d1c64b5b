"""What the card's image is made of agrees with the layout, keeps its promises, and is understood by systemd."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.image.machine import LAYOUT

from sideman.service import boot_hold, update
from sideman.service.settings import Settings

IMAGE = Path(__file__).parents[2] / "image"
ROOTFS = IMAGE / "rootfs"
UNITS = sorted((ROOTFS / "etc/systemd/system").glob("sideman-*"))


def text(path):
    return (IMAGE / path).read_text(encoding="utf-8")


def mounts():
    lines = [line.split() for line in text("rootfs/etc/fstab").splitlines()]
    return {target: (source, kind, set(options.split(","))) for source, target, kind, options, *_ in lines}


def test_the_partitions_that_are_mounted_are_the_layouts():
    found = mounts()
    assert found["/data"][0] == f"PARTUUID=DISK_ID-{LAYOUT.named('data').number:02x}"
    assert found["/boot/sideman"][0] == f"PARTUUID=DISK_ID-{LAYOUT.named('selector').number:02x}"
    assert str(update.SELECTOR) in found
    assert str(update.NOTE).startswith("/data/")


def test_only_takes_and_state_are_written_on_the_card():
    for target, (source, _, options) in mounts().items():
        assert source == "tmpfs" or "ro" in options or target in {"/data", "/var/lib/sideman"}, target
        assert source != "tmpfs" or any(option.startswith("size=") for option in options), f"{target} has a bound"
    words = text("boot/cmdline.txt").split()
    assert "ro" in words
    assert "rw" not in words


def test_a_card_whose_data_cannot_be_mounted_starts_all_the_same():
    for target, (source, _, options) in mounts().items():
        assert source == "tmpfs" or "nofail" in options, f"without {target} the start would end in a shell"
    for target in ("/data", "/var/lib/sideman"):  # but where they can be had the start waits for them
        assert "x-systemd.before=local-fs.target" in mounts()[target][2]
    assert "Requires" not in text("rootfs/etc/systemd/system/sideman.service.d/card.conf")
    assert "fsck.repair=yes" in text("boot/cmdline.txt").split()


def test_takes_stay_where_the_service_keeps_them():
    assert mounts()["/var/lib/sideman"][0] == "/data/sideman"


def test_the_slot_stands_once_on_the_command_line_and_is_one_letter():
    assert re.findall(r"sideman\.slot=(\S+)", text("boot/cmdline.txt")) == ["a"]
    assert len(text("boot/cmdline.txt").splitlines()) == 1


def test_the_initramfs_finds_the_root_of_each_slot():
    said = re.search(r"case \$slot in a\) number=(\d+) ;; \*\) number=(\d+)", text("boot/init"))
    assert [int(n) for n in said.groups()] == [LAYOUT.slot("a").root, LAYOUT.slot("b").root]


def test_the_watchdog_runs_before_anything_can_hang():
    assert text("initrd-modules").split("\n")[1] == "bcm2835_wdt"
    manager = configparser.ConfigParser(interpolation=None)
    manager.optionxform = str
    manager.read(ROOTFS / "etc/systemd/system.conf.d/sideman.conf")
    assert 0 < int(manager["Manager"]["RuntimeWatchdogSec"]) <= 15, "the Pi's counts to 15 s"
    assert "panic=" in text("boot/cmdline.txt")


def test_nobody_gets_in_without_a_key():
    sshd = text("rootfs/etc/ssh/sideman_sshd_config")
    assert "PasswordAuthentication no" in sshd
    assert "KbdInteractiveAuthentication no" in sshd
    unit = text("rootfs/etc/systemd/system/sideman-ssh.service")
    assert "ConditionPathExists=/boot/sideman/authorized_keys" in unit
    assert not (IMAGE / "selector" / "authorized_keys").exists()
    build = text("build")
    assert "passwd --quiet --lock root" in build
    assert "ssh_host_*" in build, "no box has another's keys"


def test_a_reset_is_asked_for_where_it_is_looked_for():
    assert f"PathExists=/var/lib/sideman/{boot_hold.WANTED}" in text("rootfs/etc/systemd/system/sideman-reset.path")
    assert boot_hold.WANTED in text("rootfs/etc/systemd/system/sideman-reset.service")


def test_a_stuck_switch_is_reported_after_the_countdown_only():
    assert Settings().pedal.stuck_s >= 15 > boot_hold.COUNTDOWN_S


@pytest.mark.parametrize("unit", [u.name for u in UNITS if u.suffix == ".service"])
def test_nothing_stands_between_the_power_and_the_first_note(unit):
    """Whatever is not the jam itself starts after it."""
    said = text(f"rootfs/etc/systemd/system/{unit}")
    assert "After=sideman.service" in said or unit == "sideman-reset.service"
    assert "Before=" not in said


def test_systemd_has_nothing_to_say_of_the_units(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (Debian package systemd)")
    for unit in UNITS:
        said = re.sub(r"ExecStart(Pre)?=\S+", r"ExecStart\1=/bin/true", unit.read_text(encoding="utf-8"))
        (tmp_path / unit.name).write_text(said, encoding="utf-8")
    (tmp_path / "sideman.service").write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--no-pager", "verify", *(f"./{unit.name}" for unit in UNITS)],
        check=False, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_settings_and_readme_lie_where_a_computer_shows_them():
    readme = text("selector/README.txt")
    for name in ("sideman.toml", "wifi.conf", "authorized_keys", "autoboot.txt"):
        assert name in readme
    assert "/boot/sideman/sideman.toml" in text("build")


@pytest.mark.parametrize("script", ["boot/init", "hooks/no-compiling", "hooks/compiling-again"])
def test_scripts_are_shell(script):
    subprocess.run(["sh", "-n", IMAGE / script], check=True)
