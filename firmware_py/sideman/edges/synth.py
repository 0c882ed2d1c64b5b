"""The synthesiser of the box: FluidSynth runs as a unit of its own and is known by its port's name."""

from __future__ import annotations

from collections.abc import Iterable

from sideman.jam.levels import is_fluidsynth


def find_fluidsynth(names: Iterable[str]) -> str | None:
    """The first running FluidSynth's output port, None when there is none."""
    return next((name for name in names if is_fluidsynth(name)), None)
