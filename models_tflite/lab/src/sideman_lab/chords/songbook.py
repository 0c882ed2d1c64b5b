"""Progressions as songwriters of the dance-band years joined them: cells of four bars, from general practice.

A song is an opening, a way to the dominant or home, and a bridge: AABA or ABAC over 32 bars, or a strain of 16. Degrees
are Roman numerals of the major key; in minor cells ``i`` is the tonic. A comma halves a bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from sideman_lab.chords.forms import Bars, Degree

NUMERALS: dict[str, Degree] = {
    "I": (0, "maj"), "#Io": (1, "dim"), "bII": (1, "maj"), "ii": (2, "min"), "II": (2, "maj"), "iio": (2, "dim"),
    "bIII": (3, "maj"), "bIIIo": (3, "dim"), "iii": (4, "min"), "III": (4, "maj"), "IV": (5, "maj"), "iv": (5, "min"),
    "#IVo": (6, "dim"), "v": (7, "min"), "V": (7, "maj"), "#Vo": (8, "dim"), "bVI": (8, "maj"), "vi": (9, "min"),
    "VI": (9, "maj"), "bVII": (10, "maj"), "bvii": (10, "min"), "VII": (11, "maj"), "viio": (11, "dim"),
    "i": (0, "min"), "io": (0, "dim"),
}  # fmt: skip

MAJOR_CELLS: dict[str, tuple[str, ...]] = {
    "open": (
        "I I I I", "I I V V", "I V V I", "I I IV iv", "I VI II V", "I #Io ii V", "I I II V", "I III VI VI",
        "I,vi ii,V I,vi ii,V", "I I VI VI", "I IV I V", "I V I I", "I I ii V", "I III vi I", "I I IV I",
        "I bIIIo ii V", "I V I V", "I iii IV V", "I I II II", "I vi ii V", "I,#Io ii,V I,#Io ii,V", "I IV I I",
        "I VI,II V I", "I I #Io ii", "V I V I", "I I,V I I", "ii V I I", "ii V I VI", "I VII I VI", "vi III vi I",
        "I III IV iv", "I iv I I", "I IV,iv I VI", "IV V I vi", "I I,io V V",
    ),
    "half": (
        "II II V V", "ii V ii V", "VI II V V", "IV IV I V", "vi II V V", "iii VI II V", "V V I V", "II V I V",
        "I VI II V", "IV I II V", "ii ii V V", "I vi II V", "III VI II V", "ii,V I II V", "I I,VI II,V V",
        "IV #IVo I V", "iii bIIIo ii V", "V VI II V", "I II V V", "I V II,V V", "vi III vi,II V",
    ),
    "close": (
        "II V I I", "ii V I I", "IV,iv I,VI II,V I", "IV #IVo I,VI II,V", "V V I I", "I,VI II,V I I", "IV I V I",
        "ii V I,VI ii,V", "IV,V I,VI ii,V I", "II,V I,IV I I", "IV iv I I", "I V I I", "ii iv I I", "iii,VI ii,V I I",
        "VI II V I", "IV,#IVo I,VI II,V I", "I,V V I I", "ii,V I,vi ii,V I", "vi,VI II,V I I", "V V I,IV I",
        "I VI,II V I", "II II,V I I", "I IV,V I I",
    ),
    "bridge": (
        "IV IV I I|II II V V", "III III VI VI|II II V V", "vi vi III III|vi II ii V", "v I IV IV|vi II ii V",
        "IV iv I I|VI II V V", "iii VI iii VI|ii V ii V", "I I IV IV|II II V V", "vi III vi III|vi II V V",
        "v,I IV v,I IV|vi,II V vi,II V", "bIII bIII bVII bVII|iv bVII bIII V", "III III vi vi|II II V V",
        "V V I I|II II V V", "IV IV I I|IV IV V V", "ii V I I|iii VI II V", "IV #IVo I VI|II II V V",
        "VI VI II II|V V I V", "vi vi iii iii|IV I II V",
    ),
}  # fmt: skip
MINOR_CELLS: dict[str, tuple[str, ...]] = {
    "open": (
        "i i i i", "i i V i", "i iv V i", "i V V i", "i i iv iv", "i i iv i", "i bVI V i", "i V i i", "i iio V i",
        "i,iv i,V i,iv i,V", "i i V V", "i bVII bVI V", "i bVII bIII V", "iv i V i", "i V i V", "i i bIII bVII",
    ),
    "half": (
        "iv iv V V", "bVI bVI V V", "II II V V", "iv i II V", "bIII bVII bIII V", "i bVI II V", "i bVII bVI V",
        "i iio V V", "iv bVI V V",
    ),
    "close": (
        "iio V i i", "iv i V i", "bVI V i i", "iv V i i", "V V i i", "iv,V i,bVI iio,V i", "II V i i",
        "iv bVII bIII,V i", "bVI,V i V i", "i,V V i i",
    ),
    "bridge": (
        "bIII bIII bVII bVII|bIII bIII V V", "iv iv i i|II II V V", "bVI bVI bIII bIII|iv iv V V",
        "iv bVII bIII bVI|iio V i V", "bIII bVII bIII bIII|iv i V V", "I I iv iv|bVII bVII bIII V",
    ),
}  # fmt: skip


def bars_of(words: str) -> Bars:
    """A cell as bars of chords."""
    return [[NUMERALS[numeral] for numeral in bar.split(",")] for bar in words.replace("|", " ").split()]


def songbook(rng: np.random.Generator, *, minor: bool) -> tuple[Bars, tuple[tuple[int, str], ...]]:
    """A song's bars and its sections.

    Args:
        rng: Draws it.
        minor: Whether in minor.
    """
    cells = MINOR_CELLS if minor else MAJOR_CELLS

    def cell(kind: str) -> Bars:
        choices = cells[kind]
        return bars_of(choices[int(rng.integers(len(choices)))])

    first, second = cell("open"), cell("open")
    if rng.random() < 0.4:
        second = first
    half, close, last = cell("half"), cell("close"), cell("close")
    if rng.random() < 0.35:
        close = last
    shape = int(rng.choice(4, p=(0.35, 0.3, 0.2, 0.15)))
    if shape == 0:  # AABA
        a, bridge = [*first, *close], cell("bridge")
        opening = [*first, *half] if rng.random() < 0.4 else a
        return [*opening, *a, *bridge, *a], ((8, "a"), (8, "a"), (8, "b"), (8, "a"))
    if shape == 1:  # ABAC
        bars = [*first, *second, *cell("open"), *half, *first, *second, *cell("open"), *close]
        return bars, ((8, "a"), (8, "b"), (8, "a"), (8, "c"))
    if shape == 2:  # a strain of sixteen
        return [*first, *half, *second, *close], ((8, "a"), (8, "b"))
    return [*first, *half, *first, *close, *cell("open"), *cell("half"), *second, *last], ((16, "a"), (16, "b"))
