"""The player's wishes as the chord decoder takes them. Needs NumPy through the decoder: imported by the band alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band.harmony import parsed_key
from sideman.models.chord_decoder import PlanOptions
from sideman.models.sampling import seed_for

if TYPE_CHECKING:
    from sideman.band.messages import Ask


def for_phrase(ask: Ask, key: str, frames: int) -> PlanOptions:
    """What is asked of the chords of a committed phrase, ``frames`` long."""
    return PlanOptions(key=parsed_key(key or ask.knobs.key), end_frame=frames)


def ahead(ask: Ask) -> PlanOptions:
    """What is asked of the chords ahead while following; frames are counted from ``ask.origin``."""
    return PlanOptions(
        temperature=0.0 if ask.variation == 0 else 0.6 * ask.knobs.temperature,
        seed=seed_for(ask.seed, "chords", ask.variation) % 2**31,
        key=parsed_key(ask.knobs.key),
    )
