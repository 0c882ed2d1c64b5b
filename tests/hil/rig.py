"""The rig as the tests see it, whatever the place: what is plugged, played and pressed, and what comes of it."""

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass

import pytest
from PIL import Image

from sideman.edges.oled_canvas import Canvas
from sideman.sim.ports import FakeMidiOut

LINES = {"START": 17, "STOP": 27, "PLAY": 22}
"""BCM lines of the switches, the settings' defaults."""
KEYS = {"START": "A", "STOP": "B", "PLAY": "C"}
"""Keys of a USB pedal as it comes."""
INSTRUMENT = "Rig Keys MIDI 1"
PRESS_S = 0.06
BASE = {
    "tempo": {"mode": "fixed", "bpm": 120.0},
    "pins": {"on": False},
    "pedal": {"usb": False},
    "oled": {"on": False},
}
"""What the tests of one thing switch off of all others; each test says what it wants."""


@dataclass(frozen=True)
class Picture:
    """What the display shows: its memory as the chip keeps it, and how many whole frames came so far."""

    memory: bytes
    frames: int

    def image(self):
        pixels = bytes((self.memory[(y // 8) * 128 + x] >> (y % 8) & 1) * 255 for y in range(64) for x in range(128))
        return Image.frombytes("L", (128, 64), pixels).point(lambda v: v, mode="1")

    def shows_word(self, word, box=(0, 14, 128, 41)):
        """Whether the large word is this one, pixel for pixel."""
        canvas = Canvas()
        canvas.word(box, word)
        return self.image().crop(box).tobytes() == canvas.image.crop(box).tobytes()


class Rig(ABC):
    """A box on the bench. Moments are seconds of the box's own monotonic clock."""

    place = ""
    can = frozenset()
    """Of: systemd, gpio, usb_pedal, display, raw_output, disk, kill, figures, boot, bare, probe, card."""
    patience_s = 15.0

    def need(self, *abilities):
        """Skip a test for which this place lacks something."""
        lacking = set(abilities) - self.can
        if lacking:
            pytest.skip(f"the {self.place} rig has no {', '.join(sorted(lacking))}")

    # the service --------------------------------------------------------------------------------------------

    @abstractmethod
    def start(self, settings=None):
        """Start the box from nothing with these settings (section, key, value); seconds until READY."""

    @abstractmethod
    def stop(self):
        """End it as the system would; seconds that took."""

    @abstractmethod
    def status(self):
        """Its line of status."""

    @abstractmethod
    def journal(self):
        """What it logged since the start."""

    @abstractmethod
    def kill(self, role, number):
        """A signal to the service, the band or the front."""

    @abstractmethod
    def figures(self):
        """Memory, processor, files and threads of each process; ports; bytes logged."""

    # the world ----------------------------------------------------------------------------------------------

    @abstractmethod
    def now(self):
        """The moment."""

    @abstractmethod
    def plug(self):
        """Push the instrument's plug in; the moment."""

    @abstractmethod
    def unplug(self):
        """Pull it; the moment."""

    @abstractmethod
    def play(self, notes):
        """Play messages ``(seconds from now, bytes)``; the moments."""

    @abstractmethod
    def plug_and_hear(self, pitch, limit_s):
        """Push the plug in, strike a key until it sounds: seconds, or None."""

    @abstractmethod
    def plug_cycles(self, count):
        """Plug, hear, pull, be missed, so many times; what failed."""

    @abstractmethod
    def heard(self, after=0):
        """Messages at the output, ``(moment, bytes)``, after so many."""

    @abstractmethod
    def contacts(self, by, switch, times):
        """Contacts of a switch by ``gpio`` or ``usb``, ``(seconds from now, closed)``; the moments."""

    @abstractmethod
    def plug_pedal(self):
        """Push a USB pedal's plug in; the moment."""

    @abstractmethod
    def unplug_pedal(self):
        """Pull it; the moment."""

    @abstractmethod
    def said(self, after=0):
        """OSC, ``(moment, address, values)``, after so many."""

    @abstractmethod
    def wait(self, address, wanted, since, limit_s):
        """Wait for OSC; moment or None, and the last values."""

    @abstractmethod
    def picture(self):
        """What the display shows."""

    @abstractmethod
    def display(self, *, answers=True, error=0):
        """Let the display be there or not, or fail with an errno."""

    @abstractmethod
    def disk(self, how):
        """The disk with takes and state: well, full, or read-only."""

    @abstractmethod
    def models(self, how):
        """A folder in which the first model is missing or corrupt, and that model's family."""

    @abstractmethod
    def close(self):
        """Take the bench down."""

    # made of those ------------------------------------------------------------------------------------------

    def shown(self, address, *, since=0.0, limit_s=None, **wanted):
        """Wait until the box said this; the moment at which it did."""
        moment, last = self.wait(address, wanted, since, limit_s or self.patience_s)
        assert moment is not None, f"{address} {wanted}: last {last}; {self.journal()[-1500:]}"
        return moment

    def plugged(self):
        """Plug the instrument in and wait until it is heard."""
        assert self.plug_and_hear(59, self.patience_s) is not None, f"it is not heard: {self.journal()[-1500:]}"

    def wait_pedal(self, by):
        """Wait until a pedal is read: one on USB is looked for once a second."""
        if by == "usb":
            since = self.now()
            while self.now() < since + self.patience_s:
                moment, _ = self.wait("/sideman/state", {"state": "ARMED"}, self.press("START", by), 1.5)
                if moment:
                    self.let(0.5)
                    self.state("IDLE", self.press("STOP", by))
                    self.let(0.5)
                    return
            pytest.fail("the pedal is not read")

    def state(self, state, since=0.0):
        return self.shown("/sideman/state", since=since, state=state)

    def fault(self, words, since=0.0):
        return self.shown("/sideman/health", since=since, faults=words)

    def until(self, condition, what, otherwise=lambda: None):
        """Look until something is so."""
        end = self.now() + self.patience_s
        while not condition():
            if self.now() > end:
                pytest.fail(f"not within {self.patience_s} s: {what} {otherwise() or ''}")
            self.let(0.05)

    def save_picture(self):
        """What the display shows instead, in letters."""
        image = self.picture().image()
        rows = range(0, 64, 2)
        return "\n" + "\n".join("".join(" #"[bool(image.getpixel((x, y)))] for x in range(128)) for y in rows)

    def press(self, switch, by="gpio", bounces=0):
        """Press and let go, each with bouncing contacts; the moment of the first contact."""
        bounce = [(0.001 * i, i % 2 == 0) for i in range(2 * bounces + 1)]
        times = bounce + [(PRESS_S + at, not closed) for at, closed in bounce]
        return self.contacts(by, switch, times)[0]

    def phrase(self, *pitches, beat_s=0.25):
        """Play one note after the other."""
        notes = []
        for index, pitch in enumerate(pitches):
            notes += [(index * beat_s, (0x90, pitch, 90)), ((index + 0.9) * beat_s, (0x80, pitch, 0))]
        return self.play(notes)

    def jam(self, by="gpio"):
        """From nothing to a band that plays."""
        since = self.press("START", by)
        self.state("ARMED", since)
        self.phrase(60, 64, 67, 72, 69, 64, 60, 57)
        since = self.press("STOP", by)
        committed = self.state("COMMITTED", since)
        self.let(0.15)  # sooner, the next press would make a pair with this one
        since = self.press("PLAY", by)
        self.state("PLAYING", since)
        self.goes_on()
        return committed

    def let(self, seconds):
        """Let time go by on the box's clock."""
        self.wait("/nothing", {}, 0.0, seconds)

    def goes_on(self, notes=10):
        """Wait for so many more notes of the band."""
        before = self.now()
        end = before + self.patience_s * 2
        while self.now() < end:
            if sum(1 for m, data in self.heard() if m >= before and is_band_note(data)) >= notes:
                return
            self.let(0.1)
        pytest.fail(f"the band fell silent: {self.journal()[-1500:]}")

    def hung(self):
        """Notes (channel, pitch) that still sound at the output."""
        out = FakeMidiOut()
        for _, data in self.heard():
            out.send(bytes(data))
        return out.hung()


def is_band_note(data):
    """Whether a message is a note-on of the band: the player has channel 1."""
    return data[0] & 0xF0 == 0x90 and data[0] & 15 != 0 and data[2] > 0


def toml(tables):
    """Settings as the file holds them."""
    lines = []
    for section, values in tables.items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
            lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n"


def merged(*parts):
    """Settings, later ones over earlier ones."""
    whole = {}
    for part in parts:
        for section, values in (part or {}).items():
            whole[section] = {**whole.get(section, {}), **values} if isinstance(values, dict) else values
    return whole


def place():
    """The place that the environment asks for."""
    wanted = os.environ.get("SIDEMAN_HIL", "fake")
    if wanted not in {"fake", "guest", "card", "pi"}:
        raise pytest.UsageError(f"SIDEMAN_HIL is {wanted!r}: say fake, guest, card or pi")
    return wanted
