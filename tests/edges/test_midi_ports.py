"""The MIDI edge on the stand-in and on real JACK ports: plugs, thru, outputs, panic, hostile bytes."""

import random
import threading
import time

import pytest
from jack_world import until

from sideman.edges.midi import NO_OUTPUT, MidiPorts, MidiSettings
from sideman.jam.events import EffectAsked, Fault, NoteOff, NoteOn, PortAppeared, PortVanished

ON, OFF = bytes((0x90, 60, 100)), bytes((0x80, 60, 0))
PANIC = 16 * 3


class Rig:
    """The edge in a world, its events, and what a test needs to wait for."""

    def __init__(self, world, **settings):
        self.world = world
        self.events = []
        self.midi = MidiPorts(self.events.append, MidiSettings(**settings), world.open)

    def of(self, kind):
        return [e for e in self.events if isinstance(e, kind)]

    def notes(self):
        return [e for e in self.events if isinstance(e, NoteOn | NoteOff)]

    def scan(self, condition):
        def look():
            self.midi.scan()
            return condition()

        until(look)

    def faults(self):
        return {e.device: e.text for e in self.of(Fault)}


@pytest.fixture
def rig(world):
    made = []

    def make(**settings):
        made.append(Rig(world, **settings))
        return made[-1]

    yield make
    for each in made:
        each.midi.close()


def test_every_input_is_heard_with_its_own_name_and_the_time_of_arrival(world, rig):
    r = rig()
    keys, pads = world.plug("Keys"), world.plug("Pads")
    r.scan(lambda: len(r.midi.inputs) == 2)
    assert [(e.port, e.direction) for e in r.of(PortAppeared) if e.direction == "in"] == [
        (n, "in") for n in r.midi.inputs
    ]
    before = time.monotonic_ns()
    keys.play(bytes((0x93, 60, 100)))
    until(lambda: len(r.notes()) == 1)
    pads.play(bytes((0x99, 36, 1)))
    until(lambda: len(r.notes()) == 2)
    first, second = r.notes()
    assert (first.channel, first.pitch, first.velocity) == (3, 60, 100)
    assert (second.channel, second.pitch) == (9, 36)
    assert first.port.startswith("Keys")
    assert second.port.startswith("Pads")
    assert before < first.ns < second.ns < time.monotonic_ns()


def test_without_outputs_that_is_said_and_sending_is_swallowed(world, rig):
    r = rig()
    r.midi.scan()
    assert r.faults()["output"] == NO_OUTPUT
    r.midi.send(ON)
    r.midi.panic()
    world.plug("Synth", plays=False)
    r.scan(lambda: r.midi.output)
    assert r.faults()["output"] == ""


def test_thru_goes_everywhere_but_back_to_its_own_device(world, rig):
    r = rig()
    keys = world.plug("Keys")
    r.scan(lambda: r.midi.inputs and r.midi.output)
    [source] = r.midi.inputs
    until(lambda: len(keys.heard()) >= PANIC)
    keys.received.clear()
    r.midi.send(ON, source=source)  # its own device is the only output
    r.midi.send(bytes((0x91, 61, 1)))
    until(lambda: keys.heard() == [bytes((0x91, 61, 1))])
    synth = world.plug("Synth", plays=False)
    r.midi.configure(MidiSettings(output="Synth"))
    r.scan(lambda: "Synth" in r.midi.output)
    until(lambda: len(synth.heard()) >= PANIC)
    r.midi.send(ON, source=source)
    until(lambda: ON in synth.heard())


def test_thru_on_goes_back_and_off_goes_nowhere(world, rig):
    r = rig(thru="on")
    keys = world.plug("Keys")
    r.scan(lambda: r.midi.inputs and r.midi.output)
    [source] = r.midi.inputs
    r.midi.send(ON, source=source)
    until(lambda: ON in keys.heard())
    r.midi.configure(MidiSettings(thru="off"))
    r.midi.send(OFF, source=source)
    r.midi.send(bytes((0xC0, 5)))
    until(lambda: bytes((0xC0, 5)) in keys.heard())
    assert OFF not in keys.heard()


def test_the_output_is_the_named_one_else_fluidsynth_else_the_first(world, rig):
    r = rig(output="second")
    first = world.plug("First", plays=False)
    r.scan(lambda: r.midi.output.startswith("First"))
    r.midi.send(ON)
    until(lambda: ON in first.heard())
    world.plug("FLUID Synth (612)", plays=False)
    r.scan(lambda: "FLUID Synth" in r.midi.output)
    assert "612" not in r.midi.output
    until(lambda: bytes((0x80, 60, 64)) in first.heard())  # what the old output held was let go
    second = world.plug("The Second", plays=False)
    r.scan(lambda: "Second" in r.midi.output)
    world.plug("Third", plays=False)
    r.midi.scan()
    assert "Second" in r.midi.output
    world.unplug(second)
    r.scan(lambda: "FLUID Synth" in r.midi.output)
    assert [e.port.split(":")[0].split(" MIDI")[0] for e in r.of(PortVanished)] == [
        "First",
        "FLUID Synth",
        "The Second",
    ]


def test_a_pulled_instrument_is_told_once_and_comes_back_under_its_name(world, rig):
    r = rig()
    keys = world.plug("Keys")
    world.plug("Synth", plays=False)
    r.scan(lambda: r.midi.inputs)
    [name] = r.midi.inputs
    for cycle in range(1, 4):
        keys.play(ON)
        until(lambda cycle=cycle: len(r.notes()) == cycle)
        world.unplug(keys)
        r.scan(lambda: not r.midi.inputs)
        vanished = [e for e in r.of(PortVanished) if e.direction == "in"]
        assert [e.port for e in vanished] == [name] * cycle
        assert r.notes()[-1].ns <= vanished[-1].ns
        r.midi.scan()
        keys = world.plug("Keys")
        r.scan(lambda: r.midi.inputs)
        assert r.midi.inputs == (name,)


def test_own_ports_are_never_heard_nor_chosen(world, rig):
    r = rig(virtual=True)
    r.midi.scan()
    r.scan(lambda: True)
    assert r.midi.inputs == ()
    assert r.midi.output == ""
    assert r.faults()["output"] == NO_OUTPUT
    r.midi.send(ON)
    assert r.notes() == []


def test_an_own_output_and_an_own_input_of_two_looks(world, rig):
    world.plug("Synth", plays=False)
    r = rig(virtual=True)
    r.scan(lambda: r.midi.output)
    for _ in range(3):
        r.midi.scan()
    assert r.midi.inputs == ()
    assert len(r.of(PortAppeared)) == 1


def test_ignored_ports_are_left_alone(world, rig):
    r = rig(ignore=("through$|^Noisy",))
    world.plug("Noisy")
    world.plug("Keys")
    r.scan(lambda: r.midi.inputs)
    assert len(r.midi.inputs) == 1
    assert "Keys" in r.midi.output


def test_mapped_controllers_ask_for_effects(world, rig):
    r = rig(map=({"kind": "cc", "number": 80, "effect": "press START"},))
    keys = world.plug("Keys")
    r.scan(lambda: r.midi.inputs)
    keys.play(bytes((0xB0, 80, 0)))
    keys.play(bytes((0xB0, 80, 127)))
    until(lambda: r.of(EffectAsked))
    assert [e.name for e in r.of(EffectAsked)] == ["press START"]


def test_panic_lets_go_of_what_is_held_by_name(world, rig):
    synth = world.plug("Synth", plays=False)
    r = rig()
    r.scan(lambda: r.midi.output)
    until(lambda: len(synth.heard()) == PANIC)
    synth.received.clear()
    r.midi.send(ON)
    r.midi.send(bytes((0x99, 36, 90)))
    r.midi.send(bytes((0x99, 36, 0)))
    r.midi.panic()
    until(lambda: len(synth.heard()) == 3 + 1 + PANIC)
    after = synth.heard()[3:]
    assert after[0] == bytes((0x80, 60, 64))
    for channel in range(16):
        for number in (64, 120, 123):
            assert bytes((0xB0 | channel, number, 0)) in after


def test_closing_silences_first(world):
    r = Rig(world)
    synth = world.plug("Synth", plays=False)
    r.scan(lambda: r.midi.output)
    r.midi.send(ON)
    r.midi.close()
    until(lambda: bytes((0xBF, 123, 0)) in synth.heard()[-1:])
    assert bytes((0x80, 60, 64)) in synth.heard()
    r.midi.send(ON)
    r.midi.close()


def test_hostile_messages_leave_the_next_note_whole(world, rig):
    r = rig()
    keys = world.plug("Keys")
    r.scan(lambda: r.midi.inputs)
    rng = random.Random(2)
    bad = [bytes((0xF0, 0x7F, 0x7F, 0xF7)), bytes((0x90, 60)), bytes((0xF8,)), bytes((0xFE,)), bytes((0xF2, 1, 2))]
    for message in rng.choices(bad, k=60):
        keys.play(message)
    keys.play(bytes((0x90, 64, 99)))
    until(lambda: any(e.pitch == 64 for e in r.notes()))
    assert [(e.pitch, e.velocity) for e in r.notes()] == [(64, 99)]


def test_the_watcher_finds_plugs_by_itself_and_closes_under_fire(world):
    r = Rig(world)
    r.midi.start()
    keys = world.plug("Keys")
    until(lambda: r.midi.inputs)
    firing = threading.Event()

    def fire():
        while not firing.is_set():
            keys.play(ON)
            keys.play(OFF)
            time.sleep(0)  # sleep(0) only yields: the point is to have callbacks in flight

    thread = threading.Thread(target=fire)
    thread.start()
    try:
        until(lambda: len(r.notes()) > 20)
        r.midi.close()
    finally:
        firing.set()
        thread.join()
    heard = len(r.notes())
    keys.play(ON)
    threading.Event().wait(0.05)
    assert len(r.notes()) == heard


def test_unplugged_under_fire_nothing_follows_the_word_that_it_is_gone(world, rig):
    r = rig()
    keys, other = world.plug("Keys"), world.plug("Other", listens=False)
    r.scan(lambda: len(r.midi.inputs) == 2)
    for _ in range(200):
        keys.play(ON)
        other.play(ON)
    world.unplug(keys)
    r.scan(lambda: len(r.midi.inputs) == 1)
    gone = next(i for i, e in enumerate(r.events) if isinstance(e, PortVanished) and e.direction == "in")
    assert not [e for e in r.events[gone:] if isinstance(e, NoteOn) and e.port.startswith("Keys")]


def test_a_look_that_lasts_longer_than_closing_follows_nothing_any_more(world, rig):
    r = rig()
    world.plug("Keys")
    r.scan(lambda: r.midi.inputs)
    backend = r.midi._backend
    listed = backend.inputs

    def slow():
        found = listed()
        r.midi.close()
        return found

    backend.inputs = slow
    r.midi.scan()
    assert r.midi.inputs == ()
    assert r.midi._backend is None
