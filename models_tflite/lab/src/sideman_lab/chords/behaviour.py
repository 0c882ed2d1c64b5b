"""The rows that play more than a piece as it is: loops, forms, a move by a tritone, listening first, two melodies.

Each plays the real stream with the box's defaults, on a subset chosen by the hash of the ids where the whole set would
take too long; ``n`` says how many took part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sideman_lab.chords import cadence, entry, loops, recovery
from sideman_lab.chords.baselines import CAUSAL
from sideman_lab.chords.listening import by_hash, listen, pairs
from sideman_lab.chords.measure import nic
from sideman_lab.chords.streaming import play
from sideman_lab.chords.targets import asked
from sideman_lab.metrics import Metric, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

LOOPS, FORMS, MOVES, PAIRS = 48, 64, 64, 32
"""Most pieces (pairs) that the rows of loops, forms, tritone shifts and the listening index take."""
DRONE, HALF_BAR = "drone, online key", "half-bar HMM + form"


def lift_row(of_set: str, pieces: Sequence[FramedPiece], ours: Sequence[Ints], others: dict[str, list[Ints]]) -> Metric:
    """4-bar lift of what was played."""

    def rows(played: Sequence[Ints]) -> list[list[float]]:
        return [loops.bar_matches(p, x) for p, x in zip(pieces, played, strict=True)]

    return measure(
        "4-bar lift",
        rows(ours),
        statistic=loops.four_bar_lift,
        baselines={k: rows(v) for k, v in others.items() if k in CAUSAL},
        reference={"human": rows(others["human"])},
        **asked("4-bar lift", of_set, 0),
    )


def loop_rows(graph: Graph, of_set: str, pieces: Sequence[FramedPiece], commit: int) -> list[Metric]:
    """Loops of four and of eight bars, half of the pieces each."""
    found: list[loops.Looping] = []
    for number, piece in enumerate(by_hash(pieces)):
        if len(found) == LOOPS:
            break
        followed = loops.follow_loop(graph, piece, (4, 8)[number % 2], commit)
        if followed is not None:
            found.append(followed)
    if not found:
        return []
    period, same = (
        "looped melody: period found within two cycles",
        "looped melody: chord agreement of cycles 2-3 and 3-4",
    )
    theirs = {name: [CAUSAL[name](f.loop, commit) for f in found] for name in (DRONE, HALF_BAR)}
    agreement = {name: [loops.agreement(x, len(x) // loops.CYCLES) for x in played] for name, played in theirs.items()}
    lift = {
        name: [loops.bar_matches(f.loop, x) for f, x in zip(found, played, strict=True)]
        for name, played in theirs.items()
    }
    return [
        measure(
            period,
            [float(f.found) for f in found],
            baselines={"best lag of HMM + form": [float(f.baseline) for f in found]},
            **asked(period, of_set, commit),
        ),
        measure(same, [f.agreement for f in found], baselines=agreement, **asked(same, of_set, commit)),
        measure("looped melody: 4-bar lift", [f.lift for f in found], statistic=loops.four_bar_lift, baselines=lift),
    ]


def cadence_rows(
    graph: Graph, of_set: str, pieces: Sequence[FramedPiece], commit: int, free: dict[str, Ints]
) -> list[Metric]:
    """The form knob at eight bars; beside it the same model without it, and the written chords.

    Args:
        graph: The model.
        of_set: Where the pieces come from.
        pieces: All pieces.
        commit: Frames fixed ahead.
        free: What the model played with the defaults, by piece id.
    """
    some = [p for p in by_hash(pieces) if len(p) >= loops.downbeat(p) + cadence.FORM_BARS * p.meter.bar_frames][:FORMS]
    if not some:
        return []
    ours = [cadence.cadences(p, play(graph, p, commit, options=cadence.with_form(p.meter)).classes) for p in some]
    plain = [cadence.cadences(p, free[p.id]) for p in some]
    baselines = {name: [cadence.cadences(p, CAUSAL[name](p, commit)) for p in some] for name in (DRONE, HALF_BAR)}
    baselines = {"model, form not given": plain, **baselines}
    human = {"human": [cadence.cadences(p, p.human) for p in some]}
    names = ("cadence on bar 8 with form 8", "cadence lift with form 8")
    return [
        measure(name, ours, statistic=statistic, baselines=baselines, reference=human, **asked(name, of_set, commit))
        for name, statistic in zip(names, (cadence.rate, cadence.lift), strict=True)
    ]


def moved_curves(graph: Graph, pieces: Sequence[FramedPiece], commit: int) -> dict[str, Floats]:
    """Counts by beat around a move by a tritone: the model, baselines, the written chords moved too, and no move."""
    some = [(p, recovery.moved(p)) for p in by_hash(pieces)]
    both = [(p, q) for p, q in some if q is not None][:MOVES]
    shifted = [q for _, q in both]
    if not shifted:
        return {}
    played: dict[str, list[Ints]] = {"model": [play(graph, q, commit).classes for q in shifted]}
    played |= {name: [CAUSAL[name](q, commit) for q in shifted] for name in (DRONE, "greedy histogram", HALF_BAR)}
    played["human"] = [q.human for q in shifted]
    curves = {
        name: np.array([recovery.by_beat(q, x) for q, x in zip(shifted, xs, strict=True)])
        for name, xs in played.items()
    }
    still = [recovery.cut(p, len(q)) for p, q in both]
    curves["model, melody not moved"] = np.array([recovery.by_beat(p, play(graph, p, commit).classes) for p in still])
    return curves


def recovery_rows(of_set: str, curves: dict[str, Floats], commit: int) -> list[Metric]:
    """Half-life and area of what a move by a tritone costs."""
    if not curves:
        return []
    baselines = {k: v for k, v in curves.items() if k in CAUSAL}
    name = "recovery half-life after a tritone shift, beats"
    return [
        measure(
            name,
            curves["model"],
            statistic=recovery.half_life,
            baselines=baselines,
            higher=False,
            **asked(name, of_set, commit),
        ),
        measure(
            "area lost after a tritone shift, beats of NiC",
            curves["model"],
            statistic=recovery.area_lost,
            baselines=baselines,
            reference={"model, melody not moved": curves["model, melody not moved"]},
            higher=False,
        ),
    ]


def entry_rows(graph: Graph, of_set: str, pieces: Sequence[FramedPiece], commit: int) -> list[Metric]:
    """The first chord after listening for eight beats: NiC as long as it stands, four beats at most."""
    short = [recovery.cut(p, end) for p in pieces if len(p) >= (end := entry.after_listening(p) + entry.BEATS)]
    if not short:
        return []
    starts = [entry.after_listening(p) for p in short]

    def played(*, early: bool = False) -> list[Ints]:
        return [play(graph, p, commit, at, just_in_time=early).classes for p, at in zip(short, starts, strict=True)]

    def scored(chords: Sequence[Ints], rows: Sequence[slice]) -> Floats:
        return _known([entry.scored(p, x, r) for p, x, r in zip(short, chords, rows, strict=True)])

    def firsts(chords: Sequence[Ints]) -> list[slice]:
        return [entry.first_chord(x, at) for x, at in zip(chords, starts, strict=True)]

    ours, early = played(), played(early=True)
    theirs = {name: [baseline(p, commit) for p in short] for name, baseline in CAUSAL.items()}
    written = [p.human for p in short]
    beats = [slice(at, at + entry.BEATS) for at in starts]
    name = "first chord NiC after the silence period"
    return [
        measure(
            name,
            scored(ours, firsts(ours)),
            baselines={other: scored(x, firsts(x)) for other, x in theirs.items()},
            reference={"human": scored(written, firsts(ours))},
            **asked(name, of_set, commit),
        ),
        measure("first chord NiC, just in time (the note struck with it known)", scored(early, firsts(early))),
        measure(
            "NiC in the four beats after the silence period",
            scored(ours, beats),
            baselines={other: scored(x, beats) for other, x in theirs.items()},
            reference={"human": scored(written, beats)},
        ),
    ]


def listening_rows(graph: Graph, of_set: str, pieces: Sequence[FramedPiece], commit: int) -> list[Metric]:
    """The listening index; the second melody of each pair stands in the key of the first."""
    heard = [listen(graph, a, b, commit) for a, b in pairs(pieces, PAIRS)]
    if not heard:
        return []
    name = "listening index"
    return [
        measure(
            name,
            [h.index for h in heard],
            reference={"human (another tune's chords)": [h.human for h in heard]},
            **asked(name, of_set, commit),
        ),
        measure("listening index: another seed changes", [h.seeds for h in heard]),
    ]


def nic_row(
    name: str,
    of_set: str,
    commit: int,
    pieces: Sequence[FramedPiece],
    ours: Sequence[Ints],
    others: dict[str, list[Ints]],
) -> Metric:
    """Note-in-chord under a name of its own, beside every baseline."""

    def rows(played: Sequence[Ints]) -> Floats:
        return _known([nic(p, x) for p, x in zip(pieces, played, strict=True)])

    return measure(
        name,
        rows(ours),
        baselines={k: rows(v) for k, v in others.items() if k in CAUSAL},
        reference={k: rows(v) for k, v in others.items() if k not in CAUSAL},
        **asked("NiC", of_set, commit // 4),
    )


def _known(values: Sequence[float] | Floats) -> Floats:
    found = np.asarray(values, float)
    return np.asarray(found[~np.isnan(found)], np.float64)
