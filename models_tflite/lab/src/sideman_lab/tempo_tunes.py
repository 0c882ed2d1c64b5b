"""Plain tunes played at tempi drawn evenly: what people try a looper or a band with first.

Melodies in quarters and eighths out of hymns, art songs and POP909 and made up by code, 4 to 16 bars with their
pickups, played with human timing by seed: the sets of grooves and of recorded songs hold few of them.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from sideman.music.meter import Meter, MeterError
from sideman_lab.data import hymn_tunes, lieder, pop909
from sideman_lab.splits import side
from sideman_lab.tempo_data import CLOSE_SIGMA_S, NS, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

SLOWEST, FASTEST = 72.0, 160.0
"""Beats a minute between which tempi are drawn evenly."""
LENGTHS = (4, 8, 12, 16)
PLAIN = 0.85
"""A tune is plain when so many of its notes begin on eighths, and so many of its intervals are an eighth or longer."""
FEWEST, MOST = 0.5, 1.6
"""Notes a beat of a plain tune."""
BREATH_BEATS = 1.75
"""A note so long may end a phrase."""
MADE_UP = 300
Half = Literal["choose", "report"]


@dataclass(frozen=True, slots=True)
class Tune:
    """A plain tune on paper: (onset, pitch) in 16ths from its first bar line, and the bars that it fills."""

    name: str
    meter: Meter
    notes: tuple[tuple[float, int], ...]
    bars: int


def half(name: str) -> Half:
    """Which half a tune is in: to choose parameters on, or to report on."""
    return "report" if int(hashlib.sha256(f"plain:{name}".encode()).hexdigest(), 16) % 2 else "choose"


def tunes(data: Path, which: Half) -> list[Tune]:
    """All plain tunes of one half, by set; POP909 only songs for training, or validation to report on."""
    found = []
    for piece in _pieces(data):
        name = str(piece["id"])
        held = ("choose" if side(name) == "train" else "report") if name.startswith("pop909") else half(name)
        made = tune(piece) if held == which else None
        if made is not None:
            found.append(made)
    return found + [made_up(i) for i in range(MADE_UP) if half(f"made-up-{i}") == which]


def _pieces(data: Path) -> Iterator[dict[str, Any]]:
    yield from hymn_tunes.read(data)
    yield from lieder.read(data)
    yield from pop909.read(data)


def tune(piece: dict[str, Any]) -> Tune | None:
    """A piece as a tune, None unless it is plain and in a meter with quarters for beats."""
    try:
        meter = Meter(*piece["meter"])
    except MeterError:
        return None
    notes = tuple((float(on), int(pitch)) for on, _, pitch in piece["melody"])
    if meter not in (Meter(), Meter(3, 4)) or len(notes) < 12:
        return None
    gaps = [b - a for (a, _), (b, _) in pairwise(notes)]
    beats = (notes[-1][0] - notes[0][0]) / 4
    plain = sum(on % 2 == 0 for on, _ in notes) >= PLAIN * len(notes) and sum(g >= 2 for g in gaps) >= PLAIN * len(gaps)
    # A tune that is written in long or in short notes all through would be beaten by another note than its meter's.
    if not plain or not FEWEST <= len(notes) / beats <= MOST:
        return None
    return Tune(str(piece["id"]), meter, notes, int(notes[-1][0] // meter.bar_frames) + 1)


CELLS = {
    4: ("1111", "112", "211", "1 h h 1 1", "31", "1.h1.h", "11hh1", "hh1hh1", "22", "1hh2", "1.h2", "hhhh11"),
    3: ("111", "21", "1.h1", "1hh1", "12", "hhhh1", "11hh"),
}
"""Rhythms of a bar: 1 to 3 beats, ``h`` half a beat, ``.`` half a beat longer."""
LAST = {4: ("4", "3", "22", "13"), 3: ("3", "2", "12")}


def made_up(number: int) -> Tune:
    """A tune of 16 bars in four-bar phrases (AABA or ABAC), in steps of a scale, with or without a pickup."""
    rng = random.Random(f"tune-{number}")
    beats = 3 if rng.random() < 0.25 else 4
    meter = Meter(beats, 4)
    cells = rng.sample(CELLS[beats], 3)
    parts = {key: _strain(rng, beats, cells) for key in "ABC"}
    pickup = rng.choice((0, 0, 0, 1, 1, 2))  # none, a quarter, two eighths
    step = rng.randrange(5)
    notes: list[tuple[float, int]] = []
    scale, root = (0, 2, 4, 5, 7, 9, 11), rng.randrange(55, 67)
    melodies: dict[str, list[int]] = {}
    for place, key in enumerate(rng.choice(("AABA", "ABAC", "ABAB", "AABC"))):
        rhythm = parts[key]
        if key not in melodies:
            melodies[key] = []
            for _ in rhythm:
                step = min(9, max(-3, step + rng.choice((-2, -1, -1, 0, 1, 1, 2, 3, -3))))
                melodies[key].append(step)
        zero = place * 16 * beats
        before = {0: (), 1: (-4,), 2: (-4, -2)}[pickup]
        notes += [(float(zero + at), root + scale[4 % 7] - 12) for at in before if zero == 0 or _free(notes, zero + at)]
        notes += [
            (float(zero + at), root + scale[s % 7] + 12 * (s // 7)) for at, s in zip(rhythm, melodies[key], strict=True)
        ]
    return Tune(f"made-up-{number}", meter, tuple(sorted(notes)), 16)


def _free(notes: Sequence[tuple[float, int]], at: float) -> bool:
    return not notes or notes[-1][0] <= at - 4


def _strain(rng: random.Random, beats: int, cells: Sequence[str]) -> list[int]:
    """Onsets of four bars in 16ths, the last one long."""
    found = []
    for bar in range(4):
        at = bar * beats * 4
        end = at + beats * 4
        for sign in (rng.choice(cells) if bar < 3 else rng.choice(LAST[beats])).replace(" ", ""):
            if sign == ".":
                at += 2
                continue
            if at >= end:
                break
            found.append(at)
            at += 2 if sign == "h" else 4 * int(sign)
    return found


def played(some: Sequence[Tune], n: int, seed: int, lengths: Sequence[int] = LENGTHS) -> list[Phrase]:
    """Draw phrases: a set, a tune of it, a length, a tempo, a beginning (of the tune, or after a long note).

    Args:
        some: What to draw from; each set (by the first word of the names) comes equally often.
        n: How many.
        seed: Of the drawing and of the human timing.
        lengths: Bars to draw from.
    """
    rng = random.Random(seed)
    sets: dict[str, list[Tune]] = {}
    for each in some:
        sets.setdefault(each.name.split("-")[0], []).append(each)
    names = sorted(sets)
    found: list[Phrase] = []
    for _ in range(100 * n):
        if len(found) == n:
            break
        phrase = perform(rng.choice(sets[rng.choice(names)]), rng.choice(lengths), rng.uniform(SLOWEST, FASTEST), rng)
        if phrase is not None:
            found.append(phrase)
    return found


def perform(tune: Tune, bars: int, bpm: float, rng: random.Random) -> Phrase | None:
    """A phrase of a tune as somebody plays it: onsets 8 to 20 ms off, a drift of 1 %, accents or none."""
    meter, size = tune.meter, tune.meter.bar_frames
    starts = [0, *(i for i, ((a, _), (b, _)) in enumerate(pairwise(tune.notes), 1) if b - a >= 4 * BREATH_BEATS)]
    first = rng.choice(starts) if rng.random() < 0.5 else 0
    at = tune.notes[first][0]
    pickup = -at % size
    if pickup > 0.75 * size or not float(at).is_integer():
        return None
    zero = at + pickup
    end = zero + bars * size
    if tune.bars * size < end:
        return None
    # The pickup of what would come next is played by some.
    stop = end if rng.random() < 0.5 else end - pickup
    notes = [(on - zero, pitch) for on, pitch in tune.notes[first:] if on < stop]
    beats_heard = [on for on, _ in notes if on >= 0]
    if len(notes) < max(4, 2 * bars) or max(beats_heard, default=0) < (bars - 1) * size or notes[0][0] > 0:
        return None
    step, sigma, drift, accent = 15 / bpm, rng.uniform(0.008, 0.020), rng.gauss(0, 0.005), rng.choice((0, 3, 6))
    length = bars * size
    lead = 1.0 + pickup * step

    def seconds(on: float) -> float:
        return lead + on * step * (1 + drift * (on / length - 1))

    sounding = sorted(
        (seconds(on) + rng.gauss(0, sigma), pitch, 70 + accent * meter.weight(int(on * 240)) + rng.gauss(0, 6))
        for on, pitch in notes
    )
    true = 4 * meter.bar_frames * bars * 15 / (seconds(length) - seconds(0)) / 4
    return Phrase(
        "plain",
        tune.name,
        tuple((round(t * NS), min(127, max(20, round(v)))) for t, _, v in sounding),
        tuple(p for _, p, _ in sounding),
        round((seconds(length) + rng.gauss(0, CLOSE_SIGMA_S)) * NS),
        meter,
        true,
        round(seconds(0) * NS),
        bars,
    )
