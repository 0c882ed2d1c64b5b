"""How well the melody of this jam has gone with the chords that were played: a plain tune well, a rich one less so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_habits import MEMORY
from sideman.models.chord_terms import TONES

if TYPE_CHECKING:
    from sideman.models.chord_form import FormDetector
    from sideman.models.chord_played import Played

USUAL = 0.58
"""Share of the melody inside the chords that is expected before anything was played."""
PRIOR = 32.0
"""Frames that this expectation counts."""


class Fit:
    """The share of melody that lay inside the chord that stood, each frame counted once; copies with ``copy.copy``."""

    def __init__(self, first_frame: int) -> None:
        """Nothing played before ``first_frame``."""
        self.until = first_frame
        self.inside, self.sounding = USUAL * PRIOR, PRIOR

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.inside / self.sounding

    def settle(self, played: Played, form: FormDetector, next_frame: int) -> None:
        """Count what was played and heard since the last call.

        Args:
            played: What was played, settled.
            form: What was heard, up to ``next_frame``.
            next_frame: The first frame that has not been heard.
        """
        stop = min(played.until, next_frame)
        size = min(len(form.ring), len(played.ring)) - 1
        frames = np.arange(max(self.until, stop - size, next_frame - form.heard), stop)
        self.until = max(self.until, stop)
        if not len(frames):
            return
        chords = played.at(frames)
        sound = form.ring[(form.heard - next_frame + frames) % len(form.ring)] * (chords >= 0)[:, None]
        fade = MEMORY ** len(frames)
        self.inside = fade * self.inside + float((TONES[chords] * sound).sum())
        self.sounding = fade * self.sounding + float(sound.sum())
