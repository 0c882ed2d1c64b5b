import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.sampling import generator, gumbel, sample, seed_for, softmax

logits = st.lists(st.floats(-30, 30), min_size=1, max_size=40)


def test_seeds_are_stable_for_ever():
    assert seed_for(1, "chords", 16) == 488404896531812896  # recorded takes hold such seeds
    assert seed_for() != seed_for("")


@given(st.lists(st.one_of(st.integers(), st.text("abc1", max_size=4)), max_size=4))
def test_a_seed_fits_63_bits_and_depends_on_its_parts(parts):
    assert 0 <= seed_for(*parts) < 2**63
    assert seed_for(*parts) == seed_for(*parts)
    assert seed_for(*parts, 1) != seed_for(*parts)


def test_the_type_and_the_place_of_a_part_count():
    assert len({seed_for(1), seed_for("1"), seed_for(1, 2), seed_for(12), seed_for(2, 1), seed_for("1", "2")}) == 6


def test_seeds_agree_between_processes():
    code = "from sideman.models.sampling import seed_for, generator; print(seed_for('a', 3), generator(5).random())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == f"{seed_for('a', 3)} {generator(5).random()}\n"


@given(logits, st.floats(0.05, 5))
def test_softmax_is_a_distribution_in_the_order_of_its_logits(values, temperature):
    p = softmax(values, temperature)
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    assert p[int(np.argmax(values))] == p.max()


def test_softmax_masks_with_minus_infinity_and_keeps_other_axes():
    p = softmax([[0.0, -np.inf], [1.0, 1.0]])
    np.testing.assert_allclose(p, [[1, 0], [0.5, 0.5]])
    np.testing.assert_allclose(softmax([[0.0, 5.0], [0.0, 5.0]], axis=0), 0.5)


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_softmax_refuses_a_temperature_that_is_not_positive(temperature):
    with pytest.raises(ValueError, match="temperature"):
        softmax([0.0, 1.0], temperature)


def test_softmax_refuses_a_slice_that_allows_nothing():
    with pytest.raises(ValueError, match="finite"):
        softmax([-np.inf, -np.inf])


@given(logits, st.integers(0, 2**40))
def test_temperature_zero_takes_the_best(values, seed):
    assert sample(values, generator(seed), 0.0) == int(np.argmax(values))


@given(logits, st.integers(0, 2**40), st.floats(0, 3), st.data())
def test_sampling_repeats_and_keeps_to_the_mask(values, seed, temperature, data):
    allowed = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)).filter(any))
    choice = sample(values, generator(seed), temperature, allowed)
    assert allowed[choice]
    assert choice == sample(values, generator(seed), temperature, allowed)


def test_sampling_follows_the_softmax():
    values = [0.0, 1.0, 2.0]
    rng = generator("frequencies")
    counts = np.bincount([sample(values, rng, 1.5) for _ in range(6000)], minlength=3) / 6000
    np.testing.assert_allclose(counts, softmax(values, 1.5), atol=0.02)


def test_each_call_advances_the_generator_alike():
    a, b = generator(1), generator(1)
    sample([0.0, 1.0], a, 0.0)
    sample([5.0, 1.0], b, 2.0, [True, False])
    assert a.random() == b.random()


def test_sampling_refuses_what_cannot_be_sampled():
    with pytest.raises(ValueError, match="allowed"):
        sample([1.0, 2.0], generator(1), 1.0, [False, False])
    with pytest.raises(ValueError, match="temperature"):
        sample([1.0], generator(1), -0.5)


def test_gumbel_noise_has_its_mean_and_is_finite():
    noise = gumbel(generator(2), (200, 100))
    assert np.isfinite(noise).all()
    assert noise.mean() == pytest.approx(0.5772, abs=0.03)


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the very generator that must not move
    sample([0.0, 1.0], generator(3))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002 - as above
