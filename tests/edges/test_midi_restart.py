"""A JACK server that ends and starts again under the running edge; in a process of its own, as libjack keeps state."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jack_world import JackServer, JackWorld, missing, until

from sideman.edges.midi import MidiPorts, MidiSettings
from sideman.jam.events import NoteOn, PortVanished


def jam():
    server, world, events = JackServer(), JackWorld(), []
    server.start()
    midi = MidiPorts(events.append, MidiSettings(virtual=True))
    midi.start()
    world.plug("Keys")
    until(lambda: midi.inputs and midi.output)
    server.stop()
    midi.send(bytes((0x90, 60, 64)))
    until(lambda: {e.direction for e in events if isinstance(e, PortVanished)} == {"in", "out"})
    server.start()
    keys = JackWorld().plug("Keys")
    until(lambda: midi.inputs and midi.output)
    keys.play(bytes((0x90, 61, 64)))
    until(lambda: any(isinstance(e, NoteOn) and e.pitch == 61 for e in events))
    midi.close()
    server.stop()
    print("heard again", flush=True)  # noqa: T201 - read by the test below
    os._exit(0)  # clients of the first server cannot be closed any more


def test_the_jam_outlives_its_midi_server():
    why = missing()
    if why:
        pytest.skip(why)
    done = subprocess.run(
        [sys.executable, str(Path(__file__))], capture_output=True, text=True, timeout=60, check=False
    )
    assert "heard again" in done.stdout, done.stderr


if __name__ == "__main__":
    jam()
