"""The tempi at which a style is usually played: they decide between readings that the notes leave open.

Wide ranges after common practice, in beats of the meter (dotted quarters in compound meters). Inside its range a style
says nothing; outside the penalty grows with the square of the distance in octaves, so that strong evidence still wins.
"""

from __future__ import annotations

from math import log2

RANGES: dict[str, tuple[float, float]] = {
    "rock": (70, 180), "latin": (80, 220), "jazz": (60, 280), "funk": (80, 130), "hiphop": (66, 115),
    "neworleans": (80, 200), "afrobeat": (90, 140), "pop": (62, 150), "soul": (60, 130), "dance": (105, 150),
    "afrocuban": (80, 220), "punk": (140, 220), "blues": (50, 170), "reggae": (60, 105), "country": (72, 180),
    "gospel": (55, 150), "middleeastern": (60, 150), "highlife": (90, 150),
}  # fmt: skip
"""Beats a minute, slowest and fastest that is usual."""
WEIGHT = 30.0
"""Loss on the scale of a logit an octave outside the range."""


def favour(style: str, beats_a_minute: float) -> float:
    """How far a style speaks against a tempo: 0 inside its range or for an unknown style, negative outside."""
    low, high = RANGES.get(style, (1.0, 1e6))
    off = max(0.0, log2(low / beats_a_minute), log2(beats_a_minute / high))
    return -WEIGHT * off * off
