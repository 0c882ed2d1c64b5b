"""The byte parser against the specification, known field bugs and two million hostile bytes."""

import random

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.edges.midi_bytes import MidiParser
from sideman.jam.events import Controller, NoteOff, NoteOn, OtherMidi

P = "keys"


def feed(*chunks):
    parser = MidiParser(P)
    return [event for ns, chunk in enumerate(chunks) for event in parser.feed(bytes(chunk), ns)]


ON60, ON62, OFF60 = NoteOn(0, P, 0, 60, 100), NoteOn(0, P, 0, 62, 90), NoteOff(0, P, 0, 60)

CASES = {
    "plain": ([0x90, 60, 100], [ON60]),
    "running status": ([0x90, 60, 100, 62, 90, 60, 0], [ON60, ON62, OFF60]),
    "note-on of velocity 0 is a note-off": ([0x90, 60, 0], [OFF60]),
    "note-off with velocity": ([0x80, 60, 64], [OFF60]),
    "clock inside a note-on": ([0x90, 0xF8, 60, 0xF8, 100, 0xF8], [ON60]),
    "active sensing and clock between running status": ([0x90, 60, 100, 0xFE, 0xF8, 62, 90], [ON60, ON62]),
    "reset and undefined realtime inside": ([0x90, 60, 0xFF, 0xFD, 0xF9, 100], [ON60]),
    "short exclusive F0 7F 7F F7": ([0xF0, 0x7F, 0x7F, 0xF7, 0x90, 60, 100], [ON60]),
    "empty exclusive": ([0xF0, 0xF7, 0x90, 60, 100], [ON60]),
    "aborted exclusive does not swallow later notes": ([0xF0, 1, 2, 0x90, 60, 100, 62, 90], [ON60, ON62]),
    "clock inside exclusive": ([0xF0, 1, 0xF8, 2, 0xF7, 0x90, 60, 100], [ON60]),
    "stray data first": ([60, 100, 1, 0x90, 60, 100], [ON60]),
    "stray end of exclusive": ([0xF7, 60, 100, 0x90, 60, 100], [ON60]),
    "system common cancels running status": ([0x90, 60, 100, 0xF2, 1, 2, 62, 90], [ON60]),
    "song select then data": ([0xF3, 5, 62, 90, 0x90, 60, 100], [ON60]),
    "undefined F4 and F5": ([0x90, 60, 100, 0xF4, 62, 90, 0xF5, 1], [ON60]),
    "message broken off by a new status": ([0x90, 60, 0x90, 60, 100], [ON60]),
    "controller": ([0xBF, 64, 127], [Controller(0, P, 15, 64, 127)]),
    "bend, pressures, program": (
        [0xE1, 0, 64, 0xD2, 9, 0xA3, 60, 7, 0xC4, 33, 34],
        [OtherMidi(0, P, bytes(d)) for d in ([0xE1, 0, 64], [0xD2, 9], [0xA3, 60, 7], [0xC4, 33], [0xC4, 34])],
    ),
}


@pytest.mark.parametrize(("data", "events"), CASES.values(), ids=CASES.keys())
def test_known_streams(data, events):
    assert feed(data) == events


def test_the_stamp_is_that_of_the_completing_byte():
    assert feed([0x90, 60], [100, 62], [90]) == [NoteOn(1, P, 0, 60, 100), NoteOn(2, P, 0, 62, 90)]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_cutting_the_stream_changes_nothing(chunks):
    whole = MidiParser(P).feed(b"".join(chunks), 7)
    parser = MidiParser(P)
    assert [e for chunk in chunks for e in parser.feed(chunk, 7)] == whole


@given(st.binary(max_size=200), st.integers(0, 127), st.integers(1, 127))
def test_a_whole_message_is_heard_after_anything(noise, pitch, velocity):
    parser = MidiParser(P)
    parser.feed(noise, 0)
    assert parser.feed(bytes((0x93, pitch, velocity)), 1)[-1] == NoteOn(1, P, 3, pitch, velocity)


@given(st.lists(st.integers(0, 0xFF), max_size=60), st.lists(st.integers(0xF8, 0xFF), max_size=60), st.randoms())
def test_realtime_bytes_anywhere_change_nothing(data, realtime, rng):
    mixed = [b for b in data if b < 0xF8]
    clean = bytes(mixed)
    for byte in realtime:
        mixed.insert(rng.randint(0, len(mixed)), byte)
    assert MidiParser(P).feed(bytes(mixed), 0) == MidiParser(P).feed(clean, 0)


MESSAGE = st.one_of(
    st.tuples(
        st.sampled_from(["note_on", "note_off", "control_change", "polytouch"]),
        st.integers(0, 127),
        st.integers(0, 127),
    ),
    st.tuples(st.sampled_from(["program_change", "aftertouch"]), st.integers(0, 127), st.just(0)),
)


@given(st.lists(st.tuples(MESSAGE, st.integers(0, 15)), max_size=30))
def test_against_mido_with_running_status(messages):
    fields = {"note_on": ("note", "velocity"), "note_off": ("note", "velocity"), "control_change": ("control", "value")}
    fields |= {"polytouch": ("note", "value"), "program_change": ("program",), "aftertouch": ("value",)}
    full, running, last = b"", b"", None
    for (kind, *values), channel in messages:
        data = mido.Message(kind, channel=channel, **dict(zip(fields[kind], values, strict=False))).bin()
        full += data
        running += bytes(data[1:] if data[0] == last else data)
        last = data[0]
    assert MidiParser(P).feed(running, 0) == MidiParser(P).feed(full, 0)
    assert len(MidiParser(P).feed(full, 0)) == len(messages)


def test_two_million_hostile_bytes_give_only_legal_events():
    rng = random.Random(4)
    parser = MidiParser(P)
    statuses = bytes(range(0x80, 0x100))
    heard = 0
    for _ in range(500):
        plain, hostile = rng.randbytes(2000), bytes(rng.choices(statuses, k=400)) + rng.randbytes(1600)
        for data in (plain, hostile):
            for event in parser.feed(data, 3):
                heard += 1
                match event:
                    case NoteOn(channel=c, pitch=p, velocity=v):
                        assert 0 <= c < 16
                        assert 0 <= p < 128
                        assert 1 <= v < 128
                    case NoteOff(channel=c, pitch=p) | Controller(channel=c, number=p):
                        assert 0 <= c < 16
                        assert 0 <= p < 128
                    case OtherMidi(data=raw):
                        assert raw[0] & 0xF0 in (0xA0, 0xC0, 0xD0, 0xE0)
                        assert max(raw[1:]) < 128
        assert len(parser._data) <= 2
    assert heard > 100_000
