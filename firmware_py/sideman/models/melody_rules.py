"""What a musician would not leave to chance, as terms added to the melody net's log-probabilities.

Each term is a vector over the 25 intervals (-12 to +12 semitones from the last pitch) and has a knob, so that taste
can be turned live without training (the note rules of Sequence Tutor, ICLR 2017, as logits instead of rewards).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.melody_features import INTERVALS
from sideman.music.meter import TICKS_PER_QUARTER
from sideman.music.solo_rules import ENTRY, LEAP, STRONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.models.melody_features import NoteContext
    from sideman.music.chords import Chord

    Terms = NDArray[np.float64]

STEPS = np.arange(INTERVALS) - 12
GATE = 6.0
"""Logits a wrong note on a strong beat loses at strictness 1."""
COPIED = 4
"""Intervals that may be taken over from anywhere in a row, unchanged, before copying is held back."""


@dataclass(frozen=True, slots=True)
class Options:
    """The soloist's knobs.

    Attributes:
        temperature: 0 takes the best pitch, 1 samples as the net believes.
        strictness: 0-1, how firmly strong beats and held notes keep to chord tones.
        adventurousness: 0-1, how freely weak beats leave the scale.
        echo: 0-1, how much of the call's motif comes back.
        register: Semitones around the call's mean in which the line stays, at least 7.
    """

    temperature: float = 0.8
    strictness: float = 0.5
    adventurousness: float = 0.3
    echo: float = 0.4
    register: int = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an answer a note stands.

    Attributes:
        line: Pitches so far, the player's last ones before them.
        first: It is the answer's first note.
        final: It is the last.
        mean: Mean pitch of the call.
        motif: Interval of the call at this place, or None.
        copying: Intervals that would go on copying what was played before for too long.
        scale: Pitch classes of the key.
    """

    line: Sequence[int]
    first: bool
    final: bool
    mean: float
    motif: int | None
    copying: frozenset[int]
    scale: frozenset[int]


def terms(context: NoteContext, place: Place, options: Options) -> Terms:
    """All terms for one note, summed: (25,) logits."""
    pitches = place.line[-1] + STEPS
    total = register(pitches, place, options)
    total += harmony(pitches, context, place, options)
    total += shape(place)
    total += echo(place, options)
    return total


def register(pitches: NDArray[np.int_], place: Place, options: Options) -> Terms:
    """Enter near the player's last note; drift back to the call's mean; stay in the window and on the keyboard."""
    away = np.abs(pitches - place.mean)
    reach = max(7, options.register)
    total: Terms = -(np.maximum(0.0, away - 7) ** 2) / 12 - 3.0 * np.maximum(0.0, away - reach)
    total[(pitches < 0) | (pitches > 127)] -= 1e3
    if place.first:
        total -= 5.0 * np.maximum(0, np.abs(STEPS) - ENTRY) + 0.6 * np.maximum(0, np.abs(STEPS) - 2)
    return total


def harmony(pitches: NDArray[np.int_], context: NoteContext, place: Place, options: Options) -> Terms:
    """Chord tones on strong beats, on held notes and at the end; the scale elsewhere; a look at the coming chord."""
    total = np.zeros(INTERVALS)
    classes = pitches % 12
    chord = context.chord
    held = context.next_chord is not None and (context.duration or 0) > context.to_change
    if chord is None and held:
        chord = context.next_chord
    tones = frozenset(chord.pitch_classes) if chord is not None else place.scale
    if held and context.next_chord is not None and context.to_change <= TICKS_PER_QUARTER // 2:
        tones = frozenset(context.next_chord.pitch_classes)
    elif held and context.next_chord is not None:
        tones = tones & frozenset(context.next_chord.pitch_classes) or tones
    on_chord = _among(classes, tones)
    if context.meter.weight(context.onset) >= STRONG or held or (context.duration or 0) >= 2 * TICKS_PER_QUARTER:
        total[~on_chord] -= GATE * options.strictness
    outside = ~(_among(classes, place.scale) | on_chord)
    total[outside] -= 5.0 * (1 - options.adventurousness)
    if context.next_chord is not None and not held and context.to_change <= TICKS_PER_QUARTER:
        total[_among(classes, _guides(context.next_chord))] += 0.5 * options.strictness
    if place.final:
        home = frozenset(chord.pitch_classes[:3]) if chord is not None else place.scale
        total[~_among(classes, home)] -= GATE
    return total


def shape(place: Place) -> Terms:
    """A leap is answered by a step back; a pitch is not hammered; wide leaps are rare."""
    total: Terms = -0.2 * np.maximum(0, np.abs(STEPS) - 7)
    line = place.line
    if len(line) >= 2 and abs(line[-1] - line[-2]) > LEAP:
        back = -1 if line[-1] > line[-2] else 1
        total[(STEPS * back >= 1) & (np.abs(STEPS) <= 4)] += 3.5
        total[STEPS * back < 0] -= 2.0
        total[STEPS == 0] -= 1.0
    run = 1
    while run < len(line) and line[-run - 1] == line[-1]:
        run += 1
    if run >= 3:
        total[12] -= 1e3
    elif run == 2:
        total[12] -= 1.5
    return total


def echo(place: Place, options: Options) -> Terms:
    """The call's own step at this place is favoured, its direction too; long copies of anything are held back."""
    total = np.zeros(INTERVALS)
    if place.motif is not None and not place.first:
        total[np.sign(STEPS) == np.sign(place.motif)] += 2.4 * options.echo
        total[place.motif == STEPS] += 1.2 * options.echo
    for step in place.copying:
        total[step == STEPS] -= 8.0
    return total


def _among(classes: NDArray[np.int_], wanted: frozenset[int]) -> NDArray[np.bool_]:
    return _members(wanted)[classes]


@lru_cache(maxsize=256)
def _members(wanted: frozenset[int]) -> NDArray[np.bool_]:
    """Which of the 12 pitch classes are wanted."""
    return np.array([pc in wanted for pc in range(12)])


def _guides(chord: Chord) -> frozenset[int]:
    """Third and seventh of a chord."""
    return frozenset(pc for pc in chord.pitch_classes if (pc - chord.root) % 12 in (3, 4, 10, 11))
