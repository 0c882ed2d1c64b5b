"""What is usual in a style: nothing inside its range, more the farther outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.options import STYLES
from sideman.music.tempo_ranges import RANGES, favour


def test_every_style_has_a_range():
    assert set(RANGES) == set(STYLES)
    assert all(low < high for low, high in RANGES.values())


@given(st.sampled_from(STYLES), st.floats(0, 1), st.floats(0.05, 1), st.floats(0.01, 1))
def test_inside_nothing_outside_ever_more(style, share, off, more):
    low, high = RANGES[style]
    assert favour(style, low * (high / low) ** (0.01 + 0.98 * share)) == 0
    assert favour(style, low / 2 ** (off + more)) < favour(style, low / 2**off) < 0
    assert favour(style, high * 2 ** (off + more)) < favour(style, high * 2**off) < 0


def test_an_unknown_style_says_nothing():
    assert favour("", 10) == pytest.approx(0)
