"""Runs of notes that training saw: the check that an answer is no quotation."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.music.notes import Note
    from sideman_lab.melody.pieces import Melody

SHORTEST, LONGEST = 7, 12
"""Lengths of runs that are looked up, in intervals: 8 to 13 notes."""


class Runs:
    """Every run of 8 to 13 notes of some pieces, as intervals, so that transposed quotations are found too."""

    def __init__(self, melodies: Iterable[Melody]) -> None:
        self._seen: dict[int, set[bytes]] = {length: set() for length in range(SHORTEST, LONGEST + 1)}
        for melody in melodies:
            steps = _steps(melody.notes)
            for length, seen in self._seen.items():
                seen.update(steps[k : k + length] for k in range(len(steps) - length + 1))

    def longest(self, notes: Sequence[Note]) -> int:
        """Notes in the longest run that the pieces hold too: 0 when under 8, at most 13."""
        steps = _steps(notes)
        for length in range(LONGEST, SHORTEST - 1, -1):
            seen = self._seen[length]
            if any(steps[k : k + length] in seen for k in range(len(steps) - length + 1)):
                return length + 1
        return 0


def _steps(notes: Sequence[Note]) -> bytes:
    return bytes(min(255, max(0, b.pitch - a.pitch + 128)) for a, b in pairwise(notes))
