"""The one default setting that every row is measured with: what the box itself asks of the decoder, nothing touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sideman.band import wishes
from sideman.band.messages import Ask, Knobs

if TYPE_CHECKING:
    from sideman.models.chord_decoder import PlanOptions
    from sideman.music.meter import Meter

SEED = 1
BPM = 120.0
LISTEN = 8
"""Beats in which the box only listens by default."""


def shipped(meter: Meter, seed: int = SEED, **knobs: Any) -> PlanOptions:
    """The options of a plan in mode ``follow`` as the band itself makes them, beat one at the first bar line.

    Args:
        meter: The meter of the jam.
        seed: Of the jam.
        **knobs: Knobs that a row names (``band.messages.Knobs``); all others stay at their defaults.
    """
    turned = Knobs(**knobs)
    return wishes.ahead(Ask(1, seed, 1, "follow", meter, BPM, frame=0, start=0, end=16, knobs=turned))
