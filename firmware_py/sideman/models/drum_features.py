"""What the drum network reads at each 16th of a loop: one layout for training and for the box.

Arrays have any leading axes (none on the box, a batch in training) and then steps x channels.
Offsets are fractions of a 16th, late = positive; velocities 0-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

VOICES = 9
MAX_STEPS = 32
"""Rows of the exported graph: the longest loop in one pass, two bars of 4/4."""
DILATIONS = (1, 2, 4, 8, 16)
STYLES = (
    "rock", "latin", "jazz", "funk", "hiphop", "neworleans", "afrobeat", "pop", "soul",
    "dance", "afrocuban", "punk", "blues", "reggae", "country", "gospel", "middleeastern", "highlife",
)  # fmt: skip
"""Styles of the Groove MIDI Dataset, commonest first."""
FEEL = 8
"""Numbers that sum up how a loop is played: see :func:`feel_of`."""
FEEL_SCALE = np.array((0.1, 0.15, 0.1, 0.2, 0.2, 0.2, 0.1, 0.2), np.float32)
"""Divides a feel so that its numbers are about one in size."""
POSITION = 12
HITS_PER_STEP = 3.0
"""A density of 1 means this many hits a 16th."""

WIDTHS: dict[str, int] = {
    "score": VOICES,
    "lanes": VOICES,
    "tap": 3,
    "tap_given": 1,
    "bass": 2,
    "bass_given": 1,
    "accents": 1,
    "accents_given": 1,
    "fill": 1,
    "density": 1,
    "density_given": 1,
    "tempo": 1,
    "feel": FEEL,
    "feel_given": 1,
    "style": len(STYLES),
    "position": POSITION,
}
COLUMNS: dict[str, slice] = {}
_at = 0
for _name, _width in WIDTHS.items():
    COLUMNS[_name] = slice(_at, _at + _width)
    _at += _width
CHANNELS = _at


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is asked of the network; a part that is not given is zero and its flag is zero.

    Attributes:
        score: Hits to keep, steps x 9, 0 or 1; zero in lanes that are not given.
        lanes: 1 where a voice's lane is given, 9 (an empty given lane means "do not play").
        tap: Onset 0/1, velocity, offset; steps x 3.
        tap_given: 0 or 1, shape (1,).
        bass: Onset 0/1 and accent 0/1; steps x 2.
        bass_given: 0 or 1, shape (1,).
        accents: 0 or 1, steps x 1.
        accents_given: 0 or 1, shape (1,).
        fill: 1 where a fill is wanted; steps x 1.
        density: Hits a 16th over :data:`HITS_PER_STEP`, shape (1,).
        density_given: 0 or 1, shape (1,).
        tempo: BPM, shape (1,).
        feel: As from :func:`feel_of`, shape (8,).
        feel_given: 0 or 1, shape (1,).
        style: Weight of each style, 18; all zero for any.
        position: As from :func:`positions`; steps x 12, no leading axes.
    """

    score: Floats
    lanes: Floats
    tap: Floats
    tap_given: Floats
    bass: Floats
    bass_given: Floats
    accents: Floats
    accents_given: Floats
    fill: Floats
    density: Floats
    density_given: Floats
    tempo: Floats
    feel: Floats
    feel_given: Floats
    style: Floats
    position: Floats


PER_STEP = frozenset({"score", "tap", "bass", "accents", "fill", "position"})


def assemble(wanted: Conditions) -> Floats:
    """The network's input, (...) x steps x :data:`CHANNELS`."""
    shape = wanted.score.shape[:-1]
    out = np.zeros((*shape, CHANNELS), np.float32)
    for name, columns in COLUMNS.items():
        value: Floats = getattr(wanted, name)
        if name == "tempo":
            value = np.log2(np.maximum(value, 20.0) / 110.0).astype(np.float32)
        elif name == "feel":
            value = value / FEEL_SCALE
        elif name == "tap":
            value = value * np.array((1.0, 1.0, 2.0), np.float32)
        out[..., columns] = value if name in PER_STEP else value[..., None, :]
    return out


@lru_cache(maxsize=16)
def positions(meter: Meter, steps: int) -> Floats:
    """Where each 16th stands in its bar and its beat, steps x 12, for any meter and grouping; not to be written to."""
    frame = meter.bar_ticks // meter.bar_frames
    starts = [*(t // frame for t in meter.beats), meter.bar_frames]
    beat = np.zeros(meter.bar_frames, np.float32)
    for start, end in pairwise(starts):
        beat[start:end] = np.arange(end - start) / (end - start)
    groups = {t // frame for t in meter.strong}
    rows = []
    for step in range(steps):
        at = step % meter.bar_frames
        bar = 2 * np.pi * at / meter.bar_frames
        phase = 2 * np.pi * float(beat[at])
        rows.append((
            np.sin(bar), np.cos(bar), np.sin(2 * bar), np.cos(2 * bar),
            np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase),
            float(at == 0), float(at in groups), float(beat[at] == 0), float(at % 2),
        ))  # fmt: skip
    out = np.array(rows, np.float32)
    out.setflags(write=False)
    return out


def feel_of(tap: Floats, position: Floats) -> Floats:
    """Eight numbers for how a groove is played, from its tapped form.

    Args:
        tap: Onset, velocity, offset; (...) x steps x 3.
        position: As from :func:`positions`.

    Returns:
        (...) x 8: push, swing of 16ths, swing of 8ths (16ths' fractions, late = positive), mean velocity,
        accent of beats over 8ths, of 8ths over 16ths, spread of the offsets, spread of the velocities.
    """
    on, velocity, offset = tap[..., 0], tap[..., 1], tap[..., 2]
    odd = position[:, 11]
    beat = position[:, 10]
    eighth = (1 - odd) * (1 - beat)

    def mean(x: Floats, where: Floats) -> tuple[Floats, Floats]:
        weight = (on * where).sum(-1)
        return (x * on * where).sum(-1) / np.maximum(weight, 1), (weight > 0).astype(np.float32)

    def contrast(x: Floats, one: Floats, other: Floats) -> Floats:
        (a, has_a), (b, has_b) = mean(x, one), mean(x, other)
        return (a - b) * has_a * has_b

    everywhere = np.ones_like(odd)
    push, _ = mean(offset, everywhere)
    level, _ = mean(velocity, everywhere)
    spread, _ = mean(np.square(offset - push[..., None]), everywhere)
    touch, _ = mean(np.square(velocity - level[..., None]), everywhere)
    feel: Floats = np.stack(
        (
            push,
            contrast(offset, odd, 1 - odd),
            contrast(offset, eighth, beat),
            level - 0.5 * (level > 0),
            contrast(velocity, beat, eighth),
            contrast(velocity, 1 - odd, odd),
            np.sqrt(spread),
            np.sqrt(touch),
        ),
        axis=-1,
    ).astype(np.float32)
    return feel


def neighbours(steps: int) -> NDArray[np.int32]:
    """Rows that each row looks at: (2 x dilations) x 32, wrapped at the loop's length so that it has no seam."""
    rows = np.arange(MAX_STEPS)
    looks = [np.where(rows < steps, (rows + way * dilation) % steps, rows) for dilation in DILATIONS for way in (-1, 1)]
    return np.array(looks, np.int32)


def tap_of(grid: Floats) -> Floats:
    """Squash a pattern to one voice: the loudest hit of each step (transform F2 of the NIME 2021 paper).

    Args:
        grid: (...) x steps x 9 x (hit, velocity, offset).

    Returns:
        (...) x steps x 3.
    """
    loudest = (grid[..., 0] * (grid[..., 1] + 1e-3)).argmax(-1)
    taps: Floats = np.take_along_axis(grid, loudest[..., None, None], axis=-2)[..., 0, :]
    return taps
