"""OSC in over real UDP: presses, effects and settings arrive, everything else is refused and nothing raises."""

import logging
import queue
import socket
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from sideman.edges.osc_in import LIMIT, RATE, Bucket, OscInput
from sideman.jam.events import EffectAsked, Fault, SwitchEdge

S = 1_000_000_000


def message(address, *args):
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg)
    return builder.build()


class Box:
    """What stands behind the input: events come out of a queue, settings are kept or refused."""

    def __init__(self, **options):
        self.events = queue.SimpleQueue()
        self.settings = []
        self.input = OscInput(self.events.put, options.pop("port", 0), change=self.change, **options)

    def change(self, key, text):
        if key == "no.such":
            return "there is no such key"
        self.settings.append((key, text))
        self.events.put((key, text))
        return ""

    def next(self):
        return self.events.get(timeout=5)


@pytest.fixture
def box():
    box = Box()
    box.input.start()
    yield box
    box.input.close()


@pytest.fixture
def send(box):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        yield lambda *parts: sock.sendto(message(*parts).dgram, ("127.0.0.1", box.input.port))


def test_a_press_without_release(box, send):
    send("/sideman/press", "start")
    event = box.next()
    assert isinstance(event, EffectAsked)
    assert event.name == "press START"


def test_a_foot_down_and_up(box, send):
    for down in (1, 1, 0.0, 0, True, False):
        send("/sideman/press", "STOP", down)
    edges = [box.next() for _ in range(4)]
    assert [(e.switch, e.down) for e in edges] == [("STOP", True), ("STOP", False)] * 2
    assert [e.ns for e in edges] == sorted(e.ns for e in edges)
    send("/sideman/do", "tap")
    assert box.next().name == "tap"


def test_settings_as_text_number_and_flag(box, send):
    for value in ("7/8 2+2+3", 96, 96.5, True, False):
        send("/sideman/set", "some.key", value)
    texts = [box.next()[1] for _ in range(5)]
    assert texts == ["7/8 2+2+3", "96", "96.5", "true", "false"]


def test_what_is_held_is_released_at_the_end():
    box = Box()
    box.input.take(message("/sideman/press", "PLAY", 1).dgram, S)
    box.input.close()
    assert isinstance(box.next(), SwitchEdge)
    assert not box.next().down


@pytest.mark.parametrize(
    "parts",
    [
        ("/sideman/press",),
        ("/sideman/press", "LEFT"),
        ("/sideman/press", 1),
        ("/sideman/press", "START", "down"),
        ("/sideman/press", "START", 1, 1),
        ("/sideman/do",),
        ("/sideman/do", 3),
        ("/sideman/do", "x" * 100),
        ("/sideman/do", "tap\n"),
        ("/sideman/set", "tempo.bpm"),
        ("/sideman/set", "no.such", 1),
        ("/sideman/else", 1),
        ("/noteOn/1/60", 1.0),
    ],
)
def test_what_is_not_in_the_table_is_a_line_in_the_log(parts, caplog):
    box = Box()
    with caplog.at_level(logging.INFO):
        box.input.take(message(*parts).dgram, S)
    assert box.events.empty()
    assert len(caplog.records) == 1
    assert parts[0] in caplog.text


def test_lines_are_few_and_say_how_many_were_left_out(caplog):
    box = Box()
    with caplog.at_level(logging.INFO):
        for i in range(100):
            box.input.take(b"rubbish", S + i)
        box.input.take(b"rubbish", 3 * S)
    assert len(caplog.records) == 2
    assert "99 more" in caplog.records[1].message


def test_no_more_than_so_many_a_second():
    box = Box()
    for i in range(3 * RATE):
        box.input.take(message("/sideman/do", "tap").dgram, S + i)
    assert box.events.qsize() == RATE
    box.input.take(message("/sideman/do", "tap").dgram, 2 * S)
    assert box.events.qsize() == RATE + 1


def test_a_bundle_counts_message_by_message():
    builder = OscBundleBuilder(0)
    for _ in range(20):
        builder.add_content(message("/sideman/do", "tap"))
    data = builder.build().dgram
    assert len(data) <= LIMIT
    box = Box()
    for _ in range(RATE // 20 + 1):
        box.input.take(data, S)
    assert box.events.qsize() == RATE


def test_the_bucket_never_lets_more_pass_than_its_rate():
    bucket = Bucket(10)
    passed = sum(bucket.take(ns) for ns in range(0, 2 * S, S // 100))
    assert 28 <= passed <= 30


def test_strangers_are_not_heard(caplog):
    box = Box(allow=("192.0.2.1",))
    box.input.start()
    with caplog.at_level(logging.INFO), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(message("/sideman/do", "tap").dgram, ("127.0.0.1", box.input.port))
        while "osc.allow" not in caplog.text:
            box.input._ending.wait(0.005)
    box.input.close()
    assert box.events.empty()


def test_a_taken_port_is_a_fault(box):
    other = Box(port=box.input.port)
    other.input.start()
    fault = other.next()
    assert isinstance(fault, Fault)
    assert "osc.listen" in fault.text
    assert other.input.port == 0
    other.input.close()


def test_the_parser_writes_nothing_itself(box, send, caplog):
    odd = b"/sideman/do\0" + b",Z\0\0"
    with caplog.at_level(logging.INFO), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(odd, ("127.0.0.1", box.input.port))
        send("/sideman/do", "tap")
        assert box.next().name == "tap"
    assert {record.name for record in caplog.records} <= {"sideman.edges.osc_in"}


ADDRESSES = st.sampled_from([b"/sideman/press", b"/sideman/do", b"/sideman/set", b"#bundle"])
TAGS = st.text("sifTFNIbdhtcrm[]", max_size=6).map(lambda t: b"," + t.encode())


def padded(data):
    return data + b"\0" * (4 - len(data) % 4)


HOSTILE = st.one_of(
    st.binary(max_size=LIMIT + 8),
    st.builds(lambda a, t, rest: padded(a) + padded(t) + rest, ADDRESSES, TAGS, st.binary(max_size=64)),
    st.builds(
        lambda n, rest: b"".join(b"#bundle\0" + bytes(8) + struct.pack(">i", 900 - 20 * i) for i in range(n)) + rest,
        st.integers(1, 45),
        st.binary(max_size=60),
    ),
)


@settings(max_examples=60)
@given(st.lists(HOSTILE, min_size=1, max_size=40))
def test_hostile_bytes_never_raise(datagrams):
    box = Box()
    for i, data in enumerate(datagrams):
        box.input.take(data, i * S)
    while not box.events.empty():
        event = box.events.get()
        assert isinstance(event, EffectAsked | SwitchEdge | tuple)


def test_a_megabyte_of_noise():
    import random

    box, dice = Box(), random.Random(7)
    valid = [message("/sideman/press", "START", 1).dgram, message("/sideman/set", "a.b", 3).dgram]
    total = 0
    while total < 1_000_000:
        if dice.random() < 0.5:
            data = dice.randbytes(dice.randrange(LIMIT))
        else:
            data = bytearray(dice.choice(valid))
            for _ in range(dice.randrange(1, 5)):
                data[dice.randrange(len(data))] = dice.randrange(256)
        box.input.take(bytes(data), total * S)
        total += len(data)
    assert total >= 1_000_000
