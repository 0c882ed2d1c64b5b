"""The conductor: order of things, plans on their frame, the band's failures, the end."""

import pytest

from sideman.band.messages import Plan
from sideman.jam.conductor import CROWD
from sideman.jam.core import NOTE_ON
from sideman.jam.cues import BeatCue, NoteAhead, NoteSounds, PlanShown, Status
from sideman.jam.events import BandChanged, NoteOn, PlanReady, PortVanished, Shutdown, SwitchEdge
from tests.jam.rig import RIFF, Rig, committed, playing

MS = 1_000_000
AHEAD = 400_000


def test_events_ahead_of_their_stamp_wait():
    rig = Rig()
    rig.conductor.post(SwitchEdge(rig.at(5), "START", True))
    assert rig.run(4.9).state == "IDLE"
    assert rig.run(5).state == "ARMED"


def test_an_event_behind_takes_its_place_after_what_was_done():
    rig = playing()
    rig.run(25)
    rig.clock.set(rig.at(25.4))
    rig.conductor.advance(rig.clock.now())
    rig.conductor.post(NoteOn(rig.at(25.1), "keys", 0, 61, 90))
    rig.run(25.5)
    assert rig.jam.late_events == 1
    took = next(r for r in reversed(rig.journal.items) if "in" in r)
    assert took["taken"] > rig.at(25.1)
    assert took["in"]["ns"] == rig.at(25.1)  # the stamp stays what it was


def test_a_plan_takes_effect_at_the_frame_after_the_one_it_was_asked_at():
    rig = playing()
    rig.run(30)
    asks = {a.id: a for a in rig.link.asks}
    assert asks
    assert rig.jam.plans >= len(asks) - 1
    assert rig.jam.late_plans == 0


def test_a_late_plan_is_recorded_once_and_still_used():
    rig = playing(latency_ns=500 * MS)
    rig.run(50)
    numbers = [r["ask"] for r in rig.did("late")]
    assert numbers
    assert len(numbers) == len(set(numbers)) == rig.jam.late_plans


def test_a_plan_nobody_asked_for_changes_nothing():
    rig, plain = playing(), playing()
    rig.conductor.post(PlanReady(rig.at(25), Plan(9999, 1, 100, 0, 4000)))
    assert rig.run(40).sounded() == plain.run(40).sounded()


def test_a_plan_of_an_older_phrase_changes_nothing():
    rig = playing(latency_ns=900 * MS)
    rig.press("START", 24, hold_s=0.9)  # undo: idle
    rig.run(40)
    assert rig.state == "IDLE"
    assert max(n[1] for n in rig.sounded()) < rig.jam.timeline.tick(rig.at(26))


def test_a_band_that_dies_and_comes_back_leaves_no_hole():
    rig = playing()
    rig.conductor.post(BandChanged(rig.at(26), False, (), "killed"))
    rig.conductor.post(BandChanged(rig.at(36), True))
    rig.run(27)
    assert "band: killed" in rig.status.faults
    rig.run(60)
    line = rig.jam.timeline
    for beat in range(20, 60):
        lo = line.tick(rig.at(beat)) - 120
        assert any(lo <= n[1] < lo + 960 for n in rig.sounded("drums")), beat
    assert rig.status.faults == ()
    again = [a for a in rig.link.asks if a.frame * 240 > line.tick(rig.at(36))]
    assert again[0].phrase is not None  # it is told the phrase once more


def test_a_band_that_dies_before_the_start():
    rig = committed()
    rig.conductor.post(BandChanged(rig.at(17), False, (), "killed"))
    rig.press("PLAY", 20)
    rig.run(30)
    assert {n[0] for n in rig.sounded()} == {"drums", "bass", "chords", "solo"}


@pytest.mark.parametrize("beat", [-0.5, 4, 18, 21, 25.5, 28.0])
def test_shutdown_at_any_moment_silences_everything(beat):
    rig = playing()
    rig.press("PLAY", 25)
    rig.note(beat - 0.1, 90, 9)
    rig.finish(beat)
    assert rig.conductor.done
    assert rig.out.hung() == set()
    assert rig.out.sent[-1][0] - rig.at(beat) <= 1
    rig.conductor.post(SwitchEdge(rig.at(beat + 1), "START", True))
    rig.run()
    assert rig.conductor.done


def test_an_idle_box_has_nothing_to_do():
    rig = playing()
    rig.press("STOP", 24)
    rig.run(60)
    assert rig.conductor.idle
    due = rig.conductor.next_due()
    assert due is None or due > rig.at(59)


def test_pulling_every_cable_while_everything_sounds():
    rig = playing()
    for port in ("a", "b"):
        rig.conductor.post(NoteOn(rig.at(25), port, 0, 60, 90))
        rig.conductor.post(PortVanished(rig.at(25.5), port, "in"))
    rig.run(25.6)
    assert not [k for k in rig.out.hung() if k[0] == 0]
    assert rig.jam.playing


def test_the_log_of_an_evening_replays():
    rig = playing()
    rig.press("START", 27)
    rig.play(RIFF, start=28)
    rig.press("STOP", 44)
    rig.press("START", 50, hold_s=0.9)
    rig.press("PLAY", 62.3)
    rig.conductor.post(Shutdown(rig.at(80)))
    rig.run()
    again = rig.replayed()
    assert again.sounded() == rig.sounded()
    assert [d for _, d in again.out.sent] == [d for _, d in rig.out.sent]


def run_ahead(rig, beat):
    """As a driver in real time does: the band's notes are made ready a little before they are due, errands wait."""
    conductor, clock = rig.conductor, rig.clock
    while (due := conductor.next_due()) is not None and due <= rig.at(beat):
        clock.set(max(clock.now(), due - AHEAD))
        sent = len(rig.out.sent)
        for at, data in conductor.ready(clock.now() + AHEAD):
            assert len(rig.out.sent) == sent  # nothing has left by itself
            clock.set(max(clock.now(), at))
            rig.jam.send(data, at)
            sent += 1
        clock.set(max(clock.now(), due))
        conductor.handle(clock.now())
        while (conductor.next_due() or rig.at(beat)) - clock.now() > 1_000_000 and conductor.errand():
            pass
    clock.set(rig.at(beat))
    conductor.advance(clock.now())
    return rig


def test_notes_made_ready_ahead_are_the_same_music_at_the_same_moments():
    ahead, plain = run_ahead(playing(), 40), playing().run(40)
    assert len(plain.out.sent) > 100
    assert ahead.out.sent == plain.out.sent
    assert ahead.sounded() == plain.sounded()
    assert ahead.journal.items == plain.journal.items
    assert ahead.jam.lateness == [0] * len(ahead.jam.lateness)
    for kind in (NoteAhead, NoteSounds, PlanShown, BeatCue):
        assert [i for i in ahead.front.items if isinstance(i, kind)] == [
            i for i in plain.front.items if isinstance(i, kind)
        ]


def test_errands_wait_until_a_driver_has_time_for_them():
    rig = playing().run(25)
    conductor, done = rig.conductor, []
    while conductor.errand():
        pass
    tick = rig.jam.timeline.tick(rig.jam.now) + 5
    moment = rig.jam.timeline.ns(tick)
    rig.jam.errands.append(lambda: done.append(len(rig.out.sent)))
    for pitch in (50, 51):
        rig.jam.push(moment, NOTE_ON, "on", (tick, "chords", pitch, 90, 240))
    before = len(rig.out.sent)
    conductor.handle(moment)
    assert len(rig.out.sent) >= before + 2
    assert not done
    conductor.post(NoteOn(moment + 1, "keys", 0, 61, 90))
    conductor.handle(moment + 1)
    assert not done
    conductor.advance(moment + 2)
    assert done == [before + 3]  # after the band's notes and the player's


def test_errands_without_a_pause_are_done_all_the_same():
    rig = playing().run(25)
    rig.jam.errands.extend([lambda: None] * (CROWD + 50))
    rig.conductor.post(NoteOn(rig.at(25) + 1, "keys", 0, 61, 90))
    rig.conductor.handle(rig.at(25) + 1)
    assert CROWD <= len(rig.jam.errands) < CROWD + 50


def test_a_press_draws_the_status_once_and_after_its_notes():
    rig = committed().run(60)
    rig.front.items.clear()
    rig.press("PLAY", 60.5)
    sent = len(rig.out.sent)
    rig.conductor.handle(rig.at(60.5))
    assert any(data[0] & 0xF0 == 0x90 for _, data in rig.out.sent[sent:])
    assert not [i for i in rig.front.items if isinstance(i, Status)]
    rig.conductor.advance(rig.at(60.5))
    assert len([i for i in rig.front.items if isinstance(i, Status)]) == 1
    assert rig.status.state == "PLAYING"


def test_only_notes_are_made_ready_and_nothing_is_done_before_its_turn():
    rig = playing()
    rig.run(25)
    rig.conductor.post(NoteOn(rig.at(25) + 1, "keys", 0, 61, 90))
    assert rig.conductor.sounds_next
    assert rig.conductor.ready(rig.at(60)) == []
    rig.conductor.advance(rig.at(25) + 1)
    while rig.jam.heap[0][3] != "on":
        rig.conductor.advance(rig.conductor.next_due())
    assert rig.conductor.sounds_next
    due = rig.conductor.next_due()
    assert rig.conductor.ready(due - 1) == []
    assert rig.conductor.ready(due)[0][0] == due


def test_a_stop_while_notes_are_in_the_hand_leaves_none_hanging():
    rig = playing()
    rig.run(25)
    owed = []
    while not any(data[0] & 0xF0 == 0x90 for _, data in owed):
        for at, data in owed:
            rig.jam.send(data, at)
        due = rig.conductor.next_due()
        owed = rig.conductor.ready(due)
        if not owed:
            rig.conductor.advance(due)
    rig.conductor.post(SwitchEdge(due - AHEAD // 2, "STOP", True))  # stamped before the note, come after it was ready
    for at, data in owed:
        rig.jam.send(data, at)
    assert rig.out.hung()
    assert rig.run(26).state == "COMMITTED"
    assert rig.out.hung() == set()
