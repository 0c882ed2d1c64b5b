"""A player who means no harm but does everything wrong: chromatic runs, one note, nothing at all, clusters."""

from __future__ import annotations

import random
from collections.abc import Callable

from sideman.sim.players.tunes import BAR, Line, Tune

SECTION_BARS = 6


def _chromatic(_rng: random.Random) -> Line:
    """Sixteenths up and down three octaves by semitones."""
    up = [*range(48, 84), *range(84, 48, -1)]
    return tuple((float(i), 0.9, up[i % len(up)]) for i in range(SECTION_BARS * BAR))


def _one_note(rng: random.Random) -> Line:
    """Eighths, one pitch."""
    pitch = rng.randrange(50, 75)
    return tuple((float(i), 1.5, pitch) for i in range(0, SECTION_BARS * BAR, 2))


def _silence(_rng: random.Random) -> Line:
    return ()


def _clusters(rng: random.Random) -> Line:
    """Storms of clusters anywhere in time and on the keyboard, some keys struck again before they came up."""
    notes: list[tuple[float, float, int]] = []
    for _ in range(SECTION_BARS * 12):
        onset, low = rng.uniform(0, SECTION_BARS * BAR - 1), rng.randrange(0, 120)
        notes += [(onset, rng.uniform(0.05, 6), low + k) for k in range(rng.randrange(3, 8))]
    return tuple(sorted(notes))


SECTIONS: dict[str, Callable[[random.Random], Line]] = {
    "chromatic": _chromatic,
    "one note": _one_note,
    "silence": _silence,
    "clusters": _clusters,
}


def ordeal(seed: int) -> Tune:
    """The four sections, six bars each; the seed says which comes first."""
    rng = random.Random(f"ordeal {seed}")
    names = list(SECTIONS)
    names = names[seed % len(names) :] + names[: seed % len(names)]
    size = SECTION_BARS * BAR
    melody = [(o + i * size, d, p) for i, name in enumerate(names) for o, d, p in SECTIONS[name](rng)]
    return Tune(tuple(melody), (), size * len(names), marks=tuple((i * size, n) for i, n in enumerate(names)))
