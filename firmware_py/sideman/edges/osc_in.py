"""OSC in: presses, effects and settings from a stage, a telephone or another program, on one UDP port."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import cast

from pythonosc.osc_packet import OscPacket

from sideman.edges.switchboard import Switchboard
from sideman.jam.events import EffectAsked, Event, Fault, Switch

log = logging.getLogger(__name__)

LIMIT = 1024
"""Longest datagram that is looked at, in bytes; longer ones are none of ours."""
RATE = 200
"""Messages a second, and as many at once; what comes beyond is dropped so that the music never waits for a parser."""
SAY_NS = 1_000_000_000
"""At most one line in the log in this time, whatever is sent."""
_TURN_S = 0.25
_STRANGER_S = 0.001
_NAME = 64
_SWITCHES: tuple[Switch, ...] = ("START", "STOP", "PLAY", "TAP", "NEXT")


class Bucket:
    """Lets ``rate`` things a second pass, and as many at once after a rest."""

    def __init__(self, rate: int = RATE) -> None:
        self._rate = rate
        self._left = float(rate)
        self._ns = 0

    def take(self, ns: int) -> bool:
        """Whether one more may pass at a moment."""
        self._left = min(self._rate, self._left + max(0, ns - self._ns) * self._rate / 1e9)
        self._ns = max(self._ns, ns)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class OscInput:
    """Takes messages on one thread and posts events; see ``osc_schema.TAKEN`` for the addresses.

    Nothing that arrives can raise. Only listed addresses are heard; when all of them are this machine's own, the port
    cannot be reached from outside at all. Time tags are not obeyed: a message counts from its arrival.

    Args:
        post: The conductor's entrance.
        port: UDP port; 0 = any free one (see :attr:`port`).
        allow: IPv4 addresses that are heard.
        change: Gives a setting another value (dotted key, text as typed); returns why not, empty when it was done.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        port: int,
        *,
        allow: Iterable[str] = ("127.0.0.1",),
        change: Callable[[str, str], str],
    ) -> None:
        self._post, self._change = post, change
        self._allow = frozenset(allow)
        self._wanted = port
        self._bucket = Bucket()
        self._said_ns = -SAY_NS
        self._unsaid = 0
        self._ending = threading.Event()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.board = Switchboard(post, _SWITCHES, window_ns=0)

    @property
    def port(self) -> int:
        """The port that is open, 0 when none is."""
        return int(self._socket.getsockname()[1]) if self._socket else 0

    def start(self) -> None:
        """Open the port and begin to hear; a port that cannot be had is a fault, and the box plays without."""
        inside = all(host.startswith("127.") for host in self._allow)
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opened.bind(("127.0.0.1" if inside else "", self._wanted))
        except OSError as error:
            opened.close()
            why = error.strerror or str(error)
            text = f"UDP port {self._wanted} cannot be had ({why}): set osc.listen to a free one."
            self._post(Fault(time.monotonic_ns(), "osc-in", text))
            return
        opened.settimeout(_TURN_S)
        self._socket = opened
        logging.getLogger().addFilter(_not_the_parser)
        self.board.start()
        self._thread = threading.Thread(target=self._run, name="osc-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear nothing more; whatever was held down by a message is released."""
        self._ending.set()
        if self._thread:
            self._thread.join(2 * _TURN_S)
        if self._socket:
            self._socket.close()
            self._socket = None
            logging.getLogger().removeFilter(_not_the_parser)
        self.board.release_all(time.monotonic_ns())
        self.board.close()

    def take(self, data: bytes, ns: int) -> None:
        """Take one datagram that arrived at a moment (monotonic nanoseconds)."""
        if len(data) > LIMIT:
            self._refuse(ns, "a datagram too long to be ours")
            return
        try:
            messages = [timed.message for timed in OscPacket(data).messages]
        except Exception:  # noqa: BLE001 - strange bytes make the parser raise whatever it likes
            self._refuse(ns, "bytes that are no OSC")
            return
        for message in messages:
            if not self._bucket.take(ns):
                self._refuse(ns, f"more than {RATE} messages a second")
                return
            try:
                why = self._do(message.address, list(message.params), ns)
            except Exception as error:  # noqa: BLE001 - the last guard: a message must not end the thread
                why = f"{type(error).__name__}"
            if why:
                self._refuse(ns, f"{message.address[:_NAME]}: {why}")

    def _do(self, address: str, args: list[object], ns: int) -> str:
        match address, args:
            case "/sideman/press", [str(name)] if name.upper() in _SWITCHES:
                self._post(EffectAsked(ns, f"press {name.upper()}"))
            case "/sideman/press", [str(name), int() | float() | bool() as down] if name.upper() in _SWITCHES:
                self.board.contact(cast("Switch", name.upper()), bool(down), ns)
            case "/sideman/do", [str(name)] if len(name) <= _NAME and name.isprintable():
                self._post(EffectAsked(ns, name))
            case "/sideman/set", [str(key), bool(value)]:
                return self._change(key, "true" if value else "false")
            case "/sideman/set", [str(key), str() | int() | float() as value]:
                return self._change(key, str(value))
            case (("/sideman/press" | "/sideman/do" | "/sideman/set"), _):
                return "not the arguments of the table in docs/osc.md"
            case _:
                return "no address of the table in docs/osc.md"
        return ""

    def _run(self) -> None:
        heard = self._socket
        while heard is not None and not self._ending.is_set():
            try:
                data, (host, _) = heard.recvfrom(LIMIT + 1)
            except TimeoutError:
                continue
            except OSError:
                self._ending.wait(_TURN_S)
                continue
            ns = time.monotonic_ns()
            if host in self._allow:
                self.take(data, ns)
            else:
                self._refuse(ns, f"{host} is not in osc.allow")
                self._ending.wait(_STRANGER_S)

    def _refuse(self, ns: int, why: str) -> None:
        """One line a second at most."""
        if ns - self._said_ns < SAY_NS:
            self._unsaid += 1
            return
        more = f" (and {self._unsaid} more since the last line)" if self._unsaid else ""
        self._said_ns, self._unsaid = ns, 0
        log.info("OSC refused: %s%s", why.encode("ascii", "backslashreplace").decode(), more)


def _not_the_parser(record: logging.LogRecord) -> bool:
    """The parser writes a line for every odd type tag, to the root logger: hostile bytes would fill the journal."""
    return record.module not in {"osc_message", "osc_bundle", "osc_packet"}
