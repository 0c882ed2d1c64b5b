"""Voicings: where the tones of a chord lie under the hand, and how the hand moves to the next chord.

The hand keeps common tones, moves every other voice as little as it can, and stays off the player's register
(C3-C5 less what the player uses; RJ16 names root position as the seed's weakness, `models.md` 3.4 the cure).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.music.chords import Chord

LOW, HIGH = 48, 72
"""C3 to C5, MIDI pitches, both included."""
SPAN = 14
"""Smallest window that a hand is left with, in semitones: every chord has several inversions in it."""
_CENTRE_WEIGHT = 0.35
_WIDE, _CLOSE = 18, 12
"""Semitones from the lowest to the highest voice from which each more costs ``_SPREAD``."""
_SPREAD = 0.8
_NARROW = 1.5
_RUB = 40.0
_COMMON_TONE = 0.5
"""Bonus in semitones for each tone that stays."""


def window(player: Iterable[int]) -> tuple[int, int]:
    """Lowest and highest pitch for the chords, off the register the player uses.

    Args:
        player: MIDI pitches the player played; empty when unknown.

    Returns:
        Bounds inside C3-C5, at least ``SPAN`` semitones apart, in steps of a minor third so that a single new
        note of the player's does not move the hand.
    """
    pitches = sorted(player)
    if not pitches:
        return LOW, HIGH - 5
    middle = pitches[len(pitches) // 2]
    low, high = pitches[len(pitches) // 8], pitches[-1 - len(pitches) // 8]
    if middle >= (LOW + HIGH) // 2:
        top = min(HIGH, max(low - 1, LOW + SPAN))
        return LOW, LOW + SPAN + (top - LOW - SPAN) // 3 * 3
    bottom = max(LOW, min(high + 1, HIGH - SPAN))
    return HIGH - SPAN - (HIGH - SPAN - bottom) // 3 * 3, HIGH


def tones(chord: Chord, shape: str = "close") -> tuple[int, ...]:
    """The three or four pitch classes the hand plays, most telling first out.

    Of five or more tones the fifth goes, then the third of an eleventh (it rubs) or the root (the bass has it). A shell
    leaves the root of a seventh chord to the bass, a power chord is root and fifth; two tones double their root (or
    their fifth, or nothing, as the window has room).
    """
    classes = list(dict.fromkeys(chord.pitch_classes))
    if shape == "power":
        fifth = next((pc for pc in classes if (pc - chord.root) % 12 in (6, 7, 8)), classes[-1])
        return (chord.root, fifth, chord.root)
    third = "third" if chord.quality == "11" else "root"
    drop = ["root", "fifth"] if shape == "shell" and len(classes) > 3 else ["fifth", third]
    which = {"fifth": 7, "third": 4, "root": 0}
    most = 3 if shape == "shell" and len(classes) == 4 else 4
    for name in drop:
        if len(classes) > most:
            gone = (chord.root + which[name]) % 12
            classes = [pc for pc in classes if pc != gone]
    classes = classes[:4]
    return tuple(classes) if len(classes) > 2 else (*classes, classes[0])


@lru_cache(maxsize=8192)
def voice(
    chord: Chord,
    previous: tuple[int, ...] = (),
    low: int = LOW,
    high: int = HIGH,
    *,
    smooth: bool = True,
    shape: str = "close",
    avoid: tuple[int, ...] = (),
) -> tuple[int, ...]:
    """Pitches of a chord, lowest first, reached from the previous voicing by the least motion.

    Args:
        chord: What to voice.
        previous: The voicing before, empty at the start.
        low: Lowest pitch allowed.
        high: Highest pitch allowed, at least 11 semitones above ``low``.
        smooth: False gives root position in the same window, for comparison.
        shape: ``close``, ``open`` (wide gaps), ``shell`` (without its root where it has a seventh: a bass is there),
            or ``power`` (root and fifth).
        avoid: Pitches that sound at the player's: nothing is put a semitone beside them where it can be helped.

    Raises:
        ValueError: The window is narrower than an octave.
    """
    if high - low < 11:
        raise ValueError(f"no room for a chord between {low} and {high}: leave at least 11 semitones")
    classes = tones(chord, shape)
    if not smooth:
        return _root_position(classes, low, high)
    centre = (low + high) / 2
    best = min(
        _candidates(classes, low, high),
        key=lambda pitches: (_cost(pitches, previous, centre, shape) + _rubs(pitches, avoid), pitches),
    )
    return tuple(best)


def motion(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Semitones the voices travel between two voicings: each voice to the nearest of the other chord, both ways."""
    if not one or not other:
        return 0.0
    there = sum(min(abs(a - b) for b in other) for a in one)
    back = sum(min(abs(a - b) for b in one) for a in other)
    return (there / len(one) + back / len(other)) * max(len(one), len(other)) / 2


def _candidates(classes: tuple[int, ...], low: int, high: int) -> list[tuple[int, ...]]:
    places = [range(low + (pc - low) % 12, high + 1, 12) for pc in classes]
    found = {tuple(sorted(set(pick))) for pick in product(*places)}
    full = [pitches for pitches in found if len(pitches) == len(classes)]
    if full or len(set(classes)) > 2:
        return full
    # A power chord whose root fits once only: the fifth is doubled if it fits twice.
    wider = {tuple(sorted({*pitches, fifth})) for pitches in found for fifth in places[1]}
    most = max(map(len, wider))
    return sorted(pitches for pitches in wider if len(pitches) == most)


def _cost(pitches: tuple[int, ...], previous: tuple[int, ...], centre: float, shape: str) -> float:
    middle = sum(pitches) / len(pitches)
    cost = _CENTRE_WEIGHT * abs(middle - centre) * (1.0 if previous else 4.0)
    gaps = [b - a for a, b in pairwise(pitches)]
    cost += sum(4.0 for gap in gaps if gap == 1) + sum(0.8 for gap in gaps if gap == 2)
    cost += sum(2.0 for gap in gaps[:1] if gap < 4 and pitches[0] < 52)
    if shape == "open":
        cost += sum(_NARROW for gap in gaps if gap < 5)
    cost += max(0, pitches[-1] - pitches[0] - (_WIDE if shape == "open" else _CLOSE)) * _SPREAD
    return cost + motion(previous, pitches) - _COMMON_TONE * len(set(pitches) & set(previous))


def _rubs(pitches: tuple[int, ...], avoid: tuple[int, ...]) -> float:
    """A semitone beside what the player holds costs more than any motion, his own pitch a little."""
    return sum(_RUB if abs(p - a) == 1 else 0.5 if p == a else 0.0 for p in pitches for a in avoid)


def _root_position(classes: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    pitches = [low + (classes[0] - low) % 12]
    for pc in classes[1:]:
        above = pitches[-1] + ((pc - pitches[-1]) % 12 or 12)
        pitches.append(above)
    return tuple(sorted({p if p <= high else p - 12 for p in pitches}))
