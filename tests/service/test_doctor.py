"""The doctor finds what is wrong, says what to do, and never breaks itself."""

import json
import os

import pytest

from sideman.service import cli, doctor, doctor_devices, doctor_program
from sideman.service.settings import Settings


def by_name(found):
    return {finding.name: finding for finding in found}


def test_every_finding_that_is_not_well_says_what_to_do():
    found = doctor.examine()
    assert {"settings", "python", "packages", "realtime", "takes"} <= set(by_name(found))
    assert all(finding.found for finding in found)
    assert all(finding.advice for finding in found if finding.state != "ok")


def test_json_and_status_agree(capsys, tmp_path):
    good = tmp_path / "good.toml"
    good.write_text("", encoding="utf-8")
    assert cli.main(["doctor", "--json", "--settings", str(good)]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert (tree["schema"], tree["ok"]) == (1, True)
    assert {"name", "state", "found", "advice"} == set(tree["findings"][0])
    good.write_text("[tempo]\nbpm = 1\n", encoding="utf-8")
    assert cli.main(["doctor", "--settings", str(good)]) == 1
    said = capsys.readouterr().out
    assert "tempo.bpm: found 1" in said
    assert "cannot play as it is: 1 bad" in said


def test_a_check_that_breaks_is_a_finding(monkeypatch):
    def sick(_):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setitem(doctor.CHECKS, "python", sick)
    assert by_name(doctor.examine())["python"].found == "the check broke: ZeroDivisionError: on purpose"


def test_missing_packages(monkeypatch):
    monkeypatch.setattr(doctor_program.importlib.util, "find_spec", lambda _: None)
    needed, *used = doctor_program.packages(Settings())
    assert needed.state == "bad"
    assert needed.advice == "pip install mido numpy pillow"
    assert {finding.state for finding in used} == {"note"}


def test_no_models(tmp_path):
    found = doctor_program.models(Settings().with_values({"band.models_folder": str(tmp_path)}))
    assert [finding.state for finding in found] == ["note"] * len(found)
    assert all("rules" in finding.advice or "rules" in finding.found for finding in found)


def test_no_realtime_rights(monkeypatch):
    monkeypatch.setattr(doctor_program, "ask_for_fifo", lambda priority: f"no right to SCHED_FIFO {priority}: because")
    (finding,) = doctor_program.realtime(Settings())
    assert (finding.state, finding.found) == ("note", "no right to SCHED_FIFO 70")
    assert "limits.d" in finding.advice


def test_a_full_disk_and_a_closed_folder(monkeypatch, tmp_path):
    settings = Settings().with_values({"takes.folder": str(tmp_path / "not" / "yet")})
    assert by_name(doctor_program.disk(settings))["takes"].state == "ok"
    usage = doctor_program.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(doctor_program.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    assert "1 MB free" in by_name(doctor_program.disk(settings))["takes"].found
    monkeypatch.setattr(doctor_program.os, "access", lambda *_: False)
    assert "cannot be written" in by_name(doctor_program.disk(settings))["takes"].found


class Ports:
    closed = False

    def __init__(self, inputs, outputs):
        self.inputs, self.outputs = lambda: inputs, lambda: outputs

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("inputs", "outputs", "states"), [(["Keys"], ["Synth"], ["ok", "ok"]), ([], [], ["note", "note"])]
)
def test_ports(monkeypatch, inputs, outputs, states):
    ports = Ports(inputs, outputs)
    monkeypatch.setattr(doctor_devices, "open_rtmidi", lambda _: (ports, ""))
    assert [finding.state for finding in doctor_devices.midi(Settings())] == states
    assert ports.closed


def test_no_midi_system(monkeypatch):
    monkeypatch.setattr(doctor_devices, "open_rtmidi", lambda _: (None, "No MIDI ports: install libasound2"))
    (finding,) = doctor_devices.midi(Settings())
    assert (finding.state, "libasound2" in finding.found) == ("note", True)


def test_devices_switched_off_are_not_looked_for():
    settings = Settings().with_values({"pins.on": False, "oled.on": False, "pedal.usb": False})
    for check in (doctor_devices.pins, doctor_devices.display, doctor_devices.usb_pedal):
        assert check(settings)[0].found.startswith("switched off")


def test_pins(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor_devices, "Path", lambda _: tmp_path)
    assert doctor_devices.pins(Settings())[0].state == "note"
    (tmp_path / "gpiochip0").touch()
    found = doctor_devices.pins(Settings())[0]
    assert found.state == "ok"
    assert "start 17" in found.found
    monkeypatch.setattr(doctor_devices.os, "access", lambda *_: False)
    assert "usermod -aG gpio" in doctor_devices.pins(Settings())[0].advice


def test_a_display_that_does_not_answer(monkeypatch, tmp_path):
    bus = tmp_path / "i2c-1"
    monkeypatch.setattr(doctor_devices, "Path", lambda name: tmp_path / os.path.basename(name))  # noqa: PTH119 - a stand-in
    assert "raspi-config" in doctor_devices.display(Settings())[0].advice
    bus.touch()
    assert "nobody answers at 0x3c" in doctor_devices.display(Settings())[0].found
