"""The search for the best chords: what it finds is the best of all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.chord_search import PARALLEL, best_other


@given(st.integers(0, 2**32 - 1), st.sampled_from((0.0, 0.3, 1.0, 50.0)))
def test_thebest_other_chord_is_the_best_of_all_at_their_prices(seed, price):
    value = np.random.default_rng(seed).normal(size=(3, 36)).astype(np.float32)
    table = np.where(np.eye(36, dtype=bool), -np.inf, value[:, None, :] - price * PARALLEL)
    best = best_other(value, price)
    own = np.arange(36)
    assert (best != own).all()
    found = np.take_along_axis(value, best, axis=1) - price * PARALLEL[own, best]
    np.testing.assert_allclose(found, table.max(axis=2), rtol=1e-5)
