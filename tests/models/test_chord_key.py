import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.chord_key import KEYS, PROFILES, home_of, key_of, key_shares, outside, tune_key
from sideman.music.harmony import estimate_key

WEIGHTS = st.lists(st.integers(0, 20), min_size=12, max_size=12)


@given(WEIGHTS)
def test_it_feels_the_key_that_the_band_names(weights):
    if len(set(weights)) < 2:
        return
    tonic, mode, sure = estimate_key(weights)
    shares = key_shares(np.array(weights, np.float32))
    assert shares[KEYS.index((tonic, mode))] == pytest.approx(shares.max(), abs=1e-4)
    assert key_of(np.array(weights, np.float32))[1] == pytest.approx(sure, abs=1e-3)


def test_nothing_heard_is_every_key():
    np.testing.assert_allclose(key_shares(np.zeros(12, np.float32)), 1 / 24)


@given(WEIGHTS, st.integers(0, 11))
def test_home_moves_with_the_key(weights, shift):
    memory = np.array(weights, np.float32)
    moved = home_of(key_shares(np.roll(memory, shift))).reshape(3, 12)
    np.testing.assert_allclose(np.roll(home_of(key_shares(memory)).reshape(3, 12), shift, axis=1), moved, atol=1e-3)


def test_the_tonic_is_at_home():
    scale = np.bincount([0, 0, 0, 2, 4, 4, 5, 7, 7, 9, 11], minlength=12).astype(np.float32)
    home = home_of(key_shares(scale))
    assert home.argmax() == 0
    assert home[7] > home[6]
    assert outside((0, "maj")).tolist() == [0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0]


def test_the_triads_heard_decide_between_keys_of_the_same_tones():
    tones = np.exp(PROFILES[KEYS.index((0, "maj"))]) + np.exp(PROFILES[KEYS.index((9, "min"))])
    none, home, relative = (np.zeros(36, np.float32) for _ in range(3))
    home[[0, 7]] = 1  # C and G
    relative[[12 + 9, 4]] = 1  # A minor and E
    assert tune_key(tones, none) == key_of(tones)[0]
    assert tune_key(tones, home) == (0, "maj")
    assert tune_key(tones, relative) == (9, "min")


def test_a_clear_melody_outweighs_the_triads_heard():
    tones = np.zeros(12, np.float32)
    tones[[0, 4, 7]] = 10, 5, 7
    relative = np.zeros(36, np.float32)
    relative[[12 + 9, 4]] = 1
    assert tune_key(tones, relative) == (0, "maj")
