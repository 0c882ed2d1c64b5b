"""What is asked of the comper (must) and hoped for (aim), row by row, on every set or on those that have a name.

A set is known by the ids of its pieces (``openewld-…``, ``nottingham-…``, ``pop909-…``), not by the name of a file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman_lab.chords.piece import FramedPiece

NAMED = ("openewld", "nottingham", "pop909")


@dataclass(frozen=True)
class Target:
    """Gate and target of a row; the upper ends where it is held from both sides.

    Attributes:
        must: Has to be reached.
        aim: Hoped for.
        most: Upper end of the gate, or None.
        aim_most: Upper end of the target, or None.
        sets: Sets that it holds on; empty for every set.
        commit: Quarters fixed ahead with which it holds; None for any.
    """

    must: float
    aim: float | None = None
    most: float | None = None
    aim_most: float | None = None
    sets: tuple[str, ...] = ()
    commit: int | None = None


TARGETS: dict[str, tuple[Target, ...]] = {
    "NiC": (Target(0.58, 0.66, sets=NAMED, commit=0), Target(0.54, 0.60, sets=NAMED, commit=4)),
    "SNiC": (Target(0.53, 0.60, sets=NAMED, commit=0),),
    "NiC lift over the online drone": (Target(0.045, 0.13, commit=0),),
    "strong share": (Target(0.75, 0.90),),
    "rate ratio": (Target(0.8, 0.9, 1.25, 1.1),),
    "triad accuracy": (
        Target(0.34, 0.42, sets=("openewld",), commit=0),
        Target(0.46, 0.56, sets=("nottingham",), commit=0),
    ),
    "4-bar lift": (Target(1.3, 1.8),),
    "looped melody: period found within two cycles": (Target(0.90, 0.98),),
    "looped melody: chord agreement of cycles 2-3 and 3-4": (Target(0.80),),
    "cadence on bar 8 with form 8": (Target(0.70, 0.90),),
    "cadence lift with form 8": (Target(2.0),),
    "recovery half-life after a tritone shift, beats": (Target(8, 4),),
    "plan stability two beats ahead": (Target(0.85, 0.95),),
    "first chord NiC after the silence period": (Target(0.60, 0.70),),
    "listening index": (Target(0.25, 0.40),),
    "calibration error of the shown confidence": (Target(0.05, 0.03),),
    "re-plan 16 frames ahead, p99 ms": (Target(10, 3),),
}


def set_of(pieces: Sequence[FramedPiece]) -> str:
    """The set that most of the pieces come from, by the first word of their ids."""
    return Counter(piece.id.partition("-")[0] for piece in pieces).most_common(1)[0][0]


def asked(row: str, of_set: str, commit: int) -> dict[str, Any]:
    """``must``, ``aim``, ``most`` and ``aim_most`` of a row, as ``metrics.measure`` takes them; empty for none."""
    for target in TARGETS.get(row, ()):
        if (not target.sets or of_set in target.sets) and target.commit in (None, commit):
            return {"must": target.must, "aim": target.aim, "most": target.most, "aim_most": target.aim_most}
    return {}
