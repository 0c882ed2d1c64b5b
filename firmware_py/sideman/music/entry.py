"""When the band comes in under ``follow``: on the first bar line after the silence period (RJ3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sideman.music.meter import Meter


def silent_until(first_note: int, silence: int, meter: Meter) -> int:
    """The tick from which a bar line lets the band in.

    Args:
        first_note: Tick of the player's first note.
        silence: Length of the silence period in ticks.
        meter: The meter.

    Returns:
        The end of the silence period less half a beat: who begins a little late is not made to wait another bar.
    """
    return first_note + silence - meter.beat_ticks // 2
