"""Fit the weights of tempo finding: ``python -m sideman_lab.tempo_tune --data DIR``. NumPy alone, some minutes.

A small net rates each reading of a phrase, a softmax over the phrase makes likelihoods of it (a conditional logit,
McFadden 1974, with one hidden layer): the right readings together shall be likely. On
Groove MIDI Dataset rows ``train`` and POP909 songs that are not for validation; a sixth of the phrases is closed late.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.music import tempo_weights
from sideman.music.meter import Meter
from sideman.music.tempo_features import NAMES, Reading, events_of
from sideman.music.tempo_finding import choose, readings_of, signs
from sideman.music.tempo_net import Net
from sideman_lab import tempo_data, tempo_tunes
from sideman_lab.cli import data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.tempo_data import Phrase

SEED = 100
NETS = ((12, 500), (16, 1200))
"""Hidden units and mini-batches of each net; the mean of their ratings counts."""
BATCH, RATE, DECAY = 1024, 0.01, 0.05
TEMPO_ONLY = 0.25
"""What a reading with the right tempo but a wrong downbeat is worth."""
HEAD = '''"""Weights of the net that rates the readings of a phrase: rows in the order of ``tempo_features.NAMES``.

Fitted by ``python -m sideman_lab.tempo_tune`` on Groove MIDI Dataset rows ``train``, on POP909 songs that are not for
validation and on the ``choose`` half of the plain tunes; the figures are in ``docs/tempo.md``.
"""

# ruff: noqa: E501 - rows of numbers, one a feature

from sideman.music.tempo_net import Net

TRAINED_ON = ("gmd", "pop909", "pop909-structure", "openhymnal", "openscore-lieder")
"""Data sets the weights were fitted on."""
'''


def phrases(data: Path, n: int) -> list[Phrase]:
    """Phrases to fit on: ``n`` tapped, half as many bass lines, half more melodies, some in other meters."""
    grooves, songs = tempo_data.grooves(data / "gmd", "train"), tempo_data.melodies(data, "train")
    four = [line for line in grooves if line.meter == Meter()]
    # A looper's lengths six times in seven; the rest teaches that there are others.
    lengths, sung = (1, 2, 4, 8) * 6 + (3, 6, 12, 16), (4, 8) * 12 + (3, 6, 12, 16)
    found = tempo_data.cut([x for x in four if x.source == "taps"], n, lengths, SEED)
    found += tempo_data.cut([x for x in four if x.source == "bass"], n // 2, lengths, SEED + 1)
    found += tempo_data.cut([x for x in songs if x.meter == Meter()], 3 * n // 2, sung, SEED + 2, pickups=True)
    found += tempo_data.cut([x for x in grooves if x.meter != Meter()], n // 10, lengths, SEED + 3)
    found += tempo_data.cut([x for x in songs if x.meter != Meter()], n // 10, sung, SEED + 4, pickups=True)
    for i, meter in enumerate((Meter(7, 8), Meter(5, 4), Meter(6, 8), Meter(3, 4), Meter(7, 8, (3, 2, 2)))):
        found += tempo_data.synthetic(meter, n // 20, SEED + 5 + i)
    plain = tempo_tunes.played(tempo_tunes.tunes(data, "choose"), 2 * n, SEED + 20)
    return [tempo_data.late(p, SEED + i) if i % 6 == 0 else p for some in (found, plain) for i, p in enumerate(some)]


def worth(phrase: Phrase, reading: Reading, *, still_playing: bool) -> float:
    """1 for a right reading, a little for the right tempo alone, 0 for a wrong tempo."""
    if abs(15 / reading.step / phrase.bpm - 1) > 0.04:
        return 0.0
    off = reading.zero - (phrase.downbeat_ns - phrase.onsets[0][0]) / 1e9
    if still_playing:
        bar = reading.step * phrase.meter.bar_frames
        off -= round(off / bar) * bar
        return 1.0 if abs(off) <= 0.07 else 0.0
    return 1.0 if abs(off) <= 0.07 else TEMPO_ONLY


@dataclass(frozen=True)
class Read:
    """A phrase's readings with their features, what each is worth, and how many events there were."""

    piece: str
    meter: Meter
    readings: list[tuple[Reading, list[float]]]
    worth: list[float]
    events: int


def read(some: Sequence[Phrase], *, still_playing: bool, noise: bool = False) -> list[Read]:
    """Every phrase's readings; all of them are wrong where the phrase is noise."""
    found = []
    for phrase in some:
        events = events_of(phrase.onsets, phrase.pitches)
        close = None if still_playing else (phrase.close_ns - phrase.onsets[0][0]) / 1e9
        readings = readings_of(events, close, phrase.meter) if len(events) >= 4 else []
        if readings:
            values = [0.0 if noise else worth(phrase, r, still_playing=still_playing) for r, _ in readings]
            found.append(Read(phrase.piece, phrase.meter, readings, values, len(events)))
    return found


def scattered(n: int) -> list[Phrase]:
    """Notes at random moments: no tempo is right."""
    rng = random.Random(SEED)
    found = []
    for i in range(n):
        times = sorted(rng.uniform(0, rng.uniform(3, 12)) for _ in range(rng.randrange(5, 40)))
        onsets = tuple((round(t * 1e9), rng.randrange(40, 110)) for t in times)
        found.append(
            tempo_data.Phrase("noise", f"noise-{i}", onsets, (), onsets[-1][0] + 500_000_000, Meter(), 100, 0, 1)
        )
    return found


def trust(reads: Sequence[Read], net: Net, *, closed: bool) -> NDArray[np.float64]:
    """Weights of the confidence: a logistic regression of *right* on ``tempo_finding.signs`` (Platt 1999)."""
    rows, right = [], []
    for each in reads:
        best, share = choose(each.readings, net, each.meter, closed=closed)
        rows.append(signs(share, each.events, each.readings[best][1]))
        right.append(each.worth[best] > 0)
    x, y = np.array(rows), np.array(right, np.float64)
    w = np.zeros(x.shape[1])
    for _ in range(25):  # Newton's steps, a little ridge
        p = 1 / (1 + np.exp(-x @ w))
        w += np.linalg.solve((x.T * (p * (1 - p))) @ x + np.eye(len(w)), x.T @ (y - p) - w)
    return w


def fit(reads: Sequence[Read]) -> Net:
    """The nets of ``NETS`` laid side by side as one."""
    nets = [fit_one(reads, hidden, passes) for hidden, passes in NETS]
    return Net(
        tuple(unit for net in nets for unit in net.hidden),
        tuple(bias for net in nets for bias in net.bias),
        tuple(float(f"{out / len(nets):.3g}") for net in nets for out in net.out),
    )


def fit_one(reads: Sequence[Read], units: int, passes: int) -> Net:
    """A net of one hidden layer by AdamW on mini-batches, the features scaled to one deviation.

    Args:
        reads: Phrases; those without a right reading are passed over.
        units: Hidden units.
        passes: Mini-batches.
    """
    x, y, there = _packed([each for each in reads if any(each.worth)])
    middle, scale = x[there].mean(0), x[there].std(0) + 0.02  # what hardly varies shall not weigh
    x = (x - middle) / scale
    rng = np.random.default_rng(SEED)
    params = [
        rng.normal(0, 1 / np.sqrt(len(NAMES)), (len(NAMES), units)).astype(np.float32),
        np.zeros(units, np.float32),
        rng.normal(0, 1 / np.sqrt(units), units).astype(np.float32),
    ]
    first, second = ([np.zeros_like(p) for p in params] for _ in range(2))
    for step in range(1, passes + 1):
        some = rng.integers(0, len(x), BATCH)
        flat = x[some].reshape(-1, len(NAMES))
        hidden = np.tanh(flat @ params[0] + params[1])
        scores = np.where(there[some], (hidden @ params[2]).reshape(BATCH, -1), -1e9)
        likely = np.exp(scores - scores.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        right = likely * y[some]
        right /= right.sum(1, keepdims=True) + 1e-9
        slope = (likely - right).reshape(-1) / BATCH
        back = np.outer(slope, params[2]) * (1 - hidden**2)
        for i, grad in enumerate((flat.T @ back, back.sum(0), hidden.T @ slope)):
            first[i] = 0.9 * first[i] + 0.1 * grad
            second[i] = 0.999 * second[i] + 0.001 * grad**2
            params[i] *= 1 - RATE * DECAY
            params[i] -= RATE * (first[i] / (1 - 0.9**step)) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
    into = params[0] / scale[:, None] * (x[there].std(0) > 1e-6)[:, None]  # constant: no weight
    bias = params[1] - middle @ into
    return Net(
        tuple(tuple(float(f"{w:.3g}") for w in column) for column in into.T),
        tuple(float(f"{b:.3g}") for b in bias),
        tuple(float(f"{w:.3g}") for w in params[2]),
    )


def _packed(
    reads: Sequence[Read],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Features (phrases, readings, features), what each is worth, and which are there."""
    most = max(len(each.readings) for each in reads)
    x = np.zeros((len(reads), most, len(NAMES)), np.float32)
    y, there = np.zeros((len(reads), most), np.float32), np.zeros((len(reads), most), np.bool_)
    for i, each in enumerate(reads):
        n = len(each.readings)
        x[i, :n], y[i, :n], there[i, :n] = [row for _, row in each.readings], each.worth, True
    return x, y, there


def right_of(reads: Sequence[Read], net: Net, *, closed: bool) -> str:
    """How often the best reading is right."""
    got = [each.worth[choose(each.readings, net, each.meter, closed=closed)[0]] for each in reads]
    return f"right {np.mean([g == 1 for g in got]):.3f}, tempo {np.mean([g > 0 for g in got]):.3f} of {len(got)}"


def source(name: str, doc: str, net: Net, sure: Sequence[float]) -> str:
    """The weights as source: a row of the hidden layer's weights for each feature."""
    rows = "".join(
        f"    ({', '.join(f'{w:g}' for w in row)}),  # {label}\n"
        for label, row in zip(NAMES, zip(*net.hidden, strict=True), strict=True)
    )
    return (
        f"\n# fmt: off\n_{name} = (\n{rows})\n{name} = Net(\n    tuple(zip(*_{name}, strict=True)),\n"
        f"    ({', '.join(f'{w:g}' for w in net.bias)}),\n    ({', '.join(f'{w:g}' for w in net.out)}),\n)\n"
        f'"""{doc}"""\n{name}_TRUST = ({", ".join(f"{w:.3f}" for w in sure)})\n"""How far to trust it."""\n'
        "# fmt: on\n"
    )


def held_out(piece: str) -> bool:
    """A fifth of the training pieces: to see what the fit is worth before it is made on all of them."""
    return int(hashlib.sha256(f"tune:{piece}".encode()).hexdigest(), 16) % 5 == 0


def main() -> None:
    """Fit both sets of weights and write them into the package's source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--phrases", type=int, default=1200, help="tapped phrases; the others in proportion")
    args = parser.parse_args()
    closed = phrases(data_folder(args.data), args.phrases)
    rng = random.Random(SEED)
    heard = [tempo_data.still_playing([p], min(p.bars, rng.choice((1, 1.5, 2, 3, 4, 6, 8)))) for p in closed]
    opened = [p for some in heard for p in some]
    noise = scattered(args.phrases // 6)
    text = HEAD
    for name, doc, some in (
        ("CLOSED", "Of a phrase that a press closed.", closed),
        ("OPEN", "Of a phrase that is still played.", opened),
    ):
        going = name == "OPEN"
        reads = read(some, still_playing=going)
        inner = [each for each in reads if not held_out(each.piece)]
        outer = [each for each in reads if held_out(each.piece)]
        print(f"{name}: on training pieces held out: {right_of(outer, fit(inner), closed=not going)}", flush=True)
        net = fit(reads)
        print(f"{name}: fitted on all: {right_of(reads, net, closed=not going)}", flush=True)
        sure = trust([*reads, *read(noise, still_playing=going, noise=True)], net, closed=not going)
        text += source(name, doc, net, [float(w) for w in sure])
    Path(str(tempo_weights.__file__)).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
