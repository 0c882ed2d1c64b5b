"""``sideman-lab evaluate swing``: how far each part's off-beat eighths lie from the player's.

Players of eighths with the ratios of ``RATIOS`` and a human hand (normal timing noise, by seed) play through the whole
conductor with the box's own networks on the offline clock. For each part: the middle of its strokes that are off-beat
eighths, as a share of the beat, and its distance from the middle of the player's own; beside it that of a band which
plays straight. Fills are drum strokes of snare and toms in the bars that end four, eight, a form.
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from typing import Any

import numpy as np

from sideman.jam.options import STYLES, Options
from sideman.music.drumkit import OUT_PITCH, SIDE_STICK, Voice
from sideman.music.meter import TICKS_PER_QUARTER
from sideman_lab.offline import SECOND, OfflineBox

ZERO = 6 * SECOND
BPM = 120
RATIOS = (0.50, 0.58, 0.62, 0.66, 0.70)
MODES = ("trade", "follow")
PARTS = ("drums", "comping", "bass", "fills", "solo")
CHANNELS = {"drums": "drums", "comping": "chords", "bass": "bass", "solo": "solo"}
PHRASE, BARS = 4, 24
"""Bars of the phrase of ``trade``, and bars measured after it (in ``follow``: from the band's entry on)."""
HAND = 0.018
"""Standard deviation of the player's timing, seconds."""
WITHIN = 0.04
EVEN = 0.5
_LOW = 0.40
"""Earliest place in the beat of an off-beat eighth; the latest is halfway from the player's to the 16th after it."""
_DRUMS = frozenset({*(OUT_PITCH[v] for v in (Voice.SNARE, Voice.LOW_TOM, Voice.MID_TOM, Voice.HIGH_TOM)), SIDE_STICK})
_PITCHES = (64, 67, 72, 71, 69, 72, 76, 74, 65, 69, 72, 74, 67, 71, 74, 71)
_RHYTHMS = ((0, 1, 2, 3, 4, 5, 6, 7), (0, 2, 3, 4, 5, 6, 7), (0, 1, 2, 4, 5, 6), (0, 1, 3, 4, 5, 7))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate swing``."""
    parser.add_argument("--style", default="rock", choices=STYLES, help="style of the band (default: rock)")
    parser.add_argument("--bpm", type=float, default=BPM, help=f"quarters a minute (default: {BPM})")
    parser.add_argument("--seed", type=int, default=0, help="of the player's hand (default: 0)")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 1 when a part lies further than ``WITHIN`` from the player."""
    found = measure(args.style, args.bpm, args.seed)
    if args.json:
        print(json.dumps(found))
    else:
        for row in found["players"]:
            parts = "  ".join(
                f"{part} {told['ratio']:.3f} ({told['distance']:+.3f})" if told else f"{part} -"
                for part, told in row["parts"].items()
            )
            print(f"{row['mode']:7} player {row['player']:.3f}  {parts}  straight ({row['straight']:+.3f})")
        print(f"furthest {found['furthest']:.3f} (must {WITHIN}), straight {found['furthest_straight']:.3f}")
    return 0 if found["furthest"] <= WITHIN else 1


def measure(style: str = "rock", bpm: float = BPM, seed: int = 0) -> dict[str, Any]:
    """Ratios and distances of all players in both modes."""
    rows = [row(mode, style, ratio, bpm, seed) for mode in MODES for ratio in RATIOS]
    distances = [abs(told["distance"]) for one in rows for told in one["parts"].values() if told]
    return {
        "style": style,
        "bpm": bpm,
        "seed": seed,
        "players": rows,
        "furthest": max(distances, default=0.0),
        "furthest_straight": max(abs(one["straight"]) for one in rows),
    }


def row(mode: str, style: str, ratio: float, bpm: float, seed: int) -> dict[str, Any]:
    """One player in one mode."""
    player, struck = play(mode, style, ratio, bpm, seed)
    own = float(np.median([at % 1 for at in player if _LOW <= at % 1 < 1 - EVEN / 4]))
    parts: dict[str, Any] = {}
    for part in PARTS:
        found = off_beat(struck[part], own + (1 - own) / 4)
        parts[part] = None if found is None else {"ratio": round(found, 4), "distance": round(found - own, 4)}
    return {
        "mode": mode,
        "asked": ratio,
        "player": round(own, 4),
        "parts": parts,
        "straight": round(EVEN - own, 4),
    }


def play(mode: str, style: str, ratio: float, bpm: float, seed: int) -> tuple[list[float], dict[str, list[float]]]:
    """Beats at which the player strikes, and at which each part does, from the first bar that is measured on."""
    rng = np.random.default_rng((seed, round(100 * ratio)))
    quarter = SECOND * 60 / bpm
    options = Options(mode=mode, style=style)
    box = OfflineBox(options)
    first = PHRASE if mode == "trade" else 0
    player = [4 * bar + i // 2 + ratio * (i % 2) for bar in range(first + BARS) for i in _RHYTHMS[bar % len(_RHYTHMS)]]
    player = [at + float(rng.normal(0, HAND)) * bpm / 60 if at else at for at in player]
    box.press(round(ZERO - quarter / 2), "START")
    for i, at in enumerate(player):
        box.note(round(ZERO + at * quarter), round(0.3 * quarter), _PITCHES[i % len(_PITCHES)], 88)
    if first:
        box.press(round(ZERO + 4 * first * quarter), "PLAY")
    box.run(round(ZERO + 4 * (first + BARS) * quarter))
    struck: dict[str, list[float]] = {part: [] for part in PARTS}
    line = box.conductor.jam.timeline
    heads = {0x90 | options.part(name).channel: part for part, name in CHANNELS.items()}
    for ns, data, *_ in box.out.sent:
        part = heads.get(data[0])
        if part is None or not data[2]:
            continue
        tick = line.tick(ns) - line.bar_zero
        at = tick / TICKS_PER_QUARTER  # of the band's own beat: its tempo is read from the player, not his to the hair
        struck[part].append(at)
        if part == "drums" and data[1] in _DRUMS and int(at) // 4 % PHRASE == PHRASE - 1:
            struck["fills"].append(at)
    return player, struck


def off_beat(beats: list[float], latest: float) -> float | None:
    """The middle of the off-beat eighths: each alone in its beat but for strokes together; None for fewer than four."""
    ordered = sorted(beats)
    alone = ordered[:1] + [b for a, b in pairwise(ordered) if b - a > 0.06]
    places: dict[int, list[float]] = {}
    for at in alone:
        if _LOW <= at % 1 <= latest:
            places.setdefault(int(at), []).append(at % 1)
    found = [at for inside in places.values() if len(inside) == 1 for at in inside]
    return float(np.median(found)) if len(found) >= 4 else None
