"""Advice to the one who commits: how far ahead it is wise to, and whether the melody has taken another turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sideman.models.chord_evidence import EMISSION
from sideman.music.chords import triad_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.models.chord_form import FormDetector
    from sideman.music.harmony import ChordSpan

SURE = 0.6
"""Posterior from which four beats are committed."""
KEY_OPEN = 0.4
"""Below this the key is open."""
REPEATS = 0.6
"""Match from which the melody is held to come round."""
WINDOW = 8
"""Frames of melody that a surprise is looked for in: two beats."""
SURPRISING = -4.12
"""2nd percentile of the mean log probability on the validation songs."""


@dataclass(frozen=True, slots=True)
class Advice:
    """How far ahead to commit.

    Attributes:
        commit_beats: 0-4.
        sure: 0-1, how sure the next four beats are.
        key_sure: 0-1, how clear the key is.
        form_bars: Bars of the form that is given or believed, 0 for none.
    """

    commit_beats: int
    sure: float
    key_sure: float
    form_bars: int


def advised(*, sure: float, key_sure: float, form_bars: int, repeats: float, bars: float) -> Advice:
    """Four beats when sure and the melody comes round, none or one while the key is open, else two.

    Args:
        sure: Mean of the largest posteriors of the next four beats.
        key_sure: How clear the key is.
        form_bars: Bars of the form, 0 for none.
        repeats: How well the melody comes round.
        bars: Bars heard.
    """
    if key_sure < KEY_OPEN or bars < 1:
        return Advice(1 if sure > SURE else 0, sure, key_sure, form_bars)
    return Advice(4 if sure > SURE and repeats >= REPEATS else 2, sure, key_sure, form_bars)


def fit(form: FormDetector, next_frame: int, committed: Sequence[ChordSpan]) -> float | None:
    """Mean log probability of the melody of the last two beats under the chords that stood; None where nothing met."""
    total = mass = 0.0
    for span in reversed(committed):
        if span.end <= next_frame - WINDOW:
            break
        chord = triad_index(span.chord)
        for frame in range(max(span.onset, next_frame - WINDOW), min(span.end, next_frame)):
            then = form.heard - (next_frame - frame)
            if then >= 0 and chord < len(EMISSION):
                sound = form.ring[then % len(form.ring)]
                total += float(EMISSION[chord] @ sound)
                mass += float(sound.sum())
    return total / mass if mass > 0 else None


def surprise_of(form: FormDetector, next_frame: int, committed: Sequence[ChordSpan]) -> float:
    """The fit less ``SURPRISING``: below 0 the melody has taken another turn; above 0 where nothing can be said."""
    found = fit(form, next_frame, committed)
    return -SURPRISING if found is None else found - SURPRISING


__all__ = ["Advice", "advised", "fit", "surprise_of"]
