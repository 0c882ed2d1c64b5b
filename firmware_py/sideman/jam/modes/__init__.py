"""The modes: what the band is asked for, when, and what of it is committed. One file a mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.jam.modes.follow import Follow
from sideman.jam.modes.trade import Trade

if TYPE_CHECKING:
    from sideman.jam.core import Jam
    from sideman.jam.modes.base import Mode

MODES: dict[str, Mode] = {"trade": Trade(), "follow": Follow()}
"""Modes by name; ``loop`` and ``improv`` will be a file and a line each."""


def mode_of(jam: Jam) -> Mode:
    """The mode the box is in."""
    return MODES[jam.options.mode]
