"""The form: which period the melody comes round with, and where in it a cadence is due.

A running match for each of a few lags (constant cost a frame, however long the jam is) says how much better the
melody repeats itself after so many bars than chance would let it. A period is believed once enough of it has come
round, and let go only when it clearly no longer does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

FRAME_TICKS = 240
PERIOD_BARS = (4, 8, 12, 16)
"""Periods that are looked for; a loop of two bars comes round after four."""
LONGEST_BARS = 32
"""The longest form that can be given."""
ENOUGH_BARS = 1.0
"""Bars that have to come round before a period is believed."""
BELIEVED, LET_GO = 0.6, 0.35
"""Match from which a period is believed, and below which it is given up."""
BETTER = 0.12
"""A longer period has to match by so much better than a shorter one."""
FOUND_CADENCE = 0.2
"""How much less a cadence counts where the form was found, not given."""
MAJOR_CADENCE = {7: 1.0, 5: 0.7, 35: 0.5}
MINOR_CADENCE = {7: 1.0, 19: 0.5, 17: 0.7, 5: 0.3, 35: 0.5}
"""What a triad (semitones above the tonic; + 12 minor, + 24 diminished) counts in the segment before the tonic."""
LEADING = -0.7
"""What the tonic itself counts there: something has to be resolved."""


@dataclass(frozen=True, slots=True)
class FormView:
    """What is held of the form at a moment.

    Attributes:
        period: Frames after which the music comes round, 0 when nothing says so.
        belief: 0-1, how sure that is: 1 for a given form.
        match: 0-1, how far the melody itself comes round with that period.
        origin: Frame of the form's beat one.
        given: The player said so.
    """

    period: int = 0
    belief: float = 0.0
    match: float = 0.0
    origin: int = 0
    given: bool = False


class FormDetector:
    """Looks for the period of one jam; all state is here and copies with ``copy.deepcopy``."""

    def __init__(self, meter: Meter) -> None:
        """Start with no opinion."""
        self.bar = meter.bar_frames
        self.lags = tuple(n * self.bar for n in PERIOD_BARS)
        self.ring = np.zeros((LONGEST_BARS * self.bar + 1, 12), np.float32)
        self.tones = np.zeros(12, np.float32)
        self.same = np.zeros(len(self.lags))
        self.mass = np.zeros(len(self.lags))
        self.decays = tuple(0.5 ** (2 / lag) for lag in self.lags)
        self.heard = 0
        self.period = 0

    def hear(self, sound: Floats) -> None:
        """Take the pitch-class weights of one frame (all 0 for silence)."""
        now, size = self.heard, len(self.ring)
        self.ring[now % size] = sound
        self.tones += sound
        shares = self.tones / max(float(self.tones.sum()), 1.0)
        sounds = bool(sound.any())
        for i, lag in enumerate(self.lags):
            if now < lag:
                break
            before = self.ring[(now - lag) % size]
            self.same[i] *= self.decays[i]
            self.mass[i] *= self.decays[i]
            if sounds or before.any():
                chance = float(shares @ sound)
                self.same[i] += float(sound @ before) - chance
                self.mass[i] += 1 - chance
        self.heard += 1
        self._settle()

    def matches(self) -> NDArray[np.float64]:
        """How much better than chance each period matches, 1 for a true repeat, 0 where too little came round."""
        known = self.mass > ENOUGH_BARS * self.bar / 2
        return np.where(known, np.maximum(self.same / np.maximum(self.mass, 1e-6), 0), 0)

    def _settle(self) -> None:
        found = self.matches()
        best = int(found.argmax())
        if found[best] < BELIEVED:
            if self.period and found[self.lags.index(self.period)] < LET_GO:
                self.period = 0
            return
        shortest = next(lag for lag, match in zip(self.lags, found, strict=True) if match >= found[best] - BETTER)
        if self.period and found[self.lags.index(self.period)] >= found[best] - BETTER:
            return
        self.period = shortest

    def view(self, form_frames: int = 0, origin: int = 0) -> FormView:
        """What is held of the form now.

        Args:
            form_frames: The given form's length in frames; 0 for the one found.
            origin: Frame of its beat one.
        """
        if form_frames:
            return FormView(form_frames, 1.0, self._match(form_frames), origin, given=True)
        if not self.period:
            return FormView(origin=origin)
        match = float(self.matches()[self.lags.index(self.period)])
        return FormView(self.period, min(1.0, match), min(1.0, match), origin)

    def _match(self, lag: int) -> float:
        """How far the last two bars repeat those a lag before."""
        if lag in self.lags:
            return float(min(1.0, self.matches()[self.lags.index(lag)]))
        size = len(self.ring)
        now = np.arange(max(lag, self.heard - 2 * self.bar), self.heard)
        if lag >= size or len(now) < self.bar:
            return 0.0
        one, other = self.ring[now % size], self.ring[(now - lag) % size]
        sounding = float((one.any(axis=1) | other.any(axis=1)).sum())
        return float((one * other).sum()) / sounding if sounding else 0.0


def cadence_scores(meter: Meter, frames: NDArray[np.int64], view: FormView, key: Key, end: int | None = None) -> Floats:
    """What each triad counts for a cadence in each frame, shape (frames, 36).

    The form ends on its tonic, after a dominant: the last stretch between strong beats before the form's end is the
    tonic's, the one before it that of V, IV or vii (specification 3.6: bar 8k *ends on* I *after* V, IV or vii).

    Args:
        meter: The meter.
        frames: The frames.
        view: The form.
        key: Its key.
        end: Frame at which a phrase ends, in place of the form.
    """
    out = np.zeros((len(frames), 36), np.float32)
    if end is None and (not view.period or not view.belief):
        return out
    bar = meter.bar_frames
    starts = [tick // FRAME_TICKS for tick in meter.groups]
    last = bar - starts[-1]
    before = starts[-1] - starts[-2] if len(starts) > 1 else bar
    left = end - frames if end is not None else view.period - (frames - view.origin) % view.period
    tonic, mode = key
    home = tonic if mode == "maj" else tonic + 12
    strength = 1.0 if end is not None or view.given else FOUND_CADENCE * view.belief
    closing = (left > 0) & (left <= last)
    leading = (left > last) & (left <= last + before)
    out[closing, home] = strength
    out[leading, home] = LEADING * strength
    for step, worth in (MAJOR_CADENCE if mode == "maj" else MINOR_CADENCE).items():
        out[leading, step // 12 * 12 + (step + tonic) % 12] = worth * strength
    return out
