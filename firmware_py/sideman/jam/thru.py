"""The player is a part too: notes pass through on their own channel, and none is ever left sounding."""

from __future__ import annotations

from sideman.jam import events as ev
from sideman.jam.core import Jam
from sideman.jam.cues import ControlSounds, NoteSounds
from sideman.jam.listener import DRUM_CHANNEL

SUSTAIN = 64


def played_on(channel: int) -> str:
    """Part of the take that a note of an instrument's channel belongs to."""
    return "pads" if channel == DRUM_CHANNEL else "player"


class Thru:
    """Pass-through of the player's instrument(s); every key maps to exactly one sounding note (PSC24)."""

    def __init__(self, jam: Jam) -> None:
        self.jam = jam
        self._keys: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._sustained: set[tuple[str, int]] = set()

    def _channel(self, channel: int) -> int:
        """Where a note of an instrument's channel sounds: the player's, but drum pads sound as drums."""
        return DRUM_CHANNEL if channel == DRUM_CHANNEL else self.jam.options.part("player").channel

    def note_on(self, event: ev.NoteOn) -> None:
        """A key goes down: it sounds at once."""
        jam = self.jam
        if jam.options.thru and not jam.options.part("player").mute:
            self._begin(event)
        jam.recorder.note_on(played_on(event.channel), event.pitch, event.velocity, event.ns)

    def _begin(self, event: ev.NoteOn) -> None:
        jam = self.jam
        key = (event.port, event.channel, event.pitch)
        if key in self._keys:
            self._end(key, event.ns)
        channel = self._channel(event.channel)
        self._keys[key] = (channel, event.pitch)
        jam.sounding.start("player", channel, event.pitch, event.port)
        jam.send(bytes((0x90 | channel, event.pitch, event.velocity)), event.ns, event.port)
        jam.show(NoteSounds(event.ns, "player", channel, event.pitch, event.velocity))

    def note_off(self, event: ev.NoteOff) -> None:
        """A key comes up."""
        key = (event.port, event.channel, event.pitch)
        if key in self._keys:
            self._end(key, event.ns)
        self.jam.recorder.note_off(played_on(event.channel), event.pitch, event.ns)

    def controller(self, event: ev.Controller) -> None:
        """The player's pedal and wheels."""
        jam = self.jam
        if not jam.options.thru:
            return
        channel = self._channel(event.channel)
        if event.number == SUSTAIN:
            where = (event.port, channel)
            (self._sustained.add if event.value >= 64 else self._sustained.discard)(where)
        if event.number < 120 and event.number != 7:
            jam.ports.out.send(bytes((0xB0 | channel, event.number, event.value)), source=event.port)
            jam.show(ControlSounds(event.ns, "player", channel, event.number, event.value))

    def other(self, event: ev.OtherMidi) -> None:
        """Pitch bend and pressure; a program change of the player's instrument stays its own."""
        jam = self.jam
        status = event.data[0] & 0xF0 if event.data else 0
        if jam.options.thru and status in (0xE0, 0xD0, 0xA0):
            channel = self._channel(event.data[0] & 0x0F)
            jam.ports.out.send(bytes((status | channel, *event.data[1:])), source=event.port)

    def unplugged(self, port: str) -> None:
        """Every note of an instrument that is gone ends now."""
        now = self.jam.now
        for key in [k for k in self._keys if k[0] == port]:
            self.jam.recorder.note_off(played_on(key[1]), key[2], now)
            self._end(key, now)
        for where in [w for w in self._sustained if w[0] == port]:
            self._sustained.discard(where)
            self.jam.ports.out.send(bytes((0xB0 | where[1], SUSTAIN, 0)))

    def silence(self) -> None:
        """Every held note ends now (shutdown)."""
        for port in {k[0] for k in self._keys} | {w[0] for w in self._sustained}:
            self.unplugged(port)

    def _end(self, key: tuple[str, int, int], ns: int) -> None:
        jam = self.jam
        channel, pitch = self._keys.pop(key)
        shared = any(other == (channel, pitch) for other in self._keys.values())
        if not shared and jam.sounding.end("player", channel, pitch):
            jam.send(bytes((0x80 | channel, pitch, 0)), ns, key[0])
            jam.show(NoteSounds(ns, "player", channel, pitch, 0))
