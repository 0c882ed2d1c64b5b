"""One open output: it knows what it is holding, so that it can always be silenced."""

from __future__ import annotations

import threading

from sideman.edges.midi_backend import OutPort

_ALL_SOUND_OFF, _ALL_NOTES_OFF, _SUSTAIN = 120, 123, 64
_PANIC_WAIT_S = 0.05


class Output:
    """An output port with the notes it holds (PSC24: whatever was switched on is switched off by name).

    ``send`` never waits: the lock is only taken by others while the port is being given up, and what is sent then is
    swallowed. A port that fails once is not tried again; the next look at the ports finds it closed.
    """

    def __init__(self, name: str, device: str, port: OutPort) -> None:
        self.name = name
        self.device = device
        self.held: set[tuple[int, int]] = set()
        self._port: OutPort | None = port
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """Whether it still takes bytes."""
        return self._port is not None

    def send(self, data: bytes) -> None:
        """Hand over one channel message; swallowed when the port is gone."""
        if self._lock.acquire(blocking=False):
            try:
                self._write(data)
            finally:
                self._lock.release()

    def panic(self) -> None:
        """Note-offs for all held notes, then sustain, sounds and notes off on all 16 channels."""
        if self._lock.acquire(timeout=_PANIC_WAIT_S):
            try:
                for channel, pitch in sorted(self.held):
                    self._write(bytes((0x80 | channel, pitch, 64)))
                for channel in range(16):
                    for number in (_SUSTAIN, _ALL_SOUND_OFF, _ALL_NOTES_OFF):
                        self._write(bytes((0xB0 | channel, number, 0)))
            finally:
                self._lock.release()

    def close(self) -> None:
        """Give the port up."""
        with self._lock:
            port, self._port = self._port, None
        if port:
            port.close()

    def _write(self, data: bytes) -> None:
        if self._port is None:
            return
        kind = data[0] & 0xF0
        if kind == 0x90 and data[2]:
            self.held.add((data[0] & 0x0F, data[1]))
        elif kind in (0x80, 0x90):
            self.held.discard((data[0] & 0x0F, data[1]))
        try:
            self._port.send(data)
        except OSError:
            self._port = None
