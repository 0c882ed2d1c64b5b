"""Chords in time, keys, and the chord that some pitch classes make."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from sideman.music.chords import QUALITIES, Chord
from sideman.music.meter import FRAME_TICKS
from sideman.music.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.music.meter import Meter
    from sideman.music.notes import Note

Mode = Literal["maj", "min"]
Key = tuple[int, Mode]
"""Tonic pitch class and mode."""


@dataclass(frozen=True, slots=True)
class ChordSpan(Value):
    """A chord and where it stands: onset and length in frames (16ths), how sure we are of it 0-1."""

    onset: int
    frames: int
    chord: Chord
    confidence: float

    @property
    def end(self) -> int:
        """Frame after the last one."""
        return self.onset + self.frames


@dataclass(frozen=True, slots=True)
class MelodyFrame:
    """What was heard in one 16th frame.

    Attributes:
        sounding: MIDI pitches that sound in the frame, those struck in it included.
        onsets: The pitches struck in it.
        velocities: Velocity 0-127 of each sounding pitch, in their order (80 where missing).
    """

    sounding: tuple[int, ...] = ()
    onsets: tuple[int, ...] = ()
    velocities: tuple[int, ...] = ()


def melody_frames(notes: Iterable[Note], n_frames: int, first_frame: int = 0) -> list[MelodyFrame]:
    """What was heard in each of ``n_frames`` frames from ``first_frame`` on; onsets round to the nearest frame."""
    sounding: list[dict[int, int]] = [{} for _ in range(n_frames)]
    onsets: list[set[int]] = [set() for _ in range(n_frames)]
    for note in notes:
        start = note.frame - first_frame
        end = max(start + 1, (note.end + FRAME_TICKS // 2) // FRAME_TICKS - first_frame)
        if 0 <= start < n_frames:
            onsets[start].add(note.pitch)
        for at in range(max(start, 0), min(end, n_frames)):
            sounding[at][note.pitch] = note.velocity
    return [
        MelodyFrame(tuple(held), tuple(sorted(struck)), tuple(held.values()))
        for held, struck in zip(sounding, onsets, strict=True)
    ]


def segments(meter: Meter, n_frames: int, first_frame: int = 0) -> list[tuple[int, int]]:
    """Start and end frame of each stretch between strong beats (half-bars in 4/4, bars in 3/4)."""
    starts = sorted(tick // FRAME_TICKS for tick in meter.groups)
    bar, last = meter.bar_frames, first_frame + n_frames
    bars = range(first_frame // bar, last // bar + 1)
    cuts = [b * bar + s for b in bars for s in starts if first_frame < b * bar + s < last]
    edges = [first_frame, *cuts, last]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def merged(spans: Iterable[ChordSpan]) -> list[ChordSpan]:
    """Neighbours with the same chord joined, their confidence weighted by length."""
    out: list[ChordSpan] = []
    for span in spans:
        if out and out[-1].chord == span.chord and out[-1].end == span.onset:
            last = out[-1]
            frames = last.frames + span.frames
            sure = (last.confidence * last.frames + span.confidence * span.frames) / frames
            out[-1] = ChordSpan(last.onset, frames, last.chord, sure)
        else:
            out.append(span)
    return out


def overlay(plan: Sequence[ChordSpan], over: Sequence[ChordSpan]) -> list[ChordSpan]:
    """``plan`` with ``over`` taking precedence wherever it stands; both sorted and without overlaps."""
    kept: list[ChordSpan] = []
    for span in plan:
        at = span.onset
        for top in over:
            if top.end <= at or top.onset >= span.end:
                continue
            if top.onset > at:
                kept.append(replace(span, onset=at, frames=top.onset - at))
            at = max(at, top.end)
        if at == span.onset:
            kept.append(span)
        elif at < span.end:
            kept.append(replace(span, onset=at, frames=span.end - at))
    return merged(sorted([*kept, *over], key=lambda s: s.onset))


# --- key ---------------------------------------------------------------------------------------------------------

KEYS: tuple[Key, ...] = (*((tonic, "maj") for tonic in range(12)), *((tonic, "min") for tonic in range(12)))
"""All keys, major ones first."""
PROFILES: dict[Mode, tuple[float, ...]] = {
    "maj": (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    "min": (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
"""Shares of the pitch classes in each mode, tonic first (Albrecht and Shanahan 2013, counted in 982 works)."""
PROFILE_FLOOR = 0.004
SHARPNESS = 16.0
"""Independent notes that a histogram counts as, however long it is."""


def log_share(key: Key, pitch_class: int) -> float:
    """Log share of a pitch class in a key."""
    return math.log(PROFILES[key[1]][(pitch_class - key[0]) % 12] + PROFILE_FLOOR)


_LOGS = {key: [log_share(key, pc) for pc in range(12)] for key in KEYS}


def fits(histogram: Sequence[float]) -> dict[Key, float]:
    """Log likelihood of a pitch-class histogram in each key, ``SHARPNESS`` notes long: what does not fit counts most.

    Args:
        histogram: 12 weights from C on; all 0 fits every key alike.
    """
    total = sum(histogram)
    if total <= 0:
        return dict.fromkeys(KEYS, 0.0)
    return {
        key: SHARPNESS / total * sum(weight * log for weight, log in zip(histogram, logs, strict=True))
        for key, logs in _LOGS.items()
    }


def estimate_key(histogram: Sequence[float]) -> tuple[int, Mode, float]:
    """Most likely key of a pitch-class histogram (see :func:`fits`).

    Args:
        histogram: 12 weights from C on.

    Returns:
        Tonic pitch class, mode, and a confidence 0-1 (0 when nothing was heard).
    """
    if not any(histogram):
        return 0, "maj", 0.0
    scores = fits(histogram)
    best = max(scores, key=lambda key: scores[key])
    return best[0], best[1], 1 / sum(math.exp(score - scores[best]) for score in scores.values())


def histogram_of(notes: Iterable[Note], start: int | None = None, end: int | None = None) -> list[float]:
    """Sounding time in frames of each pitch class, between two frames if given."""
    out = [0.0] * 12
    first = None if start is None else start * FRAME_TICKS
    last = None if end is None else end * FRAME_TICKS
    for note in notes:
        low = note.tick
        high = low + note.duration
        if first is not None and low < first:
            low = first
        if last is not None and high > last:
            high = last
        if high > low:
            out[note.pitch % 12] += (high - low) / FRAME_TICKS
    return out


# --- chords that were played -------------------------------------------------------------------------------------

_HEARD = ("maj", "min", "7", "min7", "maj7", "dim", "hdim7", "sus4", "sus2", "maj6", "min6", "dim7", "aug", "7sus4",
          "add9", "9", "min9", "maj9", "minmaj7")  # fmt: skip
_RARE = {"sus2": 0.15, "maj6": 0.15, "min6": 0.2, "aug": 0.2, "7sus4": 0.2, "add9": 0.1, "minmaj7": 0.3, "dim": 0.05}


def recognise(weights: Sequence[float], bass: int | None = None) -> tuple[Chord, float] | None:
    """The chord whose tones explain weighted pitch classes best.

    Args:
        weights: 12 weights, 0 for what did not sound.
        bass: Pitch class of the lowest note.

    Returns:
        Chord (with its bass where that is not the root) and a confidence 0-1; None for fewer than three classes.
    """
    total = sum(weights)
    if sum(1 for w in weights if w > 0) < 3:
        return None
    best: tuple[float, Chord] | None = None
    for quality in _HEARD:
        steps = QUALITIES[quality]
        for root in range(12):
            tones = {(root + s) % 12 for s in steps}
            inside = sum(weights[pc] for pc in tones) / total
            missing = sum(1 for pc in tones if weights[pc] == 0)
            fifth_missing = weights[(root + 7) % 12] == 0 and 7 in steps
            cost = 0.3 * missing - 0.15 * fifth_missing + 0.02 * len(steps) + _RARE.get(quality, 0.0)
            score = 2 * inside - cost + (0.25 if root == bass else 0.0)
            if best is None or score > best[0]:
                best = (score, Chord(root, quality))
    assert best is not None
    chord = best[1]
    explained = sum(weights[pc] for pc in chord.pitch_classes) / total
    if bass is not None and bass != chord.root:
        chord = replace(chord, bass=bass)
    return chord, max(0.0, min(1.0, explained))
