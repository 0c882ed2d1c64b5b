"""The units are read by systemd without a word, and are as closed as they claim."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
EXPOSURE = 20
"""systemd-analyze security counts to 100 here: 20 is an exposure of 2.0."""


@pytest.fixture
def analyze(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (Debian package systemd)")
    for unit in UNITS:
        # The programs need not be installed for the units to be checked.
        text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")

    def run(*words):
        return subprocess.run(
            ["systemd-analyze", "--no-pager", *words], check=False, capture_output=True, text=True, cwd=tmp_path
        )

    return run


def settings_of(unit):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(unit, encoding="utf-8")
    return parser["Service"]


@pytest.mark.parametrize("unit", [u.name for u in UNITS])
def test_systemd_has_nothing_to_say(analyze, unit):
    done = analyze("verify", f"./{unit}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_word_that_systemd_does_not_know_is_told_apart(analyze, tmp_path):
    (tmp_path / "odd.service").write_text("[Service]\nExecStart=/bin/true\nWatchDogSecond=3\n", encoding="utf-8")
    assert "Unknown key" in analyze("verify", "./odd.service").stderr, "its exit status says nothing"


@pytest.mark.parametrize("unit", [u.name for u in UNITS])
def test_exposure_is_at_most_two(analyze, unit):
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", f"./{unit}")
    assert done.returncode == 0, done.stdout[-300:]


def test_an_open_unit_is_told_apart(analyze, tmp_path):
    (tmp_path / "open.service").write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    assert analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "./open.service").returncode == 1


def test_the_service_is_watched_and_comes_back():
    service = settings_of(SYSTEMD / "sideman.service")
    assert service["Type"] == "notify"
    assert service["Restart"] == "always"
    assert int(service["WatchdogSec"]) <= 10
    assert int(service["LimitRTPRIO"]) == 95
    assert "RestrictRealtime" not in service, "it takes SCHED_FIFO away without a word"


def test_the_synth_starts_with_the_first_card_and_can_be_left_out():
    text = (SYSTEMD / "sideman-synth.service").read_text(encoding="utf-8")
    assert "WantedBy=sound.target" in text
    synth = settings_of(SYSTEMD / "sideman-synth.service")
    assert synth["ExecStart"] == "/opt/sideman/bin/sideman synth"
    assert synth["Restart"] == "on-failure", "it ends well where the settings switch it off"
    assert int(synth["LimitRTPRIO"]) >= 70


def test_nothing_on_the_way_to_the_jam_waits_for_a_network_a_card_or_the_synth():
    waits = re.findall(
        r"^(?:After|Wants|Requires|BindsTo)=(.*)$",
        (SYSTEMD / "sideman.service").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert set(" ".join(waits).split()) == {"local-fs.target", "systemd-modules-load.service"}
    for unit in UNITS:
        assert "network" not in unit.read_text(encoding="utf-8").partition("[Service]")[0].lower()


def test_every_device_of_the_units_has_its_rule_or_its_group():
    rules = (SYSTEMD / "udev" / "70-sideman.rules").read_text(encoding="utf-8")
    groups = {"char-alsa": "audio", "char-gpiochip": "gpio", "char-i2c": "i2c", "char-input": "input"}
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        allowed = re.findall(r"^DeviceAllow=(\S+)", text, re.MULTILINE)
        assert allowed, unit.name
        for node in allowed:
            assert groups[node] in settings_of(unit)["SupplementaryGroups"].split()
            assert node == "char-alsa" or f'GROUP="{groups[node]}"' in rules, "Debian itself gives sound to audio"


def test_every_group_of_the_units_is_made():
    made = (SYSTEMD / "sysusers.d" / "sideman.conf").read_text(encoding="utf-8")
    for unit in UNITS:
        for group in [settings_of(unit)["Group"], *settings_of(unit)["SupplementaryGroups"].split()]:
            assert re.search(rf"^[gu] {group}\s", made, re.MULTILINE), f"{unit.name}: {group}"


def test_sysusers_and_tmpfiles_can_be_read(tmp_path):
    for program, file in (("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
        (tmp_path / "etc").mkdir(exist_ok=True)
        words = ["--dry-run"] if program == "systemd-sysusers" else ["--create", "--prefix=/nothing"]
        done = subprocess.run(
            [program, f"--root={tmp_path}", *words, SYSTEMD / file / "sideman.conf"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_the_installer_fills_another_root(tmp_path):
    subprocess.run([SYSTEMD / "install"], check=True, env={"DESTDIR": str(tmp_path), "PATH": "/usr/bin:/bin"})
    names = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert names == {
        "etc/systemd/system/sideman.service",
        "etc/systemd/system/sideman-synth.service",
        "usr/lib/sysusers.d/sideman.conf",
        "usr/lib/tmpfiles.d/sideman.conf",
        "usr/lib/modules-load.d/sideman.conf",
        "usr/lib/udev/rules.d/70-sideman.rules",
    }
