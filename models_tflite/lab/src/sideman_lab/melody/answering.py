"""The metrics of answers (``models.md`` 5.5), beside the counts under the same rules, the rules alone and the human."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sideman_lab.melody import answers as measures
from sideman_lab.melody.answers import Exchange, exchanges, model_answer, rule_answer
from sideman_lab.melody.baselines import CountingNet
from sideman_lab.metrics import Metric, measure, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sideman.models.melody import MelodyNet, Options
    from sideman.music.notes import Note
    from sideman_lab.melody.baselines import Baselines
    from sideman_lab.melody.copies import Runs
    from sideman_lab.melody.pieces import Melody

    Rows = NDArray[np.float64]

NGRAM = "n-gram + rules"
RULES = "rules alone"
UNGATED = "n-gram, rules off"
CLASSIC = "classic buffer"
HUMAN = "human"
LONG_COPY = 8
"""Notes in a row that count as copied."""


def answer_metrics(
    melodies: list[Melody],
    net: MelodyNet,
    base: Baselines,
    count: int,
    options: Options,
    dump: Callable[[dict[str, Any]], None] | None = None,
    training: Runs | None = None,
) -> list[Metric]:
    """Answer up to ``count`` calls and measure the answers; empty where no piece has a call."""
    found = exchanges(melodies, count)
    if not found:
        return []
    counts = CountingNet(base, "Markov, degree + 1 interval")
    lines: dict[str, list[Sequence[Note]]] = {
        "model": [model_answer(net, e, options, 1) for e in found],
        NGRAM: [model_answer(counts, e, options, 1) for e in found],
        RULES: [rule_answer(e, 1) for e in found],
        HUMAN: [list(e.human) for e in found],
    }
    if dump:
        for exchange, line in zip(found, lines["model"], strict=True):
            rows = [[[n.tick, n.duration, n.pitch] for n in part] for part in (exchange.call, line)]
            dump({"id": exchange.song, "call": rows[0], "answer": rows[1]})
    metrics = _harmony(found, lines, [model_answer(net, e, options, 1, chords=False) for e in found])
    metrics += _entry(melodies, net, count, options)
    metrics += [
        _shares("leaps resolved", found, lines, lambda e, x: measures.leaps_resolved(e.call, x), must=0.85, aim=0.92),
        _shares(
            "notes in runs of 4 equal",
            found,
            lines,
            lambda _, x: measures.repeated(x),
            must=0.01,
            aim=0.0,
            higher=False,
        ),
        _shares("notes out of key", found, lines, measures.out_of_key, must=0.03, aim=0.01, higher=False),
    ]
    metrics += _motifs(found, lines)
    if training is not None:
        metrics.append(
            _shares(
                "answers with 8 notes in a row from training",
                found,
                lines,
                lambda _, x: [int(training.longest(x) >= LONG_COPY), 1],
                higher=False,
            )
        )
    return metrics


def _shares(
    name: str,
    found: Sequence[Exchange],
    lines: dict[str, list[Sequence[Note]]],
    rows: Callable[[Exchange, Sequence[Note]], list[int]],
    **more: Any,
) -> Metric:
    """A pooled share of [good, all] rows, for the model and the others."""
    tables = {key: np.array([rows(e, x) for e, x in zip(found, told, strict=True)]) for key, told in lines.items()}
    baselines = {key: tables[key] for key in (NGRAM, RULES)}
    return measure(
        name, tables["model"], statistic=ratio, baselines=baselines, reference={HUMAN: tables[HUMAN]}, **more
    )


def _harmony(
    found: Sequence[Exchange], lines: dict[str, list[Sequence[Note]]], deaf: Sequence[Sequence[Note]]
) -> list[Metric]:
    everything: dict[str, Sequence[Sequence[Note]]] = {**lines, "without chords": deaf}
    tables = {
        key: [measures.chord_tones(e, x) for e, x in zip(found, told, strict=True)] for key, told in everything.items()
    }
    if not sum(row["strong"][1] for row in tables["model"]):
        return []
    strong = {key: np.array([row["strong"] for row in rows]) for key, rows in tables.items()}
    change = {key: np.array([[*row["after"], *row["else"]] for row in rows]) for key, rows in tables.items()}
    others = (NGRAM, RULES, "without chords")
    bits = {key: np.array([measures.entropy(x) for x in told]) for key, told in lines.items()}
    return [
        measure(
            "strong-beat chord tones",
            strong["model"],
            statistic=ratio,
            must=0.8,
            aim=0.9,
            baselines={key: strong[key] for key in others},
            reference={HUMAN: strong[HUMAN]},
        ),
        measure(
            "chord tones after a change, minus elsewhere",
            change["model"],
            statistic=after_minus_elsewhere,
            must=-0.03,
            aim=0.0,
            baselines={key: change[key] for key in others},
            reference={HUMAN: change[HUMAN]},
        ),
        measure(
            "pitch-class entropy over human",
            np.stack([bits["model"], bits[HUMAN]], axis=1),
            statistic=ratio,
            must=0.9,
            baselines={key: np.stack([bits[key], bits[HUMAN]], axis=1) for key in (NGRAM, RULES)},
        ),
    ]


def after_minus_elsewhere(rows: Rows) -> float:
    """Chord-tone rate in the beat after a change minus the rate elsewhere; rows [hits, notes, hits, notes]."""
    return ratio(rows[:, :2]) - ratio(rows[:, 2:])


def _entry(melodies: list[Melody], net: MelodyNet, count: int, options: Options) -> list[Metric]:
    found = exchanges(melodies, count, octaves=2)
    jumps = [abs(model_answer(net, e, options, 2)[0].pitch - e.call[-1].pitch) for e in found if e.slots]
    classic = [abs(e.call[0].pitch - e.call[-1].pitch) for e in found if e.slots]

    def median(rows: Rows) -> float:
        return float(np.median(rows))

    def widest(rows: Rows) -> float:
        return float(rows.max())

    return [
        measure(
            f"entry jump, {name}",
            jumps,
            statistic=statistic,
            baselines={CLASSIC: classic},
            must=must,
            aim=aim,
            higher=False,
        )
        for name, statistic, must, aim in (("median", median, 4.0, 2.0), ("widest", widest, 12.0, 7.0))
    ]


def _motifs(found: Sequence[Exchange], lines: dict[str, list[Sequence[Note]]]) -> list[Metric]:
    calls = [measures.motifs(e.call) for e in found]
    turned = [*calls[1:], *calls[:1]]

    def lift(told: Sequence[Sequence[Note]]) -> Rows:
        own = [bool(measures.motifs(x) & call) for x, call in zip(told, calls, strict=True)]
        other = [bool(measures.motifs(x) & call) for x, call in zip(told, turned, strict=True)]
        return np.array(own, np.float64) - np.array(other, np.float64)

    def runs(told: Sequence[Sequence[Note]]) -> Rows:
        return np.array([measures.longest_copy(e.call, x) for e, x in zip(found, told, strict=True)], np.float64)

    def widest(rows: Rows) -> float:
        return float(rows.max())

    return [
        measure(
            "motif echo lift",
            lift(lines["model"]),
            must=0.3,
            aim=0.5,
            baselines={key: lift(lines[key]) for key in (NGRAM, RULES)},
            reference={HUMAN: lift(lines[HUMAN])},
        ),
        measure(
            "longest run copied from the call",
            runs(lines["model"]),
            statistic=widest,
            must=7.0,
            aim=5.0,
            higher=False,
            baselines={key: runs(lines[key]) for key in (NGRAM, RULES)},
            reference={HUMAN: runs(lines[HUMAN])},
        ),
    ]
