"""How far named triads are those that people expect: shares of the tune's time, its pickup left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sideman.music.chords import TRIADS
from sideman.music.meter import FRAME_TICKS
from sideman_lab.tunes.baselines import tonic_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.music.harmony import Key
    from sideman_lab.tunes.read import KnownTune

NONE = -1
MEASURES = ("accepted", "plain", "roots", "first", "last", "nic")


@dataclass(frozen=True, slots=True)
class Marks:
    """What one way through one tune got.

    Attributes:
        accepted: Share of the time with the standard triad or the bar's alternative.
        plain: With the standard triad.
        roots: With its root.
        first: 1 where the first downbeat's chord is accepted, else 0.
        last: 1 where the last frame's is the tonic, else 0.
        nic: Share of the sounding time whose pitch class is in the triad.
        key: Whether the key was found, None where none was named.
    """

    accepted: float
    plain: float
    roots: float
    first: float
    last: float
    nic: float
    key: bool | None = None


def marks(tune: KnownTune, named: Sequence[int], key: Key | None = None) -> Marks:
    """Score a triad class for each frame (``NONE``: nothing sounds, which is wrong)."""
    rows = list(zip(named, tune.plain, tune.other, strict=True))
    n = len(rows)
    fine = [chord in (plain, other) and chord != NONE for chord, plain, other in rows]
    sounding = [(n.pitch % 12, frame) for n in tune.notes for frame in range(max(n.frame, 0), n.end // FRAME_TICKS)]
    inside = [named[frame] != NONE and pc in TRIADS[named[frame]].pitch_classes for pc, frame in sounding]
    return Marks(
        accepted=sum(fine) / n,
        plain=sum(chord == plain for chord, plain, _ in rows) / n,
        roots=sum(chord != NONE and chord % 12 == plain % 12 for chord, plain, _ in rows) / n,
        first=float(fine[0]),
        last=float(named[-1] == tonic_of(tune.key)),
        nic=sum(inside) / max(1, len(inside)),
        key=None if key is None else key == tune.key,
    )


def mean(rows: Sequence[Marks]) -> dict[str, float]:
    """The mean of each measure over tunes; ``key`` is a share of those that named one."""
    out = {name: round(sum(getattr(row, name) for row in rows) / max(1, len(rows)), 3) for name in MEASURES}
    keys = [row.key for row in rows if row.key is not None]
    return out | ({"key": round(sum(keys) / len(keys), 3)} if keys else {})


__all__ = ["MEASURES", "NONE", "Marks", "marks", "mean"]
