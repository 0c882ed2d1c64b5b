"""Crops of songs as a live player would play them: keys, wrong notes, shifts, rests, other meters (spec 3.3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_features import FORM_BARS
from sideman.models.chords import HORIZONS, N_AHEAD
from sideman.music.chords import NO_CHORD, parse_chord, triad_index
from sideman.music.meter import Meter
from sideman_lab.chords.features import encode, encode_offline, table_of
from sideman_lab.data.lieder_chords import UNCLEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

CROP = 256
BEFORE, AFTER = 64, 40
"""Frames around a crop that the teacher hears too."""
EIGHTHS = (BEFORE + CROP + AFTER) // 2
BREATH, HELD = 4, 8
"""Rest before a new phrase, or note that ends the one before, at least; in 16ths."""
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


@dataclass(frozen=True)
class Wide:
    """A crop as the teacher hears it, its melody played right: eighths from BEFORE frames before it.

    Attributes:
        features: Shape (EIGHTHS, N_OFFLINE).
        chords: Class of each eighth, shape (EIGHTHS,).
        inside: Whether the song has begun and not ended, shape (EIGHTHS,).
    """

    features: NDArray[np.float32]
    chords: Ints
    inside: NDArray[np.bool_]


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
    return make_pair(song, rng, wide=False)[0]


def make_pair(song: Song, rng: np.random.Generator, *, wide: bool = True) -> tuple[Crop, Wide | None]:
    """A random crop as the student hears it, and as the teacher does."""
    song = _warped(song, rng)
    notes, chords, bar = song.notes.copy(), song.chords, song.bar
    table = table_of(*song.meter)
    if song.meter == (4, 4) and rng.random() < 0.05:
        table = table_of(2, 4)
    first, history = _beginning(song, rng)
    start = first - history
    frames = history + CROP
    near = (notes[:, 0] >= start) & (notes[:, 0] < start + frames + AFTER)
    notes = notes[near]
    notes[:, 0] -= start
    written = notes.copy()
    notes = _live(notes, rng)
    notes = notes[rng.random(len(notes)) > (0.05 if rng.random() < 0.5 else 0)]
    pitch, struck = roll(notes, frames + AFTER)
    target = np.full(frames + AFTER, UNKNOWN, np.int64)
    piece = chords[start : start + frames + AFTER]
    target[: len(piece)] = piece
    _rest(pitch, struck, bar, rng)
    shift = int(rng.integers(0, 12))
    steps = np.full(frames + AFTER, shift)
    if rng.random() < 0.15:
        steps[history + int(rng.integers(4, CROP // bar)) * bar :] += int(rng.integers(-6, 7))
    triad = (target >= 0) & (target < NO_CHORD)
    target = np.where(triad, target // 12 * 12 + (target % 12 + steps) % 12, target)
    pitch = _transposed(pitch, steps)
    phase = int(rng.integers(1, bar)) // 2 * 2 if rng.random() < 0.1 else 0
    features = encode(pitch[:frames], struck[:frames], table, phase)[history:]
    crop = Crop(features, *_targets(target[history:], pitch[history:]))
    if not wide:
        return crop, None
    line, onsets = roll(written, frames + AFTER)
    return crop, wide_of(_transposed(line, steps), onsets, target, table, history, len(piece))


def _beginning(song: Song, rng: np.random.Generator) -> tuple[int, int]:
    """First frame of a crop, and frames before it that the form's features know of.

    Half of the crops begin with the song; of the others, half where a phrase begins, as if that were the first the
    band hears, and half on any bar, with the bars before it known.
    """
    bar, longest = song.bar, len(song.chords)
    if longest <= CROP or rng.random() < 0.5:
        return 0, 0
    if rng.random() < 0.5:
        phrases = phrases_of(song.notes)
        phrases = phrases[phrases < longest - CROP // 2]
        if len(phrases):
            return int(rng.choice(phrases)) // bar * bar, 0
    first = int(rng.integers(0, (longest - CROP // 2) // bar)) * bar
    return first, min(first, FORM_BARS[-1] * bar)


def phrases_of(notes: Ints) -> Ints:
    """Onsets, in 16ths, of the notes that a phrase begins with: after a rest of a beat, or a note of two beats."""
    gaps, lengths = np.diff(notes[:, 0]), notes[:-1, 1]
    begins: Ints = notes[1:][(gaps - lengths >= BREATH) | (gaps >= HELD), 0]
    return begins


def wide_of(
    pitch: Ints, struck: NDArray[np.bool_], chords: Ints, table: NDArray[np.float32], history: int, length: int
) -> Wide:
    """What the teacher hears.

    Args:
        pitch: Pitch of each frame from ``history`` frames before the crop to AFTER frames behind it.
        struck: Where notes begin.
        chords: Class of each frame.
        table: Meter features of a bar.
        history: Frames before the crop, whole bars.
        length: Frames up to the end of the song.
    """
    silent = max(BEFORE - history, 0)
    bar = len(table)
    lead = -(-silent // bar) * bar
    skip = history + lead - BEFORE
    skip, odd = skip // 2 * 2, skip % 2
    pitch, struck = (np.concatenate([np.zeros(lead, x.dtype), x]) for x in (pitch, struck))
    chords = np.concatenate([np.full(lead, UNKNOWN, np.int64), chords])
    at = np.arange(len(pitch))
    if odd:  # bars of an odd number of 16ths: eighths are counted from the crop's first frame
        pitch, struck, chords, at = pitch[1:], struck[1:], chords[1:], at[1:]
    even = len(pitch) // 2 * 2
    features = encode_offline(pitch[:even], struck[:even], table, odd)
    inside = (at >= lead) & (at < lead + length)
    rows = slice(skip // 2, skip // 2 + EIGHTHS)
    return Wide(features[rows], chords[:even:2][rows], inside[:even:2][rows])


def _transposed(pitch: Ints, steps: Ints) -> Ints:
    return np.where(pitch > 0, np.clip(pitch + (steps + 5) % 12 - 5, 1, 127), 0)


def _warped(song: Song, rng: np.random.Generator) -> Song:
    """Some songs in 4/4 and 2/4 as jigs, some songs of any meter at half their tempo."""
    chance = rng.random()
    if chance < 0.12:
        return _six_eight(song)
    if chance < 0.17:
        notes = song.notes.copy()
        notes[:, :2] *= 2
        return Song(notes, np.repeat(song.chords, 2), song.meter)
    return song


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


def _live(notes: Ints, rng: np.random.Generator) -> Ints:
    """Wrong notes, jitter, octave shifts, notes struck twice, legato or staccato; ``notes`` is changed."""
    count = len(notes)
    if rng.random() < 0.5:
        wrong = rng.random(count) < 0.03
        notes[wrong, 2] += rng.choice([-2, -1, 1, 2], int(wrong.sum()))
    if rng.random() < 0.3:
        late = rng.random(count) < 0.1
        notes[late, 0] = np.maximum(notes[late, 0] + rng.choice([-1, 1], int(late.sum())), 0)
    if rng.random() < 0.3:
        notes[:, 2] += 12 * int(rng.integers(-1, 2))
    if rng.random() < 0.3:
        twice = (rng.random(count) < 0.15) & (notes[:, 1] >= 4)
        again = notes[twice]
        half = again[:, 1] // 2
        notes[twice, 1] = half
        again[:, 0] += half
        again[:, 1] -= half
        notes = np.concatenate([notes, again])
        notes = notes[np.argsort(notes[:, 0], kind="stable")]
    style = rng.random()
    if style < 0.2 and len(notes) > 1:
        notes[:-1, 1] = np.clip(np.diff(notes[:, 0]), 1, 16)
    elif style < 0.35:
        notes[:, 1] = np.maximum(notes[:, 1] // 2, 1)
    return notes


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
