"""``sideman-lab evaluate choruses``: how far each turn of the form is the first one over again.

A player of four chords over eight bars trades with the whole conductor and the box's own networks on the offline clock.
For each style and part: the Jaccard likeness of turn 2, 3 and 4 to turn 1 (onsets in 16ths, and pitches), at
``jam.variation`` 0 and at its default. Beside it the likeness of the first turns of two jams with other seeds: as far
apart as the same style gets.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from statistics import mean
from typing import Any

from sideman.jam.options import STYLES, Options
from sideman.music.meter import TICKS_PER_QUARTER
from sideman_lab.offline import SECOND, OfflineBox

STYLE_NAMES = ("rock", "funk", "jazz", "blues", "latin", "pop")
PARTS = ("drums", "bass", "chords")
BARS, TURNS, BPM = 8, 4, 104
REPEATS = 0.85
"""Likeness from which a turn is the first one over again: the first begins with a crash, its bass from nowhere. Turn 2
is not asked: in many styles the right hand goes from hat to ride and back."""
BEGUN = 6 * SECOND
QUARTER = 60 * SECOND // BPM
_CHORDS = ((57, 60, 64), (53, 57, 60), (55, 60, 64), (55, 59, 62))
_MELODY = (69, 72, 76, 74, 72, 69, 67, 71)
Turn = frozenset[tuple[int, int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate choruses``."""
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=STYLE_NAMES, metavar="STYLE", help="which")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 1 when turn 3 is not turn 1 again at variation 0, or is at the default."""
    found = measure(args.styles)
    if args.json:
        print(json.dumps(found))
    else:
        for style, row in found["styles"].items():
            for name, parts in row.items():
                cells = "  ".join(f"{part} {value}" for part, value in parts.items())
                print(f"{style:8} {name:12} {cells}")
        print(
            f"turn 3 to turn 1: at 0 at least {found['least_at_0']}; at the default at most {found['most_at_default']}"
        )
    return 0 if found["least_at_0"] >= REPEATS and found["most_at_default"] < REPEATS else 1


def measure(styles: tuple[str, ...]) -> dict[str, Any]:
    """Likenesses of every style."""
    rows: dict[str, Any] = {}
    for style in styles:
        same, varied, other = (turns(style, **how) for how in ({"variety": 0.0}, {}, {"seed": 2}))
        rows[style] = {
            "variation 0": {part: likenesses(same[part]) for part in PARTS},
            "default": {part: likenesses(varied[part]) for part in PARTS},
            "other seed": {part: likeness(varied[part][0], other[part][0]) for part in PARTS},
        }
    thirds = [mean(row["default"][part][1] for part in PARTS) for row in rows.values()]
    return {
        "styles": rows,
        "least_at_0": min(row["variation 0"][part][1] for row in rows.values() for part in PARTS),
        "most_at_default": round(max(thirds), 3),
    }


def turns(style: str, *, variety: float | None = None, seed: int = 1) -> dict[str, list[Turn]]:
    """What each part strikes in each turn of a jam: frames of the form and pitches."""
    options = Options(mode="trade", style=style, seed=seed)
    box = OfflineBox(options if variety is None else replace(options, variety=variety))
    box.press(BEGUN - QUARTER // 2, "START")
    for beat in range(4 * BARS):
        box.note(BEGUN + beat * QUARTER, QUARTER * 8 // 10, _MELODY[(beat * 3 + beat // 8) % len(_MELODY)], 88)
        if beat % 4 == 0:
            for pitch in _CHORDS[beat // 8]:
                box.note(BEGUN + beat * QUARTER, QUARTER * 3, pitch, 76)
    box.press(BEGUN + 4 * BARS * QUARTER, "PLAY")
    box.run(BEGUN + 4 * BARS * (TURNS + 1) * QUARTER - QUARTER // 4)
    jam = box.conductor.jam
    size, first = 4 * BARS * TICKS_PER_QUARTER, jam.session.origin * 240
    found: dict[str, list[set[tuple[int, int]]]] = {part: [set() for _ in range(TURNS)] for part in PARTS}
    for note in jam.recorder.band:
        turn, at = divmod(note.on - first + 120, size)
        if note.part in found and 0 <= turn < TURNS:
            found[note.part][turn].add((at // 240, note.pitch))
    return {part: [frozenset(turn) for turn in each] for part, each in found.items()}


def likenesses(each: list[Turn]) -> list[float]:
    """Of the later turns to the first."""
    return [likeness(each[0], turn) for turn in each[1:]]


def likeness(one: Turn, other: Turn) -> float:
    """Jaccard index, 1 for two empty turns."""
    return round(len(one & other) / len(one | other), 3) if one | other else 1.0
