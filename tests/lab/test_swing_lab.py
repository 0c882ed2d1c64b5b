"""How far each part's off-beats lie from the player's: the measure."""

from __future__ import annotations

import pytest

from sideman_lab.swing import RATIOS, WITHIN, off_beat, row


def test_off_beats_alone_in_their_beat_count():
    assert off_beat([beat + at for beat in range(6) for at in (0.0, 0.66)], 0.745) == pytest.approx(0.66)
    assert off_beat([beat + at for beat in range(6) for at in (0.5, 0.6)], 0.745) is None
    assert off_beat([beat + 0.75 for beat in range(6)], 0.625) is None


@pytest.mark.parametrize("ratio", RATIOS)
def test_no_part_of_the_box_lies_further_off(ratio):
    told = row("trade", "rock", ratio, 120, 0)["parts"]
    assert told["drums"]
    assert told["comping"]
    for part, one in told.items():
        assert one is None or abs(one["distance"]) <= WITHIN, part
