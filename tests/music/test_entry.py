"""When the band comes in."""

from __future__ import annotations

from sideman.music.entry import silent_until
from sideman.music.meter import Meter


def test_the_silence_period_ends_half_a_beat_early():
    assert silent_until(0, 8 * 960, Meter()) == 7.5 * 960
    assert silent_until(-960, 8 * 960, Meter(3, 4)) == 6.5 * 960


def test_in_compound_meters_a_beat_is_a_dotted_quarter():
    assert silent_until(0, 0, Meter(6, 8)) == -720
