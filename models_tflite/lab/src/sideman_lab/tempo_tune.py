"""Fit the weights of tempo finding: ``python -m sideman_lab.tempo_tune --data DIR``. NumPy alone, about three minutes.

A conditional logit over the readings of each phrase (McFadden 1974): the right readings together shall be likely. On
Groove MIDI Dataset rows ``train`` and POP909 songs that are not for validation; a sixth of the phrases is closed late.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sideman.music import tempo_weights
from sideman.music.meter import Meter
from sideman.music.tempo_features import NAMES, Reading, events_of
from sideman.music.tempo_finding import readings_of

from sideman_lab import tempo_data
from sideman_lab.cli import data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.tempo_data import Phrase

SEED = 100
STEPS, RATE, DECAY = 600, 0.05, 2e-3
TEMPO_ONLY = 0.25
"""What a reading with the right tempo but a wrong downbeat is worth."""
HEAD = '''"""Weights of the conditional logit over the readings of a phrase, in the order of ``tempo_features.NAMES``.

Fitted by ``python -m sideman_lab.tempo_tune`` on Groove MIDI Dataset rows ``train`` and POP909 songs that are not for
validation; the figures are in ``docs/tempo.md``.
"""
'''


def phrases(data: Path, n: int) -> list[Phrase]:
    """Phrases to fit on: ``n`` tapped, half as many bass lines, half more melodies, some in other meters."""
    grooves, songs = tempo_data.grooves(data / "gmd", "train"), tempo_data.melodies(data, "train")
    four = [line for line in grooves if line.meter == Meter()]
    lengths = (1, 2, 4, 8)
    found = tempo_data.cut([x for x in four if x.source == "taps"], n, lengths, SEED)
    found += tempo_data.cut([x for x in four if x.source == "bass"], n // 2, lengths, SEED + 1)
    found += tempo_data.cut([x for x in songs if x.meter == Meter()], 3 * n // 2, (4, 8), SEED + 2, pickups=True)
    found += tempo_data.cut([x for x in grooves if x.meter != Meter()], n // 10, lengths, SEED + 3)
    found += tempo_data.cut([x for x in songs if x.meter != Meter()], n // 10, (4, 8), SEED + 4, pickups=True)
    for i, meter in enumerate((Meter(7, 8), Meter(5, 4), Meter(6, 8), Meter(3, 4), Meter(7, 8, (3, 2, 2)))):
        found += tempo_data.synthetic(meter, n // 20, SEED + 5 + i)
    return [tempo_data.late(p, SEED + i) if i % 6 == 0 else p for i, p in enumerate(found)]


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


def fit(some: Sequence[Phrase], *, still_playing: bool) -> NDArray[np.float64]:
    """Weights by gradient (Adam) on the features scaled to one deviation; prints how often the best is right."""
    rows, values = [], []
    for phrase in some:
        events = events_of(phrase.onsets, phrase.pitches)
        close = None if still_playing else (phrase.close_ns - phrase.onsets[0][0]) / 1e9
        read = readings_of(events, close, phrase.meter) if len(events) >= 4 else []
        value = [worth(phrase, reading, still_playing=still_playing) for reading, _ in read]
        if any(value):
            rows.append([row for _, row in read])
            values.append(value)
    most = max(map(len, rows))
    x = np.zeros((len(rows), most, len(NAMES)), np.float32)
    y, there = np.zeros((len(rows), most), np.float32), np.zeros((len(rows), most), bool)
    for i, (row, value) in enumerate(zip(rows, values, strict=True)):
        x[i, : len(row)], y[i, : len(row)], there[i, : len(row)] = row, value, True
    scale = x[there].std(0) + 1e-3
    x /= scale
    w, m, v = (np.zeros(len(NAMES)) for _ in range(3))
    flat = x.reshape(-1, len(NAMES))
    for step in range(1, STEPS + 1):
        likely = _softmax(np.where(there, (flat @ w.astype(np.float32)).reshape(y.shape), -1e9))
        right = likely * y
        right /= right.sum(1, keepdims=True) + 1e-9
        slope = flat.T @ (likely - right).reshape(-1) / len(rows) + 2 * DECAY * w
        m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
        w -= RATE * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    best = np.where(there, (flat @ w.astype(np.float32)).reshape(y.shape), -1e9).argmax(1)
    got = y[np.arange(len(y)), best]
    print(f"{len(rows)} of {len(some)} phrases; right {np.mean(got == 1):.3f}, tempo {np.mean(got > 0):.3f}")
    return np.asarray(w / scale, np.float64)


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    likely = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(likely / likely.sum(1, keepdims=True))


def main() -> None:
    """Fit both sets of weights and write them into the package's source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--phrases", type=int, default=1200, help="tapped phrases; the others in proportion")
    args = parser.parse_args()
    closed = phrases(data_folder(args.data), args.phrases)
    rng = random.Random(SEED)
    heard = [tempo_data.still_playing([p], min(p.bars, rng.choice((1, 1.5, 2, 3, 4, 6)))) for p in closed]
    text = HEAD
    for name, doc, weights in (
        ("CLOSED", "Of a phrase that a press closed.", fit(closed, still_playing=False)),
        ("OPEN", "Of a phrase that is still played.", fit([p for some in heard for p in some], still_playing=True)),
    ):
        body = "".join(f"    {w:.3f},  # {label}\n" for label, w in zip(NAMES, weights, strict=True))
        text += f'\n{name} = (\n{body})\n"""{doc}"""\n'
    Path(str(tempo_weights.__file__)).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
