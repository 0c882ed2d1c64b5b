"""``follow``: first note, silence period, entry on a bar line, committed chords that never change, HELD."""

import pytest

from sideman.jam.cues import Status
from sideman.jam.events import BandChanged
from tests.jam.rig import RIFF, Rig


def following(times=4, **options):
    rig = Rig(mode="follow", **{"tempo_fixed": True, "bpm": 96} | options)
    rig.press("START", -1)
    rig.play(RIFF * times)
    return rig


def beats(rig, part=None):
    line = rig.jam.timeline
    return [(line.ns(n[1]) - rig.at(0)) / rig.quarter for n in rig.sounded(part)]


def test_play_in_idle_arms():
    rig = Rig(mode="follow")
    rig.press("PLAY", 0)
    assert rig.run(0.5).state == "ARMED"


def test_the_silence_period_counts_down_and_the_band_enters_on_the_bar_line():
    rig = following()
    shown = []
    for beat in range(1, 8):
        rig.run(beat + 0.5)
        shown.append(rig.status.countdown)
        assert rig.status.countdown_of == 8
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == pytest.approx(6.5, abs=0.6)
    assert rig.sounded() == []
    rig.run(12)
    assert rig.state == "LISTEN+PLAY"
    assert min(beats(rig)) == pytest.approx(8, abs=0.13)
    assert {n[0] for n in rig.sounded()} == {"drums", "bass", "chords"}


@pytest.mark.parametrize(("period", "entry"), [(4, 4), (2, 4), (6, 8), (8, 8)])
def test_the_entry_is_on_a_bar_line(period, entry):
    rig = following(silence_beats=period).run(entry + 2)
    assert min(beats(rig)) == pytest.approx(entry, abs=0.13)


def test_with_no_tempo_one_is_found_first():
    rig = following(times=3, tempo_fixed=False).run(40)
    assert rig.did("tempo")
    assert rig.state == "LISTEN+PLAY"
    ratio = rig.jam.timeline.tempo.bpm / 96
    assert min(abs(ratio / r - 1) for r in (0.5, 1, 2)) < 0.03
    line = rig.jam.timeline
    assert line.within(rig.jam.session.entry * 240) == 0


def test_play_enters_at_the_next_downbeat():
    rig = following()
    rig.press("PLAY", 2.6)
    rig.run(8)
    assert min(beats(rig)) == pytest.approx(4, abs=0.13)


def test_the_soloist_is_silent():
    assert following().run(40).sounded("solo") == []


@pytest.mark.parametrize("commit_beats", [4, 2, 0])
def test_what_is_committed_never_changes(commit_beats):
    rig = following(commit_beats=commit_beats)
    promised = {}
    for quarter in range(8 * 4, 60 * 4):
        rig.run(quarter / 4)
        book, now = rig.jam.book, rig.jam.timeline.tick(rig.clock.now()) // 240
        for frame in range(now, book.committed):
            span = book.chord_at(frame)
            label = span.chord.label if span else ""
            assert promised.setdefault(frame, label) == label, frame
    ahead = rig.jam.book.committed - rig.jam.timeline.tick(rig.clock.now()) // 240
    assert commit_beats * 4 - 4 < ahead <= commit_beats * 4 + 4  # it grows on the beat, or with every frame


def test_the_strip_shows_committed_and_tentative_chords():
    rig = following(commit_beats=2).run(21.5)
    strip = rig.status.strip
    assert strip
    assert strip[0].committed
    assert 4 <= sum(chord.length for chord in strip) <= 6  # four beats are seen, the rest moves in


def test_stop_holds_the_form_heard_so_far():
    rig = following()
    rig.press("STOP", 24.5)
    rig.run(24.4)
    committed = rig.jam.book.committed + 4  # what is committed stays as it is
    rig.run(26)
    s = rig.jam.session
    assert (rig.state, s.ear.value) == ("PLAYING", "held")
    assert rig.status.shown.startswith("HELD")
    assert rig.status.leds == ("off", "on", "beat")
    bars = s.material.phrase.bars
    assert bars == 4
    form = [c.chord.label for c in s.material.form]
    rig.play([p + 6 for p in RIFF] * 2, start=26)  # a solo in another key changes nothing
    rig.run(60)
    assert [c.chord.label for c in rig.jam.session.material.form] == form
    heard = [(o - s.origin, label) for o, _, label in rig.jam.recorder.chords if o >= committed]
    for offset, label in heard:
        at = offset % (bars * 16)
        span = next(c for c in s.material.form if c.onset <= at < c.onset + c.frames)
        assert span.chord.label == label


def test_start_follows_again_and_knows_what_it_heard():
    rig = following(times=5)
    rig.press("STOP", 24.5)
    rig.press("START", 34)
    rig.run(36)
    assert (rig.state, rig.jam.session.ear.value) == ("LISTEN+PLAY", "listening")
    asks = [a for a in rig.link.asks if a.epoch == rig.jam.session.epoch]
    assert len(asks[0].heard) > 16
    rig.run(50)
    for beat in range(34, 50, 2):
        assert any(beat <= b < beat + 2 for b in beats(rig, "chords")), beat


def test_start_forgets_the_harmony_and_keeps_the_tempo():
    rig = following(times=5)
    rig.press("START", 24.5)
    rig.run(25)
    tempo = rig.jam.timeline.tempo.bpm
    rig.run(29)
    assert rig.state == "LISTEN+PLAY"
    asks = [a for a in rig.link.asks if a.epoch == rig.jam.session.epoch]
    assert len(asks[0].heard) <= 2
    assert rig.jam.timeline.tempo.bpm == tempo
    assert {b for b in beats(rig, "drums") if 25 < b < 29}


def test_taps_keep_the_harmony():
    rig = following(times=5)
    for i in range(4):
        rig.press("START", 24.3 + 0.9 * i, hold_s=0.05)
    rig.run(36)
    assert rig.did("tap")
    assert rig.state == "LISTEN+PLAY"
    asks = [a for a in rig.link.asks if a.epoch == rig.jam.session.epoch]
    assert len(asks[0].heard) > 12


def test_a_tapped_tempo_holds_against_a_found_one():
    rig = following(times=6, tempo_fixed=False)
    for i in range(4):
        rig.press("START", 30.3 + 0.7 * i, hold_s=0.05)
    rig.run(50)
    assert rig.state == "LISTEN+PLAY"
    assert rig.jam.timeline.tempo.bpm == pytest.approx(96 / 0.7, rel=0.01)


def test_double_start_is_other_chords():
    rig = following(times=5)
    for beat in (24.3, 24.7):
        rig.press("START", beat, hold_s=0.05)
    rig.run(34)
    assert rig.jam.session.variation == 1
    assert rig.state == "LISTEN+PLAY"
    asks = [a for a in rig.link.asks if a.epoch == rig.jam.session.epoch]
    assert len(asks[0].heard) > 12
    assert {b for b in beats(rig, "chords") if 28 < b < 34}


@pytest.mark.parametrize("beat", [8.2, 9, 11.9, 20])
def test_two_stops_silence_it_however_soon(beat):
    rig = following()
    rig.press("STOP", beat, hold_s=0.05)
    rig.press("STOP", beat + 1, hold_s=0.05)
    rig.run(beat + 1.2)
    assert not rig.jam.playing
    assert rig.jam.sounding.of("drums", "bass", "chords") == []


def test_stop_before_the_entry_commits_what_was_played():
    rig = following(silence_beats=16)
    rig.press("STOP", 8)
    rig.run(9)
    assert rig.state == "COMMITTED"
    assert rig.jam.session.material.phrase.bars == 2


def test_play_ends_it_and_what_was_heard_can_be_played_again():
    rig = following()
    rig.press("PLAY", 22.7)
    rig.run(23)
    assert rig.state == "ENDING"
    rig.run(26)
    assert rig.state == "COMMITTED"
    rig.press("PLAY", 90)
    rig.run(96)
    assert rig.state == "PLAYING"
    assert max(beats(rig)) > 93


def test_a_ghost_note_does_not_start_the_countdown():
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96)
    rig.press("START", -1.5)
    rig.note(-1, 50, 0.03)
    rig.run(0)
    assert rig.state == "ARMED"
    rig.play(RIFF * 2, start=0.5)
    rig.run(13)
    assert min(beats(rig)) == pytest.approx(8.5, abs=0.15)


def test_a_band_that_dies_is_replaced_by_rules_and_comes_back():
    rig = following(times=5)
    rig.conductor.post(BandChanged(rig.at(20.2), False, (), "killed"))
    rig.conductor.post(BandChanged(rig.at(30.2), True))
    rig.run(46)
    for beat in range(8, 46, 2):
        assert any(beat - 0.1 <= b < beat + 2 for b in beats(rig, "chords")), beat
    assert any(rig.at(20) < r["ns"] < rig.at(30) for r in rig.did("rules"))
    back = [a for a in rig.link.asks if a.frame * 240 / 960 > 30]
    assert len(back[0].heard) > 16  # a new process has heard nothing: it is told all


def test_the_state_is_listen_and_play_all_the_time():
    rig = following().run(40)
    states = {i.state for i in rig.front.items if isinstance(i, Status) and i.ns > rig.at(9)}
    assert states == {"LISTEN+PLAY"}
