"""Names of MIDI ports that stay the same through replugging, and which ports are one device."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ALSA_ADDRESS = re.compile(r"\s+(\d+):\d+$")
_PROCESS = re.compile(r"\s*\(\d+(?::\d+)?\)")
_JACK_COPY = re.compile(r"-\d\d$")


def stable_name(raw: str) -> str:
    """A port's name without what changes: ALSA's client:port address and a program's process number.

    ``Fake Keys:Fake Keys MIDI 1 24:0`` becomes ``Fake Keys MIDI 1`` (mido issue 471, rtmidi issue 88).
    """
    name = _PROCESS.sub("", _ALSA_ADDRESS.sub("", raw)).strip()
    client, _, port = name.partition(":")
    return port if port.lower().startswith(client.lower()) and client else name


def client_of(raw: str) -> str:
    """Name of the program or device that a port belongs to; JACK's numbers for namesakes are stripped."""
    client = _PROCESS.sub("", _ALSA_ADDRESS.sub("", raw)).partition(":")[0].strip()
    return _JACK_COPY.sub("", client)


def device_of(raw: str) -> str:
    """What the input and the output side of one instrument share: ALSA's client number, else the client's name."""
    address = _ALSA_ADDRESS.search(raw)
    if address:
        return address[1]
    if raw.startswith("system:"):  # JACK's client for all hardware: only the port's number tells devices apart
        return re.sub("capture|playback", "", raw)
    return client_of(raw)


def card_of(raw: str) -> int | None:
    """Number of the sound card behind an ALSA port, None for a program's or another system's.

    The kernel gives card n the sequencer clients from 16 + 4 n on; programs have theirs from 128 on.
    """
    address = _ALSA_ADDRESS.search(raw)
    client = int(address[1]) if address else 0
    return (client - 16) // 4 if 16 <= client < 128 else None


class NameBook:
    """Gives each port a name of its own: a second instrument of the same make is called ``... #2``."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, raws: Iterable[str]) -> dict[str, str]:
        """Names of all ports present. A port that stays keeps its name; a newcomer takes the first free one."""
        raws = list(raws)
        self._names = {raw: self._names[raw] for raw in raws if raw in self._names}
        for raw in raws:
            if raw not in self._names:
                name, number = stable_name(raw), 2
                while name in self._names.values():
                    name, number = f"{stable_name(raw)} #{number}", number + 1
                self._names[raw] = name
        return {raw: self._names[raw] for raw in raws}
