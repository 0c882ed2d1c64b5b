"""What following keeps from frame to frame: the band's advice, what waits, and how true the announced chords were."""

from __future__ import annotations

from dataclasses import dataclass, field

from sideman.band.messages import Plan

BEATS_AHEAD = 2
"""Chords announced so far ahead are compared with those that were played."""


@dataclass(slots=True)
class Stability:
    """Share of the chords announced two beats ahead that were played (one count for every 16th)."""

    same: int = 0
    total: int = 0
    _announced: dict[int, str] = field(default_factory=dict)

    def announce(self, frame: int, label: str) -> None:
        """What a frame shall bring, said two beats before it."""
        self._announced[frame] = label

    def played(self, frame: int, label: str) -> None:
        """What a frame brought."""
        said = self._announced.pop(frame, None)
        if said is not None:
            self.total += 1
            self.same += said == label

    def forget(self) -> None:
        """Nothing that was announced will be played: the player began something else."""
        self._announced.clear()

    @property
    def share(self) -> float | None:
        """0-1, None before anything could be compared."""
        return self.same / self.total if self.total else None


@dataclass(slots=True)
class Live:
    """The state of following; a new phrase begins with a fresh one.

    Attributes:
        advised: Beats that the band advises to commit, None while it has said nothing.
        said: What its last plan said of them; more than before counts once it is said twice.
        told: Beats committed as the log last said, None before the first plan.
        sure: How sure the band is of the chords ahead, 0-1; None before the first plan.
        key: Key that the band hears, ``"A min"``; empty before the first plan.
        form_bars: Bars after which the band hears the music come round, 0 for none found.
        answer: After a surprise, the ask whose plan replaces what was cancelled; None when none is awaited.
        broken: The frame from which the commitment was cancelled.
        calm_until: No surprise counts before this frame: the new chords have not been heard for two beats.
        due: Strong beat whose first notes of chords and bass wait for its plan and its player, None for none.
        waiting: The plan of that beat, once it is there, until the player has struck or the time is up.
        latest_ns: When the time is up.
        serial: Counts the waits; a timer of another wait is void.
    """

    advised: int | None = None
    said: int | None = None
    told: int | None = None
    sure: float | None = None
    key: str = ""
    form_bars: int = 0
    answer: int | None = None
    broken: int = 0
    calm_until: int = -(1 << 60)
    due: int | None = None
    waiting: Plan | None = None
    latest_ns: int = 0
    serial: int = 0
