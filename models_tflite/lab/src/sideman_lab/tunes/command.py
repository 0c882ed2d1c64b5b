"""``sideman-lab evaluate tunes``: the box's chords under tunes that everybody knows, beside a drone and a textbook.

``harmonise`` is the lead sheet of a file, ``trade`` and ``follow`` are whole jams on the offline clock with the box's
own networks, which find tempo and downbeat by themselves; the meter is set, as a foot would. Shares are of the time on
the player's own timeline.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.music.chords import TRIADS
from sideman.service.harmonise import chord_model
from sideman_lab.tunes import baselines, play
from sideman_lab.tunes.measure import MEASURES, NONE, Marks, marks, mean
from sideman_lab.tunes.read import HALVES, read_half

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman_lab.tunes.play import Heard
    from sideman_lab.tunes.read import KnownTune

MODES = ("harmonise", "trade", "follow")
WORST = 10
NEAR = 0.04
"""Of a tempo: what is still the same."""
CARD = Path("models_tflite") / "cards" / "tunes.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate tunes``."""
    parser.add_argument("--half", choices=(*HALVES, "both"), default="report", help="which tunes (default: report)")
    parser.add_argument("--mode", nargs="+", choices=MODES, default=list(MODES), help="which of the box's ways")
    parser.add_argument("--seed", type=int, default=1, help="of the player's timing")
    parser.add_argument("--card", type=Path, help="write the tables as Markdown, such as models_tflite/cards/tunes.md")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 always: no gate."""
    halves = HALVES if args.half == "both" else (args.half,)
    found = {which: measured(read_half(which), args.mode, args.seed) for which in halves}
    if args.json:
        print(json.dumps(found))
    else:
        print(text_of(found))
    if args.card is not None:
        args.card.write_text(text_of(found), encoding="utf-8")
    return 0


def measured(tunes: Sequence[KnownTune], modes: Sequence[str], seed: int) -> dict[str, Any]:
    """Tables of one set: rows by name, and the worst tunes of ``harmonise``."""
    models, trouble = chord_model(None)
    if trouble:
        raise RuntimeError(trouble)
    rows: dict[str, list[Marks]] = {
        "people": [marks(t, t.plain) for t in tunes],
        "drone, key known": [marks(t, baselines.drone(t)) for t in tunes],
        "textbook, Krumhansl's key": [marks(t, baselines.textbook(t), baselines.krumhansl(t)) for t in tunes],
        "textbook, key known": [marks(t, baselines.textbook(t, t.key)) for t in tunes],
    }
    tempo: dict[str, Any] = {}
    named: dict[str, tuple[int, ...]] = {}
    ways: dict[str, Callable[[KnownTune], Heard]] = {
        "harmonise": lambda t: play.harmonise(t, models, seed),
        "trade": lambda t: play.trade(t, seed),
        "follow": lambda t: play.follow(t, seed),
    }
    for mode in modes:
        heard = []
        for number, tune in enumerate(tunes, 1):
            heard.append(ways[mode](tune))
            sys.stderr.write(f"\r{mode} {number}/{len(tunes)} ")
        sys.stderr.write("\n")
        if mode == "follow":
            rows["follow, first time from the entry"] = [_from_entry(t, h) for t, h in zip(tunes, heard, strict=True)]
            for turn, name in ((1, "second"), (2, "third")):
                rows[f"follow, {name} time"] = [marks(t, h.chords[turn]) for t, h in zip(tunes, heard, strict=True)]
        else:
            rows[mode] = [marks(t, h.chords[0], h.key) for t, h in zip(tunes, heard, strict=True)]
        if mode != "harmonise":
            tempo[mode] = _tempi(tunes, heard)
        if mode == modes[0]:
            named = {t.name: h.chords[-1] for t, h in zip(tunes, heard, strict=True)}
    order = sorted(tunes, key=lambda t: marks(t, named[t.name]).accepted)
    return {
        "tunes": len(tunes),
        "rows": {name: mean(each) for name, each in rows.items()},
        "tempo": tempo,
        "worst": {t.title: _beside(t, named[t.name]) for t in order[:WORST]},
        "worst of": modes[0],
    }


def _from_entry(tune: KnownTune, heard: Heard) -> Marks:
    """The first time round, counted from where the band is in; what was before is as the tune has it."""
    chords = heard.chords[0]
    entry = next((i for i, chord in enumerate(chords) if chord != NONE), len(chords))
    n = max(1, len(chords) - entry)
    late = marks(tune, [*tune.plain[:entry], *chords[entry:]])

    def share(value: float) -> float:
        return (value * len(chords) - entry) / n

    fine = entry < len(chords) and chords[entry] in (tune.plain[entry], tune.other[entry])
    return Marks(share(late.accepted), share(late.plain), share(late.roots), float(fine), late.last, late.nic)


def _tempi(tunes: Sequence[KnownTune], heard: Sequence[Heard]) -> dict[str, Any]:
    """How often the tempo was the right one, half or double; the downbeat; how sure the box was."""
    ratios = [h.bpm / t.bpm for t, h in zip(tunes, heard, strict=True)]
    right = [abs(ratio - 1) < NEAR for ratio in ratios]
    sure = [(h.sure, r) for h, r in zip(heard, right, strict=True) if h.sure is not None]
    said = {
        "sure when right": round(sum(s for s, r in sure if r) / max(1, sum(right)), 2),
        "surest when wrong": round(max((s for s, r in sure if not r), default=0.0), 2),
    }
    fold = [80 <= t.bpm * t.meter.beat_ticks / 960 <= 160 for t in tunes]
    return {
        "right": sum(right),
        "half": sum(abs(ratio - 0.5) < NEAR for ratio in ratios),
        "double": sum(abs(ratio - 2) < 2 * NEAR for ratio in ratios),
        "fold into 80-160": sum(fold),
        "downbeat": sum(h.downbeat is True for h in heard),
    } | (said if sure else {})


def _beside(tune: KnownTune, named: Sequence[int]) -> list[str]:
    """Bar by bar: the standard chords, then what was played where it is another."""
    bar, out = tune.meter.bar_frames, []
    for start in range(0, len(named), bar):
        written = _words(tune.plain[start : start + bar])
        played = _words(named[start : start + bar])
        other = tune.other[start]
        fine = all(
            chord in (plain, other)
            for chord, plain in zip(named[start : start + bar], tune.plain[start : start + bar], strict=True)
        )
        out.append(written if fine else f"{written} ({played})")
    return out


def _words(row: Sequence[int]) -> str:
    kept = [chord for i, chord in enumerate(row) if i == 0 or chord != row[i - 1]]
    return " ".join("-" if chord == NONE else TRIADS[chord].name for chord in kept)


def text_of(found: dict[str, Any]) -> str:
    """The tables as Markdown."""
    out = [
        "# Known tunes",
        "",
        "Chords under tunes that everybody knows, beside the standard ones; written by",
        "`sideman-lab evaluate tunes --half both --card models_tflite/cards/tunes.md`. Weights are chosen on the half",
        "`choose` (and on hymns and POP909), the half `report` is only looked at. *accepted*: share of the time with",
        "the standard triad or the bar's alternative; *first*, *last*: share of tunes whose first downbeat is",
        "accepted, whose last chord is the tonic.",
    ]
    for which, table in found.items():
        out += ["", f"## {which}: {table['tunes']} tunes", "", "| | " + " | ".join((*MEASURES, "key")) + " |"]
        out.append("|---" * (len(MEASURES) + 2) + "|")
        for name, row in table["rows"].items():
            cells = [f"{row[m]:.3f}" for m in MEASURES] + [f"{row['key']:.3f}" if "key" in row else ""]
            out.append(f"| {name} | " + " | ".join(cells) + " |")
        for mode, tempo in table["tempo"].items():
            out += ["", f"Tempo and bar in `{mode}`: " + ", ".join(f"{k} {v}" for k, v in tempo.items()) + "."]
        out += [
            "",
            f"The ten worst in `{table['worst of']}`, a bar each: the standard chord (what was played instead).",
            "",
        ]
        out += [f"- {title}: " + " · ".join(bars) for title, bars in table["worst"].items()]
    return "\n".join(out) + "\n"
