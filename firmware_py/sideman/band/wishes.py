"""The player's wishes as the chord decoder takes them. Needs NumPy through the decoder: imported by the band alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band import form_given
from sideman.band.harmony import parsed_key
from sideman.models.chord_decoder import PlanOptions
from sideman.models.sampling import seed_for

if TYPE_CHECKING:
    from sideman.band.messages import Ask

BOLDNESS = 0.15
"""Scale of the noise on a beat's chord scores for each step of the temperature, beside scores of a few units.

The noise belongs to its frame, so that one plan after the other draws the same and chords do not flap.
"""
NEW_BOLDNESS = 0.6
"""The same once the player asked for NEW: other chords must come of it, whatever the model likes best."""


def for_phrase(ask: Ask, key: str) -> PlanOptions:
    """What is asked of the chords of a committed phrase."""
    return PlanOptions(
        key=parsed_key(key or ask.knobs.key),
        key_lock=ask.knobs.key_lock,
        harmonic_rhythm=ask.knobs.harmonic_rhythm,
        cadence=ask.knobs.cadence,
        closes=True,
    )


def ahead(ask: Ask, zero: int | None = None) -> PlanOptions:
    """What is asked of the chords ahead while following.

    Args:
        ask: The request.
        zero: Frame of the jam from which the stream counts its frames; None = ``ask.origin``.
    """
    boldness = BOLDNESS if ask.variation == 0 else NEW_BOLDNESS
    return PlanOptions(
        temperature=boldness * ask.knobs.temperature,
        seed=seed_for(ask.seed, "chords", ask.variation) % 2**31,
        key=parsed_key(ask.knobs.key),
        key_lock=ask.knobs.key_lock,
        harmonic_rhythm=ask.knobs.harmonic_rhythm,
        cadence=ask.knobs.cadence,
        form_frames=form_given.frames_of(ask),
        form_origin=form_given.beat_one(ask) - (ask.origin if zero is None else zero),
    )
