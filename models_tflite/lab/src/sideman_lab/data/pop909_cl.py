"""POP909 with the chords that people corrected (``pop909-cl``), on the hand-aligned bars of ``pop909-structure``.

The set's own bar lines are off in many songs, so its chords are moved onto the bars of ``pop909-structure``: both hold
the melody, and the shift of time at which most of its notes meet, stretch by stretch, is the shift of the chords.
Stretches in which too few notes meet keep the chords of ``pop909-structure``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman_lab.data import pop909
from sideman_lab.data.lieder_chords import UNCLEAR
from sideman_lab.data.pop909_cl_piano import ARCHIVE, SUSPECT, _files, _midi, named, notes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman.music.notes import Note
    from sideman_lab.data.pop909 import Piece

    Floats = NDArray[np.float64]

SIXTEENTH = 240
"""Ticks of a 16th (960 a quarter)."""
FINE = 6
"""Places of the set's grid in a 16th: shifts are counted in these."""
STRETCH = 64
"""16ths that share a shift (four bars of 4/4)."""
FAR = 16
"""16ths that a stretch may lie off the song's shift: bars put in or left out by hand."""
MEET = 0.6
"""Share of a stretch's melody notes that have to meet."""
NEAR = 1.01
"""16ths between notes that meet: pop909-structure is rounded."""


def read(data_dir: Path) -> Iterator[Piece]:
    """The songs of ``pop909.read`` in which enough stretches could be aligned, with corrected chords.

    Args:
        data_dir: Folder that holds ``pop909-structure/`` and ``pop909-cl/``.

    Yields:
        Pieces in the common form, the melody that of ``pop909-structure``, ids the same; ``aligned`` is the share of
        the melody's notes in aligned stretches.

    Raises:
        FileNotFoundError: One of the archives is not there.
    """
    merged = _files(data_dir / ARCHIVE, lambda _: True)
    for piece in pop909.read(data_dir):
        song = str(piece["id"]).rpartition("-")[2]
        if song in merged and song not in SUSPECT:
            made = corrected(piece, merged[song])
            if made is not None:
                yield made


def corrected(piece: Piece, data: bytes) -> Piece | None:
    """A song with the chords of a file of the set; None where less than half of the melody meets."""
    midi = _midi(data)
    tracks = [notes for notes in (notes_of(track, midi.ticks_per_beat) for track in midi.tracks) if notes]
    if len(tracks) < 2:
        return None
    return moved(piece, tracks[0], blocks_of(tracks[-1]))


def blocks_of(blocks: Sequence[Note]) -> list[tuple[float, float, str]]:
    """The chord track as onset, end (16ths of the file) and label; UNCLEAR where the tones have no name."""
    by_onset: dict[int, list[Note]] = {}
    for note in blocks:
        by_onset.setdefault(note.tick, []).append(note)
    onsets = sorted(by_onset)
    found = []
    for at, following in zip(onsets, [*onsets[1:], None], strict=True):
        end = max(note.end for note in by_onset[at])
        chord = named([note.pitch for note in by_onset[at]])
        end = end if following is None else min(end, following)
        found.append((at / SIXTEENTH, end / SIXTEENTH, UNCLEAR if chord is None else chord.label))
    return found


def moved(piece: Piece, piano: Sequence[Note], chords: Sequence[tuple[float, float, str]]) -> Piece | None:
    """A song with these chords on its own bars; None where less than half of the melody meets."""
    tune = np.array([[onset, pitch] for onset, _, pitch in piece["melody"]], float)
    heard: dict[int, Floats] = {}
    for pitch in {int(p) for p in tune[:, 1]}:
        heard[pitch] = np.array([note.tick / SIXTEENTH for note in piano if note.pitch == pitch])
    votes = _votes(tune, heard)
    if not votes:
        return None
    song_shift = _best(votes)
    last = max(onset + duration for onset, duration, _ in piece["chords"])
    labels = _frames(piece["chords"], last)
    met = 0
    for start in range(0, int(last), STRETCH):
        here = tune[(tune[:, 0] >= start - STRETCH / 2) & (tune[:, 0] < start + 3 * STRETCH / 2)]
        if len(here) < 4:
            continue
        near = Counter({s: n for s, n in _votes(here, heard).items() if abs(s - song_shift) <= FAR * FINE})
        if not near:
            continue
        shift = _best(near) / FINE
        share = np.mean([bool((abs(heard[int(p)] - o - shift) < NEAR).any()) for o, p in here])
        if share < MEET:
            continue
        met += int(((tune[:, 0] >= start) & (tune[:, 0] < start + STRETCH)).sum())
        _put(labels, start, chords, shift)
    if met < 0.5 * len(tune):
        return None
    return {**piece, "chords": _spans(labels), "aligned": met / len(tune)}


def _votes(tune: Floats, heard: dict[int, Floats]) -> Counter[int]:
    votes: Counter[int] = Counter()
    for onset, pitch in tune:
        votes.update(set(np.rint((heard[int(pitch)] - onset) * FINE).astype(int).tolist()))
    return votes


def _best(votes: Counter[int]) -> int:
    """The shift on which most notes agree, give or take half a 16th."""
    slack = range(-FINE // 2, FINE // 2 + 1)
    return max(sorted(votes), key=lambda shift: (sum(votes[shift + d] for d in slack), votes[shift]))


def _frames(chords: Sequence[Sequence[Any]], last: float) -> list[str]:
    labels = ["N"] * round(last)
    for onset, duration, label in chords:
        labels[round(onset) : round(onset + duration)] = [label] * (round(onset + duration) - round(onset))
    return labels


def _put(labels: list[str], start: int, chords: Sequence[tuple[float, float, str]], shift: float) -> None:
    """Write the moved chords of one stretch; a change goes to the nearest eighth, as chords lie on these."""
    stop = min(start + STRETCH, len(labels))
    labels[start:stop] = ["N"] * (stop - start)
    for onset, end, label in chords:
        first, last = (2 * round((at - shift) / 2) for at in (onset, end))
        for frame in range(max(first, start), min(last, stop)):
            labels[frame] = label


def _spans(labels: Sequence[str]) -> list[list[Any]]:
    out: list[list[Any]] = []
    for frame, label in enumerate(labels):
        if out and out[-1][2] == label and out[-1][0] + out[-1][1] == frame:
            out[-1][1] += 1
        elif label != "N":
            out.append([frame, 1, label])
    return out
