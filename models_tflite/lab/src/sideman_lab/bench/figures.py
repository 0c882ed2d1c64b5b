"""The bench's figures: what a player's takes say of the band (definitions: the chord evaluation's, on live frames).

Everything is counted from the frame in which the band came in, on triads, over the frames in which both sound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD
from sideman.music.meter import FRAME_TICKS
from sideman_lab.bench.takes import Take, sliced
from sideman_lab.chords import baselines, measure
from sideman_lab.chords import recovery as after
from sideman_lab.chords.listening import edit_distance

FIRST_BEATS = 4
AHEAD_BEATS = 2
LISTENED_BARS = 8


def whole(take: Take) -> dict[str, float]:
    """Figures of one take; NaN for what it cannot say."""
    piece, played = sliced(take, take.entry), take.played[take.entry :]
    if not len(played):
        return {"silence": 1.0}
    sound = played < NO_CHORD
    changes, meant = measure.changes(played), measure.changes(piece.human)
    beat = piece.meter.beat_ticks // FRAME_TICKS
    found = {
        "nic": measure.nic(piece, played),
        "snic": measure.nic(piece, played, strong_onsets=True),
        "human": measure.nic(piece, piece.human),
        "bar": float(piece.strong[meant].mean()) if len(meant) else math.nan,
        "strong": float(piece.strong[changes].mean()) if len(changes) else math.nan,
        "rate": len(changes) / piece.bars,
        "rate_human": len(meant) / piece.bars,
        "most": float(most_in_a_bar(take)),
        "silence": float(1 - sound.mean()),
        "first": measure.nic(sliced(take, take.entry, take.entry + FIRST_BEATS * beat), played[: FIRST_BEATS * beat]),
        "stable": stability(take, AHEAD_BEATS * beat),
        "tentative": stability(take),
    }
    for name, key in (("drone, online key", "drone"), ("greedy histogram", "greedy"), ("half-bar HMM + form", "hmm")):
        other = baselines.CAUSAL[name](take.piece, 0)[take.entry :]
        found[key] = measure.nic(piece, np.where(sound, other, NO_CHORD))
        found[f"{key}_snic"] = measure.nic(piece, np.where(sound, other, NO_CHORD), strong_onsets=True)
    return found


def most_in_a_bar(take: Take) -> int:
    """Most chord changes within one bar of the box."""
    rows = measure.changes(take.played) + take.piece.first
    return int(np.unique(rows // take.piece.meter.bar_frames, return_counts=True)[1].max()) if len(rows) else 0


def stability(take: Take, ahead: int | None = None) -> float:
    """Share of announced chord frames that sounded as announced.

    Args:
        take: The take.
        ahead: Only what was announced so many frames ahead; None takes all that was still tentative.
    """
    now, then, triad, committed = take.announced.T
    rows = (then - now == ahead) if ahead is not None else (committed == 0) & (then > now)
    rows &= (then >= take.entry) & (take.played[then] < NO_CHORD)
    return float((take.played[then[rows]] == triad[rows]).mean()) if rows.any() else math.nan


def cycles(take: Take, bars: int) -> float:
    """Of a looped melody: share of frames under the same chord as one cycle before, from the third cycle on."""
    size = bars * take.piece.meter.bar_frames
    start = max(-take.piece.first + size, take.entry)
    one, two = take.played[start:-size], take.played[start + size :]
    return float((one == two).mean()) if len(one) else math.nan


def sketch(take: Take) -> list[int]:
    """The chord of every half-bar of the first eight bars of the band, relative to the melody's key."""
    piece = take.piece
    if not (piece.pitch > 0).any():
        return []
    tonic, half = measure.tonic_of(piece), max(1, piece.meter.bar_frames // 2)
    rows = take.played[take.entry : take.entry + LISTENED_BARS * piece.meter.bar_frames : half]
    return [NO_CHORD if c >= NO_CHORD else int(c) // 12 * 12 + (int(c) - tonic) % 12 for c in rows]


def listening(takes: Sequence[Take], again: Sequence[Take]) -> float:
    """Listening index: how much further apart the chords of two melodies are than those of one melody played twice.

    Args:
        takes: Different melodies, the box with one seed.
        again: Some of the same melodies, the box with another seed.
    """
    sketches = [sketch(t) for t in takes]
    others = [edit_distance(a, b) for i, a in enumerate(sketches) for b in sketches[i + 1 :] if a and b]
    by_seed = {t.spec.seed: s for t, s in zip(takes, sketches, strict=True)}
    same = [edit_distance(by_seed[t.spec.seed], sketch(t)) for t in again if t.spec.seed in by_seed]
    return mean(others) - mean(same) if others and same else math.nan


def recovery(takes: Sequence[Take]) -> float:
    """Half-life in beats of what a change of key costs, over all takes together; see ``chords.recovery.half_life``."""
    rows = [_around(take, row) for take in takes for row, name in take.marks if name == "change"]
    return after.half_life(np.array(rows)) if rows else math.nan


def _around(take: Take, change: int) -> list[float]:
    """Hits of each beat around a change, then frames that count: what ``chords.recovery.by_beat`` gives."""
    beat, beats = take.piece.meter.beat_ticks // FRAME_TICKS, after.BEFORE + after.AFTER
    hits, seen = np.zeros(beats), np.zeros(beats)
    start = change - after.BEFORE * beat
    rows = np.arange(max(start, take.entry), min(start + beats * beat, len(take.played)))
    rows = rows[(take.piece.pitch[rows] > 0) & (take.played[rows] < NO_CHORD)]
    np.add.at(hits, (rows - start) // beat, TONES[take.played[rows], take.piece.pitch[rows] % 12])
    np.add.at(seen, (rows - start) // beat, 1)
    return [*hits.tolist(), *seen.tolist()]


def mean(values: Sequence[float]) -> float:
    """Mean of what is a number."""
    kept = [v for v in values if not math.isnan(v)]
    return sum(kept) / len(kept) if kept else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile by rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else math.nan
