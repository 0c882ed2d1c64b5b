"""What only the stand-in can do: ports that refuse, systems that come and go, twins, ALSA's names."""

import builtins

import pytest

from sideman.edges import midi_backend
from sideman.edges.midi import MidiPorts, MidiSettings
from sideman.edges.midi_names import NameBook, card_of, client_of, device_of, stable_name
from sideman.edges.midi_output import Output
from sideman.edges.synth import find_fluidsynth
from sideman.jam.events import Fault, NoteOn, PortAppeared, PortVanished
from sideman.sim.ports import FakeMidiOut, FakeMidiWorld


def rig(world, **settings):
    events = []
    return MidiPorts(events.append, MidiSettings(**settings), world.open), events


def test_a_port_that_refuses_is_reported_once_and_tried_again():
    world = FakeMidiWorld()
    midi, events = rig(world)
    keys = world.plug("Keys", listens=False)
    world.refuse.add(keys.raw)
    midi.scan()
    midi.scan()
    faults = [e for e in events if isinstance(e, Fault) and e.device == "Keys MIDI 1"]
    assert len(faults) == 1
    assert "cannot be opened" in faults[0].text
    world.refuse.clear()
    midi.scan()
    assert midi.inputs == ("Keys MIDI 1",)
    assert [e.text for e in events if isinstance(e, Fault) and e.device == "Keys MIDI 1"][-1] == ""


def test_a_refusing_output_leaves_the_next_one():
    world = FakeMidiWorld()
    midi, _ = rig(world)
    world.refuse.add(world.plug("First", plays=False).raw)
    world.plug("Second", plays=False)
    midi.scan()
    assert midi.output == "Second MIDI 1"


def test_a_plug_that_slips_between_two_looks_is_taken_anew():
    world = FakeMidiWorld()
    midi, events = rig(world)
    keys, synth = world.plug("Keys", listens=False), world.plug("Synth", plays=False)
    midi.scan()
    midi.send(bytes((0x90, 60, 100)))
    for device in (keys, synth):
        world.slip(device)
    keys.play(bytes((0x90, 62, 100)))
    assert not [e for e in events if isinstance(e, NoteOn)]
    events.clear()
    midi.scan()
    assert [(type(e), e.port) for e in events if isinstance(e, PortVanished | PortAppeared)] == [
        (PortVanished, "Keys MIDI 1"),
        (PortAppeared, "Keys MIDI 1"),
        (PortVanished, "Synth MIDI 1"),
        (PortAppeared, "Synth MIDI 1"),
    ]
    keys.play(bytes((0x90, 64, 100)))
    assert [e.pitch for e in events if isinstance(e, NoteOn)] == [64]
    midi.send(bytes((0x90, 67, 100)))
    assert synth.heard()[-1] == bytes((0x90, 67, 100))
    opened = world.opened
    midi.scan()
    assert world.opened == opened


def test_nothing_is_opened_while_nothing_changes():
    world = FakeMidiWorld()
    midi, _ = rig(world)
    world.plug("Keys")
    midi.scan()
    opened = world.opened
    for _ in range(50):
        midi.scan()
    assert world.opened == opened


def test_the_system_of_ports_may_go_and_come_back():
    world = FakeMidiWorld()
    midi, events = rig(world, virtual=True)
    world.plug("Keys")
    midi.scan()
    midi.send(bytes((0x90, 60, 1)))
    world.up = False
    midi.scan()
    assert midi.inputs == ()
    assert midi.output == ""
    assert {e.direction for e in events if isinstance(e, PortVanished)} == {"in", "out"}
    assert [e for e in events if isinstance(e, Fault) and e.device == "midi"][-1].text.startswith("No MIDI ports")
    world.up = True
    midi.scan()
    assert midi.inputs == ("Keys MIDI 1",)
    assert midi.output == "Keys MIDI 1"


def test_twins_keep_their_names_when_one_leaves():
    world = FakeMidiWorld()
    midi, _ = rig(world)
    first, _second = world.plug("Keys"), world.plug("Keys")
    midi.scan()
    assert midi.inputs == ("Keys MIDI 1", "Keys MIDI 1 #2")
    world.unplug(first)
    midi.scan()
    assert midi.inputs == ("Keys MIDI 1 #2",)
    world.plug("Keys")
    midi.scan()
    assert set(midi.inputs) == {"Keys MIDI 1", "Keys MIDI 1 #2"}


def test_a_port_pulled_between_two_looks_swallows_bytes():
    world = FakeMidiWorld()
    midi, _ = rig(world)
    synth = world.plug("Synth", plays=False)
    midi.scan()
    world.unplug(synth)
    midi.send(bytes((0x90, 60, 100)))
    midi.send(bytes((0x80, 60, 0)))
    midi.panic()
    midi.scan()
    assert midi.output == ""


def test_virtual_ports_can_be_switched_off_and_hear_other_programs():
    world = FakeMidiWorld()
    midi, events = rig(world, virtual=True)
    midi.scan()
    world.own.play(bytes((0x90, 60, 9)))
    assert events[-1].port == "Sideman"
    midi.send(bytes((0x90, 61, 9)), source="Sideman")
    assert bytes((0x90, 61, 9)) not in world.own.heard()
    midi.send(bytes((0x90, 60, 9)))
    midi.configure(MidiSettings(virtual=False))
    midi.scan()
    assert bytes((0x80, 60, 64)) in world.own.heard()
    before = len(world.own.heard())
    midi.send(bytes((0x90, 60, 9)))
    assert len(world.own.heard()) == before


def test_without_the_library_one_sentence_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def fail(name, *args, **kwargs):
        if name == "rtmidi":
            raise ImportError("libasound.so.2: cannot open shared object file")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(midi_backend, "_missing", "")
    monkeypatch.setattr(builtins, "__import__", fail)
    backend, why = midi_backend.open_rtmidi()
    assert backend is None
    assert "install libasound2" in why


def test_without_alsa_and_jack_that_is_said(monkeypatch, tmp_path):
    pytest.importorskip("rtmidi")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if midi_backend.Path("/dev/snd/seq").exists():
        pytest.skip("this machine has an ALSA sequencer")
    backend, why = midi_backend.open_rtmidi()
    assert backend is None
    assert why.startswith("No MIDI ports: neither ALSA")


@pytest.mark.parametrize(
    ("raw", "name", "client", "device"),
    [
        ("Fake Keys:Fake Keys MIDI 1 24:0", "Fake Keys MIDI 1", "Fake Keys", "24"),
        ("FLUID Synth (612):Synth input port (612:0) 128:0", "FLUID Synth:Synth input port", "FLUID Synth", "128"),
        ("Midi Through:Midi Through Port-0 14:0", "Midi Through Port-0", "Midi Through", "14"),
        ("Keys-01:out", "Keys-01:out", "Keys", "Keys"),
        ("system:midi_capture_3", "system:midi_capture_3", "system", "system:midi__3"),
        ("system:midi_playback_3", "system:midi_playback_3", "system", "system:midi__3"),
        ("odd", "odd", "odd", "odd"),
        ("", "", "", ""),
        (":x", ":x", "", ""),
    ],
)
def test_names(raw, name, client, device):
    assert (stable_name(raw), client_of(raw), device_of(raw)) == (name, client, device)


@pytest.mark.parametrize(
    ("raw", "card"),
    [
        ("Fake Keys:Fake Keys MIDI 1 24:0", 2),
        ("First:First MIDI 1 16:0", 0),
        ("Midi Through:Midi Through Port-0 14:0", None),
        ("FLUID Synth (612):Synth input port (612:0) 128:0", None),
        ("system:midi_capture_3", None),
    ],
)
def test_the_card_behind_a_port(raw, card):
    assert card_of(raw) == card


def test_a_newcomer_never_takes_the_name_of_one_that_stays():
    book = NameBook()
    assert book.name(["K:K 1 20:0", "K:K 1 24:0"]) == {"K:K 1 20:0": "K 1", "K:K 1 24:0": "K 1 #2"}
    assert book.name(["K:K 1 24:0"]) == {"K:K 1 24:0": "K 1 #2"}
    assert book.name(["K:K 1 28:0", "K:K 1 24:0"]) == {"K:K 1 28:0": "K 1", "K:K 1 24:0": "K 1 #2"}


def test_fluidsynth_is_known_by_its_port():
    assert find_fluidsynth(["Keys", "FLUID Synth (612):Synth input port (612:0) 128:0"]).startswith("FLUID")
    assert find_fluidsynth(["fluidsynth-midi:midi_00"]) == "fluidsynth-midi:midi_00"
    assert find_fluidsynth(["Synth", "Fluid level meter"]) is None


class _Port:
    def __init__(self):
        self.sent = []
        self.closed = 0

    def send(self, data):
        self.sent.append(data)

    def close(self):
        self.closed += 1


def test_a_closed_output_swallows_and_closes_once():
    port = _Port()
    out = Output("x", "", port)
    out.close()
    out.close()
    out.send(bytes((0x90, 1, 1)))
    out.panic()
    assert (port.sent, port.closed, out.open) == ([], 1, False)


def test_the_fake_output_counts_and_knows_what_hangs():
    out = FakeMidiOut(clock=iter(range(100)).__next__)
    out.send(bytes((0x90, 60, 100)))
    out.send(bytes((0x91, 60, 100)))
    out.send(bytes((0x90, 60, 0)))
    assert out.hung() == {(1, 60)}
    assert (out.on[0, 60], out.off[0, 60]) == (1, 1)
    assert [ns for ns, _ in out.sent] == [0, 1, 2]
    out.panic()
    assert out.hung() == set()
