"""Let a drum model play every window of a split under every condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.drum_features import FEEL, STYLES, VOICES, Conditions, feel_of, positions
from sideman.models.drums import DrumNet, GrooveRequest, choose_hits, drift, grained, laplace
from sideman.models.sampling import generator
from sideman.music.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sideman_lab.drums.windows import Split

    Floats = NDArray[np.float32]

TAKES = 5
SAMPLED = 0.8
SWINGS = (-0.05, -0.2, -0.4)
"""Of the NIME 2021 paper: half 16ths, early = positive, on the off-beat 16ths."""
POSITION = positions(Meter(), 32)
NONE = np.zeros(1, np.float32)
GIVEN = np.ones(1, np.float32)


@dataclass(frozen=True)
class Played:
    """What a model made of every window.

    Attributes:
        grids: Condition (and take) to N x 32 x 9 x (hit, velocity, offset late positive). Where the score was
            given the hits are the score's; where not, the velocity and offset of silent cells are the median
            it would play there.
    """

    grids: dict[tuple[str, int], Floats]

    def of(self, condition: str, take: int = 0) -> Floats:
        """One condition's loops."""
        return self.grids[condition, take]


def blank() -> Conditions:
    """Nothing given, two bars of 4/4."""

    def zeros(*shape: int) -> Floats:
        return np.zeros(shape, np.float32)

    return Conditions(
        score=zeros(32, VOICES), lanes=zeros(VOICES), tap=zeros(32, 3), tap_given=NONE, bass=zeros(32, 2),
        bass_given=NONE, accents=zeros(32, 1), accents_given=NONE, fill=zeros(32, 1), density=NONE,
        density_given=NONE, tempo=GIVEN, feel=zeros(FEEL), feel_given=NONE, style=zeros(len(STYLES)),
        position=POSITION,
    )  # fmt: skip


def with_score(c: Conditions, split: Split, i: int) -> Conditions:
    """Give the hits of a window."""
    return replace(c, score=split.grid[i, ..., 0], lanes=np.ones(VOICES, np.float32))


def with_tap(c: Conditions, tap: Floats) -> Conditions:
    """Give a tapped groove."""
    return replace(c, tap=tap, tap_given=GIVEN, feel=feel_of(tap, POSITION), feel_given=GIVEN)


def with_style(c: Conditions, split: Split, i: int) -> Conditions:
    """Give the style."""
    style = np.zeros(len(STYLES), np.float32)
    style[split.style[i]] = 1
    return replace(c, style=style)


def with_bass(c: Conditions, split: Split, i: int) -> Conditions:
    """Give the simulated bass line."""
    return replace(c, bass=split.bass[i], bass_given=GIVEN)


def swing_tap(swing: float, score: Floats | None = None) -> Floats:
    """The paper's fixed groove: on the grid on the beat, ``swing`` on the off-beat 16ths, plain accents.

    Args:
        swing: Half 16ths, early = positive.
        score: Hits 32 x 9: tap only where something is hit; None taps every step.
    """
    tap = np.zeros((32, 3), np.float32)
    tap[:, 0] = 1
    tap[:, 1] = np.array([0.8, 0.5, 0.65, 0.5] * 8)
    tap[1::2, 2] = -swing / 2
    if score is not None:
        tap *= score.max(-1, keepdims=True)
    return tap


def play(net: DrumNet, split: Split, tick: Callable[[int], None]) -> Played:
    """Run every condition on every window.

    Args:
        net: The model.
        split: The windows.
        tick: Called with the number of windows done.
    """
    n = len(split.grid)
    names = [
        ("score_tap", 0),
        ("tap", 0),
        ("tap_style_bass", 0),
        ("bass_style", 0),
        ("score_style", 0),
        ("bass_style_sampled", 0),
    ]
    names += [("score", take) for take in range(TAKES)]
    names += [(f"swing{s}", 0) for s in SWINGS]
    grids = {key: np.zeros((n, 32, VOICES, 3), np.float32) for key in names}
    for i in range(n):
        base = replace(blank(), tempo=split.bpm[i : i + 1])
        scored = with_score(base, split, i)
        bass = with_style(with_bass(base, split, i), split, i)
        asked = {
            "score_tap": with_tap(scored, split.tap[i]),
            "tap": with_tap(base, split.tap[i]),
            "tap_style_bass": with_tap(bass, split.tap[i]),
            "bass_style": bass,
            "score_style": with_style(scored, split, i),
            **{f"swing{s}": with_tap(scored, swing_tap(s, split.grid[i, ..., 0])) for s in SWINGS},
        }
        for name, conditions in asked.items():
            grids[name, 0][i] = median(net, conditions, i)
        grids["bass_style_sampled", 0][i] = median(net, bass, i, SAMPLED)
        for take, grid in enumerate(humanise(net, scored, i)):
            grids["score", take][i] = grid
        tick(i + 1)
    return Played(grids)


def median(net: DrumNet, c: Conditions, seed: int, temperature: float = 0.0) -> Floats:
    """Median velocities and offsets; hits of the best expected F1, or drawn."""
    loop = net.loop(c)
    if c.feel_given[0] == 0:
        loop = net.loop(replace(c, feel=loop.feel.astype(np.float32), feel_given=GIVEN))
    hits = choose_hits(loop.hits, c, GrooveRequest(seed=seed, temperature=temperature))
    return _grid(hits.astype(np.float32), loop.velocity, loop.offset)


def _grid(hits: Floats, velocity: NDArray[Any], offset: NDArray[Any]) -> Floats:
    """Hits with velocities and offsets as the box would send them."""
    loud, late = grained(velocity, offset)
    grid: Floats = np.stack((hits, loud / np.float32(127), late), -1).astype(np.float32)
    return grid


def humanise(net: DrumNet, c: Conditions, seed: int) -> list[Floats]:
    """Five performances of a score nobody tapped: a feel each, and hands each."""
    proposed = net.loop(c)
    takes = []
    for take in range(TAKES):
        rng = generator("take", seed, take)
        feel = proposed.feel + proposed.feel_b * laplace(_normals(rng))
        loop = net.loop(replace(c, feel=feel.astype(np.float32), feel_given=GIVEN))
        velocity = loop.velocity + loop.velocity_b * laplace(drift(rng, 32))
        offset = loop.offset + loop.offset_b * laplace(drift(rng, 32))
        takes.append(_grid(c.score, velocity, offset))
    return takes


def _normals(rng: np.random.Generator) -> NDArray[np.float64]:
    one, two = rng.random(FEEL), rng.random(FEEL)
    return np.asarray(np.sqrt(-2 * np.log(np.maximum(one, 1e-12))) * np.cos(2 * np.pi * two))
