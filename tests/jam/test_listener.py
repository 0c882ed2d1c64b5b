"""The ear: notes as they were played, ghosts, held and pulled keys."""

from sideman.jam.events import NoteOff, NoteOn
from sideman.jam.listener import Listener, as_notes
from sideman.music.tempo import TempoMap

MS = 1_000_000


def ear():
    return Listener(40 * MS, 12)


def on(ear, ms, pitch=60, velocity=90, port="keys", channel=0):
    return ear.note_on(NoteOn(ms * MS, port, channel, pitch, velocity))


def off(ear, ms, pitch=60, port="keys", channel=0):
    return ear.note_off(NoteOff(ms * MS, port, channel, pitch))


def test_notes_between_two_moments_by_their_onset():
    e = ear()
    for i in range(5):
        on(e, i * 100, 60 + i)
        off(e, i * 100 + 90, 60 + i)
    assert [n.pitch for n in e.between(100 * MS, 300 * MS)] == [61, 62]


def test_ghosts_do_not_count():
    e = ear()
    quiet, short, real = on(e, 0, 60, 11), on(e, 10, 62), on(e, 20, 64)
    off(e, 49, 62)
    assert [e.counts(n) for n in (quiet, short, real)] == [False, False, True]
    off(e, 60, 64)
    assert e.counts(real)  # 40 ms is no ghost
    assert e.between(0, 1000 * MS) == [real]


def test_a_key_struck_twice_ends_its_first_note():
    e = ear()
    first = on(e, 0)
    on(e, 100)
    assert first.off_ns == 100 * MS
    assert off(e, 200).ns == 100 * MS


def test_two_instruments_and_channels_are_kept_apart():
    e = ear()
    on(e, 0, port="a")
    on(e, 0, port="b")
    on(e, 0, port="a", channel=1)
    assert off(e, 50, port="a").port == "a"
    assert sum(n.off_ns is None for n in e.notes) == 2


def test_a_pulled_instruments_notes_end():
    e = ear()
    a, b = on(e, 0, port="a"), on(e, 0, port="b")
    e.vanished("a", 70 * MS)
    assert (a.off_ns, b.off_ns) == (70 * MS, None)
    assert off(e, 80, port="a") is None


def test_a_stray_note_off_is_nothing():
    assert off(ear(), 10) is None


def test_last_is_the_latest_onset_or_end():
    e = ear()
    assert e.last_ns() is None
    on(e, 5)
    assert e.last_ns() == 5 * MS
    off(e, 9)
    assert e.last_ns() == 9 * MS


def test_ticks_count_from_a_bar_line_and_held_notes_end_now():
    e = ear()
    on(e, 500)
    on(e, 1000, 64)
    off(e, 1250, 64)
    notes = as_notes(e.between(0, 2000 * MS), TempoMap(0, 0, 120), 2000 * MS, 960)
    assert [(n.tick, n.duration, n.pitch) for n in notes] == [(0, 2880, 60), (960, 480, 64)]


def test_overlapping_repeats_of_a_key_leave_nothing_held():
    e = ear()
    first, second = on(e, 0), on(e, 100)
    off(e, 150)
    assert off(e, 300) is None  # the first key's own release comes too late to end anything
    assert (first.off_ns, second.off_ns) == (100 * MS, 150 * MS)
