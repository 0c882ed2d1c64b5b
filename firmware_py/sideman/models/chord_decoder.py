"""From posteriors over a stretch of frames to chords: Viterbi over the strong beats (specification 3.1).

The score adds up what the horizon heads say, how chords follow each other, the metre, the form memory, the last
announced plan and how well a chord covers the melody that is expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_motion import log_motion
from sideman.music.chords import TRIADS
from sideman.music.harmony import ChordSpan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

FRAME_TICKS = 240
TONES = np.array([[1.0 if pc in chord.pitch_classes else 0.0 for pc in range(12)] for chord in TRIADS], np.float32)
"""Which pitch classes each triad holds, shape (36, 12)."""
MOTION = log_motion()
MOTION_CENTRE = float(MOTION.mean())


@dataclass(frozen=True, slots=True)
class DecoderWeights:
    """Weights of the score's terms, chosen by ``sideman_lab/chords/tune.py`` on validation songs only.

    Attributes:
        posterior: Log posterior of the horizon heads, per beat.
        cover: Expected share of melody inside the chord, per beat.
        motion: Log probability of the chord change; below 0 the less usual one is preferred.
        change: What the net's own change heads say (log odds).
        bar: Cost of changing on a bar line.
        strong: Cost of changing on another strong beat.
        beat: Cost of changing on a weak beat (infinite keeps changes on strong beats).
        form: Agreement with the chord that stood one form period ago, times how sure the repeat is, per beat.
        keep: Agreement with the plan announced before, per beat.
        diminished: Cost of a diminished triad, per beat.
        usual: How much of each chord's usual share (its mean posterior lately) is taken off, per beat: what is likely
            everywhere says little about here, and a rare chord is chosen when the melody asks for it.
        usual_ahead: The same for frames four beats ahead and more; between, linear.
        filter: Log probability of the hidden Markov filter (``chord_evidence``), per beat.
        echo: What the melody known or expected there says of the chord, per beat.
        against: Cost of a third that contradicts what was heard (``contradiction``), per beat.
        noise: Scale of the Gumbel noise on every chord's score; the temperature adds to it.
    """

    posterior: float = 0.8
    cover: float = 0.11
    motion: float = 0.0
    change: float = 0.41
    bar: float = -0.19
    strong: float = 0.45
    beat: float = 9.0
    form: float = 2.74
    keep: float = 0.0
    diminished: float = 0.83
    usual: float = 1.2
    usual_ahead: float = 0.19
    filter: float = 0.0
    echo: float = 1.87
    against: float = 0.5
    noise: float = 0.0

    def of_parts(self) -> NDArray[np.float32]:
        """The weights of ``Outlook.parts``, in their order."""
        named = (self.posterior, self.cover, self.form, self.filter, self.echo, self.diminished)
        return np.array((*named, self.usual, self.usual_ahead, self.against), np.float32) / 4


STREAM = DecoderWeights()
"""For plans ahead of the player."""
PHRASE = DecoderWeights(
    posterior=0.5,
    cover=1.0,
    motion=0.2,
    change=0.3,
    bar=0.3,
    strong=2.0,
    noise=0.0,
    form=0.0,
    diminished=0.3,
    usual=0.2,
    usual_ahead=0.66,
    filter=0.0,
    echo=1.0,
    against=1.45,
)
"""For a phrase that was heard to its end."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the player may ask of a plan.

    Attributes:
        temperature: Scale of the Gumbel noise on every chord's score, 0 for none.
        seed: Of that noise.
        key: Locked key, or None.
        key_lock: How much a chord loses for each tone outside the locked key.
        harmonic_rhythm: Above 0 more changes, below 0 fewer.
        weak_beats: Allow changes on weak beats (at the decoder's cost).
        end_frame: Frame at which a form ends: a cadence is sought there; None for no form.
        home: Key of that cadence, where none is locked.
        cadence: Strength of that cadence.
        weights: The decoder's own weights; None takes those of the occasion.
    """

    temperature: float = 0.0
    seed: int = 0
    key: Key | None = None
    key_lock: float = 3.0
    harmonic_rhythm: float = 0.0
    weak_beats: bool = False
    end_frame: int | None = None
    home: Key | None = None
    cadence: float = 1.5
    weights: DecoderWeights | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of each frame of a stretch.

    Attributes:
        first: Frame of the first row.
        log_posterior: (frames, 36) log probability of each triad.
        change: (frames,) probability that the chord changes there.
        histogram: (frames, 12) expected pitch classes, each row summing to 1.
        form: (frames, 36) weight of each chord by the form memory, 0 where it says nothing.
        before: (frames,) class announced before, or -1.
        usual: (36,) log of each chord's mean posterior lately.
        ahead: (frames,) how far ahead of what was heard, 0 for now to 1 for four beats and more.
        filtered: (frames, 36) log probability of each triad by the hidden Markov filter.
        echo: (frames, 36) what the melody known or expected there says of each triad, 0 where it says nothing.
        against: (36,) how much each triad's third contradicts what was heard.
    """

    first: int
    log_posterior: Floats
    change: Floats
    histogram: Floats
    form: Floats
    before: NDArray[np.int64]
    usual: Floats
    ahead: Floats
    filtered: Floats
    echo: Floats
    against: Floats

    def parts(self) -> Floats:
        """The terms of the score that are linear in their weights, shape (frames, 36, 9)."""
        rare = np.zeros_like(self.log_posterior)
        rare[:, 24:] = -1
        usual = -np.broadcast_to(self.usual, self.log_posterior.shape)
        far = self.ahead[:, None] * usual
        cover = self.histogram @ TONES.T
        against = -np.broadcast_to(self.against, self.log_posterior.shape)
        named = (self.log_posterior, cover, self.form, self.filtered, self.echo, rare, usual - far, far, against)
        return np.stack(named, axis=-1)


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


def cuts_of(meter: Meter, start: int, stop: int, *, weak_beats: bool) -> list[int]:
    """Frames in ``start … stop`` at which a chord may begin; ``start`` is always one of them."""
    ticks = set(meter.beats) | set(meter.groups) if weak_beats else set(meter.groups)
    allowed = {tick // FRAME_TICKS for tick in ticks}
    bar = meter.bar_frames
    return [start, *(f for f in range(start + 1, stop) if f % bar in allowed)]


def noise_at(seed: int, frame: int) -> Floats:
    """Gumbel noise for the chord that begins at a frame, the same in every plan."""
    noise: Floats = np.random.default_rng((seed, frame % 2**32)).gumbel(size=36).astype(np.float32)
    return noise


def decode(
    outlook: Outlook, meter: Meter, start: int, stop: int, *, previous: int, options: PlanOptions
) -> list[ChordSpan]:
    """Best chords for ``start … stop``.

    Args:
        outlook: What is known of at least these frames.
        meter: The meter.
        start: First frame to fill.
        stop: Frame after the last one.
        previous: Class of the chord that sounds just before ``start``, or -1.
        options: The player's wishes.

    Returns:
        Spans that fill ``start … stop``; their confidence is the posterior of the chosen chord.
    """
    if stop <= start:
        return []
    weights = options.weights or STREAM
    cuts = cuts_of(meter, start, stop, weak_beats=options.weak_beats)
    edges = [*cuts, stop]
    per_frame = _frame_scores(outlook, options)
    summed = np.concatenate([np.zeros((1, 36), np.float32), np.cumsum(per_frame, axis=0)])
    rows = np.array(edges) - outlook.first
    emitted = summed[rows[1:]] - summed[rows[:-1]]
    scale = np.full((len(cuts), 1), options.temperature + weights.noise, np.float32)
    if previous < 0:
        scale[0] = options.temperature  # the first chord of all is the best one
    if scale.any():
        emitted = emitted + scale * np.stack([noise_at(options.seed, cut) for cut in cuts])
    _cadence(emitted, edges, options)
    ticks = set(meter.groups) | (set(meter.beats) if options.weak_beats else set())
    may_change = start % meter.bar_frames in {tick // FRAME_TICKS for tick in ticks}
    motion = weights.motion * (MOTION - MOTION_CENTRE)
    score = emitted[0].copy()
    if previous >= 0:
        stay, move = _change_scores(outlook, start, meter, options)
        into = motion[previous] + (move if may_change else -1e6)
        into[previous] = stay
        score = score + into
    back = np.zeros((len(cuts), 36), np.int64)
    for i in range(1, len(cuts)):
        stay, move = _change_scores(outlook, cuts[i], meter, options)
        table = score[:, None] + motion + move
        np.fill_diagonal(table, score + stay)
        back[i] = table.argmax(axis=0)
        score = table[back[i], np.arange(36)] + emitted[i]
    path = [int(score.argmax())]
    for i in range(len(cuts) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    path.reverse()
    return _spans(path, edges, outlook)


def _frame_scores(outlook: Outlook, options: PlanOptions) -> Floats:
    weights = options.weights or STREAM
    scores = outlook.parts() @ weights.of_parts()
    known = np.flatnonzero(outlook.before >= 0)
    scores[known, outlook.before[known]] += weights.keep / 4
    if options.key is not None:
        tonic, mode = options.key
        steps = (0, 2, 4, 5, 7, 9, 11) if mode == "maj" else (0, 2, 3, 5, 7, 8, 10, 11)
        outside = np.ones(12, np.float32)
        outside[[(tonic + s) % 12 for s in steps]] = 0
        scores -= options.key_lock / 4 * (TONES @ outside)
    out: Floats = scores.astype(np.float32)
    return out


def _change_scores(outlook: Outlook, frame: int, meter: Meter, options: PlanOptions) -> tuple[float, float]:
    """Scores of staying and of changing at a frame."""
    weights = options.weights or STREAM
    chance = float(np.clip(outlook.change[frame - outlook.first], 0.02, 0.98))
    within = frame % meter.bar_frames
    if within == 0:
        cost = weights.bar
    elif within in {t // FRAME_TICKS for t in meter.groups}:
        cost = weights.strong
    else:
        cost = weights.beat
    return weights.change * float(np.log(1 - chance)), weights.change * float(
        np.log(chance)
    ) - cost + options.harmonic_rhythm


def _cadence(emitted: Floats, edges: Sequence[int], options: PlanOptions) -> None:
    """At the end of the form: the tonic in its last segment, a dominant before it."""
    home = options.key or options.home
    if options.end_frame is None or options.end_frame not in edges or home is None:
        return
    last = list(edges).index(options.end_frame) - 1
    tonic, mode = home
    if last >= 0:
        emitted[last, tonic + (0 if mode == "maj" else 12)] += options.cadence
    if last >= 1:
        emitted[last - 1, (tonic + 7) % 12] += 0.6 * options.cadence


def _spans(path: Sequence[int], edges: Sequence[int], outlook: Outlook) -> list[ChordSpan]:
    spans: list[ChordSpan] = []
    i = 0
    while i < len(path):
        j = i
        while j + 1 < len(path) and path[j + 1] == path[i]:
            j += 1
        start, end = edges[i], edges[j + 1]
        rows = outlook.log_posterior[start - outlook.first : end - outlook.first, path[i]]
        spans.append(ChordSpan(start, end - start, TRIADS[path[i]], float(np.exp(rows).mean())))
        i = j + 1
    return spans
