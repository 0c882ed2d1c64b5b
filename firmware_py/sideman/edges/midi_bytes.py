"""From bytes on a MIDI wire to events: a parser that no byte sequence can confuse for longer than one message."""

from __future__ import annotations

from sideman.jam.events import Controller, Event, NoteOff, NoteOn, OtherMidi

_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_COMMON_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
_SYSEX, _REALTIME = 0xF0, 0xF8


class MidiParser:
    """Reads one port's stream: running status, realtime bytes anywhere, broken-off messages and stray data.

    Rules of the MIDI 1.0 detailed specification: realtime bytes (clock, active sensing, reset) may stand inside any
    message and change nothing; any other status byte ends what was under way, System Exclusive included; system
    common messages cancel running status; data bytes without a status are dropped. A note-on of velocity 0 is a
    note-off. The state between two calls is at most one status and two data bytes, whatever is fed.
    """

    def __init__(self, port: str) -> None:
        self._port = port
        self._status = 0
        self._need = 0
        self._data = bytearray()

    def feed(self, data: bytes, ns: int) -> list[Event]:
        """Events of the messages that these bytes complete.

        Args:
            data: Bytes as they came, cut anywhere.
            ns: Monotonic nanoseconds of their arrival; the stamp of every event returned.
        """
        events: list[Event] = []
        for byte in data:
            if byte >= _REALTIME:
                continue
            if byte >= 0x80:
                self._begin(byte)
            elif self._need:
                self._data.append(byte)
                if len(self._data) == self._need:
                    if self._status < _SYSEX:
                        events.append(self._event(ns))
                    else:
                        self._need = 0
                    self._data.clear()
        return events

    def _begin(self, status: int) -> None:
        self._data.clear()
        self._status = status
        if status < _SYSEX:
            self._need = _DATA_BYTES[status & 0xF0]
        else:  # System Exclusive and its end need no bytes here: all data up to the next status is dropped
            self._need = _COMMON_BYTES.get(status, 0)

    def _event(self, ns: int) -> Event:
        kind, channel, first = self._status & 0xF0, self._status & 0x0F, self._data[0]
        if kind == 0x90 and self._data[1]:
            return NoteOn(ns, self._port, channel, first, self._data[1])
        if kind in (0x80, 0x90):
            return NoteOff(ns, self._port, channel, first)
        if kind == 0xB0:
            return Controller(ns, self._port, channel, first, self._data[1])
        return OtherMidi(ns, self._port, bytes((self._status, *self._data)))
