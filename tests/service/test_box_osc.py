"""OSC in through the whole box: a message is a foot, an effect or a setting; an expression pedal moves the synthesiser."""

import socket

import pytest
from box_kit import ThreadBox, until
from pythonosc.udp_client import SimpleUDPClient

FILE_KEYS = {
    "band.models_folder": "/nonexistent/models",
    "midi.map": '[{kind = "cc", number = 4, effect = "level band"}]',
}


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = ThreadBox({**FILE_KEYS, "osc.listen": str(port)})
    until(lambda: box.box.osc.port == port)
    yield box
    box.close()


@pytest.fixture
def say(box):
    with SimpleUDPClient("127.0.0.1", box.box.osc.port) as client:
        yield client.send_message


def volumes(box):
    return [data[2] for data in box.synth.heard() if data[:2] == bytes((0xB1, 7))]


def test_a_message_is_a_foot_an_effect_and_a_setting(box, say):
    say("/sideman/press", ["START", 1])
    until(lambda: box.state == "ARMED")
    say("/sideman/press", ["START", 0])
    until(lambda: not box.box.conductor.feet.down)
    say("/sideman/do", "panic")
    until(lambda: box.state == "IDLE")
    say("/sideman/set", ["tempo.bpm", 123.5])
    until(lambda: box.jam.options.bpm == 123.5)
    say("/sideman/set", ["takes.folder", "/"])
    say("/sideman/set", ["click.on", True])
    until(lambda: box.jam.options.click)
    assert box.box.live.changed == {"tempo.bpm": "123.5", "click.on": "true"}


def test_an_expression_pedal_reaches_the_synthesiser_through_the_jam(box):
    until(lambda: volumes(box))
    loud = volumes(box)[-1]
    for value in (100, 80, 60, 0, 64):
        box.keys.play(bytes((0xB0, 4, value)))
    until(lambda: box.jam.options.band_level == 64)
    until(lambda: volumes(box)[-1] == loud * 64 // 127)
    assert not any(data[0] & 0xF0 == 0xB0 and data[1] == 4 for data in box.synth.heard())
