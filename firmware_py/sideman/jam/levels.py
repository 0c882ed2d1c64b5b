"""What every part's channel is told: its program, its volume and, on the box's own synthesiser, its place in the mix.

Trims and places belong to FluidSynth with the box's font; another synthesiser has a mixer of its own, and is told
program and level alone (``levels.balance``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sideman.jam.core import Jam
from sideman.jam.options import ALL_PARTS, Options
from sideman.music.mix import NEUTRAL, VOLUME, placed, volume
from sideman.music.sounds import program_of

_FLUIDSYNTH = re.compile(r"fluid\s*-?_?synth", re.IGNORECASE)


def is_fluidsynth(name: str) -> bool:
    """Whether a port is FluidSynth's: ``FLUID Synth (612):Synth input port`` (ALSA), ``fluidsynth:midi_00`` (JACK)."""
    return _FLUIDSYNTH.search(name) is not None


def leaders(options: Options) -> Iterator[str]:
    """The parts that set up a channel: of parts on one channel the first; the click has none of its own."""
    told = set()
    for part in ALL_PARTS:
        channel = options.part(part).channel
        if part != "click" and channel not in told:
            told.add(channel)
            yield part


class Levels:
    """What was sent to each channel, so that only changes are.

    Attributes:
        style: The style whose own sounds play; it changes with the style's first notes.
    """

    def __init__(self, jam: Jam) -> None:
        self.jam = jam
        self.style = jam.options.style
        self._sent: dict[tuple[int, int], int] = {}

    def forget(self, but: int = -1) -> None:
        """What was sent may no longer hold, but on one channel."""
        self._sent = {which: value for which, value in self._sent.items() if which[0] & 0x0F == but}

    def send(self) -> None:
        """Program, volume and place of every part to its channel, where they are not what was sent last."""
        for part in leaders(self.jam.options):
            for data in self._wanted(part):
                which = (data[0], data[1] if len(data) == 3 else -1)
                if self._sent.get(which) != data[-1]:
                    self._sent[which] = data[-1]
                    self.jam.ports.out.send(data)

    def _wanted(self, part: str) -> Iterator[bytes]:
        jam = self.jam
        own = jam.options.part(part)
        program, level = program_of(part, own.program, self.style), jam.level(part)
        control = 0xB0 | own.channel
        yield bytes((0xC0 | own.channel, program))
        if jam.options.balance == "on" or (jam.options.balance == "auto" and is_fluidsynth(jam.output)):
            yield bytes((control, VOLUME, volume(part, program, level)))
            for pair in placed(part):
                yield bytes((control, *pair))
            return
        yield bytes((control, VOLUME, level))
        for number, value in NEUTRAL.items():  # it was placed before
            if (control, number) in self._sent:
                yield bytes((control, number, value))
