"""How fast the band follows when the melody moves a tritone at beat 17."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD
from sideman_lab.chords.loops import downbeat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BEAT = 4
BEFORE, AFTER = 8, 16
"""Beats scored before the move and after it."""
MOVED_AT = 16 * BEAT
"""Frames from the first bar line."""
TRITONE = 6


def cut(piece: FramedPiece, rows: int) -> FramedPiece:
    """The first rows of a piece."""
    return replace(
        piece,
        pitch=piece.pitch[:rows],
        struck=piece.struck[:rows],
        human=piece.human[:rows],
        human_tones=piece.human_tones[:rows],
    )


def moved(piece: FramedPiece, semitones: int = TRITONE) -> FramedPiece | None:
    """The piece with everything from beat 17 on transposed, cut where scoring ends; None where it is too short."""
    at = downbeat(piece) + MOVED_AT
    stop = at + AFTER * BEAT
    if len(piece) < stop:
        return None
    piece = cut(piece, stop)
    pitch, human = piece.pitch.copy(), piece.human.copy()
    pitch[at:] = np.where(pitch[at:] > 0, pitch[at:] + semitones, 0)
    late = human[at:]
    human[at:] = np.where(late < NO_CHORD, late // 12 * 12 + (late % 12 + semitones) % 12, NO_CHORD)
    return replace(piece, pitch=pitch, human=human)


def by_beat(piece: FramedPiece, played: Ints) -> list[float]:
    """Frames of the melody in the chord for each beat around the move, then frames that count for each."""
    start = downbeat(piece) + MOVED_AT - BEFORE * BEAT
    hits, seen = np.zeros(BEFORE + AFTER), np.zeros(BEFORE + AFTER)
    rows = np.arange(start, start + (BEFORE + AFTER) * BEAT)
    rows = rows[(piece.pitch[rows] > 0) & (played[rows] < NO_CHORD)]
    np.add.at(hits, (rows - start) // BEAT, TONES[played[rows], piece.pitch[rows] % 12])
    np.add.at(seen, (rows - start) // BEAT, 1)
    return [*hits.tolist(), *seen.tolist()]


def curve(rows: Floats) -> Floats:
    """Note-in-chord of each beat over all pieces."""
    beats = BEFORE + AFTER
    out: Floats = rows[:, :beats].sum(axis=0) / np.maximum(rows[:, beats:].sum(axis=0), 1)
    return out


def losses(rows: Floats) -> Floats:
    """What each beat after the move loses against the mean of the eight beats before it."""
    beats = curve(rows)
    out: Floats = beats[:BEFORE].mean() - beats[BEFORE:]
    return out


def area_lost(rows: Floats) -> float:
    """Sum over 16 beats of what is lost, gains not counted (specification 3.6)."""
    return float(np.maximum(losses(rows), 0).sum())


def half_life(rows: Floats) -> float:
    """Beats from the move until the loss, smoothed over half-bars, has halved for good; 16 if it never does.

    The loss of two neighbouring beats stands at the border between them; from the greatest of the first two bars on,
    the first crossing of its half, linear between borders, after which it stays below for two beats.
    """
    lost = losses(rows)
    smooth = (lost[:-1] + lost[1:]) / 2
    peak = int(smooth[:8].argmax())
    half = smooth[peak] / 2
    if half <= 0:
        return 0.0
    for at in range(peak + 1, len(smooth)):
        if (smooth[at : at + 2] <= half).all():
            back = (smooth[at - 1] - half) / max(smooth[at - 1] - smooth[at], 1e-9)
            return float(at + min(max(back, 0.0), 1.0))
    return float(AFTER)
