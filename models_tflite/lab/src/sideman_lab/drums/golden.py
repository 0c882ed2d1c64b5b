"""Golden inputs and outputs of the drum network, made by rule and by NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.drum_features import CHANNELS, MAX_STEPS, assemble, neighbours
from sideman.models.drums import GrooveRequest, conditions_of
from sideman.models.sampling import generator
from sideman.music.drum_pattern import Tap
from sideman.music.drum_rules import groove
from sideman.music.meter import Meter
from sideman_lab.drums.forward import NumpyDrums
from sideman_lab.drums.layout import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def golden_requests() -> list[GrooveRequest]:
    """Requests of every kind, made by rule: other meters, with and without score, tap, bass, style."""
    rng = generator("golden drums")
    found = []
    for meter in (Meter(), Meter(3, 4), Meter(7, 8), Meter(6, 8)):
        bars = 2
        steps = bars * meter.bar_frames
        taps = tuple(
            Tap(s, 40 + int(rng.integers(80)), float(rng.uniform(-0.3, 0.3)))
            for s in range(steps)
            if rng.random() < 0.5
        )
        bass = tuple(Tap(s, 90) for s in range(steps) if rng.random() < 0.2)
        score = groove(meter, bars, seed=steps)
        found += [
            GrooveRequest(meter, steps, score=score, taps=taps),
            GrooveRequest(meter, steps, taps=taps, bass=bass, style="funk", bpm=95.0),
            GrooveRequest(meter, steps, score=score, bpm=150.0),
            GrooveRequest(meter, steps, bass=bass, style="latin", density=0.4, fill=meter.bar_frames),
        ]
    return found


def golden(weights: Mapping[str, NDArray[Any]]) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Golden inputs and what the NumPy forward pass makes of them."""
    model = NumpyDrums(weights, int8=True)
    inputs: dict[str, list[NDArray[Any]]] = {"x": [], "neighbours": []}
    outputs: dict[str, list[NDArray[Any]]] = {name: [] for name in OUTPUTS}
    for request in golden_requests():
        x = np.zeros((MAX_STEPS, CHANNELS), np.float32)
        x[: request.steps] = assemble(conditions_of(request))
        one = {"x": x, "neighbours": neighbours(request.steps)}
        for name, value in one.items():
            inputs[name].append(value)
        for name, value in model.run(one).items():
            outputs[name].append(value)
    return ({k: np.stack(v) for k, v in inputs.items()}, {k: np.stack(v) for k, v in outputs.items()})
