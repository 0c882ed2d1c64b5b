"""What every place hears and sees alike: OSC with moments, MIDI messages out of bytes, an SSD1306's memory."""

import socket
import threading
import time
from dataclasses import dataclass, field

from pythonosc.osc_packet import OscPacket

from sideman.edges.osc_schema import SCHEMA

_OPERANDS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
"""Commands of the SSD1306 with bytes after them."""


def fits(values, wanted):
    """Whether a message's values are as wanted; of several faults it is enough that the words are among them."""
    return all(
        str(want).lower() in str(values.get(name)).lower() if name == "faults" and want else values.get(name) == want
        for name, want in wanted.items()
    )


class Ear:
    """Keeps every OSC message with the moment of its coming, in seconds of the monotonic clock."""

    def __init__(self, port=0):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.said = []
        self._names = {message.address: [arg.name for arg in message.args] for message in SCHEMA}
        self._open = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            data = self._socket.recv(65536)
            moment = time.monotonic()
            if not self._open:
                return
            for timed in OscPacket(data).messages:
                message = timed.message
                names = self._names.get(message.address, [])
                values = dict(zip(names, message.params, strict=False))
                self.said.append((moment, message.address, values))

    def last(self, address):
        return next((values for _, where, values in reversed(self.said) if where == address), {})

    def first(self, address, wanted, since=0.0):
        """Moment of the first message since then that is as wanted, or None."""
        return next(
            (m for m, where, values in self.said if m >= since and where == address and fits(values, wanted)), None
        )

    def shown(self, address, wanted, since, limit_s):
        """Wait for it; its moment (None when it never came) and the last such message."""
        end = time.monotonic() + limit_s
        while (moment := self.first(address, wanted, since)) is None and time.monotonic() < end:
            time.sleep(0.01)
        return moment, self.last(address)

    def close(self):
        self._open = False
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()


class Stream:
    """Channel messages out of raw bytes; running status is understood, realtime bytes are passed over."""

    def __init__(self):
        self._status, self._data = 0, []

    def feed(self, data):
        for byte in data:
            if byte >= 0xF8:
                continue
            if byte & 0x80:
                self._status, self._data = byte, []
                continue
            self._data.append(byte)
            if self._status and len(self._data) == (1 if self._status & 0xF0 in (0xC0, 0xD0) else 2):
                yield [self._status, *self._data]
                self._data = []


@dataclass
class Panel:
    """An SSD1306 in horizontal addressing: what is written to it over I2C, as the picture it would show."""

    memory: bytearray = field(default_factory=lambda: bytearray(1024))
    frames: int = 0
    bytes: int = 0

    def __post_init__(self):
        self._windows = {0x21: [0, 127], 0x22: [0, 7]}
        self._column = self._page = 0
        self._asked = []

    def take(self, written):
        """One write: a control byte, then commands or pixels."""
        self.bytes += len(written)
        for byte in written[1:]:
            self._pixel(byte) if written[0] == 0x40 else self._command(byte)

    def _pixel(self, byte):
        (left, right), (top, bottom) = self._windows[0x21], self._windows[0x22]
        self.memory[self._page * 128 + self._column] = byte
        self._column += 1
        if self._column > right:
            self._column, self._page = left, self._page + 1
        if self._page > bottom:
            self._page = top
            self.frames += 1

    def _command(self, byte):
        self._asked.append(byte)
        if len(self._asked) <= _OPERANDS.get(self._asked[0], 0):
            return
        if self._asked[0] in self._windows:
            self._windows[self._asked[0]] = [self._asked[1] & 127, self._asked[2] & 127]
            self._column, self._page = self._windows[0x21][0], self._windows[0x22][0]
        self._asked = []
