"""POP909 as 16ths on hand-aligned bars (the ``pop909-structure`` folder) in the common lead-sheet form.

A piece is ``{"id", "meter", "melody": [[onset, duration, midi]], "chords": [[onset, duration, label]]}``, onsets and
durations in 16ths from the first bar line, labels in Harte's words.
"""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Piece = dict[str, Any]

ARCHIVE = Path("pop909-structure") / "pop909-structure.tar.gz"
SUSPECT = frozenset(["070", "353", "432", "454", "462", "501", "742", "761", "776", "807", "884", "900"])
"""Songs whose melody and chords do not line up (the folder's SOURCE.md): never read."""


class DataMissingError(FileNotFoundError):
    """The data folder does not hold the archive; the message names it."""


def read(data_dir: Path) -> Iterator[Piece]:
    """Read every song whose alignment is trusted, in the order of their ids.

    Args:
        data_dir: Folder that holds ``pop909-structure/``.

    Yields:
        Pieces in the common form; ids are ``pop909-001`` and so on, the same in all three POP909 folders.

    Raises:
        DataMissingError: The archive is not there.
    """
    files = _texts(Path(data_dir) / ARCHIVE, ("melody.txt", "finalized_chord.txt", "human_label1.txt"))
    for song in sorted(files):
        if song not in SUSPECT:
            yield song_from_text(f"pop909-{song}", **files[song])


def _texts(archive: Path, wanted: tuple[str, ...]) -> dict[str, dict[str, str]]:
    if not archive.exists():
        raise DataMissingError(f"{archive} is not there: give the folder that holds {ARCHIVE.parent}/ with --data")
    found: dict[str, dict[str, str]] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = member.name.split("/")
            if len(parts) == 3 and parts[2] in wanted:
                stream = tar.extractfile(member)
                if stream is not None:
                    key = parts[2].partition(".")[0]
                    found.setdefault(parts[1], {})[key] = stream.read().decode("utf-8", "replace")
    return found


def song_from_text(piece_id: str, melody: str, finalized_chord: str, human_label1: str = "") -> Piece:
    """One song from the texts of its files.

    Args:
        piece_id: Id of the piece.
        melody: Lines ``pitch 16ths``, pitch 0 a rest.
        finalized_chord: Lines ``label [pitch classes] bass quarters``.
        human_label1: Phrase labels such as ``i4A8``: their bars tell the meter.
    """
    notes: list[list[float]] = []
    at = 0
    for line in melody.splitlines():
        if not line.strip():
            continue
        pitch, length = (int(float(word)) for word in line.split()[:2])
        if pitch > 0:
            notes.append([at, length, pitch])
        at += length
    chords: list[list[Any]] = []
    at = 0
    for line in finalized_chord.splitlines():
        found = re.fullmatch(r"\s*(\S.*?)\s*\[.*?\]\s*\S*\s+([\d.]+)\s*", line)
        if not found:
            continue
        length = round(float(found[2]) * 4)
        label = found[1].replace(" ", "")
        if chords and chords[-1][2] == label:
            chords[-1][1] += length
        elif label != "N":
            chords.append([at, length, label])
        at += length
    return {"id": piece_id, "meter": _meter(human_label1, at), "melody": notes, "chords": chords}


def _meter(labels: str, sixteenths: int) -> list[int]:
    """4/4, or 3/4 where the labelled bars are three quarters long."""
    bars = sum(int(n) for n in re.findall(r"[A-Za-z](\d+)", labels))
    return [3, 4] if bars and abs(sixteenths / bars - 12) < 1 else [4, 4]
