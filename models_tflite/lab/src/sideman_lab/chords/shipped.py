"""The one default setting that every row is measured with: what the box itself asks of the decoder, nothing touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band import wishes
from sideman.band.messages import Ask, Knobs

if TYPE_CHECKING:
    from sideman.models.chord_decoder import PlanOptions
    from sideman.music.meter import Meter

SEED = 1
BPM = 120.0
LISTEN = 32
"""Frames in which the box only listens by default: eight beats of a quarter."""


def shipped(meter: Meter, seed: int = SEED) -> PlanOptions:
    """The options of a plan in mode ``follow`` with every setting at its default.

    Args:
        meter: The meter of the jam.
        seed: Of the jam.
    """
    ask = Ask(id=1, seed=seed, epoch=1, mode="follow", meter=meter, bpm=BPM, frame=0, start=0, end=16, knobs=Knobs())
    return wishes.ahead(ask)
