"""``sideman-lab evaluate bench``: simulated players jam with the whole program, on the offline clock.

A line a player: note-in-chord beside its baselines on the same takes, and what else its players complained of. Then
JamScore with its parts. The players and their seeds are fixed; nothing is tuned on them.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from sideman.models import library
from sideman.service.pictures.roll import RollData, piano_roll
from sideman.service.settings_errors import SettingsError
from sideman.service.take import spans_of, take_of
from sideman.sim.players.cast import CAST, of_piece
from sideman_lab.bench import figures, jamscore
from sideman_lab.bench.takes import Spec, Take, play, settings_of, sliced
from sideman_lab.chords import measure

SEEDS = 6
AGAIN = 2
"""Melodies of each player that are played a second time, the box with another seed: for the listening index."""
OTHER_SEED = 2
MOST_CHANGES = 4
"""Chord changes that no bar may exceed, whatever is played."""
MOST_BY_RULES = 0.2
"""Share of plans whose harmony may be the rules': before the first note there is nothing for a model to hear."""
_FIXED = (("follow.adaptive_commit", False), ("follow.just_in_time", False), ("follow.surprise_break", False))
VARIANTS: dict[str, tuple[str, tuple[tuple[str, Any], ...]]] = {
    "melody@0": ("melody", (("follow.commit_beats", 0), *_FIXED)),
    "melody@jit": ("melody", (("follow.commit_beats", 0), *_FIXED, ("follow.just_in_time", True))),
    "melody@4": ("melody", (("follow.commit_beats", 4), *_FIXED)),
}
"""Rows of their own: a player and what is set for it."""
COLUMNS = (
    ("nic", "NiC", 5, 3), ("human", "own", 5, 3), ("drone", "drone", 5, 3), ("greedy", "greed", 5, 3),
    ("hmm", "hmm+f", 5, 3), ("snic", "SNiC", 5, 3), ("drone_snic", "drone", 5, 3), ("bar", "bar", 4, 2),
    ("strong", "strg", 4, 2), ("rate", "rate", 4, 2), ("most", "most", 4, 0), ("stable", "plan2", 5, 2),
    ("tentative", "tent", 4, 2), ("listening", "listn", 5, 2), ("first", "first", 5, 2), ("recovery", "recov", 5, 1),
    ("cycles", "cycle", 5, 2), ("silence", "sil", 4, 2), ("hung", "hung", 4, 0), ("late", "late", 4, 0),
    ("p99_ms", "p99ms", 5, 1),
)  # fmt: skip
"""Figure, head, width and decimals of each column."""
LEGEND = """\
NiC: melody note in the chord's triad, the band's frames only; own: the chords that the player meant; drone, greedy,
hmm+f: online-key drone, greedy histogram, half-bar HMM with form on the same takes at commit 0; SNiC and its drone:
onsets on strong beats; bar: changes that the player meant on a strong beat as the box counts; strg: changes of the
band there; rate: changes a bar; most: in any one bar; plan2: chords announced two beats ahead that came true; tent:
of those not yet committed; listn: listening index; first: the first four beats; recov: half-life in beats after the
change of key; cycle: chords like those one cycle before; sil: silence after the entry; late: plans too late; p99ms:
the band's answer while it follows, processor time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate bench``."""
    parser.add_argument("--players", help=f"only these, between commas: {', '.join((*CAST, *VARIANTS))}")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="melodies of each player")
    parser.add_argument("--pieces", type=Path, help="play the melodies of a JSON-lines file instead of the cast")
    parser.add_argument("--limit", type=int, help="the first so many pieces only")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the box")
    parser.add_argument("--out", type=Path, help="folder for a piano roll of each player's first jam")
    parser.add_argument("--jobs", type=int, default=1, help="jams at once")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Play, measure, print; 0 when nothing broke."""
    begun = time.monotonic()
    try:
        groups = _pieces(args) if args.pieces else _cast(args)
        for group in groups.values():
            settings_of(group[0])
    except (ValueError, SettingsError, OSError) as error:
        print(f"sideman-lab: {error}", file=sys.stderr)
        return 2
    logging.getLogger().addHandler(_Once())
    rows: dict[str, dict[str, float]] = {}
    kept: dict[str, list[Take]] = {}
    if not args.json:
        print(f"{'player':10} " + " ".join(f"{head:>{width}}" for _, head, width, _ in COLUMNS), flush=True)
    for name, takes in _played(groups, args.jobs):
        kept[name] = takes
        rows[name] = row(takes)
        if not args.json:
            print(line(name, rows[name]), flush=True)
    if args.out:
        draw(groups, args.out)
    found = jamscore.score(rows, broken_rules(kept))
    wrong = trouble(rows)
    minutes = (time.monotonic() - begun) / 60
    floor = floor_ms()
    if args.json:
        report: dict[str, Any] = {
            "rows": rows,
            "rule": rule_parts(kept),
            "jamscore": jamscore.plain(found),
            "wrong": wrong,
        }
        report |= {"floor_p99_ms": floor, "minutes": round(minutes, 2)}
        print(json.dumps(_plain(report)))
    else:
        print(f"floor of p99ms: {floor:.2f} ms, one bare pass of the chord net\n{LEGEND}\n")
        for part in rule_parts(kept):
            print(f"rule: {part['name']:22} {part['value']:.2f} in {part['low']:.2f} to {part['high']:.2f}")
        print(f"{jamscore.table(found)}\n{minutes:.1f} minutes" + "".join(f"\nWRONG: {each}" for each in wrong))
    return 1 if wrong else 0


class _Once(logging.Handler):
    """Each message once: a model that fails would fill the screen with one and the same."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Say it if it is new."""
        why = record.exc_info[1] if record.exc_info else None
        text = record.getMessage() + (f" ({why})" if why else "")
        if text not in self._said:
            self._said.add(text)
            print(f"sideman-lab: {text}", file=sys.stderr)


def _cast(args: argparse.Namespace) -> dict[str, list[Spec]]:
    wanted = args.players.split(",") if args.players else [*CAST, *VARIANTS]
    extra = tuple(_setting(text) for text in args.set)
    groups = {}
    for name in wanted:
        if name not in CAST and name not in VARIANTS:
            raise ValueError(f"no player is called '{name}'; there are: {', '.join((*CAST, *VARIANTS))}")
        player, settings = VARIANTS.get(name, (name, ()))
        first = [Spec(player, seed, (*extra, *settings)) for seed in range(1, args.seeds + 1)]
        again = [replace(s, settings=(*s.settings, ("jam.seed", OTHER_SEED))) for s in first[:AGAIN]]
        groups[name] = first + (again if name in CAST else [])
    return groups


def _pieces(args: argparse.Namespace) -> dict[str, list[Spec]]:
    extra = tuple(_setting(text) for text in args.set)
    lines = [text for text in args.pieces.read_text(encoding="utf-8").splitlines() if text.strip()][: args.limit]
    first = []
    for number, text in enumerate(lines, 1):
        try:
            spec = Spec("pieces", number, extra, json.loads(text))
            meter = of_piece(spec.piece or {}).tune.meter
            first.append(replace(spec, settings=(("jam.meter", str(meter)), *extra)))
        except ValueError as error:
            raise ValueError(f"{args.pieces.name} line {number}: {error}") from error
    groups = {}
    for name in ("melody", *VARIANTS):
        own = [replace(s, settings=(*s.settings, *VARIANTS.get(name, ("", ()))[1])) for s in first]
        again = [replace(s, settings=(*s.settings, ("jam.seed", OTHER_SEED))) for s in own[: 10 * AGAIN]]
        groups[name] = own + (again if name in CAST else [])
    return groups


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"'{text}' sets nothing: write --set KEY=VALUE")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _played(groups: dict[str, list[Spec]], jobs: int) -> Iterable[tuple[str, list[Take]]]:
    if jobs <= 1:
        for name, specs in groups.items():
            yield name, [play(spec) for spec in specs]
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for name, specs in groups.items():
            yield name, list(pool.map(play, specs))


def _again(take: Take) -> bool:
    return ("jam.seed", OTHER_SEED) in take.spec.settings


def row(takes: Sequence[Take]) -> dict[str, float]:
    """The figures of one player: means over its takes, sums of what must be nought."""
    first = [t for t in takes if not _again(t)]
    each = [figures.whole(t) for t in first]
    keys = dict.fromkeys(key for found in each for key in found)
    found = {key: figures.mean([one.get(key, math.nan) for one in each]) for key in keys}
    found["most"] = float(max(figures.most_in_a_bar(t) for t in takes))
    found["listening"] = figures.listening(first, [t for t in takes if _again(t)])
    found["recovery"] = figures.recovery(first)
    if takes[0].spec.player == "loop":
        found["cycles"] = figures.mean([figures.cycles(t, 8 if t.spec.seed % 2 == 0 else 4) for t in first])
    found["hung"] = float(sum(t.hung for t in takes))
    found["late"] = float(sum(t.late_plans for t in takes))
    found["past"] = float(sum(t.past for t in takes))
    found["by_rules"] = figures.mean([t.by_rules for t in takes])
    found["never_in"] = float(sum(t.entry >= len(t.played) for t in takes))
    found["p99_ms"] = figures.percentile([ms for t in takes for ms in t.answer_ms], 0.99)
    found["p99_wall_ms"] = figures.percentile([ms for t in takes for ms in t.answer_wall_ms], 0.99)
    found["times_real"] = sum(t.seconds for t in takes) / sum(t.wall_s for t in takes)
    return found


def line(name: str, found: dict[str, float]) -> str:
    """A player's line; a dash for what its takes cannot say."""
    cells = []
    for key, _, width, decimals in COLUMNS:
        value = found.get(key, math.nan)
        cells.append(f"{'-' if math.isnan(value) else f'{value:.{decimals}f}':>{width}}")
    return f"{name:10} " + " ".join(cells)


def rule_parts(kept: dict[str, list[Take]]) -> list[dict[str, Any]]:
    """The anti-gaming rule on the melodies as they are, after the entry, part by part."""
    takes = [t for t in kept.get("melody", ()) if not _again(t) and t.entry < len(t.played)]
    if not takes:
        return []
    parts = measure.rule([sliced(t, t.entry) for t in takes], [t.played[t.entry :] for t in takes])
    return [{"name": p.name, "value": p.value, "low": p.low, "high": p.high, "holds": p.holds} for p in parts]


def broken_rules(kept: dict[str, list[Take]]) -> list[str]:
    """What of the rule does not hold."""
    parts = rule_parts(kept)
    if not parts:
        return ["it was not measured: the player melody is left out"]
    return [f"{p['name']} {p['value']:.2f}" for p in parts if not p["holds"]]


def trouble(rows: dict[str, dict[str, float]]) -> list[str]:
    """What must never happen and did."""
    found = []
    for name, one in rows.items():
        for key, text in (("hung", "notes hang"), ("late", "plans came late"), ("past", "cues left before their time")):
            if one[key]:
                found.append(f"{name}: {one[key]:.0f} {text}")
        if one["most"] > MOST_CHANGES:
            found.append(f"{name}: {one['most']:.0f} chord changes in a bar")
        if one["by_rules"] > MOST_BY_RULES:
            found.append(f"{name}: {one['by_rules']:.0%} of the plans have their chords from the rules, not the model")
        if one["never_in"] and name != "adversary":
            found.append(f"{name}: the band never entered in {one['never_in']:.0f} jams")
    return found


def floor_ms(passes: int = 300) -> float:
    """p99 of one bare pass of the chord net: no answer can be faster."""
    graph = library.load("chords")
    inputs = {name: np.zeros(shape, dtype) for name, (shape, dtype) in graph.inputs.items()}
    spent = []
    for _ in range(passes):
        began = time.thread_time()
        graph.run(inputs)
        spent.append((time.thread_time() - began) * 1e3)
    return figures.percentile(spent, 0.99)


def draw(groups: dict[str, list[Spec]], out: Path) -> None:
    """A piano roll of the first jam of each player."""
    out.mkdir(parents=True, exist_ok=True)
    for name, specs in groups.items():

        def roll(run: Any, player: Any, name: str = name) -> None:
            box = run.conductor.jam
            notes = {part: each.notes for part, each in take_of(box).parts.items() if each.notes}
            title = f"{name} ({player.name})"
            chords, spans = tuple(box.recorder.chords), tuple(spans_of(box))
            data = RollData(notes, chords, spans, box.timeline.meter, box.timeline.bar_zero, title)
            piano_roll(data, out / f"{name}.png")

        play(specs[0], roll)


def _plain(value: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
