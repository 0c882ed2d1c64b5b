"""What the network must beat: grids, tables counted from the training rows, and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.drum_features import STYLES, VOICES
from sideman.models.drums import best_hits
from sideman.music.drum_pattern import Tap
from sideman.music.drum_rules import groove, psc2
from sideman.music.meter import Meter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.music.drum_pattern import DrumPattern
    from sideman_lab.drums.windows import Split

    Floats = NDArray[np.float32]
    Hits = NDArray[np.bool_]

BINS = 5
"""No tap, and four loudnesses of one."""
PRIOR = 4.0
"""Windows of the coarser table that a finer one starts with."""


@dataclass(frozen=True)
class Tables:
    """Counts of the training rows.

    Attributes:
        mean_velocity: Mean velocity of all hits.
        median: 9 x (velocity, offset), medians.
        mean: 18 styles x 16 x 9 x (velocity, offset), means with fallback to all styles.
        ratio: 16 x 9, mean of a hit's velocity over the tap's on its step.
        delta: 16 x 9, mean of a hit's offset minus the tap's on its step.
        pattern: 18 x 16 x 9, probability of a hit.
        anywhere: 16 x 9, the same over all styles.
        tapped: 16 x 5 x 9, probability given how loud the tap is.
        tapped_bass: 18 x 16 x 5 x 2 x 9, given also style and whether the bass plays.
    """

    mean_velocity: float
    median: Floats
    mean: Floats
    ratio: Floats
    delta: Floats
    pattern: Floats
    anywhere: Floats
    tapped: Floats
    tapped_bass: Floats


def bins_of(tap: Floats) -> NDArray[np.int64]:
    """Loudness class of each step of a tap: 0 none, 1-4."""
    level = np.minimum(np.floor(tap[..., 1] * 4).astype(np.int64), 3) + 1
    return np.asarray(np.where(tap[..., 0] > 0, level, 0))


def count(train: Split) -> Tables:
    """Count all tables on the training rows."""
    hit, velocity, offset = (train.grid[..., k] for k in range(3))
    n = len(hit)
    where = np.arange(32) % 16
    style = np.broadcast_to(train.style[:, None], (n, 32))
    place = np.broadcast_to(where, (n, 32))
    on = hit > 0
    # A voice that is never struck takes the middle of everything.
    struck = [on & (np.arange(VOICES) == v) for v in range(VOICES)]
    whole = [(velocity[w], offset[w]) if w.any() else (velocity[on], offset[on]) for w in struck]
    median = np.array([[np.median(x) for x in pair] for pair in whole])
    by_voice = np.array([[x.mean() for x in pair] for pair in whole])
    mean = np.zeros((len(STYLES), 16, VOICES, 2))
    for k, values in enumerate((velocity, offset)):
        total = np.zeros((len(STYLES), 16, VOICES))
        number = np.zeros((len(STYLES), 16, VOICES))
        np.add.at(total, (style, place), values * hit)
        np.add.at(number, (style, place), hit)
        coarse = (total.sum(0) + PRIOR * by_voice[:, k]) / (number.sum(0) + PRIOR)
        mean[..., k] = (total + PRIOR * coarse) / (number + PRIOR)
    tap_v, tap_o = train.tap[..., 1:2], train.tap[..., 2:3]
    many = np.zeros((16, VOICES))
    ratio, delta = np.zeros((16, VOICES)), np.zeros((16, VOICES))
    np.add.at(many, place, hit)
    np.add.at(ratio, place, hit * velocity / np.maximum(tap_v, 1e-3))
    np.add.at(delta, place, hit * (offset - tap_o))
    loud = bins_of(train.tap)
    bass = (train.bass[..., 0] > 0).astype(np.int64)

    def probability(shape: tuple[int, ...], index: tuple[NDArray[np.int64], ...], coarse: Floats) -> Floats:
        total, number = np.zeros((*shape, VOICES)), np.zeros(shape)
        np.add.at(total, index, hit)
        np.add.at(number, index, 1)
        return np.asarray((total + PRIOR * coarse) / (number[..., None] + PRIOR), np.float32)

    overall = hit.mean((0, 1))
    anywhere = probability((16,), (place,), overall)
    tapped = probability((16, BINS), (place, loud), anywhere[:, None])
    with_bass = probability((16, BINS, 2), (place, loud, bass), tapped[:, :, None])
    return Tables(
        float(velocity[on].mean()),
        median.astype(np.float32),
        mean.astype(np.float32),
        ((ratio + PRIOR) / (many + PRIOR)).astype(np.float32),
        (delta / (many + PRIOR)).astype(np.float32),
        probability((len(STYLES), 16), (style, place), anywhere),
        anywhere,
        tapped,
        probability((len(STYLES), 16, BINS, 2), (style, place, loud, bass), with_bass),
    )


def humanisers(tables: Tables, split: Split) -> dict[str, Floats]:
    """Velocity and offset for given hits without a tap, by name; each N x 32 x 9 x 2."""
    shape = (*split.grid.shape[:3], 2)
    flat = np.zeros(shape, np.float32)
    flat[..., 0] = tables.mean_velocity
    place = np.arange(32) % 16
    return {
        "grid": flat,
        "median table": np.broadcast_to(tables.median, shape),
        "mean table": tables.mean[split.style[:, None], place[None]],
    }


def copiers(tables: Tables, split: Split) -> dict[str, Floats]:
    """Velocity and offset for given hits from the tap, by name; each N x 32 x 9 x 2."""
    shape = (*split.grid.shape[:3], 2)
    plain = np.broadcast_to(split.tap[..., None, 1:], shape)
    place = np.arange(32) % 16
    scaled = np.stack((np.clip(plain[..., 0] * tables.ratio[place], 0, 1), plain[..., 1] + tables.delta[place]), -1)
    return {"copied tap": plain, "copied tap x table": scaled}


def _cut(probabilities: Floats) -> Hits:
    """The likeliest pattern, window by window, by the rule that the network's decoder uses."""
    return np.stack([best_hits(window) for window in probabilities])


def _hits(pattern: DrumPattern) -> Hits:
    grid = np.zeros((pattern.steps, VOICES), np.bool_)
    for hit in pattern.hits:
        grid[hit.step, hit.voice] = True
    return grid


def _taps(track: Floats) -> tuple[Tap, ...]:
    return tuple(Tap(int(s), max(1, round(float(track[s, 1]) * 127))) for s in np.flatnonzero(track[:, 0]))


def _bass(track: Floats) -> tuple[Tap, ...]:
    return tuple(Tap(int(s), 90) for s in np.flatnonzero(track[:, 0]))


def drummers(tables: Tables, split: Split) -> dict[str, Hits]:
    """Hits from a tapped groove alone, by name; each N x 32 x 9."""
    n = len(split.grid)
    place = np.arange(32) % 16
    meter = Meter()
    rock = _hits(groove(meter, 2))
    mean = tables.anywhere[place]
    return {
        "Psc2 rule": np.stack([_hits(psc2(meter, 2, [int(s) for s in np.flatnonzero(t[:, 0])])) for t in split.tap]),
        "rock template": np.broadcast_to(rock, (n, 32, VOICES)),
        "mean pattern": np.broadcast_to(_cut(mean[None])[0], (n, 32, VOICES)),
        "tap x mean pattern": _cut(tables.tapped[place[None], bins_of(split.tap)]),
        "rule drummer": np.stack([_hits(groove(meter, 2, taps=_taps(t))) for t in split.tap]),
    }


def bass_drummers(tables: Tables, split: Split) -> dict[str, Hits]:
    """Hits from a tapped groove, a style and a bass line, by name; each N x 32 x 9."""
    place = np.arange(32) % 16
    index = (split.style[:, None], place[None], bins_of(split.tap), (split.bass[..., 0] > 0).astype(np.int64))
    styles = [STYLES[s] for s in split.style]
    rules = [
        _hits(groove(Meter(), 2, style=name, taps=_taps(t), bass=_bass(b)))
        for name, t, b in zip(styles, split.tap, split.bass, strict=True)
    ]
    return {
        "Psc2 rule": np.stack([_hits(psc2(Meter(), 2, [int(s) for s in np.flatnonzero(b[:, 0])])) for b in split.bass]),
        "mean pattern of the style": _cut(tables.pattern[split.style[:, None], place[None]]),
        "tap x bass x mean pattern of the style": _cut(tables.tapped_bass[index]),
        "rule drummer": np.stack(rules),
    }
