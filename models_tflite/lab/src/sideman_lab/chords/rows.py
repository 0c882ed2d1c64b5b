"""The rows of pieces played as they are: note-in-chord, triads, stability, confidence, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman_lab.chords import calibration
from sideman_lab.chords import measure as m
from sideman_lab.chords.baselines import CAUSAL, REFERENCE
from sideman_lab.chords.targets import asked
from sideman_lab.metrics import Metric, measure, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece
    from sideman_lab.chords.streaming import Played

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Score = Callable[[FramedPiece, Ints], float]

DRONE = "drone, online key"


def strong_onsets(piece: FramedPiece, played: Ints) -> float:
    """Note-in-chord of the frames in which a note is struck on a strong beat."""
    return m.nic(piece, played, strong_onsets=True)


def score_rows(
    of_set: str,
    commit: int,
    pieces: Sequence[FramedPiece],
    ours: Sequence[Ints],
    others: dict[str, list[Ints]],
    plain: Sequence[Ints] | None,
) -> list[Metric]:
    """NiC, its lift, SNiC and exact triads, each beside every baseline on the same pieces."""
    out = []
    for name, score in (("NiC", m.nic), ("SNiC", strong_onsets), ("triad accuracy", m.accuracy)):
        figures = {k: values(pieces, score, x) for k, x in others.items()}
        mine = values(pieces, score, ours)
        out.append(
            measure(
                name,
                known(mine),
                baselines={k: known(figures[k]) for k in CAUSAL},
                reference={k: known(figures[k]) for k in REFERENCE},
                floating=None if plain is None else known(values(pieces, score, plain)),
                **asked(name, of_set, commit // 4),
            )
        )
        if name == "NiC":
            lift = "NiC lift over the online drone"
            above = {k: known(figures[k] - figures[DRONE]) for k in (*CAUSAL, *REFERENCE) if k != DRONE}
            out.append(
                measure(
                    lift,
                    known(mine - figures[DRONE]),
                    baselines={k: v for k, v in above.items() if k in CAUSAL},
                    reference={k: v for k, v in above.items() if k in REFERENCE},
                    **asked(lift, of_set, commit // 4),
                )
            )
    return out


def rhythm_rows(
    of_set: str, pieces: Sequence[FramedPiece], ours: Sequence[Ints], others: dict[str, list[Ints]]
) -> list[Metric]:
    """Strong share and rate ratio of the same run as the NiC rows."""
    written = [len(m.changes(p.human)) for p in pieces]

    def moved(played: Sequence[Ints]) -> list[tuple[int, int]]:
        found = [m.changes(x) for x in played]
        return [(int(p.strong[c].sum()), len(c)) for p, c in zip(pieces, found, strict=True)]

    def strong(played: Sequence[Ints]) -> Any:
        return moved(played)

    def rate(played: Sequence[Ints]) -> Any:
        return [(n, w) for (_, n), w in zip(moved(played), written, strict=True)]

    return [
        measure(
            name,
            rows(ours),
            statistic=ratio,
            baselines={k: rows(x) for k, x in others.items() if k in CAUSAL},
            reference={k: rows(x) for k, x in others.items() if k in REFERENCE},
            **asked(name, of_set, 0),
        )
        for name, rows in (("strong share", strong), ("rate ratio", rate))
    ]


def stability_row(of_set: str, commit: int, played: Sequence[Played]) -> Metric:
    """Plan stability two beats beyond what is fixed; beside it, announcing that the chord of now goes on."""
    stays = []
    for one in played:
        rows = np.flatnonzero(one.announced >= 0)
        then = one.classes[np.maximum(rows - 8, 0)]
        stays.append(float((then == one.classes[rows]).mean()) if len(rows) else float("nan"))
    name = "plan stability two beats ahead"
    return measure(
        name,
        known(np.array([p.stability for p in played])),
        baselines={"the chord that stands goes on": known(np.array(stays))},
        **asked(name, of_set, commit // 4),
    )


def confidence_rows(
    of_set: str, pieces: Sequence[FramedPiece], played: Sequence[Played], drone: Sequence[Ints]
) -> list[Metric]:
    """Calibration error, and note-in-chord where the model is least sure beside the drone in the same frames."""
    name = "calibration error of the shown confidence"
    bins = [calibration.binned(f, p.classes, p.confidence) for f, p in zip(pieces, played, strict=True)]
    ours, theirs = calibration.least_sure(pieces, [p.classes for p in played], [p.confidence for p in played], drone)
    out = [
        measure(
            name,
            bins,
            statistic=calibration.calibration_error,
            higher=False,
            **asked(name, of_set, 0),
        )
    ]
    if ours:
        least = "NiC where least sure (lowest tenth)"
        out.append(measure(least, ours, statistic=ratio, baselines={DRONE: theirs}, must=ratio(np.array(theirs))))
    return out


def time_rows(of_set: str, played: Sequence[Played], floors: dict[str, Floats], unit: str = "ms") -> list[Metric]:
    """Milliseconds of whole re-plans (a frame heard, sixteen frames planned anew) beside floors from the same run."""
    took = [p.replan_ms[1:] for p in played]
    every = np.concatenate(took)
    out = []
    for word, q in (("p50", 50.0), ("p99", 99.0), ("max", 100.0)):
        name = f"re-plan 16 frames ahead, {word} {unit}"
        low, high = np.percentile([float(np.percentile(t, q)) for t in took], (2.5, 97.5))
        out.append(
            Metric(
                name,
                float(np.percentile(every, q)),
                len(every),
                (float(low), float(high)),
                reference={floor: float(np.percentile(ms, q)) for floor, ms in floors.items()},
                higher=False,
                **asked(name, of_set, 0),
            )
        )
    return out


def values(pieces: Sequence[FramedPiece], score: Score, every: Sequence[Ints]) -> Floats:
    """A score of each piece."""
    return np.array([score(p, x) for p, x in zip(pieces, every, strict=True)])


def known(found: Floats) -> Floats:
    """Without the pieces in which the score says nothing."""
    return found[~np.isnan(found)]
