"""Songs made by code over the forms of ``forms.py``: chord tones on strong beats, steps and arpeggios between them.

Nobody's music: what they teach is which harmony stands under a plain tune in styles that the data sets lack.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sideman.music.chords import NAMES, Chord
from sideman.music.meter import FRAME_TICKS, Meter
from sideman_lab.chords.forms import form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sideman_lab.chords.forms import Form

Note = tuple[int, int, int]
"""Onset and duration in 16ths, MIDI pitch."""
GENERATED = 2000
"""Songs that training draws from."""
SEED = 909
LONGEST = 64
"""Bars of a song, about."""
COLOURS = frozenset((2, 9, 10, 11))
PICKUP = 0.4
"""Chance that a song begins before its first bar."""
DENSITIES = {4: (0.15, 0.5, 0.35), 6: (0.1, 0.3, 0.6)}
"""Chance that a beat of so many 16ths is held, in eighths, or finer."""


def pieces(count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Lead sheets in the common form; the same seed gives the same songs."""
    for number in range(count):
        yield piece(f"generated-{seed}-{number}", np.random.default_rng((seed, number)))


def piece(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """One song: a form played until it is long enough, sections of one name on one tune."""
    drawn = form(rng)
    key = int(rng.integers(12))
    meter = Meter(*drawn.meter)
    writer = _Writer(rng, drawn, key, meter)
    pickup = writer.pickup(meter.bar_frames) if rng.random() < PICKUP else None
    return played_through(name, drawn, key, writer, pickup)


class Writer(Protocol):
    """Who writes a song's tunes."""

    def section(self, name: str, spans: Sequence[tuple[int, int, Chord]], bars: int) -> list[Note]:
        """Notes of a section of so many bars under its chords, from its first bar line on."""


def played_through(name: str, drawn: Form, key: int, writer: Writer, pickup: list[Note] | None) -> dict[str, Any]:
    """A lead sheet of a form played until it is long enough.

    Args:
        name: Its id.
        drawn: The form.
        key: Pitch class of the key.
        writer: Writes the sections.
        pickup: Notes of the bar before the first one; None for no such bar.
    """
    meter = Meter(*drawn.meter)
    notes = list(pickup or ())
    chords: list[list[Any]] = []
    at = 0 if pickup is None else meter.bar_frames
    for _ in range(max(LONGEST // len(drawn.bars), 1)):
        bar = 0
        for length, section in drawn.sections:
            spans = spans_of(drawn.bars[bar : bar + length], key, meter)
            notes += [(at + o, d, p) for o, d, p in writer.section(section, spans, length)]
            for onset, duration, chord in spans:
                label = f"{NAMES[chord.root]}:{chord.quality}"
                if chords and chords[-1][2] == label:
                    chords[-1][1] += duration
                else:
                    chords.append([at + onset, duration, label])
            bar += length
            at += length * meter.bar_frames
    return {"id": name, "meter": list(drawn.meter), "melody": [list(n) for n in notes], "chords": chords}


def spans_of(bars: Sequence[Sequence[tuple[int, str]]], key: int, meter: Meter) -> list[tuple[int, int, Chord]]:
    """Onset, duration in 16ths and chord; a bar of two chords changes on its middle strong beat."""
    size = meter.bar_frames
    middle = sorted(tick // FRAME_TICKS for tick in meter.groups)[len(meter.groups) // 2]
    middle = middle or (8 if size == 12 else size // 2)
    found = []
    for number, bar in enumerate(bars):
        cuts = [0, size] if len(bar) == 1 else [0, middle, size]
        for (root, quality), (start, stop) in zip(bar, pairwise(cuts), strict=True):
            found.append((number * size + start, stop - start, Chord((root + key) % 12, quality)))
    return found


class _Writer:
    """Writes a song's tunes: one manner for the song, one tune for each section."""

    def __init__(self, rng: np.random.Generator, drawn: Form, key: int, meter: Meter) -> None:
        self.rng, self.meter = rng, meter
        self.scale = frozenset((step + key) % 12 for step in drawn.scale)
        self.beats = sorted({tick // FRAME_TICKS for tick in meter.beats})
        self.strong = {tick // FRAME_TICKS for tick in meter.groups}
        self.busy = float(rng.random())
        self.arpeggio = float(rng.random() * 0.6)
        self.faithful = float(0.75 + 0.25 * rng.random())
        self.rests = float(rng.random() * 0.15)
        self.colours = float(rng.random() * 0.35) if rng.random() < 0.6 else 0.0
        self.chromatic = float(rng.random() * 0.3) if rng.random() < 0.5 else 0.0
        self.repeats = float(rng.random() * 0.4)
        self.leads = float(rng.random() * 0.8)
        self.centre = int(rng.integers(62, 76))
        self.tunes: dict[str, tuple[list[list[tuple[int, int]]], list[list[int]]]] = {}
        self.seed = int(rng.integers(1 << 31))
        self.pitch = self.centre

    def section(self, name: str, spans: Sequence[tuple[int, int, Chord]], bars: int) -> list[tuple[int, int, int]]:
        """Notes of a section: its own rhythm and contour, sequenced where the chords differ."""
        if name not in self.tunes:
            self.tunes[name] = self._motifs(bars)
        rhythms, contours = self.tunes[name]
        size = self.meter.bar_frames
        state = np.random.default_rng((ord(name), self.seed))
        self.pitch = self.centre + int(state.integers(-3, 4))
        found: list[tuple[int, int, int]] = []
        for bar in range(bars):
            last = bar == bars - 1 and self.rng.random() < 0.7
            rhythm = [(0, size * 3 // 4)] if last else rhythms[bar]
            contour = contours[bar]
            for number, (onset, length) in enumerate(rhythm):
                at = bar * size + onset
                chord = next(c for start, held, c in spans if start <= at < start + held)
                self.pitch = self._pitch(onset, chord, contour[number % len(contour)], state)
                if self.rng.random() > self.rests or onset in self.strong:
                    found.append((at, length, self.pitch))
            if last and self.rng.random() < self.leads:
                found += self.pickup((bar + 1) * size)
        if self.rng.random() < 0.3 and found:
            found = found[1:] if found[0][1] <= 4 else found
        return found

    def pickup(self, bar_line: int) -> list[tuple[int, int, int]]:
        """One to three steps of the scale on the last beat before a bar line."""
        count = int(self.rng.choice((1, 2, 3)))
        length = (self.meter.bar_frames - self.meter.bar_frames * 3 // 4) // count
        scale = [p for p in range(self.centre - 12, self.centre + 12) if p % 12 in self.scale]
        at = int(self.rng.integers(2, len(scale) - 2))
        turn = int(self.rng.choice((-1, 1)))
        line = [scale[min(max(at - turn * (count - i), 0), len(scale) - 1)] for i in range(count)]
        return [(bar_line - (count - i) * length, length, pitch) for i, pitch in enumerate(line) if length]

    def _motifs(self, bars: int) -> tuple[list[list[tuple[int, int]]], list[list[int]]]:
        """Rhythm and contour of each bar: two bars made up, the others like one of them or new."""
        rhythms: list[list[tuple[int, int]]] = []
        contours: list[list[int]] = []
        for bar in range(bars):
            like = bar - int(self.rng.choice((1, 2, 4)))
            if like >= 0 and self.rng.random() < 0.65:
                rhythms.append(rhythms[like])
                contours.append(contours[like] if self.rng.random() < 0.7 else self._contour())
            else:
                rhythms.append(self._rhythm())
                contours.append(self._contour())
        return rhythms, contours

    def _contour(self) -> list[int]:
        turn = int(self.rng.choice((-1, 1)))
        steps = self.rng.choice((turn, turn, -turn, 2 * turn, 0), 8)
        return [int(step) for step in steps]

    def _rhythm(self) -> list[tuple[int, int]]:
        onsets: list[int] = []
        ends = [*self.beats[1:], self.meter.bar_frames]
        for beat, end in zip(self.beats, ends, strict=True):
            size = end - beat
            draw = self.rng.random()
            if draw < 0.35 * (1 - self.busy) and onsets:
                continue  # the note before is held
            if draw < 0.8 - 0.5 * self.busy:
                onsets.append(beat)
            elif size == 6:
                onsets += [beat, beat + 2, beat + 4] if self.rng.random() < 0.7 else [beat, beat + 4]
            elif self.rng.random() < 0.75:
                onsets += [beat, beat + size // 2]
            else:
                onsets += (
                    [beat, beat + size // 4 * 3] if self.rng.random() < 0.5 else [beat + i for i in range(0, size, 2)]
                )
        if self.rng.random() < 0.15 and onsets and onsets[0] == 0 and len(onsets) > 1:
            onsets = onsets[1:]  # comes in behind the beat
        return [(a, b - a) for a, b in pairwise([*sorted(set(onsets)), self.meter.bar_frames])]

    def _pitch(self, onset: int, chord: Chord, step: int, state: np.random.Generator) -> int:
        """The next pitch: a chord tone on a strong beat, else a step of the scale or the next chord tone."""
        tones = frozenset(chord.pitch_classes)
        near_scale = (self.scale - {(t + d) % 12 for t in tones - self.scale for d in (-1, 1)}) | tones
        low, high = self.centre - 10, self.centre + 12
        faithful = self.rng if state.random() > self.faithful else state
        on_beat = (onset in self.strong and faithful.random() < 0.88) or (
            onset in self.beats and faithful.random() < 0.55
        )
        if on_beat and faithful.random() < self.colours:  # sixths, sevenths and ninths of the chord are at rest, too
            colours = [p for p in range(low, high + 1) if (p - chord.root) % 12 in COLOURS and p % 12 in near_scale]
            return min(colours or [self.pitch], key=lambda p: (abs(p - self.pitch - step), p))
        if not on_beat and faithful.random() < self.repeats:
            return self.pitch
        if not on_beat and faithful.random() < self.chromatic:
            return self.pitch + (1 if step > 0 else -1)
        if on_beat or faithful.random() < self.arpeggio:
            wanted = self.pitch + 2 * step
            choices = [p for p in range(low, high + 1) if p % 12 in tones]
            if not on_beat and step:
                choices = [p for p in choices if (p - self.pitch) * step > 0] or choices
            return min(choices, key=lambda p: (abs(p - wanted), p))
        scale = [p for p in range(low, high + 1) if p % 12 in near_scale]
        here = int(np.argmin([abs(p - self.pitch) for p in scale]))
        return scale[min(max(here + step, 0), len(scale) - 1)]
