"""How the band keeps measure: changes a bar, changes on weak beats, and the variety of its chords.

As a player would: what was played so far in this jam is compared with what this kind of tune usually gets, and the
price of changing and of unusual chords follows the difference. What is usual depends on how long the jam is and on how
varied the melody is: by its own pitch classes, and by the chords that the net hears in it with hindsight. So few
constants hold in styles nobody trained on; ``python -m sideman_lab.chords.habits DATA`` fits them.

Everything is written for many jams at once (a leading axis): the stream is one, the tuner plays all its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

ENTROPY = (1.24, -4.342, 4.511, 0.221)
"""Entropy of the chords (nats): constant, by 1 / s and 1 / s², s strong beats, and by the entropy of those heard."""
RATE = (-0.099, -0.405, 0.025, 0.185, 0.767)
"""Changes on each strong beat: the same, by the entropy of the melody's pitch classes and by the pace heard in it."""
FEWEST = 4.0
"""Strong beats from which the two are extrapolated."""
PRIOR_BEATS = 8.0
"""Strong beats of usual behaviour that the running rate starts with."""
PRIOR_CHANGES = 6.0
"""Changes of usual placing that the running share of weak beats starts with."""
PRIOR_PALETTE = 4.0
"""Strong beats of what the net expects that the palette starts with."""
WEAK_SHARE = 0.15
"""Share of the changes that may fall on weak beats."""
PRIOR_STEPS = 1.0
"""Changes away from a chord before what followed it counts."""
MEMORY = 0.5 ** (1 / 1024)
"""How much of what was played counts one frame later."""
FLOOR = 0.005


def entropy(shares: Floats) -> Floats:
    """Entropy in nats over the last axis; rows need not sum to 1."""
    total = shares.sum(axis=-1, keepdims=True)
    p = shares / np.maximum(total, 1e-9)
    out: Floats = -(p * np.log(p + 1e-12)).sum(axis=-1)
    return out


def usual(constants: tuple[float, ...], beats: Floats, *signs: Floats) -> Floats:
    """What is usual after so many strong beats over such a melody."""
    s = np.maximum(beats, FEWEST)
    base, one, two, *slopes = constants
    out = base + one / s + two / (s * s) + sum(slope * sign for slope, sign in zip(slopes, signs, strict=True))
    found: Floats = np.maximum(out, 0.1).astype(np.float32)
    return found


class Melody(Protocol):
    """What the melodies of several jams are like so far.

    Attributes:
        variety: Entropy of the pitch classes.
        palette: Entropy of the chords that the net hears in it with hindsight.
        pace: How much the harmony moves from one strong beat to the next, heard likewise.
    """

    @property
    def variety(self) -> Floats:
        """By jam, nats."""

    @property
    def palette(self) -> Floats:
        """By jam, nats."""

    @property
    def pace(self) -> Floats:
        """By jam, 0 to 1."""


@dataclass(slots=True)
class Excess:
    """How much more than usual was played, by jam.

    Attributes:
        rate: Changes, as a share of what is wanted (0.1: a tenth too many).
        weak: Share of the changes on weak beats, less the share that may be.
        entropy: Entropy of the chords less the wanted one.
    """

    rate: Floats
    weak: Floats
    entropy: Floats


class Habits:
    """What was played so far in each of several jams."""

    def __init__(self, jams: int = 1) -> None:
        """Nothing played yet."""
        self.usage = np.zeros((jams, 36), np.float32)
        self.beats = np.zeros(jams, np.float32)
        self.changes = np.zeros(jams, np.float32)
        self.weak = np.zeros(jams, np.float32)
        self.last = np.full(jams, -1, np.int64)
        self.steps = np.zeros((jams, 36, 36), np.float32)
        self.next = np.zeros((jams, 36), np.int64)
        self.left = np.zeros((jams, 36), np.float32)

    def copy(self) -> Habits:
        """A copy that can be added to on its own."""
        twin = Habits.__new__(Habits)
        twin.usage, twin.beats = self.usage.copy(), self.beats.copy()
        twin.changes, twin.weak, twin.last = self.changes.copy(), self.weak.copy(), self.last.copy()
        twin.steps, twin.next, twin.left = self.steps.copy(), self.next.copy(), self.left.copy()
        return twin

    def add(self, jams: Ints, chords: Ints, frames: Ints, beats: Floats, on_strong: NDArray[np.bool_]) -> None:
        """Take note of what was played.

        Args:
            jams: Which jams, each at most once.
            chords: Triad class played in each.
            frames: For how many frames.
            beats: For how many strong beats.
            on_strong: Whether it began on a strong beat.
        """
        fade = (MEMORY**frames).astype(np.float32)
        self.usage[jams] *= fade[:, None]
        for kept in (self.beats, self.changes, self.weak):
            kept[jams] *= fade
        changed = (self.last[jams] >= 0) & (self.last[jams] != chords)
        moved, before, after = jams[changed], self.last[jams[changed]], chords[changed]
        self.steps[moved, before, after] += 1
        self.left[moved, before] += 1
        best = self.next[moved, before]
        more = self.steps[moved, before, after] > self.steps[moved, before, best]
        self.next[moved, before] = np.where(more, after, best)
        self.usage[jams, chords] += beats
        self.beats[jams] += beats
        self.changes[jams] += changed
        self.weak[jams] += changed & ~on_strong
        self.last[jams] = chords

    def excess(self, jams: Ints, tune: Melody, rhythm: float, palette: float) -> Excess:
        """How far what was played lies above the usual.

        Args:
            jams: Which jams.
            tune: What each melody is like.
            rhythm: Changes wanted, as a multiple of the usual.
            palette: Entropy wanted, likewise.
        """
        beats = self.beats[jams]
        wanted = rhythm * usual(RATE, beats, tune.variety, tune.pace)
        rate = (self.changes[jams] + PRIOR_BEATS * wanted) / (beats + PRIOR_BEATS)
        weak = (self.weak[jams] + PRIOR_CHANGES * WEAK_SHARE) / (self.changes[jams] + PRIOR_CHANGES) - WEAK_SHARE
        varied = entropy(self.usage[jams]) - palette * usual(ENTROPY, beats, tune.palette)
        varied = np.where(beats > 0, varied * np.minimum(beats / FEWEST, 1), 0)
        return Excess(rate / wanted - 1, weak.astype(np.float32), varied.astype(np.float32))

    def successors(self, jams: Ints) -> tuple[Ints, Floats]:
        """The triad that most often followed each one in what was played, and how often it did, 0-1: (jams, 36)."""
        best = self.next[jams]
        most = self.steps[jams[:, None], np.arange(36), best]
        share: Floats = most / (self.left[jams] + PRIOR_STEPS)
        return best, share

    def familiar(self, jams: Ints, expected: Floats) -> Floats:
        """Log share of each triad in what was played, mixed with a little of what the net expects: (jams, 36)."""
        mass = self.usage[jams] + PRIOR_PALETTE * expected
        out: Floats = np.log(mass / mass.sum(axis=1, keepdims=True) + FLOOR)
        return out
