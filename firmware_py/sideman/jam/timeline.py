"""The jam's one timeline: tempo map, meter and bar lines."""

from __future__ import annotations

from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER, Meter
from sideman.music.tempo import NS_PER_MINUTE, TempoMap, clamp_bpm

LEAD_TICKS = 24
"""Decisions for a frame are taken this long before it, a tenth of a 16th, so that its first note is on time."""


class Timeline:
    """Ticks and moments; bars are counted from ``bar_zero``, a tick on a bar line."""

    def __init__(self, ns: int, bpm: float, meter: Meter) -> None:
        self.tempo = TempoMap(0, ns, bpm)
        self.meter = meter
        self.bar_zero = 0
        self.used = False
        self.floor = 0

    def copy(self) -> Timeline:
        """An independent copy, to take a press back with."""
        other = Timeline(0, 100, self.meter)
        other.tempo = self.tempo.copy()
        other.bar_zero, other.used, other.floor = self.bar_zero, self.used, self.floor
        return other

    # moments ------------------------------------------------------------------------------------------------

    def tick(self, ns: int) -> int:
        """Tick under way at a moment."""
        return self.tempo.tick_at(ns)

    def ns(self, tick: int) -> int:
        """Moment of a tick."""
        return self.tempo.ns_at(tick)

    def decision_ns(self, frame: int) -> int:
        """Moment at which a frame is decided."""
        return self.ns(frame * FRAME_TICKS - LEAD_TICKS)

    def next_frame(self, ns: int) -> int:
        """The first frame not yet decided at a moment."""
        return (self.tick(ns) + LEAD_TICKS) // FRAME_TICKS + 1

    # bars ---------------------------------------------------------------------------------------------------

    def bar(self, tick: int) -> int:
        """Index of the bar that holds a tick."""
        return (tick - self.bar_zero) // self.meter.bar_ticks

    def bar_line(self, bar: int) -> int:
        """Tick of a bar's first beat."""
        return self.bar_zero + bar * self.meter.bar_ticks

    def next_bar_line(self, tick: int) -> int:
        """Tick of the first bar line after a tick."""
        return self.bar_line(self.bar(tick) + 1)

    def nearest_bar_line(self, tick: int) -> int:
        """Tick of the bar line nearest to a tick."""
        return self.bar_line(self.bar(tick + self.meter.bar_ticks // 2))

    def downbeat_for(self, tick: int) -> int:
        """The downbeat a press belongs to: up to half a beat late the one just passed, else the next."""
        line = self.bar_line(self.bar(tick))
        return line if tick - line <= self.meter.beat_ticks // 2 else line + self.meter.bar_ticks

    def within(self, tick: int) -> int:
        """Ticks since the bar line."""
        return (tick - self.bar_zero) % self.meter.bar_ticks

    # setting the pulse --------------------------------------------------------------------------------------

    def use(self, tick: int) -> None:
        """Something sounds at a tick: the line up to there is history."""
        self.used = True
        self.floor = max(self.floor, tick)

    def anchor(self, ns: int, bpm: float, meter: Meter, *, pickup_ns: int = 0) -> int:
        """Put a bar line at a moment, at a tempo; returns its tick.

        What already sounded keeps its ticks: the gap in between becomes bars of another tempo.

        Args:
            ns: Moment of the bar line, past or present.
            bpm: Quarters a minute from there on (and back to the pickup).
            meter: Meter from there on.
            pickup_ns: How long before the bar line its pickup begins.
        """
        bpm = clamp_bpm(bpm)
        if not self.used:
            self.tempo = TempoMap(0, ns, bpm)
            self.meter, self.bar_zero = meter, 0
            return 0
        pickup = pickup_ns * int(bpm * TICKS_PER_QUARTER) // NS_PER_MINUTE
        here = self.tempo.tick_at(ns)
        from_tick = min(self.floor, self.tempo.tick_at(ns - pickup_ns) - 1)
        line = self.bar_line(self.bar(max(here, from_tick + pickup) + self.meter.bar_ticks // 2))
        while line - pickup <= from_tick:
            line += self.meter.bar_ticks
        start_ns = ns - pickup * NS_PER_MINUTE // round(bpm * TICKS_PER_QUARTER)
        if start_ns <= self.tempo.ns_at(from_tick):
            from_tick = self.tempo.tick_at(start_ns) - 1
        self.tempo.pin(from_tick, line - pickup, start_ns, bpm)
        self.meter, self.bar_zero = meter, line
        if pickup:  # the line itself must fall on the moment to the nanosecond, whatever rounding did
            self.tempo.pin(line - 1, line, max(ns, self.tempo.ns_at(line - 1) + 1), bpm)
        return line
