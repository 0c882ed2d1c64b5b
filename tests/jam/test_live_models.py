"""Following with the band's own networks: another key breaks the commitment, a note decides a chord, off means off."""

from dataclasses import replace
from functools import cache

import pytest

from sideman.band.ensemble import Ensemble
from sideman.jam.events import PlanReady
from sideman.sim.band import InlineBand
from tests.jam.rig import Rig

TUNE = (64, 67, 72, 71, 69, 67, 64, 60, 65, 69, 72, 69, 67, 71, 74, 67)
CHANGE = 9
"""The bar from which the tune is a tritone higher."""
OFF = {"adaptive_commit": False, "just_in_time": False, "surprise_break": False}


@cache
def ensemble():
    return Ensemble()


class Deaf(InlineBand):
    """A band whose plans say nothing of themselves, as those of rules."""

    def ask(self, ask):
        plan = self._ensemble.answer(ask)
        bare = replace(plan, commit_beats=None, key_sure=0.0, form_bars=0, surprise=None, alternatives=())
        self._post(PlanReady(self._clock() + 1_000_000, bare))


@cache
def jam(kind=InlineBand, late_ms=0, bars=13, **options):
    ensemble().forget()
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96, lineup="no_solo", **options)
    band = kind(rig.conductor.post, rig.clock.now, ensemble=ensemble())
    rig.link = rig.jam.ports.link = band
    rig.press("START", -1)
    for i in range(4 * bars):
        late = late_ms * 1_000_000 / rig.quarter if i else 0
        rig.note(i + late, TUNE[i % 16] + (6 if i >= 4 * (CHANGE - 1) else 0), 0.85)
    return rig.finish(4 * bars)


def bar(rig, record):
    return rig.jam.timeline.tick(record["ns"]) // 3840 + 1


def test_another_key_triggers_a_break_and_nothing_else_does():
    rig = jam(adaptive_commit=False)
    broken = rig.did("surprise")
    assert broken
    assert {bar(rig, record) for record in broken} <= set(range(CHANGE, CHANGE + 5))
    assert bar(rig, broken[0]) <= CHANGE + 2
    assert rig.out.hung() == set()


def test_the_break_can_be_switched_off():
    assert jam(adaptive_commit=False, surprise_break=False).did("surprise") == []


def test_the_commitment_is_adapted():
    rig = jam()
    assert rig.did("adaptive_commit")
    assert {r["beats"] for r in rig.did("adaptive_commit")} <= {0, 1, 2, 3, 4}


def test_a_note_decides_a_chord_where_it_matters():
    rig = jam(commit_beats=0, late_ms=10)
    decided = rig.did("just_in_time")
    assert decided
    assert all(r["pitch"] is not None and r["waited_ms"] == pytest.approx(10, abs=0.01) for r in decided)
    assert {r["frame"] % 8 for r in decided} == {0}
    assert rig.out.hung() == set()


def test_switched_off_it_is_as_if_the_band_had_said_nothing():
    assert jam(**OFF).out.sent == jam(kind=Deaf, **OFF).out.sent


@pytest.mark.parametrize("commit", [0, 4])
def test_the_log_gives_the_same_again(commit):
    rig = jam(commit_beats=commit)
    other = rig.replayed()
    assert [data for _, data in other.out.sent] == [data for _, data in rig.out.sent]
    assert other.sounded() == rig.sounded()


def test_stability_is_measured():
    rig = jam()
    assert rig.jam.stability.total > 100
    assert 0.5 <= rig.jam.stability.share <= 1
