"""First beats and endings of known tunes: none is taken back, all come home, however late the band is."""

import pytest

from sideman_lab.tunes.entries import Entry, entry, line, summary
from sideman_lab.tunes.read import read_half


@pytest.fixture(scope="module")
def tune():
    return next(tune for tune in read_half("choose") if tune.name == "long-long-ago")


@pytest.mark.parametrize(("latency", "gap"), [(0, 0), (50, 1), (300, 8), (2000, 8)])
def test_the_first_chord_is_the_form_s_and_the_last_is_home(tune, latency, gap):
    found = entry(tune, latency, gap)
    assert found.alien is False
    assert found.home is True
    assert found.on_one is (gap > 0)
    assert found.on_beat is True


def test_a_band_that_never_answers_is_played_by_rules(tune):
    found = entry(tune, None, 8)
    assert found.alien is False
    assert found.home is True


def test_the_summary_by_hand():
    found = summary(
        [
            Entry(True, True, True, True, None),
            Entry(None, False, False, None, None),
            Entry(False, True, False, False, True),
        ]
    )
    assert found == {
        "jams": 3,
        "silent": 1,
        "alien": 1,
        "on_one": 0.667,
        "on_beat": 0.5,
        "home": 0.5,
        "home_named": 1.0,
    }
    assert "never" in line({"latency_ms": None, "gap_beats": 0} | found)
