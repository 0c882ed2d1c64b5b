"""What the chord net is trained on, by rights class, and the validation songs of each set."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman_lab.chords.augment import songs_of
from sideman_lab.data import lieder_chords, pop909, pop909_cl
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sideman_lab.chords.augment import Song
    from sideman_lab.chords.figures import Held
    from sideman_lab.chords.piece import FramedPiece

    Read = Callable[[Path], Iterator[dict[str, Any]]]

RIGHTS = ("A", "A+B")
"""Classes that may be trained on: A is CC0 and made by this project, B the POP909 family."""


@dataclass(frozen=True)
class Source:
    """A set of songs.

    Attributes:
        read: Reads it from the data folder.
        rights: Its rights class.
        share: Of the crops, so many come from it (scaled where sets are left out).
    """

    read: Read
    rights: str
    share: float


@dataclass(frozen=True)
class Part:
    """A set read and split: songs for training and for validation, and its share of the crops."""

    songs: list[Song] = field(default_factory=list)
    held: list[Song] = field(default_factory=list)
    share: float = 0.0


def _generated(_: Path) -> Iterator[dict[str, Any]]:
    from sideman_lab.chords.generated import GENERATED, pieces

    yield from pieces(GENERATED)


def _pieced(data: Path) -> Iterator[dict[str, Any]]:
    from sideman_lab.chords.mosaic import PIECED, bank_of, pieces

    yield from pieces(bank_of(_cached(name, SOURCES[name].read, data) for name in VALIDATION), PIECED)


SOURCES: dict[str, Source] = {
    "pop909-structure": Source(pop909.read, "B", 0.21),
    "pop909-cl": Source(pop909_cl.read, "B", 0.21),
    "openscore-lieder": Source(lieder_chords.read, "A", 0.25),
    "generated": Source(_generated, "A", 0.11),
    "pieced": Source(_pieced, "B", 0.22),
}


MADE = ("generated", "pieced")
"""Made anew each time: that takes seconds."""
VALIDATION = ("pop909-structure", "openscore-lieder")


def gather(data: Path, rights: str = "A+B", without: Sequence[str] = ()) -> dict[str, Part]:
    """Read every set that may be trained on.

    Args:
        data: Folder of the data sets.
        rights: One of ``RIGHTS``.
        without: Names of sets to leave out.
    """
    found = {}
    for name, source in SOURCES.items():
        if name not in without and source.rights in rights.split("+"):
            train, held = sides(_cached(name, source.read, data))
            found[name] = Part(train, held, source.share)
    return found


def framed_sets(data: Path, rights: str = "A+B") -> dict[str, list[FramedPiece]]:
    """Validation songs of POP909 and of the lieder as the evaluation plays them."""
    from sideman_lab.chords.validation import chosen

    names = [n for n in VALIDATION if SOURCES[n].rights in rights.split("+")]
    return {n: [framed for _, framed in chosen(_cached(n, SOURCES[n].read, data))] for n in names}


def held_sets(data: Path, rights: str = "A+B") -> list[Held]:
    """The same as batches for the nets."""
    from sideman_lab.chords.figures import held_of

    return [held_of(pieces) for pieces in framed_sets(data, rights).values()]


def sides(pieces: Iterable[dict[str, Any]]) -> tuple[list[Song], list[Song]]:
    """Songs for training and for validation; stretches of one score stay on one side."""
    found: tuple[list[Song], list[Song]] = ([], [])
    for piece in pieces:
        which = side(str(piece["id"]).partition(".")[0]) == "validation"
        found[which].extend(songs_of([piece]))
    return found


def _cached(name: str, read: Read, data: Path) -> Iterator[dict[str, Any]]:
    """The pieces of a set, kept in the user's cache once read: scores take minutes to parse."""
    from sideman_lab import checkpoints

    file = checkpoints.folder() / "chords" / f"{name}.jsonl"
    if name in MADE:
        yield from read(data)
        return
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".part")
        with partial.open("w", encoding="utf-8") as out:
            for piece in read(data):
                out.write(json.dumps(piece) + "\n")
        partial.replace(file)
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)
