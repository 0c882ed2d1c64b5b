"""Drum patterns: hits on a loop of sixteenths, each with its velocity and its timing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sideman.music.drumkit import OUT_PITCH, SIDE_STICK, Voice
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_OFFSET = 0.5


@dataclass(frozen=True, slots=True)
class Tap:
    """An onset of the player on a loop of sixteenths: a tapped groove or a bass line is a tuple of these.

    Attributes:
        step: 16th of the loop, from 0.
        velocity: 1-127.
        offset: Fraction of a 16th from the grid, late = positive.
    """

    step: int
    velocity: int = 90
    offset: float = 0.0


@dataclass(frozen=True, slots=True, order=True)
class DrumHit:
    """One stroke.

    Attributes:
        step: 16th of the loop, from 0.
        voice: Which of the nine voices.
        velocity: 1-127.
        offset: Fraction of a 16th from the grid, late = positive, -0.5 to 0.5.
        stick: Whether the snare is struck across its rim.
    """

    step: int
    voice: Voice
    velocity: int
    offset: float = 0.0
    stick: bool = False

    def __post_init__(self) -> None:
        if self.step < 0 or not 1 <= self.velocity <= 127 or abs(self.offset) > MAX_OFFSET:
            raise ValueError(
                f"drum hit at step {self.step}, velocity {self.velocity}, offset {self.offset}: "
                "the step counts from 0, the velocity is 1 to 127, the offset -0.5 to 0.5 of a 16th"
            )

    @property
    def pitch(self) -> int:
        """General MIDI pitch that it is played with."""
        return SIDE_STICK if self.stick and self.voice is Voice.SNARE else OUT_PITCH[self.voice]

    @property
    def tick(self) -> int:
        """Ticks from the loop's start; below 0 for an early hit on the first step."""
        return round((self.step + self.offset) * FRAME_TICKS)


@dataclass(frozen=True, slots=True)
class DrumPattern:
    """A loop of some 16ths. Hits are sorted by step and voice, at most one of a voice in a step.

    Attributes:
        steps: Length in 16ths.
        hits: The strokes.
    """

    steps: int
    hits: tuple[DrumHit, ...] = ()

    def __post_init__(self) -> None:
        if self.steps < 1 or any(hit.step >= self.steps for hit in self.hits):
            raise ValueError(f"a pattern of {self.steps} steps cannot hold a hit beyond its end")
        loudest: dict[tuple[int, Voice], DrumHit] = {}
        for hit in self.hits:
            known = loudest.get((hit.step, hit.voice))
            if known is None or hit.velocity > known.velocity:
                loudest[hit.step, hit.voice] = hit
        object.__setattr__(self, "hits", tuple(sorted(loudest.values())))

    def onsets(self, voice: Voice) -> tuple[int, ...]:
        """Steps that a voice is struck on."""
        return tuple(hit.step for hit in self.hits if hit.voice == voice)

    def plus(self, hits: Iterable[DrumHit]) -> DrumPattern:
        """The pattern with more hits; the louder of two on the same step and voice stays."""
        return DrumPattern(self.steps, (*self.hits, *hits))

    def without(self, voices: Collection[Voice]) -> DrumPattern:
        """The pattern with some voices muted."""
        return DrumPattern(self.steps, tuple(hit for hit in self.hits if hit.voice not in voices))

    def tiled(self, steps: int) -> DrumPattern:
        """The loop repeated, and cut, to another length."""
        turns = -(-steps // self.steps)
        moved = (replace(h, step=h.step + t * self.steps) for t in range(turns) for h in self.hits)
        return DrumPattern(steps, tuple(hit for hit in moved if hit.step < steps))

    def part(self, start: int, steps: int) -> DrumPattern:
        """A stretch of the loop as a pattern of its own; reading wraps at the loop's end."""
        turned = ((hit, (hit.step - start) % self.steps) for hit in self.hits)
        return DrumPattern(steps, tuple(replace(h, step=s) for h, s in turned if s < steps))

    def then(self, other: DrumPattern) -> DrumPattern:
        """This pattern and then another."""
        moved = (replace(hit, step=hit.step + self.steps) for hit in other.hits)
        return DrumPattern(self.steps + other.steps, (*self.hits, *moved))

    def notes(self, start_tick: int = 0) -> tuple[tuple[int, int, int], ...]:
        """What to play: (tick, pitch, velocity) in order, for a loop that starts at a tick; never before tick 0."""
        return tuple(sorted((max(0, start_tick + hit.tick), hit.pitch, hit.velocity) for hit in self.hits))
