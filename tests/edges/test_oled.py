"""The display's driver side: skipped frames, a bus that fails, a display that is not there."""

import errno
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sideman.edges.oled import REOPEN_NS, OledOptions, OledThread, Screen, open_display
from sideman.service.pictures.examples import NOW_NS, STATES


class Glass:
    def __init__(self):
        self.images = []
        self.broken = False
        self.news = threading.Event()

    def display(self, image):
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")
        self.images.append(image)
        self.news.set()

    def cleanup(self):
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")


def test_unchanged_frames_are_skipped():
    glass = Glass()
    screen = Screen(OledOptions(), opener=lambda _: glass)
    assert screen.refresh(STATES["idle"], NOW_NS)
    assert not screen.refresh(replace(STATES["idle"], ns=NOW_NS + 5), NOW_NS + 5)
    assert screen.refresh(STATES["armed"], NOW_NS + 6)
    assert len(glass.images) == screen.frames == 2


def test_io_error_is_survived_and_the_display_reopened():
    glass, opened, said = Glass(), [], []
    screen = Screen(OledOptions(), opener=lambda o: (opened.append(o), glass)[1], report=said.append)
    assert screen.refresh(STATES["idle"], 0)
    glass.broken = True
    assert not screen.refresh(STATES["armed"], 1)
    assert not screen.refresh(STATES["armed"], REOPEN_NS)
    assert len(opened) == 1
    glass.broken = False
    assert screen.refresh(STATES["armed"], 1 + REOPEN_NS)
    assert len(opened) == 2
    assert [bool(text) for text in said] == [True, False]
    assert "Input/output" in said[0]


def test_absent_display_is_said_once():
    said = []

    def nobody(_options):
        raise FileNotFoundError(errno.ENOENT, "No such file", "/dev/i2c-9")

    screen = Screen(OledOptions(), opener=nobody, report=said.append)
    for n in range(5):
        assert not screen.refresh(STATES["idle"], n * REOPEN_NS)
    assert len(said) == 1
    screen.close()


def test_real_opener_without_a_bus_is_survived():
    said = []
    screen = Screen(OledOptions(bus=31), opener=open_display, report=said.append)
    assert not screen.refresh(STATES["idle"], 0)
    assert said[0].startswith("no display")


@pytest.mark.filterwarnings("ignore:.*getdata:DeprecationWarning")  # luma.core 2.6 on Pillow 13
def test_luma_drivers_take_our_frames():
    from luma.oled import device as chips

    for name in ("ssd1306", "sh1106", "ssd1309"):
        sent = []
        bus = SimpleNamespace(data=sent.extend, command=lambda *_: None, cleanup=lambda: None)
        device = getattr(chips, name)(bus)
        device.persist = True
        screen = Screen(OledOptions(driver=name), opener=lambda _, device=device: device)
        sent.clear()
        assert screen.refresh(STATES["playing"], NOW_NS)
        assert sum(byte.bit_count() for byte in sent) > 1000


def test_thread_draws_the_newest():
    glass = Glass()
    thread = OledThread(Screen(OledOptions(), opener=lambda _: glass), now=lambda: NOW_NS)
    for name in ("idle", "armed", "committed"):
        thread.show(STATES[name])
    thread.start()
    assert glass.news.wait(5)
    thread.close()
    assert len(glass.images) == 1
