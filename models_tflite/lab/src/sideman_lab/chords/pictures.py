"""Pictures of the chord card: three pieces with written and played chords, and note-in-chord by beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_decoder import TONES
from sideman.music.chords import NO_CHORD, TRIADS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman_lab.chords.outcome import Outcome

SHOWN = 128
"""Frames of each piece that are drawn."""


def draw(file: Path, outcome: Outcome) -> None:
    """Draw the picture of one evaluation."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(4, 1, figsize=(10, 11), layout="constrained")
    chosen = np.linspace(0, len(outcome.pieces) - 1, 3).astype(int)
    for axis, index in zip(axes, chosen, strict=False):
        _roll(axis, outcome, int(index))
    axis = axes[3]
    for name, rows in (
        ("model", [p.classes for p in outcome.played]),
        ("drone, online key", outcome.baselines["drone, online key"]),
        ("half-bar HMM + form", outcome.baselines["half-bar HMM + form"]),
        ("human", outcome.baselines["human"]),
    ):
        axis.plot(by_beat(outcome, rows), label=name)
    axis.set_xlabel("beats since the start")
    axis.set_ylabel("note-in-chord")
    axis.legend(loc="lower right", fontsize=7)
    figure.savefig(file, dpi=80)
    plt.close(figure)


def by_beat(outcome: Outcome, rows: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Note-in-chord of each beat since the start, over all pieces."""
    hits, seen = np.zeros(64), np.zeros(64)
    for piece, played in zip(outcome.pieces, rows, strict=True):
        where = np.flatnonzero((piece.pitch > 0) & (played < NO_CHORD))
        where = where[where < 256]
        np.add.at(hits, where // 4, TONES[played[where], piece.pitch[where] % 12])
        np.add.at(seen, where // 4, 1)
    return np.asarray(hits / np.maximum(seen, 1), np.float64)


def _roll(axis: Any, outcome: Outcome, index: int) -> None:
    piece, played = outcome.pieces[index], outcome.played[index].classes
    size = min(SHOWN, len(piece))
    rows = np.flatnonzero(piece.pitch[:size] > 0)
    axis.scatter(rows, piece.pitch[rows], s=6, marker="s", color="black")
    low = float(piece.pitch[rows].min())
    for level, (name, classes) in enumerate((("ours", played), ("written", piece.human))):
        top = low - 8 + 4 * level
        edges = np.flatnonzero(np.concatenate([[True], classes[1:size] != classes[: size - 1]]))
        for start, stop in zip(edges, [*edges[1:], size], strict=True):
            if classes[start] < NO_CHORD:
                colour = f"C{int(classes[start]) % 10}"
                axis.barh(top, stop - start, left=start, height=3, color=colour, alpha=0.5)
                axis.text(start + 0.3, top, TRIADS[classes[start]].name, fontsize=6, va="center")
        axis.text(-1, top, name, fontsize=7, ha="right", va="center")
    for frame in range(-piece.first % piece.meter.bar_frames, size, piece.meter.bar_frames):
        axis.axvline(frame, color="grey", lw=0.3)
    axis.set_title(piece.id, fontsize=8)
    axis.set_xlim(-8, size)
    axis.set_yticks([])
