"""The nine drum voices and the pads and pitches that mean them."""

from __future__ import annotations

from enum import IntEnum


class Voice(IntEnum):
    """Nine voices in the order of the published drum models (GrooVAE, NIME 2021)."""

    KICK = 0
    SNARE = 1
    CLOSED_HAT = 2
    OPEN_HAT = 3
    LOW_TOM = 4
    MID_TOM = 5
    HIGH_TOM = 6
    CRASH = 7
    RIDE = 8


OUT_PITCH = (36, 38, 42, 46, 43, 47, 50, 49, 51)
"""General MIDI pitch that each voice is played with."""

SIDE_STICK = 37
"""The snare struck across its rim."""

PADS: dict[int, Voice] = {
    **dict.fromkeys((35, 36), Voice.KICK),
    **dict.fromkeys((37, 38, 39, 40), Voice.SNARE),
    **dict.fromkeys((22, 42, 44), Voice.CLOSED_HAT),
    **dict.fromkeys((26, 46), Voice.OPEN_HAT),
    **dict.fromkeys((41, 43, 58), Voice.LOW_TOM),
    **dict.fromkeys((45, 47), Voice.MID_TOM),
    **dict.fromkeys((48, 50), Voice.HIGH_TOM),
    **dict.fromkeys((49, 52, 55, 57), Voice.CRASH),
    **dict.fromkeys((51, 53, 59), Voice.RIDE),
}
"""Roland TD-11 pads as in the Groove MIDI Dataset, plus the General MIDI neighbours 35, 39 and 41."""


def voice_of(pitch: int) -> Voice | None:
    """The voice a drum pitch (0-127) stands for, or None."""
    return PADS.get(pitch)
