"""From what is known of a stretch of frames and what the player asks for to chords with their confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_confidence import Signs, confidence
from sideman.models.chord_habits import Habits
from sideman.models.chord_key import outside
from sideman.models.chord_search import Wishes, choose
from sideman.models.chord_terms import TONES, Ground, Outlook, cuts_of, ground_of
from sideman.models.chord_weights import STREAM, DecoderWeights
from sideman.music.chords import TRIADS
from sideman.music.harmony import ChordSpan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

KEY_COST = 3.0
"""Cost, per beat, of each tone outside a locked key, at a key lock of 1."""
FREE_KEY_COST = 1.5
"""The same for a key that is only felt, for every step of the knob above (or, less, below) 1."""


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
        closes: Whether what was heard is a whole phrase: its last note comes home.
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
    closes: bool = False
    weights: DecoderWeights | None = None


@lru_cache(maxsize=1024)
def noise_at(seed: int, frame: int) -> Floats:
    """Gumbel noise for the chord that begins at a frame, the same in every plan."""
    noise: Floats = np.random.default_rng((seed, frame % 2**32)).gumbel(size=36).astype(np.float32)
    return noise


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


__all__ = ["PlanOptions", "decode", "noise_at"]
