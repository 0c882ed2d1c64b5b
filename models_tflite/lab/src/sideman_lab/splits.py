"""Which pieces are for training and which for validation: a hash of the song, stable for ever."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Side = Literal["train", "validation"]


def side(song_id: str) -> Side:
    """The side of a song: one in ten is for validation.

    Folders that hold versions of the same song use the same id ("pop909-001"), so their sides agree.
    """
    return "validation" if int(hashlib.sha256(f"sideman:{song_id}".encode()).hexdigest(), 16) % 10 == 0 else "train"


def split(pieces: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pieces (each with an ``id``) as two lists: training, validation."""
    train: list[dict[str, Any]] = []
    validation: list[dict[str, Any]] = []
    for piece in pieces:
        (train if side(str(piece["id"])) == "train" else validation).append(piece)
    return train, validation
