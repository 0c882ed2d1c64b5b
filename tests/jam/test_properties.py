"""Whatever feet, hands, cables and a failing band do: no hung note, no lost state, committed means committed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.jam.cues import NoteAhead, NoteSounds
from sideman.jam.events import (
    BandChanged,
    Controller,
    EffectAsked,
    Fault,
    NoteOff,
    NoteOn,
    PortAppeared,
    PortVanished,
    SettingChanged,
    SwitchEdge,
)
from sideman.jam.states import State
from tests.jam.live_kit import other_chord, saying
from tests.jam.rig import RIFF, SECOND, START_NS, Rig

MS = 1_000_000
NAMES = ["new", "fill", "undo", "redo", "panic", "listen", "commit", "start", "end", "silence", "menu", "next_part"]
_gap = st.sampled_from([1, 20, 60, 300, 330, 30, 90, 250, 400, 650, 900, 1500, 2500, 6000])
_actions = st.lists(
    st.tuples(
        _gap,
        st.one_of(
            st.tuples(
                st.just("press"), st.sampled_from(["START", "STOP", "PLAY"]), st.sampled_from([50, 120, 900, 1700])
            ),
            st.tuples(st.just("note"), st.integers(36, 84), st.sampled_from([20, 200, 700, 3000])),
            st.tuples(st.just("phrase"), st.integers(1, 4), st.sampled_from([400, 500, 625])),
            st.tuples(st.just("jam"), st.integers(1, 2), st.sampled_from([300, 500])),
            st.tuples(st.just("band"), st.booleans(), st.just(0)),
            st.tuples(st.just("port"), st.booleans(), st.just(0)),
            st.tuples(st.just("latency"), st.sampled_from([0, 2, 80, 700, 4000, None]), st.just(0)),
            st.tuples(
                st.just("set"),
                st.sampled_from(
                    [
                        ("jam.mode", "follow"),
                        ("jam.mode", "trade"),
                        ("tempo.mode", "fixed"),
                        ("tempo.mode", "free"),
                        ("tempo.bpm", "140"),
                        ("jam.meter", "7/8 2+2+3"),
                        ("jam.meter", "3/4"),
                        ("tempo.count_in", "1"),
                        ("tempo.count_in", "0"),
                        ("click.on", "true"),
                        ("jam.lineup", "drums"),
                        ("tempo.bpm", "73"),
                        ("jam.key", "E min"),
                        ("follow.commit_beats", "2"),
                        ("jam.mode", "no such"),
                        ("jam.lineup", "all"),
                        ("jam.ending", "ritard"),
                        ("jam.ending", "stop"),
                        ("jam.ending", "hit"),
                        ("parts.bass.mute", "true"),
                        ("follow.commit_beats", "0"),
                        ("follow.silence_beats", "2"),
                        ("follow.adaptive_commit", "false"),
                        ("follow.just_in_time", "false"),
                        ("follow.surprise_break", "false"),
                        ("jam.meter", "6/8"),
                        ("jam.transpose", "5"),
                    ]
                ),
                st.just(0),
            ),
            st.tuples(st.just("effect"), st.sampled_from([*NAMES, "press TAP", "press NEXT"]), st.just(0)),
            st.tuples(st.just("sustain"), st.sampled_from([0, 127]), st.just(0)),
        ),
    ),
    min_size=3,
    max_size=40,
)


def _jam(post, ns, times, step):
    """START, a phrase, STOP on its downbeat, PLAY a beat later."""
    for down in (True, False):
        post(SwitchEdge(ns + (0 if down else 60 * MS), "START", down))
    ns += SECOND
    for i, pitch in enumerate(RIFF * times):
        post(NoteOn(ns + i * step * MS, "keys", 0, pitch, 80))
        post(NoteOff(ns + (i * step + step - 30) * MS, "keys", 0, pitch))
    ns += len(RIFF) * times * step * MS
    for switch, after in (("STOP", 0), ("PLAY", step)):
        for down in (True, False):
            post(SwitchEdge(ns + (after + (0 if down else 60)) * MS, switch, down))
    return ns + (2 * step + 700) * MS


def _post(rig, actions):
    post = rig.conductor.post
    ns = _jam(post, START_NS + SECOND, 1, 500)
    for gap, (kind, a, b) in actions:
        ns += gap * MS
        if kind == "press":
            post(SwitchEdge(ns, a, True))
            post(SwitchEdge(ns + b * MS, a, False))
        elif kind == "note":
            post(NoteOn(ns, "keys", 0, a, 90))
            post(NoteOff(ns + b * MS, "keys", 0, a))
        elif kind == "phrase":
            for i, pitch in enumerate(RIFF * a):
                post(NoteOn(ns + i * b * MS, "keys", 0, pitch, 80))
                post(NoteOff(ns + (i * b + b - 30) * MS, "keys", 0, pitch))
            ns += len(RIFF) * a * b * MS
        elif kind == "jam":
            ns = _jam(post, ns, a, b)
        elif kind == "band":
            post(BandChanged(ns, a))
        elif kind == "port":
            post(PortAppeared(ns, "keys", "in") if a else PortVanished(ns, "keys", "in"))
        elif kind == "latency":
            post(Fault(ns, "test", f"latency {a}"))
            rig.latencies.append((ns, a))
        elif kind == "set":
            post(SettingChanged(ns, *a))
        elif kind == "sustain":
            post(Controller(ns, "keys", 0, 64, a))
        else:
            post(EffectAsked(ns, a))
    return ns


def _moody(ask, plan):
    """A band that changes its mind: how far to commit, whether it is surprised, which chord a note calls for."""
    plan = replace(plan, commit_beats=ask.id * 7 % 5, surprise=0.3 - (ask.id % 4 == 0), form_bars=4 * (ask.id % 3))
    return other_chord(ask, plan, root=ask.id % 12, classes=tuple(range(ask.id % 3, 12, 2)))


def _run(actions, **options):
    rig = saying(_moody, **{"mode": "trade", "tempo_fixed": False, "bpm": 100.0} | options)
    rig.latencies = []
    ns = _post(rig, actions)
    for when, latency in rig.latencies:
        rig.run((when - rig.zero) / rig.quarter)
        rig.link.latency_ns = None if latency is None else latency * MS
    rig.run((ns - rig.zero) / rig.quarter + 12)
    return rig


@settings(max_examples=40, deadline=None)
@given(_actions)
def test_nothing_hangs_and_every_state_is_in_the_table(actions):
    rig = _run(actions)
    rig.finish((rig.clock.now() - rig.zero) / rig.quarter + 1)
    assert rig.out.hung() == set()
    assert len(rig.jam.sounding) == 0
    assert set(rig.states()) <= {s.value for s in State}
    assert rig.conductor.done


@settings(max_examples=20, deadline=None)
@given(_actions, st.sampled_from([0, 2, 4]))
def test_following_hangs_nothing_either(actions, commit_beats):
    rig = _run(actions, mode="follow", commit_beats=commit_beats)
    rig.finish((rig.clock.now() - rig.zero) / rig.quarter + 1)
    assert rig.out.hung() == set()
    assert len(rig.jam.sounding) == 0
    assert rig.jam.following.waiting is None


@settings(max_examples=25, deadline=None)
@given(_actions, st.sampled_from(["trade", "follow"]))
def test_nothing_is_due_before_now(actions, mode):
    rig = _run(actions, mode=mode, commit_beats=0)
    stamps = [ns for ns, _ in rig.out.sent]
    assert stamps == sorted(stamps)
    assert min(rig.jam.lateness, default=0) >= 0


@settings(max_examples=25, deadline=None)
@given(_actions, st.sampled_from(["trade", "follow"]), st.sampled_from([0, 4]))
def test_replay_is_identical(actions, mode, commit_beats):
    rig = _run(actions, mode=mode, commit_beats=commit_beats)
    rig.finish((rig.clock.now() - rig.zero) / rig.quarter + 1)
    other = rig.replayed()
    assert [d for _, d in other.out.sent] == [d for _, d in rig.out.sent]
    assert other.sounded() == rig.sounded()
    assert other.states() == rig.states()


@settings(max_examples=25, deadline=None)
@given(_actions, st.sampled_from(["trade", "follow"]), st.sampled_from([0, 2, 4]))
def test_committed_notes_change_by_the_four_causes_only(actions, mode, commit_beats):
    """Stop, tap, a press taken back, a surprise; a chord decided just in time is committed at its decision."""
    kept = [(g, a) for g, a in actions if a[0] != "set"]
    rig = _run(kept, mode=mode, commit_beats=commit_beats, tempo_fixed=mode == "follow")  # no lean: moments stay
    excused = [r["ns"] for r in rig.journal.items if r.get("did") in ("cut", "tap", "taken_back", "surprise")]
    decided = [r["ns"] for r in rig.journal.items if r.get("did") == "just_in_time"]
    times = {}
    for item in rig.front.items:
        if isinstance(item, NoteSounds) and item.velocity:
            times.setdefault((item.part, item.pitch), []).append(item.ns)
    end = rig.clock.now()
    for told, item in enumerate(rig.front.items):
        if not isinstance(item, NoteAhead) or item.due_ns > end:
            continue
        came = any(abs(t - item.due_ns) < 2_000_000 for t in times.get((item.part, item.pitch), []))
        waited = item.part in ("bass", "chords") and any(-50 * MS < ns - item.due_ns < 2 * MS for ns in decided)
        assert came or waited or any(ns <= item.due_ns + 2_000_000 for ns in excused), (told, item)


@settings(max_examples=20, deadline=None)
@given(_actions)
def test_a_chord_that_waits_sounds_once(actions):
    rig = _run([(g, a) for g, a in actions if a[0] not in ("set", "press", "effect")], mode="follow", commit_beats=0)
    struck = [(n.part, n.pitch, n.on) for n in rig.jam.recorder.band if n.part in ("bass", "chords")]
    assert len(struck) == len(set(struck))
    line = rig.jam.timeline
    for record in (r for r in rig.journal.items if r.get("did") == "just_in_time"):
        tick = max(record["frame"] * 240, line.tick(record["ns"]))
        around = {on for part, _, on in struck if part == "chords" and abs(on - tick) < 110}
        assert len(around) <= 1, (record, around)


@settings(max_examples=25, deadline=None)
@given(_actions, st.sampled_from(["trade", "follow"]))
def test_two_stops_silence_everything_outside_the_menu(actions, mode):
    rig = Rig(mode=mode)
    rig.latencies = []
    ns = _post(rig, [(g, a) for g, a in actions if a[0] != "latency"])
    later = ns + 3 * SECOND
    rig.run((later - rig.zero) / rig.quarter)
    presses = 3 if rig.state == "MENU" else 2
    for i in range(presses):
        rig.conductor.post(SwitchEdge(later + (1 + 600 * i) * MS, "STOP", True))
        rig.conductor.post(SwitchEdge(later + (101 + 600 * i) * MS, "STOP", False))
    rig.run((later + (1 + 600 * (presses - 1) + 100) * MS - rig.zero) / rig.quarter)
    assert not rig.jam.playing, rig.state
    assert not rig.jam.sounding.of("drums", "bass", "chords", "solo", "click")
