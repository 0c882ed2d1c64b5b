"""The tempo map: beat time in ticks to monotonic nanoseconds and back, through every change of tempo."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from sideman.music.meter import TICKS_PER_QUARTER

MIN_BPM, MAX_BPM = 30.0, 300.0
NS_PER_MINUTE = 60_000_000_000


def quarter_ns(bpm: float) -> int:
    """Nanoseconds of a quarter at a tempo in quarters a minute."""
    return round(NS_PER_MINUTE / bpm)


def clamp_bpm(bpm: float) -> float:
    """The nearest tempo the box can play, 30-300 BPM."""
    return min(MAX_BPM, max(MIN_BPM, bpm))


@dataclass(frozen=True, slots=True)
class Segment:
    """From ``tick`` (at ``ns``) on, a quarter lasts ``quarter`` nanoseconds."""

    tick: int
    ns: int
    quarter: int

    def ns_at(self, tick: int) -> int:
        """Moment of a tick on this segment's line (rounded up, so that ``tick_at`` gives the tick back)."""
        return self.ns - (self.tick - tick) * self.quarter // TICKS_PER_QUARTER

    def tick_at(self, ns: int) -> int:
        """Tick sounding at a moment on this segment's line (the last whole one)."""
        return self.tick + (ns - self.ns) * TICKS_PER_QUARTER // self.quarter


class TempoMap:
    """Piecewise linear and continuous: a change of tempo bends the line, it never breaks it.

    Before the first segment the first segment's line goes on backwards (pickups have negative ticks there).
    """

    def __init__(self, tick: int, ns: int, bpm: float) -> None:
        self._segments = [Segment(tick, ns, quarter_ns(bpm))]

    def copy(self) -> TempoMap:
        """An independent map with the same line."""
        other = TempoMap(0, 0, MAX_BPM)
        other._segments = list(self._segments)
        return other

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All segments, first to last."""
        return tuple(self._segments)

    @property
    def bpm(self) -> float:
        """The last segment's tempo in quarters a minute."""
        return NS_PER_MINUTE / self._segments[-1].quarter

    def ns_at(self, tick: int) -> int:
        """Monotonic nanoseconds at which a tick is due."""
        i = bisect_right(self._segments, tick, key=lambda s: s.tick) - 1
        return self._segments[max(i, 0)].ns_at(tick)

    def tick_at(self, ns: int) -> int:
        """Tick under way at a moment, never later than the next segment's first."""
        i = bisect_right(self._segments, ns, key=lambda s: s.ns) - 1
        return self._segments[max(i, 0)].tick_at(ns)

    def bpm_at(self, tick: int) -> float:
        """Tempo at a tick, quarters a minute."""
        i = bisect_right(self._segments, tick, key=lambda s: s.tick) - 1
        return NS_PER_MINUTE / self._segments[max(i, 0)].quarter

    def change(self, tick: int, bpm: float) -> None:
        """Play at another tempo from a tick on; the phase at that tick stays. Later segments are dropped."""
        self.bend(tick, quarter_ns(clamp_bpm(bpm)))

    def bend(self, tick: int, quarter: int) -> None:
        """As :meth:`change`, with the length of a quarter in nanoseconds."""
        ns = self.ns_at(tick)
        self._segments = [s for s in self._segments if s.tick < tick]
        self._segments.append(Segment(tick, ns, quarter))

    def pin(self, now_tick: int, tick: int, ns: int, bpm: float) -> None:
        """Make ``tick`` fall on ``ns``: the line from ``now_tick`` is bent to meet it, then goes on at ``bpm``.

        Used when a press says where beat one is. ``tick`` must lie after ``now_tick``, ``ns`` after its moment.
        """
        start = self.ns_at(now_tick)
        if tick <= now_tick or ns <= start:
            raise ValueError(f"cannot pin tick {tick} at {ns} ns: it is not after tick {now_tick}")
        self._segments = [s for s in self._segments if s.tick < now_tick]
        bridge = max(1, -(-(ns - start) * TICKS_PER_QUARTER // (tick - now_tick)))
        self._segments.append(Segment(now_tick, start, bridge))
        self._segments.append(Segment(tick, ns, quarter_ns(bpm)))
