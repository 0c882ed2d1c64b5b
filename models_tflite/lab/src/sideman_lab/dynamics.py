"""``sideman-lab evaluate dynamics``: how soon the band is as loud as the player, over a groove that stands.

A player of eighths steps from loud to soft, from soft to loud, or swells and ebbs over nine bars; the whole conductor
plays along with the box's own networks on the offline clock. For each part: bars until four fifths of the step are
followed (means of a bar around each half bar), and for the swell the correlation of bar means at lags of 0 to 4 bars.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from sideman.band.ensemble import Ensemble
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.events import NoteOff, NoteOn, PlanReady, SwitchEdge
from sideman.jam.options import Options
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.ports import FakeMidiOut

SECOND = 1_000_000_000
ZERO = 6 * SECOND
QUARTER = SECOND * 60 // 96
PITCHES = (64, 67, 72, 71, 69, 72, 76, 74, 65, 69, 72, 74, 67, 71, 74, 71)
PHRASE, BARS, STEP = 4, 32, 16
"""Bars of the phrase of ``trade``, bars played, and the bar of the step."""
FOLLOWED = 0.8
PARTS = ("drums", "bass", "chords")
SOFT, LOUD = 52, 112


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate dynamics``."""
    parser.add_argument("--style", default="rock", help="style of the band (default: rock)")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 always: no gate."""
    found = measure(args.style)
    if args.json:
        print(json.dumps(found))
        return 0
    for mode, rows in found.items():
        for name, parts in rows.items():
            print(f"{mode:7} {name:12} " + "  ".join(f"{part} {value}" for part, value in parts.items()))
    return 0


def measure(style: str = "rock") -> dict[str, Any]:
    """Lags and correlations of both modes."""
    out: dict[str, Any] = {}
    for mode in ("trade", "follow"):
        rows: dict[str, Any] = {}
        for name, before, after in (("loud to soft", LOUD, SOFT), ("soft to loud", SOFT, LOUD)):
            struck = play(mode, style, [before] * STEP + [after] * (BARS - STEP))
            rows[name] = {part: lag(struck[part]) for part in PARTS}
        wave = [round(82 + 28 * float(np.sin(2 * np.pi * bar / 9))) for bar in range(BARS)]
        struck = play(mode, style, wave)
        rows["swell"] = {part: correlations(struck[part], wave) for part in PARTS}
        out[mode] = rows
    return out


class _Silent:
    """Screens and journal of nobody."""

    def show(self, item: Any) -> None:
        """Nothing."""

    def write(self, record: Any) -> None:
        """Nothing."""


class _Band:
    """The band with its networks, two milliseconds away."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.ensemble = clock, Ensemble()
        self.conductor: Conductor | None = None

    def ask(self, ask: Any) -> None:
        """Answer at once."""
        if self.conductor is not None:
            self.conductor.post(PlanReady(self.clock.now() + 2_000_000, self.ensemble.answer(ask)))


def play(mode: str, style: str, loudness: list[int]) -> dict[str, list[tuple[float, int]]]:
    """Bar (with its fraction) and velocity of what each part sends, under a player with a velocity for each bar."""
    clock = ManualClock(5 * SECOND)
    out, link, nobody = FakeMidiOut(clock.now), _Band(clock), _Silent()
    options = Options(mode=mode, style=style)
    conductor = link.conductor = Conductor(options, Ports(clock, out, nobody, link, nobody), 5 * SECOND)
    first = PHRASE if mode == "trade" else 0
    whole = [loudness[0]] * first + loudness
    press(conductor, "START", -0.5)
    for i in range(8 * len(whole)):
        pitch = PITCHES[i % len(PITCHES)]
        conductor.post(NoteOn(_ns(i / 2), "keys", 0, pitch, whole[i // 8]))
        conductor.post(NoteOff(_ns(i / 2 + 0.4), "keys", 0, pitch))
    if first:
        press(conductor, "PLAY", 4 * first)
    run_offline(conductor, clock, _ns(4 * len(whole)))
    struck: dict[str, list[tuple[float, int]]] = {part: [] for part in PARTS}
    for part in PARTS:
        head = 0x90 | options.part(part).channel
        for ns, data, *_ in out.sent:
            if data[0] == head and data[2]:
                struck[part].append((((ns - ZERO) / QUARTER + 0.05) / 4 - first, data[2]))
    return struck


def press(conductor: Conductor, switch: str, beat: float) -> None:
    """A short press."""
    conductor.post(SwitchEdge(_ns(beat), switch, True))  # type: ignore[arg-type]  # callers name switches
    conductor.post(SwitchEdge(_ns(beat) + SECOND // 10, switch, False))  # type: ignore[arg-type]


def _ns(beat: float) -> int:
    return round(ZERO + beat * QUARTER)


def mean(struck: list[tuple[float, int]], low: float, high: float) -> float | None:
    """Mean velocity from one bar to another, None where nothing was struck."""
    inside = [velocity for at, velocity in struck if low <= at < high]
    return float(np.mean(inside)) if inside else None


def lag(struck: list[tuple[float, int]]) -> float | None:
    """Bars after the step until four fifths of it are there; None when they never are."""
    before, after = mean(struck, STEP - 6, STEP), mean(struck, BARS - 4, BARS)
    if before is None or after is None or abs(after - before) < 5:
        return None
    for half in range(2 * (BARS - STEP)):
        at = STEP + half / 2
        now = mean(struck, at - 0.5, at + 0.5)
        if now is not None and (now - before) / (after - before) >= FOLLOWED:
            return half / 2
    return None


def correlations(struck: list[tuple[float, int]], loudness: list[int]) -> list[float]:
    """Of bar means with the player's bars 0 to 4 earlier."""
    bars = [(bar, mean(struck, bar, bar + 1)) for bar in range(10, BARS)]
    known = [(bar, value) for bar, value in bars if value is not None]
    return [
        round(float(np.corrcoef([v for _, v in known], [loudness[b - back] for b, _ in known])[0, 1]), 2)
        for back in range(5)
    ]
