"""The synthesiser of the box: FluidSynth runs as a unit of its own and is known by its port's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FLUIDSYNTH = re.compile(r"fluid\s*-?_?synth", re.IGNORECASE)


def is_fluidsynth(name: str) -> bool:
    """Whether a port is FluidSynth's: ``FLUID Synth (612):Synth input port`` (ALSA), ``fluidsynth:midi_00`` (JACK)."""
    return _FLUIDSYNTH.search(name) is not None


def find_fluidsynth(names: Iterable[str]) -> str | None:
    """The first running FluidSynth's output port, None when there is none."""
    return next((name for name in names if is_fluidsynth(name)), None)
