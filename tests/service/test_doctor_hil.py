"""The doctor of the wired Pi names the wire that is wrong, for every fault alone and for every two, and harms no line."""

import itertools
import json

import pytest

from sideman.service import cli, doctor_hil
from sideman.service.doctor_hil import NoHeaderError, examine, refuse
from sideman.service.pin_table import HEADER, pin_table, where
from sideman.service.settings import Settings

pytest.importorskip("gpiozero")
from sideman.sim.loopback import GROUND, HIGH, Loopback

JUMPERS = pin_table().jumpers
NAMES = [wire.name for wire in JUMPERS]
SPARE = 24


@pytest.fixture(autouse=True)
def no_settling(monkeypatch):
    monkeypatch.setattr(doctor_hil, "_SETTLE_S", 0)


def right():
    """Wires as they should be: name -> its two ends, as a list of what is joined."""
    return {wire.name: [wire.near, wire.far] for wire in JUMPERS}


def opened(name):
    return lambda wires: wires[name].__setitem__(1, f"nowhere {name}")


def landed(name, node, end=1):
    return lambda wires: wires[name].__setitem__(end, node)


def touching(name, node):
    return lambda wires: wires[name].append(node)


def swapped(one, other):
    def fault(wires):
        wires[one][1], wires[other][1] = wires[other][1], wires[one][1]

    return fault


def bridged(one, other):
    return lambda wires: wires[one].append(wires[other][0])


SINGLE = {}
for wire in JUMPERS:
    SINGLE |= {
        f"{wire.name} open": ({wire.name}, "open", opened(wire.name)),
        f"{wire.name} near end on a spare line": ({wire.name}, "joined to", landed(wire.name, SPARE, 0)),
        f"{wire.name} far end on a spare line": ({wire.name}, "joined to", landed(wire.name, SPARE)),
        f"{wire.name} far end on ground": ({wire.name}, "lies on ground", landed(wire.name, GROUND)),
        f"{wire.name} far end on 3.3 V": ({wire.name}, "lies on 3.3 V", landed(wire.name, HIGH)),
        f"{wire.name} touches ground": ({wire.name}, "lies on ground", touching(wire.name, GROUND)),
        f"{wire.name} touches 3.3 V": ({wire.name}, "lies on 3.3 V", touching(wire.name, HIGH)),
        f"{wire.name} touches a spare line": ({wire.name}, "touches GPIO 24", touching(wire.name, SPARE)),
    }
for one, other in itertools.combinations(NAMES, 2):
    SINGLE |= {
        f"{one} and {other} swapped": ({one, other}, "swapped with", swapped(one, other)),
        f"{one} and {other} touch": ({one, other}, "touches GPIO", bridged(one, other)),
    }


def rig(*faults, **more):
    wires = right()
    for fault in faults:
        fault(wires)
    return Loopback([pair for ends in wires.values() for pair in itertools.pairwise(ends)], **more)


def found_by(board):
    found = examine(Settings(), factory=board.factory)
    assert board.harm == []
    return {finding.name.removeprefix("wire "): finding for finding in found}


def wrong(board):
    """Names of wires that are not one clean piece of metal between their two lines: the nets know."""
    return {wire.name for wire in JUMPERS if board.nets.net(wire.near) != {wire.near, wire.far}}


def test_right_wires_are_right():
    found = found_by(rig())
    assert [found[wire.name].found for wire in JUMPERS] == [f"{where(w.near)} to {where(w.far)}" for w in JUMPERS]
    assert {finding.state for finding in found.values()} == {"ok"}


@pytest.mark.parametrize("fault", SINGLE)
def test_a_single_fault_is_named(fault):
    names, words, change = SINGLE[fault]
    board = rig(change)
    found = found_by(board)
    assert {name for name in NAMES if found[name].state == "bad"} == names == wrong(board)
    for name in names:
        assert words in found[name].found
        assert found[name].advice


@pytest.mark.parametrize("first", SINGLE)
def test_two_faults_are_told_of_the_right_wires(first):
    for second in itertools.dropwhile(lambda name: name != first, SINGLE):
        board = rig(SINGLE[first][2], SINGLE[second][2])
        found = found_by(board)
        assert {name for name in NAMES if found[name].state == "bad"} == wrong(board), second


def test_the_advice_names_the_pin():
    start, stop = JUMPERS[:2]
    found = found_by(rig(landed("start", GROUND)))["start"]
    assert found.found == f"{where(start.near)} lies on ground, {where(start.far)} hangs free"
    assert found.advice == "move the wire's other end from pin 20 (ground) to pin 22"
    found = found_by(rig(swapped("start", "stop")))["start"]
    assert f"pins {HEADER[start.far]} and {HEADER[stop.far]}" in found.advice


@pytest.mark.parametrize("end", ["near", "far"])
def test_a_line_without_strength_is_told(end):
    line = getattr(JUMPERS[0], end)
    found = found_by(rig(dead={line}))
    assert found["start"].state == "bad"
    assert found["start"].found == f"{where(line)} reads, but puts nothing out"


def test_a_line_in_use_is_told():
    with pytest.raises(NoHeaderError, match=r"GPIO 17 cannot be had \(GPIO busy\): .*stop sideman"):
        examine(Settings(), factory=rig(busy={17}).factory)


def test_it_refuses_politely_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    with pytest.raises(NoHeaderError, match="this machine has no GPIO lines") as error:
        examine(Settings(), devices=tmp_path)
    assert refuse(error.value) == 2
    assert capsys.readouterr().err.startswith("sideman doctor --hil: this machine has no GPIO lines; it is for a Rasp")
    with pytest.raises(NoHeaderError, match=r"pins\.on"):
        examine(Settings().with_value("pins.on", "false"), devices=tmp_path)
    (tmp_path / "gpiochip0").touch()
    monkeypatch.setattr(doctor_hil, "pin_factory", lambda: (None, "No pins: nothing works."))
    with pytest.raises(NoHeaderError, match=r"No pins: nothing works$"):
        examine(Settings(), devices=tmp_path)

    class NoPi:
        @property
        def board_info(self):
            raise OSError("unknown board")

    monkeypatch.setattr(doctor_hil, "pin_factory", lambda: (NoPi(), ""))
    with pytest.raises(NoHeaderError, match=r"no Raspberry Pi \(unknown board\)"):
        examine(Settings(), devices=tmp_path)


def test_the_command(monkeypatch, capsys):
    boards = [rig(), rig(opened("green")), rig(opened("green"))]
    monkeypatch.setattr(doctor_hil, "_own_factory", lambda _settings, _devices: boards.pop(0).factory)
    assert cli.main(["doctor", "--hil"]) == 0
    assert capsys.readouterr().out.endswith("6 of 6 wires are right.\n")
    assert cli.main(["doctor", "--hil"]) == 1
    said = capsys.readouterr().out
    assert "BAD  wire green  open: GPIO 13 (pin 33) and GPIO 26 (pin 37)" in said
    assert said.endswith("5 of 6 wires are right.\n")
    assert cli.main(["doctor", "--hil", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_the_command_refuses(monkeypatch, capsys):
    def nothing(_settings, _devices):
        raise NoHeaderError("nothing here")

    monkeypatch.setattr(doctor_hil, "_own_factory", nothing)
    assert cli.main(["doctor", "--hil"]) == 2
    assert capsys.readouterr().err == "sideman doctor --hil: nothing here.\n"
