"""Does the band hear that music comes round: 4-bar lift, the period of a loop, agreement between its cycles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.music.chords import NO_CHORD
from sideman_lab.chords import hmm
from sideman_lab.chords.streaming import play

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chords import ChordStream
    from sideman.models.runtime import Graph
    from sideman.music.harmony import ChordSpan
    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PERIODS = (4, 8, 12, 16)
"""Bars; what the period detector chooses from."""
CYCLES = 4
LAGS = (3, 4, 5)


def downbeat(piece: FramedPiece) -> int:
    """Row of the first bar line."""
    return -piece.first % piece.meter.bar_frames


def bar_matches(piece: FramedPiece, played: Ints) -> list[float]:
    """For lags of 3, 4 and 5 bars: pairs of bar lines with the same chord, and all pairs where both sound."""
    bars = played[downbeat(piece) :: piece.meter.bar_frames]
    out: list[float] = []
    for lag in LAGS:
        now, then = bars[lag:], bars[:-lag]
        both = (now < NO_CHORD) & (then < NO_CHORD)
        out += [float((now[both] == then[both]).sum()), float(both.sum())]
    return out


def four_bar_lift(rows: Floats) -> float:
    """Chance that a bar has the chord of four bars ago over the mean chance at three and five (specification 3.6)."""
    three, four, five = (
        rows[:, 2 * i].sum() / rows[:, 2 * i + 1].sum() if rows[:, 2 * i + 1].sum() else 0.0 for i in range(3)
    )
    return float(four / ((three + five) / 2)) if three + five > 0 else 0.0


def looped(piece: FramedPiece, bars: int, cycles: int = CYCLES) -> FramedPiece | None:
    """The first phrase of so many bars again and again; None where the piece is too short or too empty for it."""
    start, size = downbeat(piece), bars * piece.meter.bar_frames
    rows = slice(start, start + size)
    if start + size > len(piece) or int(piece.struck[rows].sum()) < 2 * bars:
        return None
    struck = piece.struck[rows].copy()
    struck[0] = piece.pitch[start] > 0
    return replace(
        piece,
        first=0,
        dropped=0,
        pitch=np.tile(piece.pitch[rows], cycles),
        struck=np.tile(struck, cycles),
        human=np.tile(piece.human[rows], cycles),
        human_tones=np.tile(piece.human_tones[rows], cycles),
    )


def true_period(loop: FramedPiece, bars: int) -> int:
    """The shortest period, of those the detector knows, at which this loop of so many bars repeats exactly."""
    bar = loop.meter.bar_frames
    phrase = loop.pitch[: bars * bar], loop.struck[: bars * bar]
    for period in PERIODS:
        if period < bars and bars % period == 0 and all((np.roll(p, period * bar) == p).all() for p in phrase):
            return period
    return bars


def found_period(stream: ChordStream) -> int:
    """The period in bars that the stream goes by, 0 for none."""
    return int(stream.advice().form_bars)


def matched_period(loop: FramedPiece, rows: int) -> int:
    """The baseline: the lag of the form HMM that matches best after so many rows."""
    bar = loop.meter.bar_frames
    known = {lag // bar: float(match[rows]) for lag, match in hmm.matches(loop).items() if lag // bar in PERIODS}
    return max(known, key=lambda bars: known[bars])


@dataclass(frozen=True)
class Looping:
    """How a band followed a loop.

    Attributes:
        found: Whether the period was known at the end of the second cycle.
        agreement: Share of frames with the same chord in cycles 2 and 3, and 3 and 4, averaged.
        lift: Counts for the 4-bar lift.
        baseline: Whether the form HMM's best lag was right at the same moment.
        loop: The looped piece.
    """

    found: bool
    agreement: float
    lift: list[float]
    baseline: bool
    loop: FramedPiece


def agreement(played: Ints, size: int) -> float:
    """Share of frames with the same chord in cycles 2 and 3, and 3 and 4 of a loop of ``size`` frames, averaged."""
    two, three, four = (played[i * size : (i + 1) * size] for i in (1, 2, 3))
    return float(((two == three).mean() + (three == four).mean()) / 2)


def follow_loop(graph: Graph, piece: FramedPiece, bars: int, commit: int = 0) -> Looping | None:
    """Play four cycles of the piece's first phrase; None where it has none."""
    loop = looped(piece, bars)
    if loop is None:
        return None
    size = len(loop) // CYCLES
    periods: list[int] = []

    def at_second_end(stream: ChordStream, row: int, _plan: list[ChordSpan]) -> None:
        if row == 2 * size:
            periods.append(found_period(stream))

    played = play(graph, loop, commit, watch=at_second_end).classes
    right = true_period(loop, bars)
    return Looping(
        periods[0] == right,
        agreement(played, size),
        bar_matches(loop, played),
        matched_period(loop, 2 * size) == right,
        loop,
    )
