"""What is known of each frame of a stretch, and the terms of the decoder's score that are linear in their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import TRIADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

FRAME_TICKS = 240
TONES = np.array([[1.0 if pc in chord.pitch_classes else 0.0 for pc in range(12)] for chord in TRIADS], np.float32)
"""Which pitch classes each triad holds, shape (36, 12)."""
BAR, STRONG, WEAK, NEVER = 0, 1, 2, 3
"""Where a chord may begin: on a bar line, another strong beat, a weak beat; or not at all."""
PARTS = (
    "posterior",
    "cover",
    "cover_unsure",
    "form",
    "four",
    "eight",
    "filter",
    "echo",
    "diminished",
    "usual",
    "usual_ahead",
    "against",
    "home",
    "home_unsure",
    "home_ahead",
    "cadence",
    "posterior_young",
    "cover_young",
    "filter_young",
    "home_young",
)
"""Names of the weights of ``Outlook.parts``, in their order."""
LOG_36 = float(np.log(36))
DOUBT = 0.5
"""Flatness of the posterior from which key and melody are asked instead."""
YOUTH_BARS = 6
"""Bars after the first note in which what was heard is little."""
DIMINISHED = np.repeat(np.array([0, 0, -1], np.float32), 12)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of each frame of a stretch.

    Attributes:
        first: Frame of the first row.
        log_posterior: (frames, 36) log probability of each triad.
        change: (frames,) probability that the chord changes there.
        histogram: (frames, 12) expected pitch classes, each row summing to 1.
        form: (frames, 36) weight of each chord by the form memory, 0 where it says nothing.
        four: (frames, 36) posterior of each chord four bars ago, heard with hindsight; 0 where not known.
        eight: The same eight bars ago.
        before: (frames,) class announced before, or -1.
        usual: (36,) log of each chord's mean posterior lately.
        ahead: (frames,) how far ahead of what was heard, 0 for now to 1 for four beats and more.
        filtered: (frames, 36) log probability of each triad by the hidden Markov filter.
        echo: (frames, 36) what the melody known or expected there says of each triad, 0 where it says nothing.
        against: (36,) how much each triad's third contradicts what was heard.
        home: (36,) log share of each triad in the key estimated so far.
        cadence: (frames, 36) what each triad counts for a cadence.
        again: (frames,) class played one period ago, or -1.
        belief: 0-1, how sure that period is.
        variety: Entropy of the melody's pitch classes.
        palette: Entropy of the chords that the net hears in it with hindsight.
        pace: How much the harmony moves from one strong beat to the next, heard with hindsight.
        lean: How much more than usual it moves inside bars than over bar lines.
        young: How little was heard: 1 at the first note, 0 from ``YOUTH_BARS`` on.
    """

    first: int
    log_posterior: Floats
    change: Floats
    histogram: Floats
    form: Floats
    four: Floats
    eight: Floats
    before: NDArray[np.int64]
    usual: Floats
    ahead: Floats
    filtered: Floats
    echo: Floats
    against: Floats
    home: Floats
    cadence: Floats
    again: NDArray[np.int64]
    belief: float = 0.0
    variety: float = 1.5
    palette: float = 1.0
    pace: float = 0.5
    lean: float = 0.0
    young: float = 0.0

    @property
    def unsure(self) -> Floats:
        """How flat the posterior is in each frame, 0 (sure) to 1."""
        out: Floats = -(np.exp(self.log_posterior) * self.log_posterior).sum(axis=1) / LOG_36
        return np.clip(out, 0, 1)

    def parts(self) -> Floats:
        """The terms of the score that are linear in their weights, shape (frames, 36, len(PARTS))."""
        shape = self.log_posterior.shape
        out = np.zeros((*shape, len(PARTS)), np.float32)
        doubt = np.maximum(self.unsure[:, None] - DOUBT, 0) / (1 - DOUBT)
        far = self.ahead[:, None] * -self.usual
        cover = self.histogram @ TONES.T
        terms = (
            self.log_posterior,
            cover,
            doubt * (1 - self.ahead[:, None]) * cover,
            self.form,
            self.four,
            self.eight,
            self.filtered,
            self.echo,
            DIMINISHED,
            -self.usual - far,
            far,
            -self.against,
            self.home,
            doubt * self.home,
            self.ahead[:, None] * self.home,
            self.cadence,
            self.young * self.log_posterior,
            self.young * cover,
            self.young * self.filtered,
            self.young * self.home,
        )
        for place, term in enumerate(terms):
            out[..., place] = term
        return out


def contradiction(memory: Floats) -> Floats:
    """How much the third of each triad contradicts a memory of pitch classes: a tenth more of the other third is 1.

    Args:
        memory: Weights of what was heard, shape (12,).

    Returns:
        Shape (36,), 0 where nothing speaks against it.
    """
    shares = memory / (memory.sum() + 1e-6)
    major, minor = np.roll(shares, -4), np.roll(shares, -3)
    less = np.maximum(major - minor, 0)
    out: Floats = (10 * np.concatenate([np.maximum(minor - major, 0), less, less])).astype(np.float32)
    return out


def beats_of(meter: Meter) -> dict[int, int]:
    """Where in the bar (in frames) a chord may begin, and what place that is."""
    places = {tick // FRAME_TICKS: WEAK for tick in meter.beats}
    places.update({tick // FRAME_TICKS: STRONG for tick in meter.groups})
    places[0] = BAR
    return places


def cuts_of(meter: Meter, start: int, stop: int) -> list[int]:
    """Frames in ``start … stop`` at which a chord may begin; ``start`` is always one of them."""
    allowed, bar = beats_of(meter), meter.bar_frames
    return [start, *(f for f in range(start + 1, stop) if f % bar in allowed)]


@dataclass(frozen=True, slots=True)
class Ground:
    """A stretch cut into beats, for several jams at once: all that a decision depends on but weights and habits.

    Attributes:
        parts: (jams, cuts, 36, parts) the linear terms, summed over each beat.
        chance: (jams, cuts) probability that the chord changes there.
        place: (jams, cuts) where in the bar it is.
        frames: (jams, cuts) length of each beat, 0 where there is none any more.
        unsure: (jams, cuts) how flat the posterior is.
        before: (jams, cuts) class announced, or -1.
        again: (jams, cuts) class played one period ago, or -1.
        belief: (jams,) how sure that period is.
        expected: (jams, 36) mean posterior lately.
        variety: (jams,) entropy of the melody's pitch classes.
        palette: (jams,) entropy of the chords heard in it with hindsight.
        pace: (jams,) how much the harmony moves from one strong beat to the next.
        lean: (jams,) how much more than usual it moves inside bars than over bar lines.
        young: (jams,) how little was heard.
    """

    parts: Floats
    chance: Floats
    place: NDArray[np.int64]
    frames: NDArray[np.int64]
    unsure: Floats
    before: NDArray[np.int64]
    again: NDArray[np.int64]
    belief: Floats
    expected: Floats
    variety: Floats
    palette: Floats
    pace: Floats
    lean: Floats
    young: Floats


def ground_of(outlook: Outlook, meter: Meter, cuts: Sequence[int], stop: int) -> Ground:
    """The stretch of one jam from ``cuts[0]`` to ``stop``."""
    rows = np.array(cuts) - outlook.first
    end = stop - outlook.first
    places, bar = beats_of(meter), meter.bar_frames
    parts = np.add.reduceat(outlook.parts()[:end], rows, axis=0)
    return Ground(
        parts=parts[None],
        chance=np.clip(outlook.change[rows], 0.02, 0.98)[None].astype(np.float32),
        place=np.array([[places.get(cut % bar, NEVER) for cut in cuts]]),
        frames=np.diff([*rows, end])[None],
        unsure=outlook.unsure[rows][None],
        before=outlook.before[rows][None],
        again=outlook.again[rows][None],
        belief=np.array([outlook.belief], np.float32),
        expected=np.exp(outlook.usual)[None],
        variety=np.array([outlook.variety], np.float32),
        palette=np.array([outlook.palette], np.float32),
        pace=np.array([outlook.pace], np.float32),
        lean=np.array([outlook.lean], np.float32),
        young=np.array([outlook.young], np.float32),
    )


__all__ = ["PARTS", "TONES", "Ground", "Outlook", "beats_of", "contradiction", "cuts_of", "ground_of"]
