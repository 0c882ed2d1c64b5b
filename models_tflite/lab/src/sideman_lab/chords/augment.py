"""Crops of songs as a live player would play them: keys, wrong notes, shifts, rests, other meters (spec 3.3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_features import FORM_BARS
from sideman.models.chords import HORIZONS, N_AHEAD
from sideman.music.chords import NO_CHORD, parse_chord, triad_index
from sideman.music.meter import Meter
from sideman_lab.chords.features import encode, table_of
from sideman_lab.data.lieder_chords import UNCLEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

CROP = 256
UNKNOWN = -1
"""Chord class of frames that nobody labelled: no loss there."""


@dataclass(frozen=True)
class Song:
    """A song ready to crop.

    Attributes:
        notes: Onset, duration, pitch in 16ths, shape (notes, 3), no overlap.
        chords: Class 0-36 of each frame, UNKNOWN beyond the labels.
        meter: Numerator and denominator.
    """

    notes: Ints
    chords: Ints
    meter: tuple[int, int]

    @property
    def bar(self) -> int:
        """Frames in a bar."""
        return Meter(*self.meter).bar_frames


@dataclass(frozen=True)
class Crop:
    """One training example: features (CROP, F), chord classes (CROP, horizons), change and histogram ahead."""

    features: NDArray[np.float32]
    chords: Ints
    change: NDArray[np.float32]
    histogram: NDArray[np.float32]


def song_of(piece: dict[str, Any]) -> Song | None:
    """A piece of the common form as a song that begins in the bar of its first note; None if too short."""
    notes = np.array([[round(o), max(round(d), 1), p] for o, d, p in piece["melody"]], np.int64)
    if len(notes) < 32:
        return None
    notes = notes[np.argsort(notes[:, 0], kind="stable")]
    notes = notes[notes[:, 0] >= 0]
    if len(notes) < 32:
        return None
    meter = (int(piece["meter"][0]), int(piece["meter"][1]))
    bar = Meter(*meter).bar_frames
    start = int(notes[0, 0]) // bar * bar
    end = int(notes[-1, 0] + notes[-1, 1]) + bar
    chords = np.full(end, UNKNOWN, np.int64)
    last = 0
    for onset, duration, label in piece["chords"]:
        chords[max(last, 0) : max(round(onset), 0)] = NO_CHORD
        last = round(onset + duration)
        here = UNKNOWN if label == UNCLEAR else triad_index(parse_chord(label))
        chords[max(round(onset), 0) : max(last, 0)] = here
    notes[:, 0] -= start
    return Song(notes, chords[start:], meter)


def roll(notes: Ints, frames: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Pitch in each frame and where notes begin; the latest onset wins."""
    pitch, struck = np.zeros(frames, np.int64), np.zeros(frames, bool)
    for onset, duration, p in notes:
        if 0 <= onset < frames:
            pitch[onset : onset + duration] = p
            struck[onset] = True
    return pitch, struck


def make_crop(song: Song, rng: np.random.Generator) -> Crop:
    """A random crop of a song, changed as a live player would change it."""
    if rng.random() < 0.12:
        song = _six_eight(song)
    notes, chords, bar = song.notes.copy(), song.chords, song.bar
    table = table_of(*song.meter)
    if song.meter == (4, 4) and rng.random() < 0.05:
        table = table_of(2, 4)
    longest = len(chords)
    first = 0
    if rng.random() > 0.5 and longest > CROP:
        first = int(rng.integers(0, (longest - CROP // 2) // bar)) * bar
    history = min(first, FORM_BARS[-1] * bar)
    start = first - history
    frames = history + CROP
    near = (notes[:, 0] >= start) & (notes[:, 0] < start + frames + 40)
    notes = notes[near]
    notes[:, 0] -= start
    _live(notes, rng)
    notes = notes[rng.random(len(notes)) > (0.05 if rng.random() < 0.5 else 0)]
    pitch, struck = roll(notes, frames + 40)
    target = np.full(frames + 40, UNKNOWN, np.int64)
    piece = chords[start : start + frames + 40]
    target[: len(piece)] = piece
    _rest(pitch, struck, bar, rng)
    shift = int(rng.integers(0, 12))
    steps = np.full(frames + 40, shift)
    if rng.random() < 0.15:
        steps[history + int(rng.integers(4, CROP // bar)) * bar :] += int(rng.integers(-6, 7))
    triad = (target >= 0) & (target < NO_CHORD)
    target = np.where(triad, target // 12 * 12 + (target % 12 + steps) % 12, target)
    pitch = np.where(pitch > 0, np.clip(pitch + (steps + 5) % 12 - 5, 1, 127), 0)
    phase = int(rng.integers(1, bar)) // 2 * 2 if rng.random() < 0.05 else 0
    features = encode(pitch[:frames], struck[:frames], table, phase)[history:]
    return Crop(features, *_targets(target[history:], pitch[history:]))


def _targets(chords: Ints, pitch: Ints) -> tuple[Ints, NDArray[np.float32], NDArray[np.float32]]:
    at = np.arange(CROP)[:, None] + 1 + np.array(HORIZONS)[None, :]
    classes = np.where(at >= 0, chords[np.clip(at, 0, len(chords) - 1)], UNKNOWN)
    ahead = at[:, -N_AHEAD:]
    here, before = chords[ahead], chords[ahead - 1]
    change = np.where((here < 0) | (before < 0), -1, here != before).astype(np.float32)
    one_hot = np.zeros((len(pitch) + 4, 12), np.float32)
    rows = np.flatnonzero(pitch > 0)
    one_hot[rows, pitch[rows] % 12] = 0.25
    beat = one_hot[:-4] + one_hot[1:-3] + one_hot[2:-2] + one_hot[3:-1]
    return classes, change, beat[ahead]


def _live(notes: Ints, rng: np.random.Generator) -> None:
    """Wrong notes, jitter, octave shifts, legato or staccato: in place."""
    count = len(notes)
    if rng.random() < 0.5:
        wrong = rng.random(count) < 0.03
        notes[wrong, 2] += rng.choice([-2, -1, 1, 2], int(wrong.sum()))
    if rng.random() < 0.3:
        late = rng.random(count) < 0.1
        notes[late, 0] = np.maximum(notes[late, 0] + rng.choice([-1, 1], int(late.sum())), 0)
    if rng.random() < 0.3:
        notes[:, 2] += 12 * int(rng.integers(-1, 2))
    style = rng.random()
    if style < 0.2 and count > 1:
        notes[:-1, 1] = np.clip(np.diff(notes[:, 0]), 1, 16)
    elif style < 0.35:
        notes[:, 1] = np.maximum(notes[:, 1] // 2, 1)


def _rest(pitch: Ints, struck: NDArray[np.bool_], bar: int, rng: np.random.Generator) -> None:
    if rng.random() < 0.1:
        at = int(rng.integers(2, max(3, len(pitch) // bar - 2))) * bar
        stop = at + int(rng.integers(1, 3)) * bar
        pitch[at:stop] = 0
        struck[at:stop] = False


def _six_eight(song: Song) -> Song:
    """A song in 4/4 or 2/4 as a jig: each quarter becomes a dotted quarter, in 6/8."""
    if song.meter not in {(4, 4), (2, 4)}:
        return song
    warp = np.array([0, 2, 4, 5])

    def moved(at: Ints) -> Ints:
        return np.asarray(at // 4 * 6 + warp[at % 4], np.int64)

    notes = song.notes.copy()
    ends = moved(notes[:, 0] + notes[:, 1])
    notes[:, 0] = moved(notes[:, 0])
    notes[:, 1] = np.maximum(ends - notes[:, 0], 1)
    frames = len(song.chords) // 4 * 6
    at = np.arange(frames)
    return Song(notes, song.chords[at // 6 * 4 + np.array([0, 0, 1, 1, 2, 3])[at % 6]], (6, 8))


def songs_of(pieces: Iterable[dict[str, Any]]) -> list[Song]:
    """All pieces long enough to train on."""
    return [song for song in map(song_of, pieces) if song is not None]
