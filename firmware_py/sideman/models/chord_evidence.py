"""What the melody itself says of the chord: a hidden Markov filter, and the melody expected to come round again.

Three tables counted on POP909's training songs (``python -m sideman_lab.chords.hmm DATA``): which pitch classes stand
over a triad, how triads follow each other, and how often they change at each place in the bar. So little is learned
here that it holds in other styles too, where the net is less sure of itself; the decoder multiplies the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_features import FORM_BARS
from sideman.models.chord_motion import log_motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chord_features import FeatureStream
    from sideman.models.chord_form import FormDetector, FormView
    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

FRAME_TICKS = 240
_EMISSION = (
    (0.2208, 0.0013, 0.0878, 0.0129, 0.2182, 0.0500, 0.0084, 0.2631, 0.0056, 0.0793, 0.0201, 0.0326),
    (0.3577, 0.0028, 0.0595, 0.2208, 0.0007, 0.0652, 0.0004, 0.1589, 0.0191, 0.0067, 0.1076, 0.0008),
    (0.0847, 0.0868, 0.0079, 0.3416, 0.0110, 0.0545, 0.1606, 0.0098, 0.0926, 0.0238, 0.1219, 0.0049),
)
"""Share of each pitch class, semitones above the root, over major, minor and diminished triads."""
_CHANGE = (0.78, 0.36)
"""How often the chord changes on a bar line and on another strong beat."""
FRAME_WEIGHT = 0.3
"""Frames are not independent: each counts this much."""
LEAST_MATCH = 0.3
"""A repeat is believed from this match on."""
FLOOR = 0.004
"""No pitch class is ever quite impossible."""


def _emission() -> Floats:
    table = np.empty((36, 12), np.float32)
    for chord in range(36):
        for pc in range(12):
            table[chord, pc] = np.log(_EMISSION[chord // 12][(pc - chord) % 12] + FLOOR)
    return table


EMISSION = _emission()
"""Log probability of each pitch class under each triad, shape (36, 12)."""
SAYING = EMISSION - EMISSION.mean(axis=0)
"""The same less what every triad says of the pitch class."""


def _transition(chance: float) -> Floats:
    table = np.exp(log_motion().astype(np.float64))
    np.fill_diagonal(table, 0)
    table *= chance / table.sum(axis=1, keepdims=True)
    np.fill_diagonal(table, 1 - chance)
    return table.astype(np.float32)


TRANSITIONS = tuple(_transition(chance) for chance in _CHANGE)


class Evidence:
    """The filter of one jam: the same work in every frame."""

    def __init__(self, meter: Meter) -> None:
        """Start with no opinion."""
        self.bar = meter.bar_frames
        self.strong = frozenset(tick // FRAME_TICKS for tick in meter.groups)
        self.alpha = np.full(36, 1 / 36, np.float32)
        self.alpha[24:] *= 0.1

    def _moved(self, alpha: Floats, frame: int) -> Floats:
        within = frame % self.bar
        if within not in self.strong:
            return alpha
        found: Floats = alpha @ TRANSITIONS[0 if within == 0 else 1]
        return found

    def _step(self, alpha: Floats, frame: int, sound: Floats, weight: float) -> Floats:
        alpha = self._moved(alpha, frame)
        if weight > 0 and sound.any():
            alpha = alpha * np.exp(FRAME_WEIGHT * weight * (EMISSION @ sound))
        out: Floats = alpha / alpha.sum()
        return out

    def hear(self, frame: int, sound: Floats) -> None:
        """Take the pitch-class weights of a frame."""
        self.alpha = self._step(self.alpha, frame, sound, 1.0)

    def ahead(
        self, features: FeatureStream, form: FormDetector, view: FormView, start: int, stop: int
    ) -> tuple[Floats, Floats]:
        """Opinion of the frames ``start … stop``; of those heard already, as of now.

        Args:
            features: What the net was told, for how well each lag matches.
            form: What was heard.
            view: The form; where the melody does not come round with it, the best matching lag counts.
            start: First frame.
            stop: Frame after the last one.

        Returns:
            Log probability of each triad in each frame, and what the melody that stood there one form period ago says
            of it, by how sure that repeat is (0 where nothing is known); both shape (frames, 36).
        """
        match = features.form()[1:]
        best = int(match.argmax())
        lag = FORM_BARS[1 + best] * self.bar
        sure = max(0.0, (float(match[best]) - LEAST_MATCH) / (1 - LEAST_MATCH))
        if view.period and view.match >= sure:
            lag, sure = view.period, view.match
        heard, size = form.heard, len(form.ring)
        logs = np.tile(self.alpha, (stop - start, 1))
        echo = np.zeros((stop - start, 36), np.float32)
        alpha = self.alpha
        nothing = np.zeros(12, np.float32)
        for frame in range(features.next_frame, stop):
            then = heard + frame - features.next_frame - lag
            known = sure > 0 and 0 <= then < heard and then > heard - size
            sound = form.ring[then % size] if known else nothing
            alpha = self._step(alpha, frame, sound, sure)
            if frame >= start:
                logs[frame - start] = alpha
                echo[frame - start] = sure * (SAYING @ sound)
        return np.log(logs + 1e-4).astype(np.float32), echo
