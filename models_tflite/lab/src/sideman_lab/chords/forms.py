"""Progressions over standard forms, drawn by a seeded generator: common practice written down from general knowledge.

A chord is ``(semitones above the key, quality)``; a form is a list of bars, a bar a list of one or two chords.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sideman_lab.chords.songbook import songbook

if TYPE_CHECKING:
    import numpy as np

Degree = tuple[int, str]
Bars = list[list[Degree]]

ONE, TWO, FOUR, FIVE, SIX, THREE = (0, "maj"), (2, "min"), (5, "maj"), (7, "maj"), (9, "min"), (4, "min")
SEVEN = (11, "dim")
I_MINOR, IV_MINOR, FLAT_SIX, FLAT_SEVEN, FLAT_THREE = (0, "min"), (5, "min"), (8, "maj"), (10, "maj"), (3, "maj")
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
DORIAN, MIXOLYDIAN = (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 5, 7, 9, 10)
METERS = ((4, 4), (3, 4), (6, 8), (2, 4))


@dataclass(frozen=True)
class Form:
    """A form to be played over and over.

    Attributes:
        bars: Chords of each bar.
        sections: Length in bars and name of each section; sections of one name have one melody.
        scale: Steps of the scale above the key.
        meter: Meter.
    """

    bars: Bars
    sections: tuple[tuple[int, str], ...]
    scale: tuple[int, ...]
    meter: tuple[int, int]


def form(rng: np.random.Generator) -> Form:
    """A form of a random kind; folk strains and songs of the songbook are the most frequent."""
    kinds = (_folk, _song, _songbook, _pop, _blues, _rhythm_changes, _vamp)
    return kinds[int(rng.choice(len(kinds), p=(0.24, 0.1, 0.38, 0.1, 0.06, 0.06, 0.06)))](rng)


def _pick(rng: np.random.Generator, *choices: Degree) -> Degree:
    return choices[int(rng.integers(len(choices)))]


def _blues(rng: np.random.Generator) -> Form:
    minor = rng.random() < 0.25
    one, four, five = (I_MINOR, IV_MINOR, FIVE) if minor else (ONE, FOUR, FIVE)
    second = four if rng.random() < 0.5 else one
    line = [one, second, one, one, four, four, one, one, five, four, one, _pick(rng, one, five)]
    if rng.random() < 0.4:
        line[8:10] = [(2, "dim") if minor else TWO, five]
    if not minor and rng.random() < 0.3:
        line[7] = (9, "maj")
    if not minor and rng.random() < 0.2:
        line[5] = (6, "dim")
    scale = (MIXOLYDIAN, DORIAN, MINOR)[2 if minor else int(rng.integers(2))]
    return Form([[c] for c in line], ((4, "a"), (4, "b"), (4, "c")), scale, (4, 4))


def _rhythm_changes(rng: np.random.Generator) -> Form:
    six = _pick(rng, SIX, (9, "maj"))
    turn = [[ONE, six], [TWO, FIVE]]
    first = [*turn, *turn, [ONE, ONE], [FOUR, _pick(rng, IV_MINOR, (6, "dim"))], [ONE, FIVE], [ONE]]
    bridge: Bars = [[c] for c in ((4, "maj"), (4, "maj"), (9, "maj"), (9, "maj"), (2, "maj"), (2, "maj"), FIVE, FIVE)]
    return Form([*first, *first, *bridge, *first], ((8, "a"), (8, "a"), (8, "b"), (8, "a")), MAJOR, (4, 4))


def _vamp(rng: np.random.Generator) -> Form:
    scale, line = (
        (DORIAN, (I_MINOR, FOUR)),
        (MIXOLYDIAN, (ONE, FLAT_SEVEN)),
        (MINOR, (I_MINOR, FLAT_SEVEN)),
        (MINOR, (I_MINOR, FLAT_SIX)),
        (MIXOLYDIAN, (ONE, FLAT_SEVEN, FOUR, ONE)),
        (DORIAN, (I_MINOR, TWO)),
    )[int(rng.integers(6))]
    each = int(rng.choice((1, 2, 4)))
    bars = [[c] for c in line for _ in range(each)]
    while len(bars) < 8:
        bars = bars + bars
    return Form(bars, ((len(bars), "a"),), scale, METERS[int(rng.choice(4, p=(0.7, 0.1, 0.15, 0.05)))])


LOOPS: tuple[tuple[Degree, ...], ...] = (
    (ONE, FIVE, SIX, FOUR), (SIX, FOUR, ONE, FIVE), (ONE, SIX, FOUR, FIVE), (ONE, FOUR, FIVE, FOUR),
    (ONE, THREE, FOUR, FIVE), (FOUR, FIVE, THREE, SIX), (ONE, FOUR, SIX, FIVE), (TWO, FIVE, ONE, SIX),
    (ONE, FIVE, TWO, FOUR), (SIX, FIVE, FOUR, FIVE), (ONE, FLAT_SEVEN, FOUR, ONE), (FOUR, ONE, FIVE, SIX),
    (ONE, FOUR, ONE, FIVE), (FOUR, IV_MINOR, ONE, ONE), (SIX, TWO, FIVE, ONE), (ONE, FIVE, FOUR, FIVE),
)  # fmt: skip
MINOR_LOOPS: tuple[tuple[Degree, ...], ...] = (
    (I_MINOR, FLAT_SEVEN, FLAT_SIX, FIVE), (I_MINOR, FLAT_SIX, FLAT_THREE, FLAT_SEVEN),
    (I_MINOR, IV_MINOR, FLAT_SEVEN, FLAT_THREE), (I_MINOR, IV_MINOR, FIVE, I_MINOR),
    (FLAT_SIX, FLAT_SEVEN, I_MINOR, I_MINOR), (I_MINOR, FIVE, I_MINOR, FLAT_SEVEN),
)  # fmt: skip


def _pop(rng: np.random.Generator) -> Form:
    minor = rng.random() < 0.3
    loops = MINOR_LOOPS if minor else LOOPS
    half = rng.random() < 0.25
    sections: list[tuple[int, str]] = []
    bars: Bars = []
    chosen: dict[str, tuple[Degree, ...]] = {}
    for name in ("a", "a", "b", "a") if rng.random() < 0.5 else ("a", "b"):
        loop = chosen.setdefault(name, loops[int(rng.integers(len(loops)))])
        cells: Bars = [[loop[0], loop[1]], [loop[2], loop[3]]] if half else [[c] for c in loop]
        bars += (cells * 4)[:8]
        sections.append((8, name))
    return Form(bars, tuple(sections), MINOR if minor else MAJOR, (4, 4))


def phrase(rng: np.random.Generator, length: int, *, minor: bool, closed: bool, rich: float) -> Bars:
    """A phrase of functional harmony: tonic, away from it, and a half or a full cadence.

    Args:
        rng: Draws it.
        length: Bars, 4 or 8.
        minor: Whether in minor.
        closed: Ends on the tonic, else on the dominant.
        rich: 0-1, how often secondary dominants, substitutes and chords of half a bar are used.
    """
    tonic = I_MINOR if minor else ONE
    away = [IV_MINOR, FLAT_SIX, FLAT_THREE, FLAT_SEVEN] if minor else [FOUR, TWO, SIX, FOUR, THREE]
    line = [tonic]
    for bar in range(1, length - 2):
        before = line[-1]
        if bar % 2 == 0 and rng.random() < 0.45:
            line.append(tonic)
        elif rng.random() < 0.3:
            line.append(before)
        elif rng.random() < 0.3:
            line.append(FIVE)
        else:
            line.append(away[int(rng.integers(len(away) if rng.random() < rich + 0.3 else 1))])
    subdominant = IV_MINOR if minor else _pick(rng, FOUR, TWO, TWO) if rng.random() < rich else FOUR
    line += [FIVE, tonic] if closed else [_pick(rng, tonic, subdominant), FIVE]
    bars: Bars = [[c] for c in line]
    if closed and rng.random() < 0.5:
        bars[-2] = [_pick(rng, subdominant, tonic), FIVE]
    elif closed and length > 4 and rng.random() < 0.6:
        bars[-3] = [subdominant]
    for bar in range(length - 1):
        root, quality = bars[bar + 1][0]
        target = root not in (0, 7 if minor else 0) and quality != "dim"
        if target and len(bars[bar]) == 1 and rng.random() < 0.5 * rich:
            dominant = ((root + 7) % 12, "maj")
            bars[bar] = [bars[bar][0], dominant] if rng.random() < 0.6 else [dominant]
        elif len(bars[bar]) == 1 and rng.random() < 0.25 * rich:
            bars[bar] = [bars[bar][0], _pick(rng, FIVE, *away)]
    return bars


def _folk(rng: np.random.Generator) -> Form:
    minor = rng.random() < 0.25
    meter = METERS[int(rng.choice(4, p=(0.3, 0.2, 0.35, 0.15)))]
    rich = float(rng.random() * 0.25)
    bars: Bars = []
    sections = []
    for name in ("a", "b") if rng.random() < 0.8 else ("a", "b", "c"):
        first = phrase(rng, 4, minor=minor, closed=False, rich=rich)
        second = phrase(rng, 4, minor=minor, closed=True, rich=rich)
        if rng.random() < 0.6:
            second[:2] = first[:2]
        for _ in range(2):
            bars += [*first, *second]
            sections.append((8, name))
    modal = MIXOLYDIAN if rng.random() < 0.1 else MAJOR
    return Form(bars, tuple(sections), MINOR if minor else modal, meter)


def _song(rng: np.random.Generator) -> Form:
    minor = rng.random() < 0.3
    meter = METERS[int(rng.choice(4, p=(0.6, 0.25, 0.05, 0.1)))]
    rich = float(0.3 + 0.7 * rng.random())
    a = phrase(rng, 8, minor=minor, closed=True, rich=rich)
    first_end = phrase(rng, 8, minor=minor, closed=False, rich=rich)
    bridge = phrase(rng, 8, minor=False, closed=False, rich=rich)
    up = int(rng.choice((5, 3 if minor else 9, 0)))
    bridge[:4] = [[((root + up) % 12, quality) for root, quality in bar] for bar in bridge[:4]]
    if rng.random() < 0.6:
        opening = [*a[:6], *first_end[6:]] if rng.random() < 0.5 else a
        return Form([*opening, *a, *bridge, *a], ((8, "a"), (8, "a"), (8, "b"), (8, "a")), _scale(minor), meter)
    return Form([*a[:6], *first_end[6:], *a, *bridge, *a], ((16, "a"), (16, "b")), _scale(minor), meter)


def _songbook(rng: np.random.Generator) -> Form:
    minor = rng.random() < 0.2
    bars, sections = songbook(rng, minor=minor)
    meter = METERS[int(rng.choice(4, p=(0.6, 0.24, 0.04, 0.12)))]
    return Form(bars, sections, _scale(minor), meter)


def _scale(minor: bool) -> tuple[int, ...]:
    return MINOR if minor else MAJOR
