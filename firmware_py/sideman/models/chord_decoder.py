"""From what is known of a stretch of frames to chords: Viterbi over its beats (specification 3.1).

The score adds up what the horizon heads say, how well a chord covers the melody that is expected, the form, the key,
the last announced plan and the metre; what was played so far (``chord_habits``) sets the price of changing and of
unusual chords. ``choose`` decides for many jams at once: the stream is one, the tuner plays all of its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_confidence import Signs, confidence
from sideman.models.chord_habits import Habits
from sideman.models.chord_key import outside
from sideman.models.chord_motion import log_motion
from sideman.models.chord_terms import (
    BAR,
    NEVER,
    PARTS,
    STRONG,
    TONES,
    WEAK,
    Ground,
    Outlook,
    contradiction,
    cuts_of,
    ground_of,
)
from sideman.music.chords import TRIADS
from sideman.music.harmony import ChordSpan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

MOTION = log_motion()
PARALLEL = np.equal.outer(np.arange(36) % 12, np.arange(36) % 12).astype(np.float32) - np.eye(36, dtype=np.float32)
"""1 where a change keeps the root, shape (36, 36)."""
MOTION_CENTRE = float(MOTION.mean())
NO_WAY = 1e6
KEY_COST = 3.0
"""Cost, per beat, of each tone outside a locked key, at a key lock of 1."""
FREE_KEY_COST = 1.5
"""The same for a key that is only felt, for every step of the knob above (or, less, below) 1."""
RHYTHM_COST = 2.0
"""How much cheaper a change becomes when e times as many are wanted."""
PALETTE_REACH = 0.8
"""The entropy's excess (nats) beyond which familiar chords are favoured no more."""


@dataclass(frozen=True, slots=True)
class DecoderWeights:
    """Weights of the score's terms, chosen by ``sideman_lab/chords/tune.py`` on validation songs only.

    Attributes:
        posterior: Log posterior of the horizon heads, per beat.
        cover: Expected share of melody inside the chord, per beat.
        cover_unsure: The same, the more the flatter the posterior is beyond ``DOUBT``; four beats ahead, no more.
        form: Agreement with the chord that stood one form period ago, times how sure the repeat is, per beat.
        four: Posterior of the chord four bars ago, per beat.
        eight: The same eight bars ago.
        filter: Log probability of the hidden Markov filter (``chord_evidence``), per beat.
        echo: What the melody known or expected there says of the chord, per beat.
        diminished: Cost of a diminished triad, per beat.
        usual: How much of each chord's usual share (its mean posterior lately) is taken off, per beat.
        usual_ahead: The same for frames four beats ahead and more; between, linear.
        against: Cost of a third that contradicts what was heard (``contradiction``), per beat.
        home: Log share of the chord in the key felt, per beat.
        home_unsure: The same, the more the flatter the posterior is beyond ``DOUBT``: near the tonic when in doubt.
        home_ahead: The same for frames four beats ahead and more; between, linear.
        cadence: What the chord counts for a cadence, per beat.
        posterior_young: As ``posterior``, the more the less was heard (``Outlook.young``).
        cover_young: As ``cover``, likewise.
        filter_young: As ``filter``, likewise.
        home_young: As ``home``, likewise.
        motion: Log probability of the chord change.
        change: What the net's own change heads say (log odds).
        bar: Cost of changing on a bar line.
        strong: Cost of changing on another strong beat.
        beat: Cost of changing on a weak beat.
        lean: How much cheaper the strong beats inside a bar are, times how much the harmony leans to them (``Pace``).
        unsure: Cost of changing, times how flat the posterior is.
        parallel: Cost of a change that keeps the root and takes another third or fifth, as from F to Fm.
        early: How much cheaper a change is, times how little was heard: the first chords are guesses.
        keep: Agreement with the plan announced before, per beat.
        again: Agreement with what was played one period ago, times how sure that period is, per beat.
        rate: Cost of changing for every share by which changes came too often so far.
        weak: Cost of a weak-beat change for every share by which those came too often so far.
        familiar: Log share of the chord in what was played, for every nat too much of variety so far, per beat.
        progress: Share of the times that the chord which followed most often in this jam did so: for that chord.
        palette: Variety wanted, as a multiple of what is usual.
        rhythm: Changes wanted, as a multiple of what is usual.
        first: As ``cover``, for a plan that nothing stands before: the first chord should suit whatever comes.
        heard: What pitches struck in the very next frame say of the chord (``ChordStream.plan``).
    """

    posterior: float = 0.94
    cover: float = 1.02
    cover_unsure: float = 0.0
    form: float = 6.39
    four: float = 2.28
    eight: float = 3.38
    filter: float = 0.13
    echo: float = 4.43
    diminished: float = 0.03
    usual: float = 0.69
    usual_ahead: float = 0.72
    against: float = 0.1
    home: float = -0.56
    home_unsure: float = 0.33
    home_ahead: float = -0.16
    cadence: float = 6.0
    posterior_young: float = 0.44
    cover_young: float = 0.12
    filter_young: float = -0.13
    home_young: float = -0.39
    motion: float = 0.0
    change: float = 0.02
    bar: float = -1.08
    strong: float = -0.27
    beat: float = 4.73
    lean: float = 4.47
    unsure: float = 0.02
    parallel: float = 0.0
    early: float = 3.0
    keep: float = 0.45
    again: float = 1.73
    rate: float = 5.03
    weak: float = 19.63
    familiar: float = 0.31
    progress: float = 0.89
    palette: float = 1.05
    rhythm: float = 0.99
    first: float = 6.0
    heard: float = 5.0

    def of_parts(self) -> Floats:
        """The weights of ``Outlook.parts``, in their order."""
        return np.array([getattr(self, name) for name in PARTS], np.float32) / 4


STREAM = DecoderWeights()
"""For plans ahead of the player."""
PHRASE = DecoderWeights(
    posterior=0.5,
    cover=1.0,
    cover_unsure=0.0,
    form=0.0,
    four=0.0,
    eight=0.0,
    filter=0.0,
    echo=1.0,
    diminished=0.3,
    usual=0.2,
    usual_ahead=0.66,
    against=1.45,
    home=-0.3,
    home_unsure=0.0,
    cadence=0.75,
    motion=0.2,
    change=0.3,
    bar=0.3,
    strong=2.0,
    beat=9.0,
    lean=0.0,
    unsure=0.08,
    parallel=0.0,
    early=0.0,
    keep=0.0,
    again=0.0,
    rate=0.0,
    weak=0.0,
    familiar=0.0,
    first=1.5,
)
"""For a phrase that was heard to its end."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the player may ask of a plan.

    Attributes:
        temperature: Scale of the Gumbel noise on every chord's score, 0 for none.
        seed: Of that noise.
        key: Locked key, or None.
        key_lock: How far chords keep to the key, 0 to 2: to ``key``, or above 1 to the key felt.
        harmonic_rhythm: Changes wanted, 0.25 to 2: 1 is what this kind of tune usually gets, about one a bar.
        cadence: How strongly the form's end is sought, 0 to 2.
        form_frames: Length of the form in frames; 0 for the one found.
        form_origin: Frame of the form's beat one.
        end_frame: Frame at which a phrase ends: a cadence is sought there; None for no phrase.
        home: Key of that cadence, where none is locked.
        weights: The decoder's own weights; None takes those of the occasion.
    """

    temperature: float = 0.0
    seed: int = 0
    key: Key | None = None
    key_lock: float = 1.0
    harmonic_rhythm: float = 1.0
    cadence: float = 1.0
    form_frames: int = 0
    form_origin: int = 0
    end_frame: int | None = None
    home: Key | None = None
    weights: DecoderWeights | None = None


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


@lru_cache(maxsize=1024)
def noise_at(seed: int, frame: int) -> Floats:
    """Gumbel noise for the chord that begins at a frame, the same in every plan."""
    noise: Floats = np.random.default_rng((seed, frame % 2**32)).gumbel(size=36).astype(np.float32)
    return noise


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
    motion = weights.motion * (MOTION - MOTION_CENTRE) - weights.parallel * PARALLEL if weights.motion else None
    successor, share = habits.successors(jams)
    usual_next = successor, weights.progress * share
    n, cuts = ground.chance.shape
    back = np.zeros((n, cuts, 36), np.int64)
    value = np.zeros((n, 36), np.float32)
    own = np.arange(36)
    for i in range(cuts - 1, 0, -1):
        there = ground.frames[:, i, None] > 0
        value = value + emitted[:, i]
        best, back[:, i] = _entered(value, stay[:, i], move[:, i], motion, usual_next, weights.parallel)
        value = np.where(there, best, value)
        back[:, i] = np.where(there, back[:, i], own)
    value = value + emitted[:, 0]
    rows, before = np.arange(n), np.maximum(previous, 0)
    into = move[:, 0, None] + (motion[before] if motion is not None else -weights.parallel * PARALLEL[before])
    into[rows, successor[rows, before]] += weights.progress * share[rows, before]
    into[rows, before] = stay[:, 0]
    path = np.zeros((n, cuts), np.int64)
    path[:, 0] = (value + np.where(previous[:, None] >= 0, into, 0)).argmax(axis=1)
    for i in range(1, cuts):
        path[:, i] = back[rows, i, path[:, i - 1]]
    return path


def _entered(
    value: Floats,
    stay: Floats,
    move: Floats,
    motion: Floats | None,
    usual_next: tuple[Ints, Floats],
    parallel: float,
) -> tuple[Floats, Ints]:
    """Best value, and the chord that gives it, of entering a beat from each triad."""
    own = np.arange(36)
    if motion is not None:
        table = value[:, None, :] + motion + move[:, None, None]
        table[:, own, own] = value + stay[:, None]
        return table.max(axis=2), table.argmax(axis=2)
    other = _best_other(value, parallel)
    moved = np.take_along_axis(value, other, axis=1) - parallel * PARALLEL[own, other] + move[:, None]
    successor, worth = usual_next
    onward = np.take_along_axis(value, successor, axis=1) - parallel * PARALLEL[own, successor]
    again = np.where(worth > 0, onward + move[:, None] + worth, -np.inf)
    other = np.where(again > moved, successor, other)
    moved = np.maximum(moved, again)
    kept = value + stay[:, None]
    return np.maximum(kept, moved), np.where(kept >= moved, own, other)


def _best_other(value: Floats, parallel: float) -> Ints:
    """The best triad to go to from each one, shape (jams, 36): on another root, or at its price on the same."""
    n = len(value)
    rows, roots, own = np.arange(n)[:, None], np.arange(12), np.arange(36)
    by_root = value.reshape(n, 3, 12)
    kind = by_root.argmax(axis=1)
    on_root = by_root.max(axis=1)
    first = on_root.argmax(axis=1)
    rest = on_root.copy()
    rest[rows[:, 0], first] = -np.inf
    away = np.where(roots == first[:, None], rest.argmax(axis=1)[:, None], first[:, None])
    away = np.tile(kind[rows, away] * 12 + away, 3)
    one, two = (own + 12) % 36, (own + 24) % 36
    beside = np.where(value[:, one] >= value[:, two], one, two)
    better = value[rows, beside] - parallel > value[rows, away]
    return np.where(better, beside, away)


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


def decode(
    outlook: Outlook,
    meter: Meter,
    start: int,
    stop: int,
    *,
    previous: int,
    options: PlanOptions,
    habits: Habits | None = None,
    key: tuple[Key, float] | None = None,
    struck: Floats | None = None,
) -> list[ChordSpan]:
    """Best chords for ``start … stop``.

    Args:
        outlook: What is known of at least these frames.
        meter: The meter.
        start: First frame to fill.
        stop: Frame after the last one.
        previous: Class of the chord that sounds just before ``start``, or -1.
        options: The player's wishes.
        habits: What was played before; None for nothing.
        key: The key felt and how sure it is, where none is locked.
        struck: (36,) what the pitches struck at ``start`` say of each triad.

    Returns:
        Spans that fill ``start … stop``, each with its confidence.
    """
    if stop <= start:
        return []
    weights = options.weights or STREAM
    cuts = cuts_of(meter, start, stop)
    ground = ground_of(outlook, meter, cuts, stop)
    extra = _wished(ground, cuts, options, key, first=previous < 0)
    if struck is not None:
        extra = np.zeros((1, len(cuts), 36), np.float32) if extra is None else extra
        extra[0, 0] += weights.heard * struck
    wishes = Wishes(extra, options.harmonic_rhythm, options.cadence)
    path = choose(ground, habits or Habits(), np.zeros(1, np.int64), np.array([previous]), weights, wishes)[0]
    return _spans(path, [*cuts, stop], outlook)


def _wished(
    ground: Ground, cuts: Sequence[int], options: PlanOptions, key: tuple[Key, float] | None, *, first: bool
) -> Floats | None:
    """What temperature and key lock add to the score of each beat; None where they add nothing."""
    extra = np.zeros((1, len(cuts), 36), np.float32)
    if options.temperature:
        extra[0] += options.temperature * np.stack([noise_at(options.seed, cut) for cut in cuts])
        if first:
            extra[0, 0] = 0  # the first chord of all is the best one
    if options.key is not None:
        cost = KEY_COST * options.key_lock * (TONES @ outside(options.key))
    elif key is not None:
        cost = FREE_KEY_COST * (options.key_lock - 1) * key[1] * (TONES @ outside(key[0]))
    else:
        cost = np.zeros(36, np.float32)
    extra[0] -= ground.frames[0, :, None] / 4 * cost
    return extra if extra.any() else None


def _spans(path: Ints, edges: Sequence[int], outlook: Outlook) -> list[ChordSpan]:
    spans: list[ChordSpan] = []
    i = 0
    while i < len(path):
        j = i
        while j + 1 < len(path) and path[j + 1] == path[i]:
            j += 1
        start, end = edges[i], edges[j + 1]
        sure = confidence(Signs.of(outlook, start, end, int(path[i])))
        spans.append(ChordSpan(start, end - start, TRIADS[path[i]], sure))
        i = j + 1
    return spans


__all__ = ["PHRASE", "STREAM", "TONES", "DecoderWeights", "Outlook", "PlanOptions", "choose", "contradiction", "decode"]
