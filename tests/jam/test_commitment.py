"""Adaptive commit and the surprise break: how far ahead chords are fixed, and the one thing that frees them."""

from dataclasses import replace

import pytest

from sideman.jam.commitment import strong_frames
from sideman.jam.cues import NoteAhead, PlanShown, StageCue
from sideman.jam.screen import LEDS
from sideman.music.meter import parse_meter
from tests.jam.live_kit import following
from tests.jam.test_follow import following as by_rules


def advising(beats_of):
    """Plans that advise ``beats_of(frame)``."""
    return lambda ask, plan: replace(plan, commit_beats=beats_of(ask.frame), confidence=0.5)


def ahead(rig):
    return rig.jam.book.committed - rig.jam.timeline.tick(rig.clock.now()) // 240


@pytest.mark.parametrize(
    ("advice", "most", "fixed"), [(4, 4, 4), (2, 4, 2), (0, 4, 0), (4, 2, 2), (1, 8, 1), (4, 8, 8)]
)
def test_the_band_advises_how_far_to_commit_within_what_the_player_allows(advice, most, fixed):
    rig = following(advising(lambda _: advice), commit_beats=most, lookahead_beats=8).run(21)
    assert fixed * 4 <= ahead(rig) <= fixed * 4 + 4
    assert rig.status.commit_beats == fixed


def test_switched_off_the_players_own_number_holds():
    rig = following(advising(lambda _: 0), commit_beats=4, adaptive_commit=False).run(21)
    assert ahead(rig) >= 16
    assert rig.did("adaptive_commit") == []


def test_a_shorter_commitment_frees_nothing():
    rig = following(advising(lambda frame: 4 if frame < 60 else 0), just_in_time=False)
    promised, least = {}, 99
    for quarter in range(8 * 4, 24 * 4):
        rig.run(quarter / 4)
        book, now = rig.jam.book, rig.jam.timeline.tick(rig.clock.now()) // 240
        least = min(least, book.committed - now)
        for frame in range(now, book.committed):
            span = book.chord_at(frame)
            assert promised.setdefault(frame, span.chord.label) == span.chord.label
    assert least <= 1


def test_each_change_of_the_commitment_is_in_the_log_and_on_the_displays():
    rig = following(advising(lambda frame: 4 if frame < 48 else 2 if frame < 64 else 0)).run(22)
    assert [(r["before"], r["beats"]) for r in rig.did("adaptive_commit")] == [(4, 2), (2, 0)]
    assert all(0 <= r["sure"] <= 1 for r in rig.did("adaptive_commit"))
    shown = [i.commit_beats for i in rig.front.items if isinstance(i, PlanShown) and i.commit_beats >= 0]
    assert set(shown) == {4, 2, 0}
    assert rig.status.just_in_time
    solid = [chord for chord in rig.status.strip if chord.committed]
    assert sum(chord.length for chord in solid) < 3


def test_less_counts_at_once_and_more_when_it_is_said_twice():
    said = {56: 0, 60: 2, 64: 0, 68: 2, 72: 2}
    rig = following(advising(lambda frame: said.get((frame + 1) // 4 * 4, 2)), just_in_time=False).run(22)
    changes = [(rig.jam.timeline.tick(r["ns"]) // 240 + 1, r["beats"]) for r in rig.did("adaptive_commit")]
    assert changes[-2:] == [(56, 0), (72, 2)]


def surprised_at(frame, rest=0.5):
    """Plans that are surprised when asked at or after a frame."""
    return lambda ask, plan: replace(plan, surprise=-0.4 if ask.frame >= frame else rest)


def test_a_surprise_cancels_from_the_next_half_bar_at_least_two_beats_away():
    rig = following(surprised_at(63)).run(20)
    (first, *_) = rig.did("surprise")
    assert first["frame"] % 8 == 0
    assert 64 + 8 <= first["frame"] < 64 + 16
    assert first["beats"] == 2
    assert first["notes"] > 0
    assert first["surprise"] == -0.4


def test_what_was_cancelled_is_planned_anew():
    rig = following(surprised_at(63))
    rig.run(16)  # frame 64 is decided: the cut is made, the answer is on its way
    target = rig.did("surprise")[0]["frame"]
    assert rig.jam.book.committed == target
    rig.run(16.3)
    assert rig.jam.book.committed > target
    ask = next(a for a in rig.link.asks if a.start == target and a.frame > 60)
    assert ask.frame == 64
    assert all(span.end <= target for span in ask.chords)


def test_it_says_so_on_display_lights_and_stage():
    rig = following(lambda ask, plan: replace(plan, surprise=-0.4 if ask.frame == 63 else 0.4)).run(16.2)
    assert rig.status.notice == "CHANGED"
    assert rig.status.leds == LEDS["CHANGED"]
    assert [i.name for i in rig.front.items if isinstance(i, StageCue)].count("changed") == 1
    rig.run(20)
    assert rig.status.leds == LEDS["LISTEN+PLAY"]


def test_it_waits_for_two_beats_of_the_new_chords_before_the_next():
    rig = following(surprised_at(63)).run(30)
    frames = [r["frame"] for r in rig.did("surprise")]
    moments = [rig.jam.timeline.tick(r["ns"]) // 240 for r in rig.did("surprise")]
    assert len(frames) > 1
    for target, later in zip(frames, moments[1:], strict=False):
        assert later >= target + 8 - 1


def test_with_the_band_late_the_cancelled_part_is_played_all_the_same():
    rig = following(surprised_at(63))
    rig.run(16.1)
    rig.link.latency_ns = None
    rig.run(24)
    strikes = {round(rig.jam.timeline.ns(n[1]) / rig.quarter, 2) for n in rig.sounded("chords")}
    assert len(strikes) > 8
    assert rig.jam.book.committed >= rig.jam.timeline.tick(rig.clock.now()) // 240


@pytest.mark.parametrize("off", [{"surprise_break": False}, {"commit_beats": 2}, {"commit_beats": 0}])
def test_without_something_to_cancel_or_switched_off_nothing_breaks(off):
    assert following(surprised_at(63), **off).run(30).did("surprise") == []


def test_a_held_form_knows_no_surprise():
    rig = following(surprised_at(110))
    rig.press("STOP", 24.2)
    rig.run(60)
    assert rig.jam.session.ear.value == "held"
    assert rig.did("surprise") == []


def test_no_surprise_in_trade():
    rig = following(surprised_at(0), mode="trade")
    rig.press("STOP", 16)
    rig.press("PLAY", 18)
    rig.run(40)
    assert rig.did("surprise") == []


def test_notes_told_ahead_and_then_cancelled_do_not_sound_twice():
    rig = following(surprised_at(63)).run(26)
    seen = set()
    for part, on, pitch, _ in rig.sounded():
        assert (part, on, pitch) not in seen
        seen.add((part, on, pitch))
    assert any(isinstance(i, NoteAhead) for i in rig.front.items)


def test_with_everything_off_it_is_as_if_the_band_had_said_nothing():
    def loud(ask, plan):
        return replace(plan, commit_beats=0, surprise=-2.0)

    off = {"adaptive_commit": False, "just_in_time": False, "surprise_break": False}
    said, plain = following(loud, **off).run(40), by_rules(times=6, **off).run(40)
    assert said.out.sent == plain.out.sent


@pytest.mark.parametrize("meter", ["7/8 2+2+3", "5/4", "3/4", "6/8", "2/4", "12/8"])
def test_the_break_is_on_a_strong_beat_in_any_meter(meter):
    meter = parse_meter(meter)
    rig = following(surprised_at(90), meter=meter, times=10, commit_beats=8, lookahead_beats=8).run(45)
    found = rig.did("surprise")
    assert found
    near = 2 * meter.beat_ticks // 240
    for record in found:
        within = rig.jam.timeline.within(record["frame"] * 240) // 240
        assert within in strong_frames(meter)
        assert record["frame"] * 240 >= rig.jam.timeline.tick(record["ns"]) + near * 240


@pytest.mark.parametrize(("form", "bars"), [("4", 4), ("8", 8), ("blues", 4), ("16", 8)])
def test_a_given_form_is_held(form, bars):
    rig = following(lambda _, plan: plan, times=5, form=form)
    rig.press("STOP", 40.2)
    rig.run(42)
    assert rig.jam.session.material.phrase.bars == bars


def test_a_found_form_is_held():
    rig = following(lambda _, plan: replace(plan, form_bars=4), times=5)
    rig.press("STOP", 48.2)
    rig.run(50)
    assert rig.jam.session.material.phrase.bars == 4
    plain = following(lambda _, plan: plan, times=5)
    plain.press("STOP", 48.2)
    plain.run(50)
    assert plain.jam.session.material.phrase.bars == 12
