"""OSC over UDP to any number of receivers: never waits, never raises, says once what is wrong."""

from __future__ import annotations

import heapq
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from sideman.edges.osc_encode import Encoder, Outgoing
from sideman.edges.osc_schema import OFX_PORT, PORT
from sideman.jam.cues import Shown, Status

_RUNNING = frozenset({"count_in", "playing", "ending"})
_LIMIT = 512
"""Messages that may wait for their moment; more means that something is broken."""


@dataclass(frozen=True, slots=True)
class OscOptions:
    """Who gets what; field names are those of the settings file's ``[osc]``.

    Attributes:
        on: Whether anything is sent.
        targets: Receivers of ``/sideman/...`` and ``/jam/...``.
        ofx_targets: Receivers of ofxOscMidi's addresses alone.
        box: Name of this box in every message of its own.
    """

    on: bool = True
    targets: tuple[str, ...] = (f"127.0.0.1:{PORT}",)
    ofx_targets: tuple[str, ...] = (f"127.0.0.1:{OFX_PORT}",)
    box: str = "sideman"


def target(text: str) -> tuple[str, int]:
    """Read ``host`` or ``host:port``.

    Raises:
        ValueError: The port is not a number from 1 to 65535.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon:
        return text.strip(), PORT
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError(f"write host:port with a port from 1 to 65535, such as 127.0.0.1:{PORT}")
    return host, int(port)


def datagram(message: Outgoing, wall_s: float) -> bytes:
    """The bytes of one message.

    A stamped message travels in a bundle whose time tag is the moment of sending, never a later one: receivers that
    obey time tags would else hold the message back until the note sounds, and the stick would start too late.

    Args:
        message: What to send.
        wall_s: Wall clock at sending, seconds since 1970; only receivers look at it.
    """
    builder = OscMessageBuilder(message.address)
    for value in message.args:
        builder.add_arg(value, "s" if isinstance(value, str) else "i" if isinstance(value, int) else "f")
    built = builder.build()
    if not message.stamped:
        return bytes(built.dgram)
    bundle = OscBundleBuilder(wall_s)
    bundle.add_content(built)
    return bytes(bundle.build().dgram)


class OscSender:
    """Sends what is shown; one thread calls it.

    Args:
        options: Targets and forms.
        report: Told one sentence when a target fails, and an empty one when all is well again.
        wall: Wall clock in seconds; the time tag of a bundle is defined by it.
    """

    def __init__(
        self,
        options: OscOptions,
        *,
        report: Callable[[str], None] = lambda _text: None,
        wall: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_REALTIME),
    ) -> None:
        self._encoder = Encoder(options.box)
        self._report = report
        self._wall = wall
        self._said: dict[str, str] = {}
        self._order = count()
        self._later: list[tuple[int, int, Outgoing]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._targets = self._resolved(options.targets if options.on else ())
        self._ofx_targets = self._resolved(options.ofx_targets if options.on else ())

    def handle(self, item: Shown, now_ns: int) -> None:
        """Send what an item says now, and keep what is to be said at its moment."""
        if isinstance(item, Status) and item.band not in _RUNNING:
            self._later.clear()
        if not self._targets and not self._ofx_targets:
            return
        for message in self._encoder.encode(item, now_ns):
            if message.send_ns <= now_ns:
                self._send(message)
            elif len(self._later) < _LIMIT:
                heapq.heappush(self._later, (message.send_ns, next(self._order), message))

    def pump(self, now_ns: int) -> int | None:
        """Send what is due; returns when the next one will be, or None."""
        while self._later and self._later[0][0] <= now_ns:
            self._send(heapq.heappop(self._later)[2])
        return self._later[0][0] if self._later else None

    def close(self) -> None:
        """Let go of the socket."""
        self._targets, self._ofx_targets = [], []
        self._socket.close()

    def _resolved(self, texts: tuple[str, ...]) -> list[tuple[str, tuple[str, int]]]:
        found: list[tuple[str, tuple[str, int]]] = []
        for text in texts:
            try:
                host, port = target(text)
                address = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
            except (OSError, ValueError) as error:
                self._say(text, f"OSC target {text}: {error}")
            else:
                found.append((text, (str(address[0]), port)))
        return found

    def _send(self, message: Outgoing) -> None:
        targets = self._ofx_targets if message.ofx else self._targets
        data = datagram(message, self._wall()) if targets else b""
        for text, address in targets:
            try:
                self._socket.sendto(data, address)
            except BlockingIOError:
                continue  # a full buffer drops the packet; the next status says it all again
            except OSError as error:
                self._say(text, f"OSC target {text}: {error}")
            else:
                self._say(text, "")

    def _say(self, text: str, words: str) -> None:
        if self._said.get(text, "") != words:
            self._said[text] = words
            self._report(next(filter(None, self._said.values()), ""))
