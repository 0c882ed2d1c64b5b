"""The simulated box: keys become events, the picture becomes characters, and a real terminal shows it."""

import io
import os
import pty
import select
import subprocess
import sys
import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.edges.oled_face import draw
from sideman.jam.cues import Light
from sideman.jam.events import NoteOff, NoteOn, Shutdown, SwitchEdge
from sideman.service.pictures.examples import NOW_NS, STATES
from sideman.sim.panel import PanelScreen, braille, frame, half_blocks, led_lit
from sideman.sim.panel_keys import HOLD_NS, NOTE_NS, PIANO, PRESS_NS, Keyboard, Keys


def test_small_letter_is_a_press_and_capital_a_hold():
    posted = []
    keys = Keys(posted.append)
    keys.press("z", 0)
    keys.press("C", 5)
    assert posted == [SwitchEdge(0, "START", down=True), SwitchEdge(5, "PLAY", down=True)]
    assert keys.tick(PRESS_NS) == 5 + HOLD_NS
    assert keys.tick(5 + HOLD_NS) is None
    assert posted[2:] == [SwitchEdge(PRESS_NS, "START", down=False), SwitchEdge(5 + HOLD_NS, "PLAY", down=False)]


def test_a_note_ends_with_the_next_or_by_itself():
    posted = []
    keys = Keys(posted.append)
    keys.press("a", 0)
    keys.press("s", 10)
    keys.tick(10 + NOTE_NS)
    assert posted == [
        NoteOn(0, "keyboard", 0, 60, 92),
        NoteOff(10, "keyboard", 0, 60),
        NoteOn(10, "keyboard", 0, 62, 92),
        NoteOff(10 + NOTE_NS, "keyboard", 0, 62),
    ]


def test_octaves_and_quit():
    posted = []
    keys = Keys(posted.append)
    for key in "<a>>k":
        keys.press(key, 0)
    keys.press("q", 1)
    assert [event.pitch for event in posted if isinstance(event, NoteOn)] == [48, 84]
    assert posted[-2:] == [NoteOff(1, "keyboard", 0, 84), Shutdown(1)]


@given(st.lists(st.tuples(st.sampled_from([*PIANO, *"zxcZXC<>?\n"]), st.integers(0, 10**9))))
def test_whatever_is_typed_nothing_hangs(typed):
    posted, now = [], 0
    keys = Keys(posted.append)
    for key, wait in typed:
        now += wait
        keys.press(key, now)
    keys.tick(now + 2 * HOLD_NS)
    down = {"START": False, "STOP": False, "PLAY": False}
    sounding = set()
    for event in posted:
        if isinstance(event, SwitchEdge):
            assert down[event.switch] != event.down
            down[event.switch] = event.down
        elif isinstance(event, NoteOn):
            sounding.add(event.pitch)
        else:
            sounding.remove(event.pitch)
    assert not any(down.values())
    assert not sounding


def test_keyboard_reads_a_terminal():
    ours, theirs = pty.openpty()
    posted = []
    keyboard = Keyboard(posted.append, fd=theirs)
    keyboard.start()
    os.write(ours, b"zaq")
    keyboard._thread.join(5)
    keyboard.close()
    os.close(ours)
    os.close(theirs)
    assert [type(event) for event in posted] == [SwitchEdge, NoteOn, NoteOff, Shutdown]


def test_characters_hold_every_pixel():
    face = draw(STATES["playing"], NOW_NS)
    lit = sum(face.convert("L").tobytes()) // 255
    halves, dots = half_blocks(face), braille(face)
    assert (len(halves), len(halves[0]), len(dots), len(dots[0])) == (32, 128, 16, 64)
    assert sum({" ": 0, "█": 2}.get(c, 1) for row in halves for c in row) == lit
    assert sum((ord(c) - 0x2800).bit_count() for row in dots for c in row) == lit


@pytest.mark.parametrize("light", get_args(Light))
def test_lights(light):
    lit = {led_lit(light, ms * 1_000_000, beat_phase=ms / 500) for ms in range(0, 2000, 10)}
    assert lit == {"off": {False}, "on": {True}, "dim": {True}}.get(light, {True, False})


def test_panel_fits_the_terminal():
    small, large = (frame(STATES["idle"], NOW_NS, *size).split("\r\n") for size in ((80, 24), (140, 50)))
    assert len(small) <= 24
    assert len(large) <= 50
    assert max(len(line) for line in large) > 128


def test_a_gone_terminal_is_survived():
    out = io.StringIO()
    screen = PanelScreen(out)
    out.close()
    screen.apply(STATES["idle"])
    screen.close()


def _until(fd, text, seconds=20.0):
    seen, end = "", time.monotonic() + seconds
    while text not in seen and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            seen += os.read(fd, 65536).decode("utf-8", "replace")
    return seen


def test_the_panel_in_a_real_terminal():
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sideman.sim.panel_try"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL) as child:
        try:
            assert "committed" in _until(ours, "committed")
            os.write(ours, b"q")
            assert "\x1b[?1049l" in _until(ours, "\x1b[?1049l")
            assert child.wait(10) == 0
        finally:
            child.kill()
    os.close(ours)
    os.close(theirs)
