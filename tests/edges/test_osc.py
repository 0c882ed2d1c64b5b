"""OSC: the messages against their schema and documentation, the bytes against a real receiver, failures swallowed."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_packet import OscPacket

from sideman.edges import osc_schema
from sideman.edges.osc import OscOptions, OscSender, datagram, target
from sideman.edges.osc_encode import Encoder
from sideman.jam.cues import BeatCue, ControlSounds, NoteAhead, NoteSounds, PlanShown, StageCue
from sideman.service.pictures.examples import ALL, NOW_NS, STATES

DOC = Path(__file__).parents[2] / "firmware_py" / "docs" / "osc.md"
S = 1_000_000_000
ITEMS = [
    *ALL.values(),
    NoteAhead(NOW_NS + S // 2, "drums", 9, 36, 100, 50_000_000),
    NoteSounds(NOW_NS, "drums", 9, 36, 100),
    NoteSounds(NOW_NS, "drums", 9, 36, 0),
    ControlSounds(NOW_NS, "player", 0, 64, 127),
    BeatCue(NOW_NS + S, 3, 1),
    StageCue(NOW_NS + S, "prepare_play", 1),
    PlanShown(NOW_NS, 64, ((64, 8, "A:min", True, 0.9), (72, 8, "F:maj", False, 0.5))),
]


def _all_messages():
    encoder = Encoder()
    return [message for item in ITEMS for message in encoder.encode(item, NOW_NS)]


def _kind(value):
    return {str: "s", int: "i", float: "f"}[type(value)]


def test_every_message_agrees_with_the_schema():
    for message in _all_messages():
        row = osc_schema.message_of(message.address)
        kinds = [_kind(value) for value in message.args]
        fixed = [arg.type for arg in row.args]
        assert kinds[: len(fixed)] == fixed, message.address
        rest, group = kinds[len(fixed) :], [arg.type for arg in row.repeat]
        assert rest == group * (len(rest) // len(group) if group else 0), message.address


def test_every_row_of_the_schema_is_sent():
    assert {osc_schema.message_of(m.address).address for m in _all_messages()} == {m.address for m in osc_schema.SCHEMA}


def test_documentation_is_that_of_the_code():
    again = "regenerate with: python -m sideman.service.pictures.docs"
    assert DOC.read_text(encoding="utf-8").endswith(osc_schema.markdown()), again


def test_unknown_address_has_no_row():
    with pytest.raises(KeyError):
        osc_schema.message_of("/sideman/nothing")


def test_ofx_form():
    on, off = (Encoder().encode(NoteSounds(0, "drums", 9, 38, velocity), 0)[0] for velocity in (127, 0))
    assert (on.address, on.args) == ("/noteOn/10/38", (1.0, 127))
    assert (off.address, off.args) == ("/noteOn/10/38", (0.0, 0))
    assert on.ofx
    assert off.ofx
    assert Encoder().encode(ControlSounds(0, "player", 0, 64, 0), 0)[0].address == "/controlChange/1/64"


def test_notes_are_told_ahead():
    message = Encoder().encode(NoteAhead(3 * S, "bass", 1, 40, 90, S // 4), S)[0]
    assert message.args == ("sideman", 1, "bass", 2, 40, 90, 2.0, 0.25)
    assert (message.send_ns, message.due_ns) == (S, 3 * S)


def test_status_speaks_on_change_and_once_a_second():
    encoder, status = Encoder(), STATES["idle"]

    def addresses(item, now):
        return [m.address for m in encoder.encode(item, now)]

    full = ["/sideman/state", "/sideman/time", "/sideman/health"]
    assert addresses(status, 0) == [*full, "/jam/state"]
    assert addresses(replace(status, ns=5), S // 2) == []
    assert addresses(status, S) == full
    assert addresses(replace(status, notice="NO"), S + 1) == ["/sideman/state"]
    assert addresses(replace(status, notice="NO", faults=("disk full",)), S + 2) == ["/sideman/health"]


def test_bundle_is_stamped_with_the_moment_of_sending():
    message = Encoder().encode(NoteAhead(3 * S, "bass", 1, 40, 90, S), S)[0]
    packet = OscPacket(datagram(message, 1_700_000_000.25))
    assert packet.messages[0].message.params == list(message.args)
    # The tag is NTP time: seconds since 1900 in the upper 32 bits.
    tag = datagram(message, 1_700_000_000.25)[8:16]
    assert int.from_bytes(tag, "big") == pytest.approx((1_700_000_000.25 + 2_208_988_800) * 2**32, rel=1e-12)


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        yield sock


def _receive(sock):
    message = OscPacket(sock.recv(65536)).messages[0].message
    return message.address, message.params


def test_travels_to_every_target(receiver):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(5)
        targets = tuple(f"127.0.0.1:{sock.getsockname()[1]}" for sock in (receiver, other))
        sender = OscSender(OscOptions(targets=targets, ofx_targets=targets))
        sender.handle(NoteSounds(0, "drums", 9, 36, 127), 0)
        assert _receive(receiver) == _receive(other) == ("/noteOn/10/36", [1.0, 127])
        sender.close()


def test_existing_scenes_get_what_they_know_and_nothing_else(receiver):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as scene:
        scene.bind(("127.0.0.1", 0))
        scene.settimeout(5)
        ours, ofx = (f"127.0.0.1:{sock.getsockname()[1]}" for sock in (receiver, scene))
        sender = OscSender(OscOptions(targets=(ours,), ofx_targets=(ofx,)))
        for item in (StageCue(0, "nod", 1), NoteSounds(0, "drums", 9, 36, 127), BeatCue(0, 1, 1)):
            sender.handle(item, 0)
        sender.handle(ControlSounds(0, "player", 0, 64, 127), 0)
        assert [_receive(scene)[0] for _ in range(2)] == ["/noteOn/10/36", "/controlChange/1/64"]
        assert [_receive(receiver)[0] for _ in range(4)] == ["/sideman/cue", "/jam/cue", "/sideman/beat", "/jam/beat"]
        for sock in (receiver, scene):
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(1)
        sender.close()


def test_either_list_of_receivers_may_be_empty(receiver):
    receiving = (f"127.0.0.1:{receiver.getsockname()[1]}",)
    for options in (OscOptions(targets=receiving, ofx_targets=()), OscOptions(targets=(), ofx_targets=receiving)):
        sender = OscSender(options)
        sender.handle(NoteSounds(0, "drums", 9, 36, 127), 0)
        sender.handle(StageCue(0, "nod", 1), 0)
        sender.close()
    assert [_receive(receiver)[0] for _ in range(3)] == ["/sideman/cue", "/jam/cue", "/noteOn/10/36"]


def test_plain_beat_waits_for_its_moment_and_dies_with_the_band(receiver):
    sender = OscSender(OscOptions(targets=(f"127.0.0.1:{receiver.getsockname()[1]}",), ofx_targets=()))
    sender.handle(BeatCue(2 * S, 1, 2), S)
    assert _receive(receiver)[0] == "/sideman/beat"
    assert sender.pump(S) == 2 * S
    assert sender.pump(2 * S) is None
    assert _receive(receiver) == ("/jam/beat", [1, 2])
    sender.handle(BeatCue(4 * S, 1, 3), 2 * S)
    sender.handle(STATES["committed"], 2 * S)
    assert sender.pump(2 * S) is None
    sender.close()


def test_bad_targets_are_reported_once_and_the_others_served(receiver):
    said = []
    good = f"127.0.0.1:{receiver.getsockname()[1]}"
    sender = OscSender(OscOptions(targets=(), ofx_targets=("127.0.0.1:99999", good)), report=said.append)
    for _ in range(3):
        sender.handle(NoteSounds(0, "bass", 1, 40, 1), 0)
    assert _receive(receiver)[0] == "/noteOn/2/40"
    assert len(said) == 1
    assert "99999" in said[0]
    sender.close()
    sender.handle(NoteSounds(0, "bass", 1, 40, 1), 0)
    assert len(said) == 1


def test_targets():
    assert target("stage.local") == ("stage.local", 9000)
    assert target("10.0.0.2:12344") == ("10.0.0.2", 12344)
    with pytest.raises(ValueError, match="host:port"):
        target("stage:many")


@given(st.lists(st.sampled_from(ITEMS)), st.integers(0, 10**15))
def test_every_message_can_be_sent(items, now):
    encoder = Encoder()
    for item in items:
        for message in encoder.encode(item, now):
            assert OscPacket(datagram(message, 1e9)).messages[0].message.address == message.address
