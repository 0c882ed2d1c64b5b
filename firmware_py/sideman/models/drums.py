"""The drum network on the box: a request becomes features, features a loop, the loop a drum pattern.

What is played (the score) and how it is played (a tapped groove, or a feel that the network proposes itself)
come in apart, so either can be given without the other (factorised model of NIME 2021, as one circular
convolution instead of two recurrent encoders). Every subset of the conditions works.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sideman.models.drum_features import (
    CHANNELS,
    FEEL,
    FEEL_SCALE,
    MAX_STEPS,
    STYLES,
    VOICES,
    Conditions,
    assemble,
    feel_of,
    neighbours,
    positions,
)
from sideman.models.sampling import generator
from sideman.music.drum_pattern import MAX_OFFSET, DrumHit, DrumPattern, Tap
from sideman.music.drumkit import Voice
from sideman.music.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

DRIFT = 0.6
"""Correlation of a voice's timing noise from one 16th to the next: a hand drifts, it does not jitter."""
VELOCITY_GRAIN = 2
OFFSET_GRAINS = 80
"""Offsets are multiples of an 80th of a 16th: 3 ticks, 1.6 ms at 120 BPM."""
REPEAT = 0.8
"""Share of the chance in choosing hits that all bars have in common, so that a groove repeats itself."""


class Runs(Protocol):
    """What the drummer needs of a loaded model."""

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Named arrays in, named arrays out."""


@dataclass(frozen=True, slots=True)
class GrooveRequest:
    """What to play and how. Everything may be left out; steps beyond the loop wrap.

    Attributes:
        meter: The meter.
        steps: Length of the loop in 16ths, at most 32: see :func:`loop_bars`.
        score: Hits to keep (their velocities and offsets are ignored), or None.
        lanes: Voices that the score speaks for; a lane without hits means "do not play". None: all, if a score.
        taps: The tapped groove, or None; its velocities and timing are copied.
        bass: Onsets of the bass line, or None.
        accents: Steps to accent, or None.
        style: One of the 18 styles, or None.
        bpm: Quarters a minute.
        fill: 16ths at the loop's end that shall be a fill.
        density: 0-1 (1 is three hits a 16th), or None.
        temperature: 0 takes the likeliest pattern; 1 samples.
        humanise: Share of the learned spread in timing and velocity: 0 the median, 1 as much as people.
        feel: Eight numbers of :func:`~sideman.models.drum_features.feel_of`, or None to let the network propose.
        seed: Of all chance.
    """

    meter: Meter = field(default_factory=Meter)
    steps: int = 32
    score: DrumPattern | None = None
    lanes: frozenset[Voice] | None = None
    taps: tuple[Tap, ...] | None = None
    bass: tuple[Tap, ...] | None = None
    accents: tuple[int, ...] | None = None
    style: str | None = None
    bpm: float = 110.0
    fill: int = 0
    density: float | None = None
    temperature: float = 0.0
    humanise: float = 0.5
    feel: tuple[float, ...] | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """The network's answer for one loop, every array steps x 9 unless said.

    Attributes:
        hits: Logits.
        velocity: Median, 0-1.
        velocity_b: Laplace scale.
        offset: Median, fraction of a 16th, late = positive.
        offset_b: Laplace scale.
        feel: Feel it proposes, (8,).
        feel_b: Laplace scales of the feel, (8,).
    """

    hits: Floats
    velocity: Floats
    velocity_b: Floats
    offset: Floats
    offset_b: Floats
    feel: Floats
    feel_b: Floats


def loop_bars(meter: Meter) -> int:
    """Bars of a meter that one pass covers, 1 or 2; 0 when a bar is too long for the network."""
    return min(2, MAX_STEPS // meter.bar_frames)


def conditions_of(request: GrooveRequest) -> Conditions:
    """Turn a request into the arrays of :class:`Conditions`.

    Raises:
        ValueError: The loop is longer than the network's.
    """
    steps = request.steps
    if not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"a loop of {steps} steps: the drum network plays 1 to {MAX_STEPS}; use the rules instead")
    score = np.zeros((steps, VOICES), np.float32)
    lanes = np.zeros(VOICES, np.float32)
    if request.score is not None:
        spoken = frozenset(Voice) if request.lanes is None else request.lanes
        lanes[[int(v) for v in spoken]] = 1
        for hit in request.score.hits:
            score[hit.step % steps, hit.voice] = 1
        score *= lanes
    elif request.lanes:
        lanes[[int(v) for v in request.lanes]] = 1
    tap = np.zeros((steps, 3), np.float32)
    for one in request.taps or ():
        row = tap[one.step % steps]
        if one.velocity / 127 > row[1]:
            row[:] = (1.0, one.velocity / 127, max(-MAX_OFFSET, min(MAX_OFFSET, one.offset)))
    bass = np.zeros((steps, 2), np.float32)
    level = np.mean([one.velocity for one in request.bass]) if request.bass else 0.0
    for one in request.bass or ():
        bass[one.step % steps] = (1.0, max(bass[one.step % steps, 1], float(one.velocity > level)))
    accents = np.zeros((steps, 1), np.float32)
    accents[[step % steps for step in request.accents or ()]] = 1
    fill = np.zeros((steps, 1), np.float32)
    fill[steps - min(steps, request.fill) :] = 1
    position = positions(request.meter, steps)
    if request.feel is not None:
        feel = np.array(request.feel, np.float32)
    elif request.taps is not None:
        feel = feel_of(tap, position)
    else:
        feel = np.zeros(FEEL, np.float32)
    style = np.zeros(len(STYLES), np.float32)
    if request.style in STYLES:
        style[STYLES.index(request.style)] = 1
    density = 0.0 if request.density is None else request.density
    return Conditions(
        score=score,
        lanes=lanes,
        tap=tap,
        tap_given=_flag(request.taps is not None),
        bass=bass,
        bass_given=_flag(request.bass is not None),
        accents=accents,
        accents_given=_flag(request.accents is not None),
        fill=fill,
        density=np.array([density], np.float32),
        density_given=_flag(request.density is not None),
        tempo=np.array([request.bpm], np.float32),
        feel=feel,
        feel_given=_flag(request.taps is not None or request.feel is not None),
        style=style,
        position=position,
    )


def _flag(given: bool) -> Floats:
    return np.array([float(given)], np.float32)


class DrumNet:
    """The network behind one call."""

    def __init__(self, graph: Runs) -> None:
        self._graph = graph
        self._looks: dict[int, NDArray[np.int32]] = {}

    def loop(self, conditions: Conditions) -> Loop:
        """One pass of the network over a loop."""
        steps = len(conditions.score)
        if steps not in self._looks:
            self._looks[steps] = neighbours(steps)
        x = np.zeros((MAX_STEPS, CHANNELS), np.float32)
        x[:steps] = assemble(conditions)
        raw = self._graph.run({"x": x, "neighbours": self._looks[steps]})
        out = {name: value[:steps] for name, value in raw.items()}
        return Loop(
            hits=out["hits"],
            velocity=np.clip(out["velocity"], 1 / 127, 1),
            velocity_b=np.exp(np.clip(out["velocity_b"], -5, 0)),
            offset=np.clip(out["offset"], -MAX_OFFSET, MAX_OFFSET),
            offset_b=np.exp(np.clip(out["offset_b"], -5, 0)),
            feel=out["feel"].mean(0) * FEEL_SCALE,
            feel_b=np.exp(np.clip(out["feel_b"].mean(0), -4, 2)) * FEEL_SCALE,
        )

    def answer(self, request: GrooveRequest) -> Loop:
        """The loop for a request. Without a tap the feel is drawn first, then the loop that has it."""
        return self._answer(request, conditions_of(request))

    def _answer(self, request: GrooveRequest, conditions: Conditions) -> Loop:
        loop = self.loop(conditions)
        if conditions.feel_given[0] > 0:
            return loop
        rng = generator(request.seed, "feel")
        drawn = loop.feel + request.humanise * loop.feel_b * laplace(_normal(rng, FEEL))
        return self.loop(replace(conditions, feel=drawn.astype(np.float32), feel_given=_flag(True)))

    def groove(self, request: GrooveRequest) -> DrumPattern:
        """The pattern for a request; the same request gives the same pattern.

        Raises:
            ValueError: The loop is longer than the network's.
        """
        conditions = conditions_of(request)
        loop = self._answer(request, conditions)
        played = choose_hits(loop.hits, conditions, request)
        velocity, offset = perform(loop, request)
        return DrumPattern(
            request.steps,
            tuple(
                DrumHit(int(step), Voice(int(voice)), int(velocity[step, voice]), float(offset[step, voice]))
                for step, voice in zip(*np.nonzero(played), strict=True)
            ),
        )


def choose_hits(logits: Floats, conditions: Conditions, request: GrooveRequest) -> NDArray[np.bool_]:
    """Which cells sound: given lanes as they are, free ones by the network.

    At temperature 0 the likeliest choice of :func:`best_hits`; above 0 noise is added to the logits.
    """
    free = conditions.lanes == 0
    given = conditions.score > 0
    if not free.any():
        return np.asarray(given)
    logit = np.asarray(logits, np.float64)
    lean = np.zeros(2)
    noise = np.zeros(logit.shape)
    if request.temperature > 0:
        lean = request.temperature * _normal(generator(request.seed, "timekeeper"), 2)
        noise = 1.7 * request.temperature * _bar_noise(request)
    bars = cut_offs(1 / (1 + np.exp(-logit)), free, lean)
    over = logit + noise - np.log(bars / (1 - bars))
    return np.asarray(np.where(free, over > 0, given))


def best_hits(probabilities: NDArray[Any]) -> NDArray[np.bool_]:
    """The likeliest pattern of independent cells, steps x 9: the best expected F1, and one timekeeper."""
    return np.asarray(probabilities > cut_offs(probabilities, np.ones(VOICES, np.bool_), np.zeros(2)))


def cut_offs(probabilities: NDArray[Any], free: NDArray[np.bool_], lean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability above which each voice sounds, (9,).

    One cut-off for all voices, except that a drummer keeps time on the hat or on the ride: whichever is
    expected less must be more likely than not.

    Args:
        probabilities: Steps x 9.
        free: Voices that the network decides on, (9,).
        lean: Added to the log of what is expected on hat and ride, (2,).
    """
    bars = np.full(VOICES, threshold_of(probabilities[:, free]))
    keepers = [int(Voice.CLOSED_HAT), int(Voice.RIDE)]
    if free[keepers].all():
        expected = np.log(probabilities[:, keepers].sum(0) + 1e-9) + lean
        bars[keepers[int(expected.argmin())]] = 0.5
    return bars


def threshold_of(probabilities: Floats | NDArray[np.float64]) -> float:
    """The cut-off that maximises the expected F1 of independent cells (it is half that F1), 0.05-0.5."""
    ranked = np.sort(probabilities.ravel())[::-1]
    chosen = np.arange(1, len(ranked) + 1)
    best = float((2 * np.cumsum(ranked) / (chosen + ranked.sum() + 1e-9)).max(initial=0.0))
    return min(0.5, max(0.05, best / 2))


def _bar_noise(request: GrooveRequest) -> NDArray[np.float64]:
    """Normal noise, steps x 9, that is mostly the same in every bar."""
    rng = generator(request.seed, "hits")
    length = request.meter.bar_frames
    common = _normal(rng, (length, VOICES))
    own = _normal(rng, (request.steps, VOICES))
    tiled = common[np.arange(request.steps) % length]
    return np.asarray(math.sqrt(REPEAT) * tiled + math.sqrt(1 - REPEAT) * own)


def perform(loop: Loop, request: GrooveRequest) -> tuple[NDArray[np.int64], Floats]:
    """Velocities 1-127 and offsets of every cell: the median plus the asked share of the learned spread."""
    velocity, offset = loop.velocity, loop.offset
    if request.humanise > 0:
        rng = generator(request.seed, "hands")
        velocity = velocity + request.humanise * loop.velocity_b * laplace(drift(rng, request.steps))
        offset = offset + request.humanise * loop.offset_b * laplace(drift(rng, request.steps))
    return grained(velocity, offset)


def grained(velocity: NDArray[Any], offset: NDArray[Any]) -> tuple[NDArray[np.int64], Floats]:
    """Velocities (0-1 in, 1-127 out) and offsets on a grain too fine to hear.

    The two interpreters round an activation now and then differently; on the grain that seldom changes a note.
    """
    loud = VELOCITY_GRAIN * np.rint(velocity * 127 / VELOCITY_GRAIN)
    late = np.rint(offset * OFFSET_GRAINS) / OFFSET_GRAINS
    return (
        np.clip(loud, 1, 127).astype(np.int64),
        np.clip(late, -MAX_OFFSET, MAX_OFFSET).astype(np.float32),
    )


def drift(rng: np.random.Generator, steps: int) -> NDArray[np.float64]:
    """Standard normal noise, steps x 9, correlated along each voice (first-order autoregression)."""
    fresh = _normal(rng, (steps, VOICES))
    out = np.empty_like(fresh)
    out[0] = fresh[0]
    for step in range(1, steps):
        out[step] = DRIFT * out[step - 1] + math.sqrt(1 - DRIFT**2) * fresh[step]
    return out


def laplace(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give standard normal numbers the Laplace distribution of scale 1, keeping their order."""
    tail = np.array([math.erfc(abs(z) / math.sqrt(2)) for z in normal.ravel()]).reshape(normal.shape)
    return np.asarray(-np.sign(normal) * np.log(np.maximum(tail, 1e-12)))


def _normal(rng: np.random.Generator, shape: int | Sequence[int]) -> NDArray[np.float64]:
    """Normal numbers by Box and Muller from uniforms, so that every NumPy release draws the same."""
    one, two = rng.random(shape), rng.random(shape)
    return np.asarray(np.sqrt(-2 * np.log(np.maximum(one, 1e-12))) * np.cos(2 * np.pi * two))
