"""The simulated players of the closed-loop bench, each by its name and seed; a foot counts most of them in."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sideman.sim.players.adversary import ordeal
from sideman.sim.players.base import Player
from sideman.sim.players.hands import Hands, Pulse
from sideman.sim.players.reactive import Reactive
from sideman.sim.players.tunes import Tune, first, looped, moved, tune, with_rest, with_slips
from sideman.sim.players.tunes import of_piece as of_piece_tune

BARS = 24
CHANGE_BAR = 9
"""Bar at which the key changes, by a tritone: the furthest there is."""
REST_BAR = 13
LONGEST_PIECE = 384
"""16ths of a given piece that are played."""


def tempo(seed: int) -> float:
    """A tempo for a seed, in quarters a minute."""
    return float(random.Random(f"tempo {seed}").randrange(84, 132))


def melody(seed: int) -> Player:
    """A tune as it stands."""
    return of_tune(f"melody-{seed}", tune(seed, BARS), seed)


def uncounted(seed: int) -> Player:
    """The same, and nobody counts in: the box finds tempo and bar line in the playing."""
    return Hands(f"uncounted-{seed}", tune(seed, BARS), Pulse(tempo(seed)), seed, counts=False)


def loop(seed: int) -> Player:
    """Four bars over and over; with an even seed eight."""
    bars = 8 if seed % 2 == 0 else 4
    return of_tune(f"loop-{seed}", looped(tune(seed), bars, 32 // bars), seed)


def keychange(seed: int) -> Player:
    """A tune that goes on a tritone away from bar 9 on."""
    return of_tune(f"keychange-{seed}", moved(tune(seed, BARS), CHANGE_BAR, 6 if seed % 2 else -6), seed)


def wrong(seed: int) -> Player:
    """A tune with a wrong note in ten."""
    return of_tune(f"wrong-{seed}", with_slips(tune(seed, BARS), seed, 0.1), seed)


def stops(seed: int) -> Player:
    """A tune that stops for two bars and comes back on beat 3 of the next."""
    return of_tune(f"stops-{seed}", with_rest(tune(seed, BARS), REST_BAR, 2.5 * 16), seed)


def drift(seed: int) -> Player:
    """A tune whose tempo swings by 5 % within 16 bars, every onset off by 20 ms, and nobody counts in."""
    return Hands(f"drift-{seed}", tune(seed, BARS), Pulse(tempo(seed), 0.05, 32, 20), seed, counts=False)


def reactive(seed: int) -> Player:
    """The melody net under the box's own chords."""
    return Reactive(f"reactive-{seed}", tune(seed, BARS), Pulse(tempo(seed)), seed)


def adversary(seed: int) -> Player:
    """Chromatic runs, one note, silence and clusters."""
    return of_tune(f"adversary-{seed}", ordeal(seed), seed)


CAST: dict[str, Callable[[int], Player]] = {
    "melody": melody,
    "uncounted": uncounted,
    "loop": loop,
    "keychange": keychange,
    "wrong": wrong,
    "stops": stops,
    "drift": drift,
    "reactive": reactive,
    "adversary": adversary,
}
"""Every player by name. Add one: a function from a seed to a :class:`~sideman.sim.players.base.Player`, and a line."""


def of_tune(name: str, one: Tune, seed: int) -> Hands:
    """Steady hands for any tune."""
    return Hands(name, one, Pulse(tempo(seed)), seed)


def of_piece(piece: dict[str, Any], seed: int = 1) -> Hands:
    """Steady hands for a piece of the common form, its first so many 16ths.

    Raises:
        ValueError: It is not a piece.
    """
    return of_tune(str(piece.get("id", "piece")), first(of_piece_tune(piece), LONGEST_PIECE), seed)
