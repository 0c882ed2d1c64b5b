"""Real MIDI ports by python-rtmidi, on ALSA or JACK, behind the small protocol that the stand-in implements too."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from sideman.edges.midi_names import card_of

Heard = Callable[[int, bytes], None]
"""Called for each message that came in: monotonic nanoseconds and its bytes."""

CLIENT = "Sideman"
"""Name of all of the box's own ports; no port of this client is ever heard or chosen."""

_IN_FLIGHT_S = 0.02
_CONNECT_S = 0.05
"""JACK connects some cycles after it says so; what passes before is lost."""

_POLL_S, _QUIET_POLLS, _QUIET_POLL_S = 0.001, 2000, 0.004


_native = threading.Lock()
_NATIVE_WAIT_S = 2.0


@contextmanager
def alone() -> Iterator[None]:
    """One thread at a time makes, opens, lists, closes and ends clients, over all backends of the process.

    libjack crashes in its own threads when clients come and go beside each other (see :func:`give_up`). A call that
    never returns, as into a server that is gone, does not keep the others out for ever.
    """
    mine = _native.acquire(timeout=_NATIVE_WAIT_S)
    try:
        yield
    finally:
        if mine:
            _native.release()


class InPort(Protocol):
    """An open input."""

    def close(self) -> None:
        """Stop hearing it. May take a moment; called from a helper thread."""


class OutPort(Protocol):
    """An open output."""

    def send(self, data: bytes) -> None:
        """Hand over one message.

        Raises:
            OSError: The port is gone.
        """

    def close(self) -> None:
        """Give it up."""


class Backend(Protocol):
    """A system of ports. Names are raw: as the system gives them, unique at one moment."""

    def inputs(self) -> list[str]:
        """Ports that can be heard now."""

    def outputs(self) -> list[str]:
        """Ports that can be sent to now."""

    def open_input(self, raw: str, heard: Heard) -> InPort:
        """Hear a port; OSError when that fails."""

    def open_output(self, raw: str) -> OutPort:
        """Send to a port; OSError when that fails."""

    def open_virtual(self, heard: Heard) -> tuple[InPort, OutPort]:
        """Offer ports of our own to other programs; OSError when the system has none."""

    def incarnation(self, raw: str) -> object:
        """Something else each time the device behind a port is plugged in; None where the system does not tell.

        A plug that slips leaves dead ports behind, and its device has its old name again before anybody looked.
        """

    def alive(self) -> bool:
        """Whether the system still runs (a JACK server may end)."""

    def close(self) -> None:
        """Give up the probes that list the ports."""


Opener = Callable[[], tuple[Backend | None, str]]
"""Opens the system of ports; or None and a sentence saying why there is none and what to do."""


class _CalledIn:
    """An ALSA input: rtmidi's own thread calls for each message."""

    def __init__(self, port: Any, heard: Heard) -> None:
        self._port = port

        def call(message: tuple[list[int], float], _data: object) -> None:
            ns = time.monotonic_ns()
            heard(ns, bytes(message[0]))

        port.set_callback(call)

    def close(self) -> None:
        # closing joins rtmidi's thread while holding the interpreter's lock: a callback in flight would wait for
        # that lock forever. Without a callback none starts any more; the pause lets one in flight finish.
        self._port.cancel_callback()
        threading.Event().wait(_IN_FLIGHT_S)
        give_up(self._port)


class _PolledIn:
    """A JACK input: a callback would run in the audio thread of the graph and make all of it wait for Python.

    While another thread opens a port, holding the interpreter's lock until the graph has gone round, that would even
    be a deadlock. So JACK's thread fills rtmidi's queue, and a thread of our own empties it every millisecond.
    """

    def __init__(self, port: Any, heard: Heard) -> None:
        self._port, self._heard = port, heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="midi-in", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        quiet = 0
        while not self._stop.wait(_POLL_S if quiet < _QUIET_POLLS else _QUIET_POLL_S):
            quiet += 1
            while (message := self._port.get_message()) is not None:
                self._heard(time.monotonic_ns(), bytes(message[0]))
                quiet = 0

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        give_up(self._port)


class _RtmidiOut:
    def __init__(self, port: Any) -> None:
        self._port = port

    def send(self, data: bytes) -> None:
        self._port.send_message(data)

    def close(self) -> None:
        give_up(self._port)


class RtmidiBackend:
    """One API of python-rtmidi; one input and one output object live on as probes, as listing creates no client."""

    def __init__(self, rtmidi: Any, api: int, client: str) -> None:
        self._rtmidi, self._api, self._client = rtmidi, api, client
        with alone():
            self._in_probe = rtmidi.MidiIn(rtapi=api, name=client)
            self._out_probe = rtmidi.MidiOut(rtapi=api, name=client)
        self._probing = threading.Lock()  # a probe that is used after its end takes the process with it
        self._closed = False

    def inputs(self) -> list[str]:
        """Ports that can be heard now."""
        with self._probing, alone():
            return [] if self._closed else list(self._in_probe.get_ports())

    def outputs(self) -> list[str]:
        """Ports that can be sent to now."""
        with self._probing, alone():
            return [] if self._closed else list(self._out_probe.get_ports())

    def open_input(self, raw: str, heard: Heard) -> InPort:
        """Hear a port; OSError when that fails."""
        with alone():
            port = self._ear()
        with _given_up_on_error(port), alone():
            port.open_port(_index(port, raw), raw.rpartition(":")[2] or raw)
        self._connected()
        return self._listen(port, heard)

    def open_output(self, raw: str) -> OutPort:
        """Send to a port; OSError when that fails."""
        with alone():
            port = self._rtmidi.MidiOut(rtapi=self._api, name=self._client)
        with _given_up_on_error(port), alone():
            port.open_port(_index(port, raw), "out")
        self._connected()
        return _RtmidiOut(port)

    def open_virtual(self, heard: Heard) -> tuple[InPort, OutPort]:
        """Offer ports of our own to other programs; OSError when the system has none."""
        with alone():
            ear = self._ear()
            mouth = self._rtmidi.MidiOut(rtapi=self._api, name=self._client)
        with _given_up_on_error(ear), _given_up_on_error(mouth), alone():
            ear.open_virtual_port("in")
            mouth.open_virtual_port("band")
        return self._listen(ear, heard), _RtmidiOut(mouth)

    def _connected(self) -> None:
        if self._api == self._rtmidi.API_UNIX_JACK:
            threading.Event().wait(_CONNECT_S)

    def _ear(self) -> Any:
        port = self._rtmidi.MidiIn(rtapi=self._api, name=self._client)
        port.ignore_types(sysex=True, timing=True, active_sense=True)
        return port

    def _listen(self, port: Any, heard: Heard) -> InPort:
        return _PolledIn(port, heard) if self._api == self._rtmidi.API_UNIX_JACK else _CalledIn(port, heard)

    def incarnation(self, raw: str) -> object:
        """Number of the node that the kernel made for the card when it was plugged in."""
        card = card_of(raw)
        if card is None:
            return None
        try:
            return Path(f"/dev/snd/controlC{card}").stat().st_ino
        except OSError:
            return None

    def alive(self) -> bool:
        """Whether the system still runs."""
        return self._api != self._rtmidi.API_UNIX_JACK or jack_runs()

    def close(self) -> None:
        """Give up the probes."""
        with self._probing, alone():
            if not self._closed:
                self._closed = True
                self._in_probe.delete()
                self._out_probe.delete()


def give_up(port: Any) -> None:
    """Close a port and end its client, with a pause before and between.

    JACK tells every client of what happened to any of them, on a thread of its own that walks through the client's
    ports: one that is taken away at that moment brings the process down (jack2 issues 216 and 340). The second pause
    lets a turn of the audio graph end that still reads the port's buffer.
    """
    with alone():
        threading.Event().wait(_IN_FLIGHT_S)
        port.close_port()
        threading.Event().wait(_IN_FLIGHT_S)
        port.delete()


@contextmanager
def _given_up_on_error(port: Any) -> Iterator[None]:
    """A client whose port could not be opened would live on, unseen, until the process ends.

    Raises:
        OSError: Whatever went wrong; rtmidi has a class of its own for each case.
    """
    try:
        yield
    except Exception as error:
        with suppress(Exception):
            give_up(port)
        raise OSError(str(error)) from error


def _index(port: Any, raw: str) -> int:
    names = port.get_ports()
    if raw not in names:
        raise OSError(f"{raw} is gone")
    return int(names.index(raw))


def jack_runs() -> bool:
    """Whether a JACK server of this user listens (asking libjack itself would print to the journal each time)."""
    name = os.environ.get("JACK_DEFAULT_SERVER", "default")
    try:
        if stat.S_ISSOCK(Path(f"/dev/shm/jack_{name}_{os.getuid()}_0").stat().st_mode):  # noqa: S108 - JACK's own place
            return True
    except OSError:
        pass
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"), "pipewire-0").exists()


_missing = ""


def open_rtmidi(client: str = CLIENT) -> tuple[Backend | None, str]:
    """The best system of ports there is: ALSA, else JACK; or None and a sentence saying what to do."""
    global _missing  # noqa: PLW0603 - a library that does not load will not load on the next try either
    if _missing:
        return None, _missing
    try:
        import rtmidi  # noqa: PLC0415 - needs libasound2, which a machine without sound may lack
    except ImportError as error:
        hint = "install libasound2" if "libasound" in str(error) else "install python-rtmidi"
        _missing = f"No MIDI ports: {hint} and start again ({error})."
        return None, _missing
    apis = rtmidi.get_compiled_api()
    tried = []
    for api, name, there in (
        (rtmidi.API_LINUX_ALSA, "ALSA", Path("/dev/snd/seq").exists()),
        (rtmidi.API_UNIX_JACK, "JACK", jack_runs()),
    ):
        if api not in apis or not there:
            continue
        try:
            return RtmidiBackend(rtmidi, api, client), ""
        except OSError as error:
            tried.append(f"{name}: {error}")
    why = "; ".join(tried) or "neither ALSA's sequencer (modprobe snd-seq) nor a JACK server is there"
    return None, f"No MIDI ports: {why}."
