"""POP909 as published: the melody as it was played, with the beats and machine-made chords that came with it.

Nothing is rounded: onsets and durations are fractions of 16ths between the beats of ``beat_midi.txt``, so that a
player's own timing comes in. For bars that can be trusted and chords that people wrote take ``pop909-structure``.
"""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mido
import numpy as np

from sideman_lab.data.pop909 import DataMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sideman_lab.data.pop909 import Piece

    Floats = NDArray[np.float64]

ARCHIVE = Path("pop909") / "pop909.tar.gz"
FILES = (".mid", "beat_midi.txt", "chord_midi.txt")
TRACK = "MELODY"


def read(data_dir: Path) -> Iterator[Piece]:
    """Every song, in the order of the ids.

    Args:
        data_dir: Folder that holds ``pop909/``.

    Yields:
        Pieces in the common form with fractional times; ids as in the other POP909 folders.

    Raises:
        DataMissingError: The archive is not there.
    """
    archive = Path(data_dir) / ARCHIVE
    if not archive.exists():
        raise DataMissingError(f"{archive} is not there: give the folder that holds {ARCHIVE.parent}/ with --data")
    songs: dict[str, dict[str, bytes]] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            kind = next((k for k in FILES if member.name.endswith(k)), None)
            stream = tar.extractfile(member) if kind is not None else None
            if kind is not None and stream is not None:
                songs.setdefault(member.name.split("/")[1], {})[kind] = stream.read()
    for song in sorted(songs):
        if len(songs[song]) == len(FILES):
            piece = played(f"pop909-{song}", *(songs[song][kind] for kind in FILES))
            if piece is not None:
                yield piece


def played(piece_id: str, midi: bytes, beats: bytes, chords: bytes) -> Piece | None:
    """One song from its files; None without a melody or with fewer than two beats.

    Args:
        piece_id: Id of the piece.
        midi: The MIDI file; the track ``MELODY`` is read.
        beats: Lines ``second, downbeat of pairs, downbeat of bars``.
        chords: Lines ``from, to, label`` in seconds.
    """
    rows = [[float(word) for word in line.split()] for line in beats.decode().splitlines() if line.strip()]
    times = np.array([row[0] for row in rows])
    lines = [i for i, row in enumerate(rows) if row[2] > 0]
    notes = _notes(mido.MidiFile(file=io.BytesIO(midi), clip=True))
    if len(times) < 2 or not notes:
        return None
    per_bar = Counter(b - a for a, b in pairwise(lines)).most_common(1)
    quarters = per_bar[0][0] if per_bar and per_bar[0][0] in (2, 3, 4) else 4
    zero = lines[0] if lines else 0

    def place(seconds: float) -> float:
        return round(4 * (_beat(times, seconds) - zero), 3)

    melody: list[list[Any]] = []
    for start, end, pitch in notes:
        onset = place(start)
        melody.append([onset, max(round(place(end) - onset, 3), 0.05), pitch])
    spans: list[list[Any]] = []
    for line in chords.decode().splitlines():
        words = line.split()
        if len(words) == 3 and words[2] != "N":
            onset, end = place(float(words[0])), place(float(words[1]))
            if spans and spans[-1][2] == words[2] and abs(spans[-1][0] + spans[-1][1] - onset) < 0.01:
                spans[-1][1] = round(end - spans[-1][0], 3)
            elif end > onset:
                spans.append([onset, round(end - onset, 3), words[2]])
    piece: Piece = {"id": piece_id, "meter": [quarters, 4], "melody": melody, "chords": spans}
    first = min(melody[0][0], spans[0][0] if spans else melody[0][0])
    if first < 0:
        # What sounds before the first downbeat: whole bars before it move the bar line, the rest is a pickup.
        bars = int(-first // (4 * quarters))
        for row in (*melody, *spans):
            row[0] = round(row[0] + bars * 4 * quarters, 3)
        pickup = min(0.0, melody[0][0])
        if pickup < 0:
            piece["pickup"] = -pickup
    return piece


def _beat(times: Floats, seconds: float) -> float:
    """The beat at a time, fractions between beats; before the first and after the last at their neighbours' tempo."""
    at = int(np.clip(np.searchsorted(times, seconds, side="right") - 1, 0, len(times) - 2))
    return at + float((seconds - times[at]) / max(times[at + 1] - times[at], 1e-6))


def _notes(midi: mido.MidiFile) -> list[tuple[float, float, int]]:
    """Onset and end in seconds and pitch of the melody, sorted."""
    changes = [(0, 500_000)]
    for track in midi.tracks:
        at = 0
        for message in track:
            at += message.time
            if message.type == "set_tempo":
                changes.append((at, message.tempo))
    changes.sort(key=lambda change: change[0])
    seconds, last, pace = [0.0], 0, float(changes[0][1])
    for tick, tempo in changes[1:]:
        seconds.append(seconds[-1] + (tick - last) * pace / 1e6 / midi.ticks_per_beat)
        last, pace = tick, float(tempo)
    ticks = [tick for tick, _ in changes]

    def when(tick: int) -> float:
        i = int(np.searchsorted(ticks, tick, side="right")) - 1
        return seconds[i] + (tick - ticks[i]) * changes[i][1] / 1e6 / float(midi.ticks_per_beat)

    out: list[tuple[float, float, int]] = []
    for track in midi.tracks:
        if track.name.strip() == TRACK:
            at, held = 0, dict[int, int]()
            for message in track:
                at += message.time
                if message.type not in {"note_on", "note_off"}:
                    continue
                if message.note in held:
                    start = held.pop(message.note)
                    if at > start:
                        out.append((when(start), when(at), message.note))
                if message.type == "note_on" and message.velocity > 0:
                    held[message.note] = at
    return sorted(out)
