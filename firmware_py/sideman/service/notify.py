"""Tells systemd how the service is: READY, STATUS, WATCHDOG and STOPPING, as datagrams of the sd_notify protocol."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class Notifier:
    """Sends to ``$NOTIFY_SOCKET``; outside systemd every call does nothing. Sending never waits and never raises."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        path = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self._socket: socket.socket | None = None
        if self._address:
            with contextlib.suppress(OSError):
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        period = environ.get("WATCHDOG_USEC", "")
        self.watchdog_ns = int(period) * 500 if ours and period.isdecimal() else 0
        """Half the watchdog's period in ns: the conductor's loop feeds it at least as often. 0 = no watchdog."""

    @property
    def on(self) -> bool:
        """Whether systemd listens."""
        return self._socket is not None

    def ready(self, status: str = "") -> None:
        """The box can play."""
        self._send("READY=1" + (f"\nSTATUS={_line(status)}" if status else ""))

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send(f"STATUS={_line(text)}")

    def watchdog(self) -> None:
        """The conductor's loop has come round."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The box is on its way down."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Say nothing more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, text: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(text.encode(), self._address)


def _line(text: str) -> str:
    return " ".join(text.split())
