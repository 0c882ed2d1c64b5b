"""Meter and beat time: ticks, frames, bars and the strong beats that a grouping gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

TICKS_PER_QUARTER = 960
FRAME_TICKS = TICKS_PER_QUARTER // 4
"""A frame is a 16th note: the grid on which the band plans."""

NUMERATORS = range(2, 17)
DENOMINATORS = (2, 4, 8, 16)


class MeterError(ValueError):
    """A meter that no musician could count; the message says what is allowed."""


@dataclass(frozen=True, slots=False)
class Meter:
    """A time signature with its grouping.

    Attributes:
        numerator: Pulses in a bar, 2-16.
        denominator: The pulse's note value, 2, 4, 8 or 16.
        grouping: Pulses in each group; sums to the numerator. ``7/8 = 2+2+3``.
    """

    numerator: int = 4
    denominator: int = 4
    grouping: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.numerator not in NUMERATORS or self.denominator not in DENOMINATORS:
            raise MeterError(
                f"meter {self.numerator}/{self.denominator}: the numerator is 2 to 16, the denominator 2, 4, 8 or 16"
            )
        if not self.grouping:
            object.__setattr__(self, "grouping", default_grouping(self.numerator, self.denominator))
        if sum(self.grouping) != self.numerator or min(self.grouping) < 1:
            raise MeterError(
                f"grouping {'+'.join(map(str, self.grouping))} does not add up to the {self.numerator} of "
                f"{self.numerator}/{self.denominator}"
            )

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def pulse_ticks(self) -> int:
        """Ticks of one denominator note."""
        return 4 * TICKS_PER_QUARTER // self.denominator

    @property
    def bar_ticks(self) -> int:
        """Ticks of one bar."""
        return self.numerator * self.pulse_ticks

    @property
    def bar_frames(self) -> int:
        """16th frames in one bar (a bar of an odd number of 16ths is still whole in frames)."""
        return self.bar_ticks // FRAME_TICKS

    @property
    def compound(self) -> bool:
        """Whether three pulses make one beat (6/8, 9/8, 12/8 and the like)."""
        return self.denominator >= 8 and self.numerator % 3 == 0 and set(self.grouping) == {3}

    @cached_property
    def beats(self) -> tuple[int, ...]:
        """Tick of each beat that a foot taps, from the bar line.

        Quarters in simple meters, dotted quarters in compound ones, the groups of an uneven meter.
        """
        if self.denominator >= 8:
            return self.groups
        return tuple(i * self.pulse_ticks for i in range(self.numerator))

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Tick of the first pulse of each group, from the bar line."""
        starts, at = [], 0
        for size in self.grouping:
            starts.append(at * self.pulse_ticks)
            at += size
        return tuple(starts)

    @cached_property
    def strong(self) -> frozenset[int]:
        """Ticks from the bar line of the strong beats: chords change and accents fall here."""
        return frozenset(self.groups)

    @property
    def beat_ticks(self) -> int:
        """Ticks of the tempo's beat: a quarter, or a dotted quarter in compound meters (BPM counts these)."""
        return 3 * self.pulse_ticks if self.compound else TICKS_PER_QUARTER

    @cached_property
    def four_beats(self) -> int:
        """Ticks of the longest four beats (groups of an uneven meter) in a row: what the display looks ahead."""
        sizes = [b - a for a, b in pairwise((*self.beats, self.bar_ticks))]
        return max(sum(sizes[(first + k) % len(sizes)] for k in range(4)) for first in range(len(sizes)))

    def beat_of(self, tick: int) -> int:
        """Index of the beat under way at a tick, 0 for the first of the bar."""
        within = tick % self.bar_ticks
        return max(i for i, start in enumerate(self.beats) if start <= within)

    def bar_of(self, tick: int) -> int:
        """Index of the bar that holds a tick counted from bar 0."""
        return tick // self.bar_ticks

    def weight(self, tick: int) -> int:
        """Metrical weight of a tick: 4 downbeat, 3 strong beat, 2 beat, 1 eighth or pulse, 0 else."""
        within = tick % self.bar_ticks
        if within == 0:
            return 4
        if within in self.strong:
            return 3
        if within in self.beats:
            return 2
        return 1 if within % min(self.pulse_ticks, TICKS_PER_QUARTER // 2) == 0 else 0


def default_grouping(numerator: int, denominator: int) -> tuple[int, ...]:
    """The usual grouping of a meter: halves of 4/4, threes of compound meters, twos and a last three else."""
    if denominator >= 8 and numerator % 3 == 0:
        return (3,) * (numerator // 3)
    if numerator <= 3:
        return (numerator,)
    if numerator == 5:
        return (3, 2)
    if numerator % 2 == 0:
        return (2,) * (numerator // 2)
    return (2,) * ((numerator - 3) // 2) + (3,)


def parse_meter(text: str) -> Meter:
    """Read ``4/4``, ``6/8`` or ``7/8 2+2+3``.

    Raises:
        MeterError: The text is not a meter; the message says how one is written.
    """
    found = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)(?:[\s=(:]+(\d+(?:\s*\+\s*\d+)*)\)?)?\s*", text)
    if not found:
        raise MeterError(f"'{text}' is not a meter: write 4/4, 6/8 or 7/8 2+2+3")
    groups = tuple(int(n) for n in found[3].split("+")) if found[3] else ()
    return Meter(int(found[1]), int(found[2]), groups)
