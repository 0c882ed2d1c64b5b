"""Chords in time, and harmony by rules: what to play under a line when no model says."""

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
        if at < span.end:
            kept.append(replace(span, onset=at, frames=span.end - at))
    return merged(sorted([*kept, *over], key=lambda s: s.onset))


# --- key ---------------------------------------------------------------------------------------------------------

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""Probe-tone profiles of Krumhansl and Kessler (1982), tonic first."""


def _centred(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values)
    spread = [v - mean for v in values]
    norm = math.sqrt(sum(v * v for v in spread)) or 1.0
    return [v / norm for v in spread]


def _profiles(mode: Mode, profile: Sequence[float]) -> dict[Key, list[float]]:
    shape = _centred(profile)
    return {(tonic, mode): [shape[(pc - tonic) % 12] for pc in range(12)] for tonic in range(12)}


_PROFILES = {**_profiles("maj", _MAJOR), **_profiles("min", _MINOR)}


def estimate_key(histogram: Sequence[float]) -> tuple[int, Mode, float]:
    """Most likely key of a pitch-class histogram by correlation with the Krumhansl-Kessler profiles.

    Args:
        histogram: 12 weights from C on.

    Returns:
        Tonic pitch class, mode, and a confidence 0-1 (0 when nothing was heard).
    """
    if not any(histogram):
        return 0, "maj", 0.0
    heard = _centred(histogram)
    scores = {key: sum(a * b for a, b in zip(heard, profile, strict=True)) for key, profile in _PROFILES.items()}
    best = max(scores, key=lambda key: scores[key])
    weights = [math.exp(12 * (score - scores[best])) for score in scores.values()]
    return best[0], best[1], 1 / sum(weights)


def histogram_of(notes: Iterable[Note], start: int | None = None, end: int | None = None) -> list[float]:
    """Sounding time in frames of each pitch class, between two frames if given."""
    out = [0.0] * 12
    for note in notes:
        low = note.tick if start is None else max(note.tick, start * FRAME_TICKS)
        high = note.end if end is None else min(note.end, end * FRAME_TICKS)
        if high > low:
            out[note.pitch % 12] += (high - low) / FRAME_TICKS
    return out


# --- harmony by rules --------------------------------------------------------------------------------------------

_DEGREES: dict[Mode, tuple[tuple[int, str], ...]] = {
    "maj": ((0, "maj"), (2, "min"), (4, "min"), (5, "maj"), (7, "maj"), (9, "min"), (11, "dim")),
    "min": ((0, "min"), (2, "dim"), (3, "maj"), (5, "min"), (7, "maj"), (8, "maj"), (10, "maj"), (7, "min")),
}
_LIKED: dict[Mode, tuple[float, ...]] = {
    "maj": (0.6, 0.1, -0.5, 0.3, 0.4, 0.2, -1.0),
    "min": (0.6, -0.9, 0.1, 0.3, 0.4, 0.3, 0.1, -0.3),
}
_ROOT_MOTION = {0: 0.0, 5: 0.5, 7: 0.25, 2: 0.2, 10: 0.1, 9: 0.2, 8: 0.1, 3: 0.0, 4: 0.0, 11: -0.3, 1: -0.3, 6: -0.5}
"""Likes by semitones the root moves up: falling fifths best, tritones worst."""


def rule_harmonise(notes: Sequence[Note], n_frames: int, meter: Meter, key: Key | None = None) -> list[ChordSpan]:
    """Diatonic triads for a phrase, one a half-bar, by Viterbi over coverage, root motion, metre and cadence.

    Args:
        notes: The line (polyphony is welcome); ticks from the first bar line.
        n_frames: Length of the phrase in frames.
        meter: Its meter.
        key: Tonic and mode; None estimates it from the notes.

    Returns:
        Spans that fill ``0 … n_frames`` exactly (empty when ``n_frames`` is 0).
    """
    if n_frames <= 0:
        return []
    tonic, mode = key or estimate_key(histogram_of(notes))[:2]
    states = [Chord((tonic + step) % 12, quality) for step, quality in _DEGREES[mode]]
    cuts = segments(meter, n_frames)
    emitted = [_emissions(notes, cut, states, mode) for cut in cuts]
    bar = meter.bar_frames
    path: list[list[int]] = []
    score = [e + (0.8 if s.root == tonic else 0.0) for e, s in zip(emitted[0], states, strict=True)]
    for index in range(1, len(cuts)):
        start = cuts[index][0]
        on_bar = start % bar == 0
        last = index == len(cuts) - 1
        cadence = last or (cuts[index][0] // bar % 8 == 7)
        step_scores, back = [], []
        for b, to in enumerate(states):
            best, at = -math.inf, 0
            for a, frm in enumerate(states):
                if a == b:
                    move = 0.1 if not on_bar else -0.25
                else:
                    move = _ROOT_MOTION[(to.root - frm.root) % 12] - (0.1 if on_bar else 0.9)
                if score[a] + move > best:
                    best, at = score[a] + move, a
            home = 1.2 if cadence and b == 0 else 0.0
            step_scores.append(best + emitted[index][b] + home)
            back.append(at)
        score = step_scores
        path.append(back)
    at = max(range(len(states)), key=lambda s: score[s])
    chosen = [at]
    for back in reversed(path):
        at = back[at]
        chosen.append(at)
    chosen.reverse()
    spans = []
    for (start, end), state, emission in zip(cuts, chosen, emitted, strict=True):
        sure = math.exp(emission[state]) / sum(math.exp(e) for e in emission)
        spans.append(ChordSpan(start, end - start, states[state], sure))
    return merged(spans)


def _emissions(notes: Sequence[Note], cut: tuple[int, int], states: Sequence[Chord], mode: Mode) -> list[float]:
    """How well each chord covers what sounds in a segment, the first beat's worth counted more."""
    heard = histogram_of(notes, *cut)
    first = histogram_of(notes, cut[0], cut[0] + 2)
    heard = [a + 0.8 * b for a, b in zip(heard, first, strict=True)]
    total = sum(heard)
    out = []
    for state, liked in zip(states, _LIKED[mode], strict=True):
        if total == 0:
            out.append(liked)
            continue
        root, third, fifth = state.pitch_classes[:3]
        inside = heard[root] + 0.95 * heard[third] + 0.85 * heard[fifth]
        outside = total - heard[root] - heard[third] - heard[fifth]
        out.append(liked + 4.0 * (inside - 0.6 * outside) / total)
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
