import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sideman_lab.reference import (
    GruWeights,
    Numerics,
    fold_layer_norm,
    gru_step_numpy,
    layer_norm,
    quantise_rows,
    quantise_weight,
    sigmoid,
)

arrays = hnp.arrays(np.float32, (3, 17), elements=st.floats(-50, 50, width=32))


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@given(arrays)
def test_a_quantised_weight_is_off_by_half_a_step_at_most(weight):
    stored, scale = quantise_weight(weight)
    assert stored.dtype == np.int8
    assert stored.min(initial=0) >= -127
    assert np.abs(stored * scale - weight).max() <= scale * 0.5001 + 1e-6


@given(arrays)
def test_a_quantised_row_is_off_by_a_step_at_most_and_keeps_zero(x):
    values, scale, zero = quantise_rows(x)
    assert values.min() >= -128
    assert values.max() <= 127
    assert np.abs((values - zero) * scale - x).max() <= scale.max() * 1.01 + 1e-6
    np.testing.assert_array_equal(((values - zero) * scale)[x == 0], 0)


def test_rows_are_quantised_apart():
    together = quantise_rows(np.stack([draw(8), 100 * draw(8)]))
    alone = quantise_rows(draw(8)[None])
    np.testing.assert_array_equal(together[0][0], alone[0][0])


def test_int8_is_near_float_and_small_weights_stay_float():
    x, weight, small = draw(2, 64), draw(32, 64, seed=1), draw(4, 64, seed=2)
    exact, rough = Numerics().dense(x, weight), Numerics(int8=True).dense(x, weight)
    assert 0 < np.abs(exact - rough).max() < 0.6
    assert np.corrcoef(exact.ravel(), rough.ravel())[0, 1] > 0.999
    np.testing.assert_array_equal(Numerics().dense(x, small), Numerics(int8=True).dense(x, small))


def test_the_loop_has_no_seam():
    x, weight = draw(8, 5), draw(6, 5, 3, seed=1)
    y = Numerics().conv1d_circular(x, weight, dilation=2)
    shifted = Numerics().conv1d_circular(np.roll(x, 3, axis=0), weight, dilation=2)
    np.testing.assert_allclose(np.roll(y, 3, axis=0), shifted, atol=1e-5)


def test_folding_a_layer_norm_changes_nothing():
    x, weight, bias, gamma, beta = draw(3, 7), draw(5, 7, seed=1), draw(5, seed=2), draw(7, seed=3), draw(7, seed=4)
    folded = fold_layer_norm(gamma, beta, weight, bias)
    n = Numerics()
    np.testing.assert_allclose(
        n.dense(layer_norm(x, gamma, beta), weight, bias), n.dense(layer_norm(x), *folded), atol=1e-5
    )


def test_sigmoid_does_not_overflow():
    np.testing.assert_allclose(sigmoid(np.array([-1e4, 0, 1e4], np.float32)), [0, 0.5, 1], atol=1e-6)


@pytest.mark.filterwarnings("ignore")
class TestAgainstTorch:
    """The weights of a trained torch net convert one to one."""

    def test_gru(self):
        torch = pytest.importorskip("torch", reason="needs the training environment (make lab)")
        gru = torch.nn.GRU(7, 5, batch_first=True)
        weights = GruWeights(
            *(getattr(gru, f"{n}_l0").detach().numpy() for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        )
        x = draw(2, 6, 7)
        expected = gru(torch.tensor(x))[0].detach().numpy()
        h = np.zeros((2, 5), np.float32)
        for t in range(6):
            h = gru_step_numpy(x[:, t], h, weights)
            np.testing.assert_allclose(h, expected[:, t], atol=1e-5)

    @pytest.mark.parametrize("dilation", [1, 2, 4])
    def test_circular_convolution(self, dilation):
        torch = pytest.importorskip("torch", reason="needs the training environment (make lab)")
        conv = torch.nn.Conv1d(4, 6, 3, padding="same", padding_mode="circular", dilation=dilation)
        x = draw(16, 4)
        expected = conv(torch.tensor(x.T[None]))[0].detach().numpy().T
        found = Numerics().conv1d_circular(x, conv.weight.detach().numpy(), conv.bias.detach().numpy(), dilation)
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_layer_norm(self):
        torch = pytest.importorskip("torch", reason="needs the training environment (make lab)")
        norm = torch.nn.LayerNorm(6)
        norm.weight.data += torch.randn(6)
        x = draw(3, 6)
        found = layer_norm(x, norm.weight.detach().numpy(), norm.bias.detach().numpy())
        np.testing.assert_allclose(found, norm(torch.tensor(x)).detach().numpy(), atol=1e-5)
