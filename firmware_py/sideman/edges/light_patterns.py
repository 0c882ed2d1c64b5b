"""What each behaviour of an LED looks like over time: pure functions of the moment."""

from __future__ import annotations

from dataclasses import dataclass

from sideman.jam.cues import Light

MS = 1_000_000
DIM = 0.15
NO_TEMPO_NS = 500 * MS
"""A beat without a tempo flashes at 120 a minute."""

_SQUARE: dict[str, tuple[int, ...]] = {
    "blink": (500, 500),
    "fast": (60, 60),
    "twice": (150, 150, 150, 1550),
}
"""Milliseconds on, off, on, off ..., repeated."""

_BEAT_ON = 0.2
_SLOW_NS, _SLOW_STEP_NS = 2000 * MS, 50 * MS


@dataclass(frozen=True, slots=True)
class Pulse:
    """The beat as last told: at ``ns`` it stood ``phase`` (0-1) into a quarter that lasts ``quarter_ns``; 0 = none."""

    ns: int = 0
    quarter_ns: int = 0
    phase: float = 0.0


def level(light: Light, ns: int, since: int, pulse: Pulse) -> tuple[float, int | None]:
    """Brightness of an LED at a moment, and when it may change next.

    Args:
        light: The behaviour.
        ns: The moment, monotonic nanoseconds.
        since: When this behaviour began; patterns other than the beat start there.
        pulse: The beat to flash on.

    Returns:
        Brightness 0-1, and the moment of the next change, None for never.
    """
    if light in _SQUARE:
        return _square(_SQUARE[light], ns, since)
    if light == "beat":
        quarter = pulse.quarter_ns or NO_TEMPO_NS
        start = pulse.ns - round(pulse.phase * quarter)
        within = (ns - start) % quarter
        lit = round(_BEAT_ON * quarter)
        return (1.0, ns - within + lit) if within < lit else (0.0, ns - within + quarter)
    if light == "slow":
        within = (ns - since) % _SLOW_NS
        step = within // _SLOW_STEP_NS
        half = _SLOW_NS // _SLOW_STEP_NS // 2
        bright = 2 * DIM * min(step, 2 * half - step) / half
        return bright, ns - within + (step + 1) * _SLOW_STEP_NS
    return {"off": 0.0, "on": 1.0, "dim": DIM}[light], None


def _square(spans: tuple[int, ...], ns: int, since: int) -> tuple[float, int]:
    within = (ns - since) % (sum(spans) * MS)
    end = 0
    for i, span in enumerate(spans):
        end += span * MS
        if within < end:
            return float(i % 2 == 0), ns - within + end
    raise AssertionError  # within is smaller than the sum
