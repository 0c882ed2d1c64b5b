"""Nottingham folk tunes in the common lead-sheet form. A test set: nothing shipped is ever trained or tuned on it.

Repeats are unfolded (the MIDI files do that); a pickup lies before frame 0 and is told in ``"pickup"``.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mido

from sideman.music.harmony import recognise
from sideman.music.meter import Meter, MeterError
from sideman_lab.data.pop909 import DataMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVE = Path("nottingham-gpl") / "nottingham.tar.gz"
Sounding = tuple[float, float, int]
"""Onset and duration in 16ths, MIDI pitch."""


def read(data_dir: Path) -> Iterator[dict[str, Any]]:
    """Read every tune that has a melody and chords, in the order of their names.

    Args:
        data_dir: Folder that holds ``nottingham-gpl/``.

    Raises:
        DataMissingError: The archive is not there.
    """
    archive = Path(data_dir) / ARCHIVE
    if not archive.exists():
        raise DataMissingError(f"{archive} is not there: give the folder that holds {ARCHIVE.parent}/ with --data")
    with tarfile.open(archive) as tar:
        for member in sorted(tar, key=lambda m: m.name):
            stream = tar.extractfile(member) if member.name.endswith(".mid") else None
            if stream is not None:
                name = Path(member.name).stem
                piece = tune(f"nottingham-{name}", mido.MidiFile(file=io.BytesIO(stream.read())))
                if piece is not None:
                    yield piece


def tune(piece_id: str, midi: mido.MidiFile) -> dict[str, Any] | None:
    """One tune from its MIDI file (melody track, chord track); None without chords or with an odd meter."""
    if len(midi.tracks) < 2:
        return None
    per = midi.ticks_per_beat / 4
    melody, blocks = (_notes(track, per) for track in midi.tracks[:2])
    signature = next((m for m in midi.tracks[0] if m.type == "time_signature"), None)
    if not melody or not blocks or signature is None:
        return None
    try:
        meter = Meter(signature.numerator, signature.denominator)
    except MeterError:
        return None
    pickup = 0.0
    # Time 0 is a bar line; a first bar that begins late and has no chord yet is a pickup.
    if 0 < melody[0][0] < meter.bar_frames <= blocks[0][0]:
        pickup = meter.bar_frames - melody[0][0]
    shift = meter.bar_frames if pickup else 0
    chords = [[onset - shift, length, label] for onset, length, label in _chords(blocks)]
    piece: dict[str, Any] = {
        "id": piece_id,
        "meter": [meter.numerator, meter.denominator],
        "melody": [[onset - shift, length, pitch] for onset, length, pitch in melody],
        "chords": chords,
    }
    if pickup:
        piece["pickup"] = pickup
    return piece


def _notes(track: mido.MidiTrack, per: float) -> list[Sounding]:
    open_at: dict[int, float] = {}
    found: list[Sounding] = []
    at = 0
    for message in track:
        at += message.time
        if message.type not in {"note_on", "note_off"}:
            continue
        if message.note in open_at:
            start = open_at.pop(message.note)
            if at > start:
                found.append((start / per, (at - start) / per, message.note))
        if message.type == "note_on" and message.velocity > 0:
            open_at[message.note] = at
    return sorted(found)


def _chords(blocks: list[Sounding]) -> list[tuple[float, float, str]]:
    """Block chords as labels, equal neighbours joined."""
    together: dict[tuple[float, float], list[int]] = {}
    for onset, length, pitch in blocks:
        together.setdefault((onset, length), []).append(pitch)
    out: list[tuple[float, float, str]] = []
    for (onset, length), pitches in sorted(together.items()):
        weights = [0.0] * 12
        for pitch in pitches:
            weights[pitch % 12] = 1.0
        named = recognise(weights, min(pitches) % 12)
        if named is None:
            continue
        label = named[0].label
        if out and out[-1][2] == label and out[-1][0] + out[-1][1] == onset:
            out[-1] = (out[-1][0], out[-1][1] + length, label)
        else:
            out.append((onset, length, label))
    return out
