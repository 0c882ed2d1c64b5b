"""The pedal at the jack: its whole way is the level's whole way, and without one nothing ever changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.edges import expression_jack as module
from sideman.edges.expression import GAP_NS
from sideman.edges.expression_jack import RETRY_NS, Ads1115, ExpressionJack, level_of
from sideman.jam.events import Fault, SettingChanged

RING = 25_000


class Fake:
    def __init__(self):
        self.wiper, self.ring, self.fails, self.opened, self.closed = RING // 2, RING, False, 0, 0

    def open(self):
        self.opened += 1
        if self.fails:
            raise OSError("Remote I/O error")
        return self

    def read(self, channel):
        if self.fails:
            raise OSError("Remote I/O error")
        return {0: self.wiper, 1: self.ring}[channel]

    def close(self):
        self.closed += 1


class Rig:
    def __init__(self):
        self.chip, self.posted, self.ns = Fake(), [], 0
        self.jack = ExpressionJack(self.posted.append, self.chip.open, wiper=0, ring=1)

    def at(self, share=None, ring=RING):
        """Levels that came of one reading with the pedal at a share of its way."""
        self.chip.ring = ring
        if share is not None:
            self.chip.wiper = round(share * ring)
        self.ns += GAP_NS
        seen = len(self.posted)
        self.jack.step(self.ns)
        return [int(each.value) for each in self.posted[seen:] if isinstance(each, SettingChanged)]

    def faults(self):
        return [each.text for each in self.posted if isinstance(each, Fault)]


@pytest.fixture
def rig():
    made = Rig()
    yield made
    made.jack.close()


@given(st.integers(4000, 32_000), st.floats(0, 1))
def test_the_level_is_the_share_whatever_the_pedal_s_resistance(ring, share):
    assert level_of(round(share * ring), ring) == pytest.approx(min(1, max(0, (share - 0.02) / 0.96)) * 127, abs=1)


def test_the_ends_are_reached():
    assert [level_of(round(share * RING), RING) for share in (0.0, 0.02, 0.98, 1.0)] == [0, 0, 127, 127]


def test_a_pedal_takes_over_when_it_is_moved(rig):
    assert rig.at(0.5) == []
    assert rig.at(0.51) == []
    assert rig.at(0.6) == [77]
    assert rig.at(0.605) == [], "noise"
    assert rig.at(0.65) == [83]
    assert rig.posted[0].key == "levels.band"


def test_both_ends_can_be_reached_from_beside_them(rig):
    rig.at(0.5)
    rig.at(0.97)
    assert rig.at(1.0) == [127]
    rig.at(0.03)
    assert rig.at(0.0) == [0]


def test_no_pedal_a_mono_plug_and_pulling_out_change_nothing(rig):
    assert rig.at(0.0, ring=0) == []
    assert rig.at(0.5) == []
    assert rig.at(0.8) == [103]
    assert rig.at(0.0, ring=10) == []
    assert rig.at(0.2) == [], "plugged in again: where it stands now is no move"
    assert rig.at(0.4) == [50]


def test_a_chip_that_goes_is_told_once_and_comes_back(rig):
    rig.chip.fails = True
    for _ in range(3):
        rig.at(0.5)
    assert len(rig.faults()) == 1
    assert "Remote I/O error" in rig.faults()[0]
    assert rig.chip.opened == 1, "it is left alone for a while"
    rig.chip.fails = False
    rig.ns += RETRY_NS
    rig.at(0.5)
    assert rig.faults()[1:] == [""]
    rig.chip.fails = True
    rig.at(0.5)
    assert rig.chip.closed == 1
    assert len(rig.faults()) == 3


def test_its_thread_reads_and_ends(rig):
    seen = []
    rig.jack._take = lambda _ns, level: (seen.append(level), rig.jack._ending.set())
    rig.jack.start()
    rig.jack._thread.join(5)
    assert seen
    assert not rig.jack._thread.is_alive()


def test_the_chip_is_asked_as_its_data_sheet_says(monkeypatch):
    said = []
    monkeypatch.setattr(module.os, "open", lambda path, _flags: said.append(path) or 9)
    monkeypatch.setattr(module.os, "write", lambda _line, data: said.append(data.hex()))
    monkeypatch.setattr(module.os, "read", lambda _line, count: b"\xff\xfe"[:count])
    monkeypatch.setattr(module.os, "close", said.append)
    monkeypatch.setattr(module.fcntl, "ioctl", lambda _line, request, address: said.append((request, address)))
    chip = Ads1115(1, 0x48)
    assert chip.read(1) == -2
    chip.close()
    assert said == ["/dev/i2c-1", (0x0703, 0x48), "01d3e3", "00", 9]
