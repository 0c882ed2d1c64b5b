"""Songs pieced together: bars of real melodies, transposed, over the generated progressions of ``forms.py``.

What people sing over a chord does not depend much on the style; which chords follow each other does. A bar of a
training song that stands under one triad is laid under any other of its quality, so that the net hears real lines over
harmony that the data sets lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.music.meter import Meter
from sideman_lab.chords.augment import Song, songs_of
from sideman_lab.chords.forms import METERS, form
from sideman_lab.chords.generated import played_through, spans_of
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from sideman.music.chords import Chord
    from sideman_lab.chords.forms import Form

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

PIECED = 3000
"""Songs that training draws from."""
SEED = 1909
TRIED = 24
"""Bars looked at before one is taken."""
OUTSIDE, FREE, LEAP, AWAY, CHANCE = 4.0, 2.0, 0.12, 0.05, 0.25
"""Cost of a bar wholly outside scale and chord, of one that is freer from its chord than the song by all of it, of each
semitone of a leap beyond three, of each semitone from the middle of the song's range, and how much of the choice is
left to chance."""
FREEST = 0.55
"""Share of a melody that stands outside its chords, in the freest songs."""
AGAIN, SEQUENCE, LIKE_BEFORE, LONG_END, PICKUP = 0.55, 0.3, 0.85, 0.6, 0.4
"""Chances that a bar repeats the one four bars ago, that it does so transposed, that a section comes back as it was,
that a section ends on a bar of one or two notes, and that a song begins before its first bar."""


@dataclass(frozen=True)
class Bar:
    """A bar of a melody under one triad: onset, duration (16ths) and pitch above the root of each note, (notes, 3)."""

    notes: Ints

    @property
    def calm(self) -> bool:
        """Whether it is of one or two notes."""
        return len(self.notes) <= 2


class Bank:
    """Bars of training songs by meter and quality (0 major, 1 minor, 2 diminished)."""

    def __init__(self, songs: Iterable[Song]) -> None:
        found: dict[tuple[tuple[int, int], int], list[Bar]] = {}
        for song in songs:
            for quality, bar in bars_of(song):
                found.setdefault((song.meter, quality), []).append(bar)
        self.bars = found
        self.tones = {key: np.array([_tones(bar) for bar in bars]) for key, bars in found.items()}
        self.edges = {
            key: np.array([(b.notes[0, 2], b.notes[-1, 2], b.notes[:, 2].mean(), b.calm) for b in bars], float)
            for key, bars in found.items()
        }

    def draw(
        self,
        rng: np.random.Generator,
        meter: tuple[int, int],
        chord: Chord,
        scale: frozenset[int],
        before: float,
        centre: float,
        free: float,
        *,
        calm: bool = False,
    ) -> tuple[Bar, int]:
        """A bar that suits a chord, and the pitch its root is laid on.

        Args:
            rng: Draws it.
            meter: The song's meter.
            chord: What it is to stand under.
            scale: Pitch classes of the key.
            before: Pitch that came before.
            centre: Middle of the song's range.
            free: Share of the song's melody that stands outside its chords.
            calm: Rather one of one or two notes.
        """
        key = (meter, ("maj", "min", "dim").index(chord.quality))
        if key not in self.bars:
            key = (meter, 1 if key[1] == 2 else 0)
        tried = rng.integers(len(self.bars[key]), size=TRIED)
        inside = np.zeros(12, bool)
        inside[[(pc - chord.root) % 12 for pc in scale | frozenset(chord.pitch_classes)]] = True
        tones, edges = self.tones[key][tried], self.edges[key][tried]
        root = chord.root + 12 * np.round((centre - edges[:, 2] - chord.root) / 12)
        cost = OUTSIDE * tones[:, ~inside].sum(axis=1)
        held = [(pc - chord.root) % 12 for pc in chord.pitch_classes]
        cost += FREE * np.abs(1 - tones[:, held].sum(axis=1) - free)
        cost += LEAP * np.maximum(np.abs(root + edges[:, 0] - before) - 3, 0)
        cost += AWAY * np.abs(root + edges[:, 2] - centre) + CHANCE * rng.gumbel(size=TRIED)
        if calm:
            cost += 2.0 * (edges[:, 3] < 1)
        best = int(cost.argmin())
        return self.bars[key][int(tried[best])], int(root[best])


def bars_of(song: Song) -> Iterator[tuple[int, Bar]]:
    """Whole bars of a song under one triad, each with the triad's quality; those that are half silent left out."""
    bar = song.bar
    for start in range(0, len(song.chords) - bar + 1, bar):
        here = song.chords[start : start + bar]
        if here[0] < 0 or here[0] >= 36 or (here != here[0]).any():
            continue
        notes = song.notes[(song.notes[:, 0] >= start) & (song.notes[:, 0] < start + bar)].copy()
        if not len(notes) or np.minimum(notes[:, 1], bar).sum() < bar // 2:
            continue
        notes[:, 0] -= start
        notes[:, 1] = np.minimum(notes[:, 1], bar - notes[:, 0])
        notes[:, 2] -= here[0] % 12
        yield int(here[0]) // 12, Bar(notes)


def _tones(bar: Bar) -> Floats:
    found = np.zeros(12)
    np.add.at(found, bar.notes[:, 2] % 12, bar.notes[:, 1])
    return np.asarray(found / found.sum())


def pieces(bank: Bank, count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Lead sheets in the common form; the same seed and bank give the same songs."""
    for number in range(count):
        yield piece(f"pieced-{seed}-{number}", bank, np.random.default_rng((seed, number)))


def piece(name: str, bank: Bank, rng: np.random.Generator) -> dict[str, Any]:
    """One song: a form played until it is long enough."""
    drawn = form(rng)
    key, meter = int(rng.integers(12)), Meter(*drawn.meter)
    writer = _Writer(rng, bank, drawn, key, meter)
    first = spans_of(drawn.bars[:1], key, meter)[0][2]
    pickup = writer.pickup(first) if rng.random() < PICKUP else None
    return played_through(name, drawn, key, writer, pickup)


Laid = tuple[Bar, int, "Chord"]


class _Writer:
    """Lays bars under a song's chords, sections of one name alike."""

    def __init__(self, rng: np.random.Generator, bank: Bank, drawn: Form, key: int, meter: Meter) -> None:
        self.rng, self.bank, self.meter = rng, bank, meter
        self.meter_key = drawn.meter
        self.scale = frozenset((step + key) % 12 for step in drawn.scale)
        self.centre = float(rng.integers(62, 76))
        self.free = float(rng.random() * FREEST)
        self.pitch = self.centre
        self.sections: dict[str, list[list[Laid]]] = {}

    def pickup(self, chord: Chord) -> list[tuple[int, int, int]]:
        """The end of a bar before the first one."""
        bar, root = self._draw(chord, calm=False)
        size = self.meter.bar_frames
        last = bar.notes[bar.notes[:, 0] >= size - size // 3]
        return [(int(o), int(d), int(p) + root) for o, d, p in last]

    def section(self, name: str, spans: Sequence[tuple[int, int, Chord]], bars: int) -> list[tuple[int, int, int]]:
        """Notes of a section."""
        size = self.meter.bar_frames
        known = self.sections.get(name)
        laid: list[list[Laid]] = []
        for number in range(bars):
            parts = [span for span in spans if number * size <= span[0] < (number + 1) * size]
            back = laid[number - 4] if number >= 4 else None
            if known and number < len(known) and self.rng.random() < LIKE_BEFORE:
                laid.append(self._fitted(known[number], parts))
            elif back and number < bars - 2 and self.rng.random() < AGAIN:
                laid.append(self._fitted(back, parts))
            else:
                calm = number == bars - 1 and self.rng.random() < LONG_END
                laid.append([(*self._draw(chord, calm=calm), chord) for _, _, chord in parts])
        self.sections.setdefault(name, laid)
        notes = []
        for number, row in enumerate(laid):
            starts = [span[0] - number * size for span in spans if number * size <= span[0] < (number + 1) * size]
            for (bar, root, _), (start, stop) in zip(row, pairwise([*starts, size]), strict=True):
                inside = bar.notes[(bar.notes[:, 0] >= start) & (bar.notes[:, 0] < stop)]
                notes += [(number * size + int(o), int(d), int(p) + root) for o, d, p in inside]
        if notes:
            self.pitch = float(notes[-1][2])
        return notes

    def _draw(self, chord: Chord, *, calm: bool) -> tuple[Bar, int]:
        bar, root = self.bank.draw(
            self.rng, self.meter_key, chord, self.scale, self.pitch, self.centre, self.free, calm=calm
        )
        self.pitch = float(bar.notes[-1, 2] + root)
        return bar, root

    def _fitted(self, before: list[Laid], parts: Sequence[tuple[int, int, Chord]]) -> list[Laid]:
        """Bars of before where their chord still stands, sequenced or drawn anew where it does not."""
        found: list[Laid] = []
        for number, (_, _, chord) in enumerate(parts):
            old = before[number] if number < len(before) else None
            if old is not None and old[2] == chord:
                found.append(old)
            elif old is not None and old[2].quality == chord.quality and self.rng.random() < SEQUENCE:
                step = (chord.root - old[2].root + 5) % 12 - 5
                found.append((old[0], old[1] + step, chord))
            else:
                found.append((*self._draw(chord, calm=False), chord))
        return found


def bank_of(sets: Iterable[Iterable[dict[str, Any]]], of_side: str = "train") -> Bank:
    """The bank of one side of some sets of lead sheets."""
    rows = (row for part in sets for row in part if side(str(row["id"]).partition(".")[0]) == of_side)
    return Bank(song for song in songs_of(rows) if song.meter in METERS)
