"""The virtual player against times worked out by hand and by mido."""

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.events import NoteOff, NoteOn
from sideman.sim.player import Performance, PerformanceError, bar_beat_to_ns, performance_events

S = 1_000_000_000


def file(*tracks, per_quarter=480, kind=1):
    made = mido.MidiFile(type=kind, ticks_per_beat=per_quarter)
    made.tracks += [mido.MidiTrack(track) for track in tracks]
    return made


def name(text):
    return mido.MetaMessage("track_name", name=text)


def note(kind, pitch, time, **more):
    return mido.Message(kind, note=pitch, time=time, **more)


def tempo(us, time=0):
    return mido.MetaMessage("set_tempo", tempo=us, time=time)


def meter(numerator, denominator, time=0):
    return mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=time)


TWO = file(
    [tempo(500_000), meter(4, 4), tempo(1_000_000, 960)],
    [name("MELODY"), note("note_on", 60, 480, velocity=90), note("note_on", 60, 960, velocity=0)],
    [name("PIANO"), note("note_on", 48, 0, channel=1, velocity=70), note("note_off", 48, 1920, channel=1)],
)


def test_tempo_changes_are_honoured():
    events = performance_events(TWO, ["melody"], start_s=1.0)
    assert events == [
        (S + S // 2, NoteOn(S + S // 2, "Virtual player", 0, 60, 90)),
        (S + 2 * S, NoteOff(S + 2 * S, "Virtual player", 0, 60)),
    ]


def test_all_tracks_by_default_and_a_missing_one_is_said():
    assert len(performance_events(TWO)) == 4
    assert Performance(TWO).tracks == ("MELODY", "PIANO")
    with pytest.raises(PerformanceError, match="no track 'bass' in the file; it has: MELODY, PIANO"):
        performance_events(TWO, ["BASS"])


def test_places_follow_the_tempo_map():
    assert [bar_beat_to_ns(t, TWO) for t in ("1", "1.1", "1.2", "1.2.5", "1.3", "1.4", "2.1")] == [
        0,
        0,
        S // 2,
        3 * S // 4,
        S,
        2 * S,
        3 * S,
    ]
    assert bar_beat_to_ns("101.1", TWO) == 3 * S + 99 * 4 * S


def test_places_follow_the_meter_map():
    changes = file([tempo(600_000), meter(3, 4), meter(6, 8, 2 * 3 * 480), meter(7, 8, 2 * 3 * 480)])
    quarter = 600_000_000
    assert bar_beat_to_ns("3.1", changes) == 6 * quarter
    assert bar_beat_to_ns("3.2", changes) == 6 * quarter + 3 * quarter // 2
    assert bar_beat_to_ns("5.1", changes) == 12 * quarter
    assert bar_beat_to_ns("5.3", changes) == 12 * quarter + 2 * quarter
    assert bar_beat_to_ns("6.1", changes) == 12 * quarter + 7 * quarter // 2


def test_a_meter_after_the_default_at_the_start():
    assert bar_beat_to_ns("2.1", file([tempo(500_000), meter(3, 4)])) == 3 * S // 2


@pytest.mark.parametrize(
    ("text", "says"), [("x", "bar.beat"), ("0.1", "count from 1"), ("1.0", "count from 1"), ("1.5", "has 4 beats")]
)
def test_places_that_are_none(text, says):
    with pytest.raises(PerformanceError, match=says):
        bar_beat_to_ns(text, TWO)


def test_files_that_cannot_be_played(tmp_path):
    (tmp_path / "bad.mid").write_bytes(b"MThd nonsense")
    for path in (tmp_path / "bad.mid", tmp_path / "none.mid"):
        with pytest.raises(PerformanceError, match="not a MIDI file"):
            performance_events(path)
    with pytest.raises(PerformanceError, match="type 2"):
        performance_events(file([], kind=2))


def test_a_meter_the_box_does_not_know_only_keeps_bars_from_being_counted():
    odd = file([meter(1, 4)])
    assert performance_events(odd) == []
    with pytest.raises(PerformanceError, match="meter 1/4"):
        bar_beat_to_ns("3.1", odd)


def test_a_file_on_disk_is_the_same(tmp_path):
    TWO.save(tmp_path / "two.mid")
    assert performance_events(tmp_path / "two.mid") == performance_events(TWO)
    assert Performance(tmp_path / "two.mid").end_ns == 3 * S


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(200_000, 2_000_000)), max_size=8),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 127)), min_size=1, max_size=30),
)
def test_times_agree_with_mido(changes, notes):
    made = file(
        [tempo(us, time) for time, us in changes],
        [note("note_on", pitch, time, velocity=64) for time, pitch in notes],
    )
    ours = performance_events(made)
    seconds, theirs = 0.0, []
    for message in made:  # mido's own playing order and times
        seconds += message.time
        if not message.is_meta:
            theirs.append((seconds, message.note))
    assert [e.pitch for _, e in ours] == [pitch for _, pitch in theirs]
    for (ns, event), (at, _) in zip(ours, theirs, strict=True):
        assert event.ns == ns
        assert abs(ns - at * 1e9) < 1000
