"""The search for the best chords: what it finds is the best of all."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.chord_habits import Habits
from sideman.models.chord_search import COMMON, MOTION, MOTION_CENTRE, PARALLEL, _costs, _emitted, choose
from sideman.models.chord_search import PLAIN as DEFAULT
from sideman.models.chord_terms import BAR, PARTS, STRONG, WEAK, Ground
from sideman.models.chord_weights import STREAM


def ground(rng, jams, cuts):
    """Beats of which nothing is known but noise."""
    return Ground(
        parts=rng.normal(size=(jams, cuts, 36, len(PARTS))).astype(np.float32),
        chance=rng.uniform(0.1, 0.9, (jams, cuts)).astype(np.float32),
        place=rng.choice([BAR, WEAK, STRONG], (jams, cuts)),
        frames=np.full((jams, cuts), 4),
        unsure=rng.uniform(size=(jams, cuts)).astype(np.float32),
        before=rng.integers(-1, 36, (jams, cuts)),
        again=rng.integers(-1, 36, (jams, cuts)),
        belief=rng.uniform(size=jams).astype(np.float32),
        expected=np.full((jams, 36), 1 / 36, np.float32),
        variety=np.full(jams, 1.5, np.float32),
        palette=np.ones(jams, np.float32),
        pace=np.full(jams, 0.5, np.float32),
        lean=rng.normal(size=jams).astype(np.float32),
        young=rng.uniform(size=jams).astype(np.float32),
    )


@pytest.mark.parametrize(("motion", "common"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.8)])
@given(seed=st.integers(0, 2**32 - 1))
def test_no_other_pair_of_chords_scores_more(motion, common, seed):
    """Every pair of chords for two beats, scored by the book."""
    rng, jams = np.random.default_rng(seed), np.arange(3)
    known, habits = ground(rng, 3, 2), Habits(3)
    weights = replace(STREAM, motion=motion, common=common, parallel=1.5, first=0.0)
    previous = rng.integers(0, 36, 3)
    for _ in range(2):
        habits.add(jams, rng.integers(0, 36, 3), np.full(3, 8), np.ones(3, np.float32), np.ones(3, bool))
    path = choose(known, habits, jams, previous, weights)
    emitted = _emitted(known, habits, jams, weights, DEFAULT)
    stay, move = _costs(known, habits, jams, weights, DEFAULT)
    successor, share = habits.successors(jams)
    moves = motion * (MOTION - MOTION_CENTRE) - common * COMMON - weights.parallel * PARALLEL
    for jam in range(3):
        onward = moves + weights.progress * share[jam][:, None] * (successor[jam][:, None] == np.arange(36))
        steps = [onward + move[jam, i] for i in (0, 1)]
        for i, step in enumerate(steps):
            np.fill_diagonal(step, stay[jam, i])
        score = (emitted[jam, 0] + steps[0][previous[jam]])[:, None] + emitted[jam, 1] + steps[1]
        assert score[tuple(path[jam])] == pytest.approx(score.max(), abs=1e-3)


def test_common_root_motions_cost_and_rare_ones_do_not():
    """By the songs: a fifth down is the commonest change, a tritone is rare; on the whole changing costs the same."""
    c, f_sharp, f = 0, 6, 5
    assert COMMON[c, f] > 0 > COMMON[c, f_sharp]
    assert (np.exp(MOTION) * COMMON).sum() == pytest.approx(0, abs=1e-3)
