"""Worlds of MIDI ports: the fake one, and the real one where a JACK server can be started."""

import os

import pytest
from jack_world import JackServer, JackWorld, missing

from sideman.sim.ports import FakeMidiWorld


@pytest.fixture(scope="session")
def jack_server():
    why = missing()
    if why:
        pytest.skip(why)
    before = {key: os.environ.get(key) for key in ("JACK_DEFAULT_SERVER",)}
    server = JackServer()
    server.start()
    yield server
    server.free()
    for key, value in before.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value


@pytest.fixture(params=["fake", "jack"])
def world(request):
    if request.param == "fake":
        yield FakeMidiWorld()
        return
    request.getfixturevalue("jack_server")
    world = JackWorld()
    yield world
    world.close()
