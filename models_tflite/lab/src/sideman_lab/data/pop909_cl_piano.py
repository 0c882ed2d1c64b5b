"""The piano parts of POP909-CL with the chords that people put to them, the melody taken out.

The set merges melody, bridge and accompaniment on one track. The melody is found by POP909's own file: its notes lie
on the merged track, same pitch and velocity, one shift of time for the whole song.
"""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sideman.music.chords import QUALITIES, Chord
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import mido

ARCHIVE = "pop909-cl/pop909-cl.tar.gz"
PLAIN = "pop909/pop909.tar.gz"
SUSPECT = frozenset(["231", "367", "518", "620", "658"])
"""No steady beat phase, no chord track, hands misaligned, no piano track (the folder's SOURCE.md): never read."""
TICKS = 960
_SLACK = TICKS // 16
"""The set's grid: 24 places a quarter, and a little."""
_FOUND = 0.8
"""Share of the melody that must be found on the merged track."""
_USUAL = ("maj", "min", "7", "min7", "maj7", "sus4", "sus2", "dim", "aug", "hdim7", "dim7", "7sus4", "minmaj7", "add9",
          "9", "min9", "maj9", "maj6", "min6", "aug7", "11", "13", "5")  # fmt: skip
"""Readings of a set of tones, the most usual first; one in root position goes before one that is not."""


@dataclass(frozen=True)
class Comping:
    """A piano part and its chords, in ticks (960 a quarter) from a bar line.

    Attributes:
        id: Id of the song, as in the other POP909 folders (``pop909-001``).
        meter: Its meter.
        notes: The accompaniment, the melody taken out.
        melody: The melody.
        chords: Onset, end and label; sorted, without overlaps, gaps where there is none.
    """

    id: str
    meter: Meter
    notes: tuple[Note, ...]
    melody: tuple[Note, ...]
    chords: tuple[tuple[int, int, Chord], ...]

    @property
    def n_frames(self) -> int:
        """16ths up to the end of the last chord."""
        return -(-self.chords[-1][1] // FRAME_TICKS)


def read(data_dir: Path, wanted: Callable[[str], bool]) -> Iterator[Comping]:
    """The songs in which the melody can be told from the accompaniment, in the order of their ids.

    Args:
        data_dir: Folder that holds ``pop909-cl/`` and ``pop909/``.
        wanted: Whether a song's id is asked for; the others are not opened.

    Raises:
        FileNotFoundError: One of the archives is not there.
    """
    merged = _files(data_dir / ARCHIVE, wanted)
    plain = _files(data_dir / PLAIN, wanted)
    for song in sorted(merged):
        if song in plain:
            made = comping(f"pop909-{song}", _midi(merged[song]), _midi(plain[song]))
            if made is not None:
                yield made


def _files(archive: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    if not archive.exists():
        raise FileNotFoundError(
            f"{archive} is not there: give the folder that holds {archive.parent.name}/ with --data"
        )
    found = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            song = member.name.rpartition("/")[2].partition(".")[0]
            if member.name.endswith(".mid") and song not in SUSPECT and wanted(f"pop909-{song}"):
                stream = tar.extractfile(member)
                if stream is not None:
                    found[song] = stream.read()
    return found


def _midi(data: bytes) -> mido.MidiFile:
    import mido

    return mido.MidiFile(file=io.BytesIO(data), clip=True)


def comping(piece_id: str, merged: mido.MidiFile, plain: mido.MidiFile) -> Comping | None:
    """One song from its two files; None where the melody is not found or there is no chord."""
    tracks = [(notes_of(track, merged.ticks_per_beat), track.name) for track in merged.tracks]
    filled = [notes for notes, _ in tracks if notes]
    if len(filled) < 2:
        return None
    piano, blocks = filled[0], filled[-1]
    tune = [n for t in plain.tracks if t.name == "MELODY" for n in notes_of(t, plain.ticks_per_beat)]
    of_melody = found_on(tune, piano)
    labels = chords_of(blocks)
    if len(of_melody) < _FOUND * len(tune) or not tune or not labels:
        return None
    meter = _meter(merged)
    zero = _bar_line(labels, meter)
    own = frozenset(of_melody)
    rest = tuple(n.moved(-zero) for i, n in enumerate(piano) if i not in own)
    melody = tuple(piano[i].moved(-zero) for i in sorted(own))
    chords = tuple((a - zero, b - zero, c) for a, b, c in labels)
    return Comping(piece_id, meter, rest, melody, chords) if rest else None


def notes_of(track: mido.MidiTrack, ticks_per_beat: int) -> list[Note]:
    """The notes of a track, sorted, in ticks of 960 a quarter."""
    out: list[Note] = []
    open_at: dict[int, tuple[int, int]] = {}
    now = 0

    def close(pitch: int) -> None:
        start, velocity = open_at.pop(pitch)
        if now > start:
            tick = round(start * TICKS / ticks_per_beat)
            out.append(Note(tick, max(1, round(now * TICKS / ticks_per_beat) - tick), pitch, velocity))

    for message in track:
        now += message.time
        if message.type not in {"note_on", "note_off"}:
            continue
        if message.note in open_at:
            close(message.note)
        if message.type == "note_on" and message.velocity:
            open_at[message.note] = (now, message.velocity)
    for pitch in list(open_at):
        close(pitch)
    return sorted(out)


def found_on(tune: Sequence[Note], piano: Sequence[Note]) -> list[int]:
    """Indices of the piano's notes that are the tune's: the shift of time that most notes agree on."""
    places: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for index, note in enumerate(piano):
        places.setdefault((note.pitch, note.velocity), []).append((note.tick, index))
    votes: Counter[int] = Counter()
    for note in tune:
        for tick, _ in places.get((note.pitch, note.velocity), ()):
            votes[round((tick - note.tick) / (_SLACK / 2))] += 1
    if not votes:
        return []
    best = max(votes, key=lambda bin_: sum(votes[bin_ + d] for d in (-1, 0, 1)))
    shift = round(best * _SLACK / 2)
    found: set[int] = set()
    for note in tune:
        near = [
            (abs(tick - note.tick - shift), index)
            for tick, index in places.get((note.pitch, note.velocity), ())
            if abs(tick - note.tick - shift) <= _SLACK and index not in found
        ]
        if near:
            found.add(min(near)[1])
    return sorted(found)


def chords_of(blocks: Sequence[Note]) -> list[tuple[int, int, Chord]]:
    """The labels of a track of block chords: onset, end, chord; what follows cuts what sounds."""
    by_onset: dict[int, list[Note]] = {}
    for note in blocks:
        by_onset.setdefault(note.tick, []).append(note)
    onsets = sorted(by_onset)
    out: list[tuple[int, int, Chord]] = []
    for at, following in zip(onsets, [*onsets[1:], None], strict=True):
        notes = by_onset[at]
        end = max(n.end for n in notes)
        chord = named([n.pitch for n in notes])
        if chord is None:
            continue
        end = end if following is None else min(end, following)
        if out and out[-1][2] == chord and out[-1][1] == at:
            out[-1] = (out[-1][0], end, chord)
        else:
            out.append((at, end, chord))
    return out


def named(pitches: Sequence[int]) -> Chord | None:
    """The chord of exactly these tones, its lowest the bass; None where they have no name."""
    classes = {p % 12 for p in pitches}
    bass = min(pitches) % 12
    readings = [
        (root != bass, _USUAL.index(quality), root, quality)
        for quality in _USUAL
        for root in classes
        if {(root + step) % 12 for step in QUALITIES[quality]} == classes
    ]
    if not readings:
        return None
    inverted, _, root, quality = min(readings)
    return Chord(root, quality, bass if inverted else None)


def _meter(merged: mido.MidiFile) -> Meter:
    for message in merged.tracks[0]:
        if message.type == "time_signature":
            return Meter(message.numerator, message.denominator)
    return Meter()


def _bar_line(labels: Sequence[tuple[int, int, Chord]], meter: Meter) -> int:
    """A tick on a bar line, at or before the first chord: where, within the file's bars, chords stay longest from."""
    size = meter.bar_ticks
    held: Counter[int] = Counter()
    for start, end, _ in labels:
        held[start % size] += min(end - start, size)
    phase = max(held, key=lambda at: (held[at], -at))
    first = labels[0][0]
    return first - (first - phase) % size
