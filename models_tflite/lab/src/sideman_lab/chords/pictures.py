"""Pictures of the chord card: three pieces with written chords, ours and the plan ahead; note-in-chord over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.models.library import load
from sideman.music.chords import NO_CHORD, TRIADS, triad_index
from sideman_lab.chords.recovery import BEFORE, curve, cut
from sideman_lab.chords.streaming import play

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman.models.chords import ChordStream
    from sideman.music.harmony import ChordSpan
    from sideman_lab.chords.outcome import Outcome
    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]
    Bar = tuple[int, int, int]

SHOWN = 128
"""Frames of each piece that are drawn."""
NOW = 64
"""Row at which the plan is drawn as it stood then."""
COMMIT = 16
"""Frames fixed ahead in that plan: the box's default of four beats."""
SHADES = ("model", "drone, online key", "half-bar HMM + form", "human")


def draw(file: Path, outcome: Outcome) -> None:
    """Draw the picture of one evaluation."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(5, 1, figsize=(10, 14), layout="constrained", height_ratios=(3, 3, 3, 2, 2))
    chosen = np.linspace(0, len(outcome.pieces) - 1, 3).astype(int)
    for axis, index in zip(axes, chosen, strict=False):
        _roll(axis, outcome.pieces[int(index)], outcome.played[int(index)].classes)
    _since_start(axes[3], outcome)
    _around_a_move(axes[4], outcome)
    figure.savefig(file, dpi=72)
    plt.close(figure)


def by_beat(outcome: Outcome, rows: list[Ints]) -> NDArray[np.float64]:
    """Note-in-chord of each beat since the start, over all pieces."""
    hits, seen = np.zeros(64), np.zeros(64)
    for piece, played in zip(outcome.pieces, rows, strict=True):
        where = np.flatnonzero((piece.pitch > 0) & (played < NO_CHORD))
        where = where[where < 256]
        np.add.at(hits, where // 4, TONES[played[where], piece.pitch[where] % 12])
        np.add.at(seen, where // 4, 1)
    return np.asarray(hits / np.maximum(seen, 1), np.float64)


def _since_start(axis: Any, outcome: Outcome) -> None:
    rows = {"model": [p.classes for p in outcome.played], **outcome.baselines}
    for name in SHADES:
        axis.plot(by_beat(outcome, rows[name]), label=name)
    axis.set_xlabel("beats since the start")
    axis.set_ylabel("note-in-chord")
    axis.legend(loc="lower right", fontsize=7)


def _around_a_move(axis: Any, outcome: Outcome) -> None:
    for name in ("model", "model, melody not moved", "drone, online key", "half-bar HMM + form", "human"):
        if name in outcome.curves:
            beats = curve(outcome.curves[name])
            axis.plot(np.arange(len(beats)) - BEFORE + 0.5, beats, label=name, ls=":" if "not moved" in name else "-")
    axis.axvline(0, color="grey", lw=0.8)
    axis.set_xlabel("beats from a key change: the melody moves a tritone at beat 17")
    axis.set_ylabel("note-in-chord")
    if outcome.curves:
        axis.legend(loc="lower right", fontsize=7)


def plan_at(piece: FramedPiece, row: int, commit: int) -> tuple[list[ChordSpan], list[ChordSpan]]:
    """What was fixed from a row on before it was heard, and what was planned beyond; with a commit in frames."""
    seen: list[ChordSpan] = []

    def watch(_stream: ChordStream, at: int, plan: list[ChordSpan]) -> None:
        if at == row:
            seen.extend(plan)

    played = play(load("chords"), cut(piece, row + commit + 1), commit, watch=watch)
    now, fixed = piece.first + row, piece.first + row + commit + 1
    return clipped(played.spans, now, fixed), clipped(seen, fixed, 10**9)


def clipped(spans: Sequence[ChordSpan], start: int, stop: int) -> list[ChordSpan]:
    """What of some spans lies between two frames."""
    inside = [replace(s, onset=max(s.onset, start), frames=min(s.end, stop) - max(s.onset, start)) for s in spans]
    return [s for s in inside if s.frames > 0]


def _roll(axis: Any, piece: FramedPiece, played: Ints) -> None:
    size = min(SHOWN, len(piece))
    rows = np.flatnonzero(piece.pitch[:size] > 0)
    axis.scatter(rows, piece.pitch[rows], s=6, marker="s", color="black")
    low = float(piece.pitch[rows].min()) if len(rows) else 60.0
    _strip(axis, low - 4, "written", _bars(piece.human[:size]))
    _strip(axis, low - 8, "ours", _bars(played[:size]))
    now = min(NOW, size - 1)
    fixed = now + COMMIT + 1
    for spans, hatch in zip(plan_at(piece, now, COMMIT), (None, "///"), strict=True):
        bars = [(s.onset - piece.first, min(s.end - piece.first, size), triad_index(s.chord)) for s in spans]
        _strip(axis, low - 12, "" if hatch else "plan", [bar for bar in bars if bar[1] > bar[0]], hatch)
    axis.axvline(now, color="black", lw=1)
    axis.axvline(fixed, color="black", lw=1, ls="--")
    axis.text(now, axis.get_ylim()[1], " now", fontsize=6, va="top")
    axis.text(fixed, axis.get_ylim()[1], " fixed until here", fontsize=6, va="top")
    for frame in range(-piece.first % piece.meter.bar_frames, size, piece.meter.bar_frames):
        axis.axvline(frame, color="grey", lw=0.3)
    axis.set_title(piece.id, fontsize=8)
    axis.set_xlim(-8, size)
    axis.set_yticks([])


def _bars(classes: Ints) -> list[Bar]:
    edges = np.flatnonzero(np.concatenate([[True], classes[1:] != classes[:-1]])).tolist()
    return [(a, b, int(classes[a])) for a, b in zip(edges, [*edges[1:], len(classes)], strict=True)]


def _strip(axis: Any, top: float, name: str, bars: list[Bar], hatch: str | None = None) -> None:
    for start, stop, chord in bars:
        if chord < NO_CHORD:
            axis.barh(top, stop - start, left=start, height=3, color=f"C{chord % 10}", alpha=0.5, hatch=hatch)
            axis.text(start + 0.3, top, TRIADS[chord].name, fontsize=6, va="center")
    if name:
        axis.text(-1, top, name, fontsize=7, ha="right", va="center")
