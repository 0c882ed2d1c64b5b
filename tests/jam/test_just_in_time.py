"""Just-in-time commit: the chord of a strong beat waits for the player, at most 30 ms, and for nobody else."""

import pytest

from sideman.jam.cues import NoteAhead, NoteSounds, PlanShown
from sideman.jam.events import EffectAsked, NoteOff, NoteOn
from sideman.music.meter import parse_meter
from tests.jam.live_kit import following, other_chord, saying
from tests.jam.rig import RIFF

MS = 1_000_000
SPAN = 30 * MS


def played_late(ms, beat=20, said=other_chord, **options):
    """Following with nothing committed; the player is ``ms`` behind the beat on every note."""
    rig = saying(said, commit_beats=0, **options)
    rig.press("START", -1)
    rig.note(0, RIFF[0])
    late = ms * MS / rig.quarter
    for i, pitch in enumerate(RIFF * 4):
        if i:
            rig.note(i + late, pitch)
    return rig.run(beat + 1.5)


def onsets(rig, part, beat, within=0.5):
    """Moments of a part's note-ons near a beat, in ms after it."""
    at = rig.at(beat)
    found = [i.ns for i in rig.front.items if isinstance(i, NoteSounds) and i.velocity and i.part == part]
    return sorted(round((ns - at) / MS, 2) for ns in found if abs(ns - at) < within * rig.quarter)


def pitches(rig, part, beat, within):
    """What a part strikes near a beat."""
    at, items = rig.at(beat), (i for i in rig.front.items if isinstance(i, NoteSounds))
    return sorted(i.pitch for i in items if i.velocity and i.part == part and abs(i.ns - at) < within * rig.quarter)


def test_it_waits_for_the_players_onset():
    rig = played_late(12)
    assert set(onsets(rig, "chords", 20)) == {12}
    assert set(onsets(rig, "bass", 20)) == {12}
    record = next(r for r in rig.did("just_in_time") if r["frame"] == 80)
    assert record["pitch"] == RIFF[4]
    assert record["changed"]
    assert record["chord"] == "C#:min"
    assert record["waited_ms"] == pytest.approx(12, abs=0.01)


def test_it_waits_thirty_milliseconds_at_most():
    rig = played_late(70)
    assert set(onsets(rig, "chords", 20)) == {30}
    record = next(r for r in rig.did("just_in_time") if r["frame"] == 80)
    assert (record["pitch"], record["changed"]) == (None, False)


def test_a_player_ahead_of_the_beat_is_not_kept_waiting():
    rig = played_late(-20)
    assert set(onsets(rig, "chords", 20)) == {0}
    assert next(r for r in rig.did("just_in_time") if r["frame"] == 80)["changed"]


def test_the_drums_never_wait():
    late, plain = played_late(25), played_late(25, just_in_time=False)
    assert onsets(late, "drums", 20) == onsets(plain, "drums", 20)
    assert onsets(late, "drums", 20)


def test_what_is_struck_decides_between_the_chords():
    def fits(ask, plan):
        return other_chord(ask, plan, classes=(2, 7))

    rig = played_late(10, said=fits)
    for record in rig.did("just_in_time"):
        assert record["changed"] == (record["pitch"] is not None and record["pitch"] % 12 in (2, 7))
    assert {r["changed"] for r in rig.did("just_in_time")} == {True, False}


def test_only_strong_beats_wait_and_only_where_it_matters():
    rig = played_late(10)
    assert {a.start % 8 for a in rig.link.asks if a.alternatives} == {0}
    assert {r["frame"] % 8 for r in rig.did("just_in_time")} == {0}
    same = played_late(10, said=lambda _, plan: plan)
    assert same.did("just_in_time") == []
    assert set(onsets(same, "chords", 20)) == {0}


def test_drum_pads_and_ghosts_decide_nothing():
    rig = saying(other_chord, commit_beats=0)
    rig.press("START", -1)
    rig.play(RIFF)
    ns = rig.at(16) + 5 * MS
    rig.conductor.post(NoteOn(ns, "pads", 9, 38, 100))
    rig.conductor.post(NoteOff(ns + 50 * MS, "pads", 9, 38))
    rig.conductor.post(NoteOn(ns + 2 * MS, "keys", 0, 61, 5))
    rig.conductor.post(NoteOff(ns + 90 * MS, "keys", 0, 61))
    rig.run(17)
    assert next(r for r in rig.did("just_in_time") if r["frame"] == 64)["pitch"] is None


def test_it_is_told_ahead_with_the_latest_moment():
    rig = played_late(70)
    told = [i for i in rig.front.items if isinstance(i, NoteAhead) and i.part == "chords"]
    sounded = {(i.pitch, i.ns) for i in rig.front.items if isinstance(i, NoteSounds) and i.velocity}
    waiting = [i for i in told if i.due_ns == rig.at(20) + SPAN]
    assert waiting
    assert {(i.pitch, i.due_ns) for i in waiting} <= sounded


def test_the_take_holds_the_moment_of_the_decision():
    rig = played_late(12)
    line = rig.jam.timeline
    ticks = {n.on for n in rig.jam.recorder.band if n.part == "chords" and abs(line.ns(n.on) - rig.at(20)) < 100 * MS}
    assert ticks == {line.tick(rig.at(20) + 12 * MS)}
    assert max(rig.jam.lateness) == 0
    assert any(onset <= 80 < onset + n and label == "C#:min" for onset, n, label in rig.jam.recorder.chords)


def test_displays_learn_of_the_other_chord():
    rig = played_late(12)
    shown = [i for i in rig.front.items if isinstance(i, PlanShown) and i.ns >= rig.at(20)]
    assert any(chord[2] == "C#:min" for chord in shown[0].chords + shown[1].chords)
    assert rig.status.just_in_time


@pytest.mark.parametrize("late", [-60, -20, -1, 0, 3, 29, 31, 70])
def test_no_chord_sounds_twice_and_none_is_lost(late):
    def plain(_, plan):
        return plan

    for said in (other_chord, lambda ask, plan: other_chord(ask, plan, classes=(0, 4, 9))):
        rig, same = played_late(late, said=said), played_late(late, said=plain)
        for beat in range(8, 20):
            struck = pitches(rig, "chords", beat, 0.12)
            assert len(struck) == len(set(struck)), beat
            assert len(struck) >= min(2, len(pitches(same, "chords", beat, 0.12))), beat
        assert rig.finish(30).out.hung() == set()


def test_nothing_rings_into_the_other_chord():
    rig = played_late(12)
    struck = rig.jam.timeline.tick(rig.at(20) + 12 * MS)
    for note in rig.jam.recorder.band:
        if note.part in ("chords", "bass") and note.on < struck:
            assert note.off is not None
            assert note.off <= struck


@pytest.mark.parametrize("press", ["panic", "silence", "commit", "end", "new", "fill"])
@pytest.mark.parametrize("ms", [-10, 5, 29])
def test_a_press_while_it_waits_hangs_nothing(press, ms):
    rig = saying(other_chord, commit_beats=0)
    rig.press("START", -1)
    rig.play(RIFF)
    rig.conductor.post(EffectAsked(rig.at(16) + ms * MS, press))
    rig.finish(26)
    assert rig.out.hung() == set()
    assert len(rig.jam.sounding) == 0
    assert rig.jam.following.waiting is None


def test_a_late_band_costs_only_the_choice():
    rig = saying(other_chord, commit_beats=0)
    rig.link.latency_ns = 400 * MS
    rig.press("START", -1)
    rig.play(RIFF * 3)
    rig.run(30)
    assert rig.did("just_in_time") == []
    strikes = [b for beat in range(10, 30) for b in onsets(rig, "chords", beat, 0.12)]
    assert len(strikes) > 20
    assert set(strikes) == {0}


def test_replay_is_the_same():
    rig = played_late(12)
    rig.finish(24)
    other = rig.replayed()
    assert [data for _, data in other.out.sent] == [data for _, data in rig.out.sent]
    assert other.sounded() == rig.sounded()
    assert other.jam.recorder.chords == rig.jam.recorder.chords


@pytest.mark.parametrize("text", ["3/4", "6/8", "5/4", "7/8 2+2+3"])
def test_in_any_meter_it_is_the_strong_beats(text):
    meter = parse_meter(text)
    rig = following(other_chord, commit_beats=0, meter=meter, times=8).run(40)
    strong = {tick // 240 for tick in meter.groups} if text != "7/8 2+2+3" else {0}
    origin = rig.jam.session.origin
    frames = {(r["frame"] - origin) % meter.bar_frames for r in rig.did("just_in_time")}
    assert frames == strong
