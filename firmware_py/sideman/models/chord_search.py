"""The best chords for a stretch of beats: Viterbi over the 36 triads (specification 3.1), for many jams at once.

The score adds up what the horizon heads say, how well a chord covers the melody that is expected, the form, the key,
the last announced plan and the metre; what was played so far (``chord_habits``) sets the price of changing and of
unusual chords. The stream is one jam; the tuner plays all of its pieces side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_motion import log_motion
from sideman.models.chord_terms import BAR, NEVER, PARTS, STRONG, WEAK, Ground

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chord_habits import Habits
    from sideman.models.chord_weights import DecoderWeights

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

MOTION = log_motion()
MOTION_CENTRE = float(MOTION.mean())
RARE = -4.5
"""Log probability from which a root motion is not common any more."""


def _commonness() -> Floats:
    above = np.maximum(MOTION - RARE, 0)
    out: Floats = above - float((np.exp(MOTION) * above).sum() / np.exp(MOTION).sum())
    return out


COMMON = _commonness()
"""How much more common than rare each change's root motion is (nats), less what is usual: shape (36, 36)."""
PARALLEL = np.equal.outer(np.arange(36) % 12, np.arange(36) % 12).astype(np.float32) - np.eye(36, dtype=np.float32)
"""1 where a change keeps the root, shape (36, 36)."""
NO_WAY = 1e6
RHYTHM_COST = 2.0
"""How much cheaper a change becomes when e times as many are wanted."""
PALETTE_REACH = 0.8
"""The entropy's excess (nats) beyond which familiar chords are favoured no more."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What decides besides weights: terms that the default setting has none of, for several jams.

    Attributes:
        extra: (jams, cuts, 36) added to the score of each beat, or None.
        rhythm: Changes wanted, as a multiple of the usual.
        cadence: Strength of the cadence.
    """

    extra: Floats | None = None
    rhythm: float = 1.0
    cadence: float = 1.0


PLAIN = Wishes()


def choose(
    ground: Ground, habits: Habits, jams: Ints, previous: Ints, weights: DecoderWeights, wishes: Wishes = PLAIN
) -> Ints:
    """Best triad for every beat of a stretch, for several jams.

    Args:
        ground: What is known.
        habits: What was played before the stretch.
        jams: Which of the habits' jams these are.
        previous: (jams,) class of the chord that sounds just before, or -1.
        weights: The decoder's weights.
        wishes: What the player asks for beyond the default.

    Returns:
        Triad classes, shape (jams, cuts).
    """
    emitted = _emitted(ground, habits, jams, weights, wishes)
    if weights.first:
        suits = weights.first / 4 * ground.parts[..., PARTS.index("cover")]
        emitted += np.where(previous[:, None, None] < 0, suits, np.float32(0))
    stay, move = _costs(ground, habits, jams, weights, wishes)
    motion = motion_of(weights)
    successor, share = habits.successors(jams)
    usual_next = successor, weights.progress * share
    n, cuts = ground.chance.shape
    back = np.zeros((n, cuts, 36), np.int64)
    value = np.zeros((n, 36), np.float32)
    own = np.arange(36)
    for i in range(cuts - 1, 0, -1):
        there = ground.frames[:, i, None] > 0
        value = value + emitted[:, i]
        best, back[:, i] = _entered(value, stay[:, i], move[:, i], motion, usual_next)
        value = np.where(there, best, value)
        back[:, i] = np.where(there, back[:, i], own)
    value = value + emitted[:, 0]
    rows, before = np.arange(n), np.maximum(previous, 0)
    into = move[:, 0, None] + motion[before]
    into[rows, successor[rows, before]] += weights.progress * share[rows, before]
    into[rows, before] = stay[:, 0]
    path = np.zeros((n, cuts), np.int64)
    path[:, 0] = (value + np.where(previous[:, None] >= 0, into, 0)).argmax(axis=1)
    for i in range(1, cuts):
        path[:, i] = back[rows, i, path[:, i - 1]]
    return path


def motion_of(weights: DecoderWeights) -> Floats:
    """What each change counts by its root motion, shape (36, 36)."""
    out: Floats = weights.motion * (MOTION - MOTION_CENTRE) - weights.common * COMMON - weights.parallel * PARALLEL
    return out


def _entered(
    value: Floats, stay: Floats, move: Floats, motion: Floats, usual_next: tuple[Ints, Floats]
) -> tuple[Floats, Ints]:
    """Best value, and the chord that gives it, of entering a beat from each triad."""
    own = np.arange(36)
    table = value[:, None, :] + motion + move[:, None, None]
    successor, worth = usual_next
    table[np.arange(len(value))[:, None], own, successor] += worth
    table[:, own, own] = value + stay[:, None]
    best = table.argmax(axis=2)
    return np.take_along_axis(table, best[:, :, None], axis=2)[:, :, 0], best


def _emitted(ground: Ground, habits: Habits, jams: Ints, weights: DecoderWeights, wishes: Wishes) -> Floats:
    linear = weights.of_parts()
    linear[PARTS.index("cadence")] *= wishes.cadence**2  # most of what there is to win is won early
    emitted = ground.parts @ linear
    beats = (ground.frames / 4).astype(np.float32)
    if weights.familiar:
        varied = habits.excess(jams, ground, wishes.rhythm, weights.palette).entropy
        pull = weights.familiar * np.clip(varied, -PALETTE_REACH, PALETTE_REACH)
        emitted += beats[:, :, None] * (pull[:, None] * habits.familiar(jams, ground.expected))[:, None, :]
    for weight, classes in (
        (weights.keep * beats, ground.before),
        (weights.again * ground.belief[:, None] * beats, ground.again),
    ):
        jam, cut = np.nonzero(classes >= 0)
        emitted[jam, cut, classes[jam, cut]] += weight[jam, cut]
    if wishes.extra is not None:
        emitted += wishes.extra
    return emitted


def _costs(
    ground: Ground, habits: Habits, jams: Ints, weights: DecoderWeights, wishes: Wishes
) -> tuple[Floats, Floats]:
    """Scores of staying and of changing at each beat, shape (jams, cuts) each."""
    by_place = np.zeros(NEVER + 1, np.float32)
    by_place[[BAR, STRONG, WEAK, NEVER]] = weights.bar, weights.strong, weights.beat, NO_WAY
    cost = by_place[ground.place] + weights.unsure * ground.unsure - weights.early * ground.young[:, None]
    cost = cost - (ground.place == STRONG) * weights.lean * ground.lean[:, None]
    if weights.rate or weights.weak:
        excess = habits.excess(jams, ground, weights.rhythm * wishes.rhythm, weights.palette)
        cost = cost + weights.rate * excess.rate[:, None]
        cost = cost + (ground.place == WEAK) * weights.weak * excess.weak[:, None]
    if wishes.rhythm != 1:
        cost = cost - RHYTHM_COST * float(np.log(max(wishes.rhythm, 1e-3)))
    stay = weights.change * np.log(1 - ground.chance)
    move = weights.change * np.log(ground.chance) - cost
    return stay.astype(np.float32), move.astype(np.float32)


__all__ = ["PARALLEL", "PLAIN", "Wishes", "choose"]
