"""The protocol's numbers: silence, lookahead, commitment, any meter, any channel and port, hidden chords, stability."""

from dataclasses import replace

import pytest

from sideman.edges.oled_face import draw
from sideman.jam.cues import PlanShown
from sideman.jam.events import NoteOff, NoteOn, SettingChanged
from sideman.jam.live import Stability
from sideman.jam.screen import UNSURE
from sideman.music.meter import parse_meter
from tests.jam.live_kit import following
from tests.jam.rig import RIFF, Rig

METERS = ("7/8 2+2+3", "5/4", "3/4", "6/8", "12/8", "2/2")


def plain(_, plan):
    return plan


@pytest.mark.parametrize("silence", range(0, 17, 4))
def test_the_silence_period_is_nought_to_sixteen_beats(silence):
    rig = following(plain, silence_beats=silence).run(24)
    first = min(n[1] for n in rig.sounded()) / 960
    assert first == pytest.approx(max(4, silence), abs=0.13)  # on a bar line: the one after the first note at least


@pytest.mark.parametrize("lookahead", range(1, 9))
def test_the_plan_reaches_the_lookahead(lookahead):
    rig = following(plain, lookahead_beats=lookahead, commit_beats=0, just_in_time=False).run(22.1)
    now = rig.jam.timeline.tick(rig.clock.now()) // 240
    assert rig.jam.book.filled - now >= lookahead * 4
    assert rig.jam.book.filled - now <= (lookahead + 2) * 4


@pytest.mark.parametrize("commit", range(9))
def test_the_commitment_is_nought_to_the_lookahead(commit):
    rig = following(plain, lookahead_beats=8, commit_beats=commit, just_in_time=False).run(22.1)
    now = rig.jam.timeline.tick(rig.clock.now()) // 240
    assert commit * 4 <= rig.jam.book.committed - now <= commit * 4 + 4


@pytest.mark.parametrize("text", METERS)
@pytest.mark.parametrize("commit", [0, 4])
def test_any_meter_is_followed(text, commit):
    meter = parse_meter(text)
    rig = following(plain, meter=meter, commit_beats=commit, times=10).run(50)
    entry, line = rig.jam.session.entry, rig.jam.timeline
    assert (entry * 240 - line.bar_zero) % meter.bar_ticks == 0
    live = [a for a in rig.link.asks if a.end > a.start and a.start >= entry]
    groups = {tick // 240 for tick in meter.groups}
    asked = {(a.frame + 1 - entry) % meter.bar_frames for a in live}
    assert groups <= asked  # every group has its plan in time
    assert rig.did("late") == []
    bars = {(n[1] - line.bar_zero) // meter.bar_ticks for n in rig.sounded("chords")}
    first = (entry * 240 - line.bar_zero) // meter.bar_ticks
    last = (line.tick(rig.clock.now()) - line.bar_zero) // meter.bar_ticks
    assert set(range(first, last)) <= bars  # no bar is empty
    assert {(c.onset - entry) % meter.bar_frames for c in rig.jam.book.chords if c.onset > entry} <= {
        tick // 240 for tick in (*meter.beats, *meter.groups)
    }


@pytest.mark.parametrize("channel", [0, 3, 8, 10, 15])
@pytest.mark.parametrize("port", ["keys", "Some other piano MIDI 2"])
def test_any_channel_and_port_is_heard(channel, port):
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96)
    rig.press("START", -1)
    for i, pitch in enumerate(RIFF):
        rig.conductor.post(NoteOn(rig.at(i), port, channel, pitch, 90))
        rig.conductor.post(NoteOff(rig.at(i + 0.9), port, channel, pitch))
    rig.run(15)
    assert rig.state == "LISTEN+PLAY"
    heard = {n.tick: n.pitch for a in rig.link.asks for n in a.heard}
    assert [heard[tick] for tick in sorted(heard)][:8] == list(RIFF[:8])


def test_two_hands_on_two_ports_are_one_player():
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96)
    rig.press("START", -1)
    for i, pitch in enumerate(RIFF):
        for port, channel, down in (("keys", 0, 0), ("pedals", 5, 24)):
            rig.conductor.post(NoteOn(rig.at(i), port, channel, pitch - down, 90))
            rig.conductor.post(NoteOff(rig.at(i + 0.9), port, channel, pitch - down))
    rig.run(15)
    heard = {n.pitch for a in rig.link.asks for n in a.heard}
    assert heard >= {*RIFF[:8], *(p - 24 for p in RIFF[:8])}


def test_an_early_first_note_on_frame_nought_starts_it_once():
    rig = following(plain).run(20)
    assert rig.states().count("LISTENING") == 1
    assert rig.jam.session.listen_ns == rig.at(0)


def test_incoming_chords_can_be_hidden():
    open_, hidden = following(plain).run(20.4), following(plain, incoming=False).run(20.4)
    assert sum(c.start > 0 for c in open_.status.strip) + (open_.status.strip[0].length < 4) > 0
    assert len(hidden.status.strip) == 1
    assert (hidden.status.strip[0].start, hidden.status.strip[0].committed) == (0.0, True)
    assert hidden.status.strip[0].name == open_.status.strip[0].name
    plans = [i for i in hidden.front.items if isinstance(i, PlanShown)]
    assert max(len(i.chords) for i in plans) == 1
    assert all(onset <= plan.frame for plan in plans for onset, *_ in plan.chords)


def test_hiding_takes_effect_at_once():
    rig = following(plain)
    rig.conductor.post(SettingChanged(rig.at(18), "display.incoming", "false"))
    rig.run(18.01)
    assert len(rig.status.strip) == 1


@pytest.mark.parametrize(("sure", "unsure"), [(0.05, True), (UNSURE - 0.01, True), (UNSURE, False), (0.9, False)])
def test_it_says_when_it_is_unsure(sure, unsure):
    rig = following(lambda _, plan: replace(plan, confidence=sure)).run(20)
    assert (rig.status.sure, rig.status.unsure) == (pytest.approx(sure, abs=0.001), unsure)
    assert rig.status.detail.endswith(" ?") is unsure
    shown = [i for i in rig.front.items if isinstance(i, PlanShown)][-1]
    assert (shown.sure, shown.unsure) == (rig.status.sure, unsure)


def test_the_display_draws_how_sure_and_how_far():
    rig = following(lambda _, plan: replace(plan, confidence=0.9)).run(20)
    status = rig.status
    same = draw(status, status.ns)
    for change in ({"sure": 0.1}, {"commit_beats": 2}, {"just_in_time": True}):
        assert draw(replace(status, **change), status.ns).tobytes() != same.tobytes()


def test_stability_is_the_share_of_announced_chords_that_were_played():
    kept = Stability()
    assert kept.share is None
    for frame, (said, played) in enumerate([("C", "C"), ("C", "A"), ("F", "F"), ("G", "G")]):
        kept.announce(frame, said)
        kept.played(frame, played)
    kept.played(9, "C")  # never announced
    assert kept.share == 0.75


@pytest.mark.parametrize(("commit", "least", "most"), [(4, 1.0, 1.0), (0, 0.2, 0.99)])
def test_stability_is_measured_live(commit, least, most):
    """Fixed two beats ahead nothing changes; with nothing fixed and a band that moves about, some of it does."""

    def restless(ask, plan):
        step = ask.frame // 4 % 2 if ask.frame > 40 else 0
        chords = tuple(
            replace(c, chord=c.chord.transposed(step if c.onset >= ask.frame + 5 else 0)) for c in plan.chords
        )
        return replace(plan, chords=chords)

    rig = following(restless, commit_beats=commit, just_in_time=False).run(40)
    assert rig.jam.stability.total > 80
    assert least <= rig.jam.stability.share <= most
    shown = [i.stability for i in rig.front.items if isinstance(i, PlanShown)]
    assert shown[-1] == pytest.approx(rig.jam.stability.share, abs=0.1)


def test_what_the_rules_are_given_is_bounded():
    rig = following(plain, times=12)
    rig.run(180)
    held = 32 * 16
    notes = rig.jam.heard_notes()
    now = rig.jam.timeline.tick(rig.clock.now()) // 240
    assert all(n.tick // 240 >= now - held - 1 for n in notes)
    assert len(rig.jam.stability._announced) <= 9
