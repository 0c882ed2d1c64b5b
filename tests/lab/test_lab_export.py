"""Conversions: both traps of the converter, every block against NumPy, and what is written into the package.

Run with the training environment's Python; without TensorFlow only the packaging is tested.
"""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest

from sideman.models.library import MANIFEST
from sideman.models.runtime import installed_backends
from sideman_lab import fixture, packaging
from sideman_lab import tflite_export as blocks
from sideman_lab.check import check
from sideman_lab.reference import GruWeights, Numerics, layer_norm

HAS_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None
needs_tensorflow = pytest.mark.skipif(not HAS_TENSORFLOW, reason="needs the training environment (make lab)")
quiet = pytest.mark.filterwarnings("ignore")  # TensorFlow's own deprecations
backends = pytest.mark.parametrize("backend", installed_backends())

META = {"licence": "MIT", "rights_class": "synthetic", "trained_on": ["nothing"]}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module")
def converted():
    if not HAS_TENSORFLOW:
        pytest.skip("needs the training environment (make lab)")
    return blocks.convert(fixture.TinyNet().tensor_step, fixture.SPEC)


def golden(*, int8):
    inputs, outputs = fixture.TinyNet().golden(Numerics(int8=int8))
    return {f"in_{n}": v for n, v in inputs.items()} | {f"out_{n}": v for n, v in outputs.items()}


@quiet
@needs_tensorflow
@backends
class TestConversion:
    def test_the_int8_model_agrees_with_an_independent_int8_forward_pass(self, converted, backend):
        assert check(converted.int8, golden(int8=True), backend).error < 0.01

    def test_the_float_model_agrees_with_a_float_forward_pass(self, converted, backend):
        assert check(converted.float32, golden(int8=False), backend).error < 1e-5

    def test_int8_is_smaller_and_really_quantised(self, converted, backend):
        assert len(converted.int8) < len(converted.float32)
        assert check(converted.int8, golden(int8=False), backend).error > 1e-3

    def test_full_int8_is_near_float(self, backend):
        weight = draw(64, 32) / 6
        full = blocks.convert(
            lambda t: {"y": blocks.dense(t["x"], weight, relu=True)},
            {"x": ((1, 32), "float32")},
            mode="full",
            representative=[{"x": draw(1, 32, seed=s)} for s in range(50)],
        )
        x = draw(1, 1, 32, seed=7)
        assert check(full.int8, {"in_x": x, "out_y": Numerics().dense(x, weight, relu=True)}, backend).error < 0.1


@quiet
@needs_tensorflow
def test_every_weight_is_quantised_with_one_scale(converted):
    # Per-channel scales would load nowhere on tflite-runtime 2.14 (operator version 12), or compute nonsense.
    interpreter = blocks.tensorflow().lite.Interpreter(model_content=converted.int8)
    scales = [d["quantization_parameters"]["scales"] for d in interpreter.get_tensor_details()]
    sizes = [len(found) for found in scales if len(found)]  # what is quantised at run time has none
    assert sizes == [1, 1, 1, 1]  # two of the GRU, the convolution, the last layer


@needs_tensorflow
def test_full_int8_needs_a_representative_set():
    with pytest.raises(ValueError, match="representative"):
        blocks.convert(lambda t: t, {"x": ((1, 4), "float32")}, mode="full")


@quiet
@needs_tensorflow
class TestBlocksAgainstNumpy:
    """Each block alone, run eagerly."""

    def test_gru(self):
        weights = GruWeights(draw(15, 7), draw(15, 5, seed=1), draw(15, seed=2), draw(15, seed=3))
        x, h = draw(2, 7, seed=4), draw(2, 5, seed=5)
        tf = blocks.tensorflow()
        found = blocks.gru_step(tf.constant(x), tf.constant(h), weights)
        np.testing.assert_allclose(found, Numerics().gru_step(x, h, weights), atol=1e-5)

    @pytest.mark.parametrize(("steps", "dilation"), [(16, 1), (16, 8), (16, 16), (5, 3)])
    def test_circular_convolution(self, steps, dilation):
        x, weight, bias = draw(steps, 4), draw(6, 4, 3, seed=1), draw(6, seed=2)
        found = blocks.conv1d_circular(blocks.tensorflow().constant(x), weight, bias, dilation, relu=True)
        np.testing.assert_allclose(found, Numerics().conv1d_circular(x, weight, bias, dilation, relu=True), atol=1e-5)

    def test_layer_norm_and_embedding(self):
        tf = blocks.tensorflow()
        x, gamma, beta = draw(3, 6), draw(6, seed=1), draw(6, seed=2)
        np.testing.assert_allclose(
            blocks.layer_norm(tf.constant(x), gamma, beta), layer_norm(x, gamma, beta), atol=1e-5
        )
        np.testing.assert_allclose(blocks.layer_norm(tf.constant(x)), layer_norm(x), atol=1e-5)
        np.testing.assert_array_equal(blocks.embedding(tf.constant([2, 0]), x), x[[2, 0]])


class TestWriting:
    """Needs an interpreter and the test model's bytes, not TensorFlow."""

    @pytest.fixture
    def model(self, request):
        return (request.config.rootpath / "tests" / "models" / "data" / "tiny.tflite").read_bytes()

    @pytest.fixture
    def recorded(self):
        return fixture.TinyNet().golden(Numerics(int8=True))

    def test_what_is_written_loads(self, model, recorded, tmp_path):
        errors = packaging.write_model("tiny", model, *recorded, META, folder=tmp_path)
        assert set(errors) == set(installed_backends())
        assert max(errors.values()) < 0.01
        code = "import sys; from pathlib import Path; from sideman.models.library import load; load('tiny', Path(sys.argv[1]), sys.argv[2])"
        for backend in installed_backends():  # a process each: TensorFlow may be loaded in this one
            subprocess.run([sys.executable, "-c", code, str(tmp_path), backend], check=True)
        assert sorted(p.name for p in tmp_path.iterdir()) == [MANIFEST, "tiny.golden.npz", "tiny.tflite"]

    def test_writing_twice_gives_the_same_bytes(self, model, recorded, tmp_path):
        packaging.write_model("tiny", model, *recorded, META, folder=tmp_path)
        before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
        packaging.write_model("tiny", model, *recorded, META, folder=tmp_path)
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before

    def test_other_families_stay_and_entries_are_sorted(self, model, recorded, tmp_path):
        for family in ("zither", "alto", "zither"):
            packaging.write_model(family, model, *recorded, META | {"hidden": 24}, folder=tmp_path)
        held = json.loads((tmp_path / MANIFEST).read_text())["models"]
        assert list(held) == ["alto", "zither"]
        assert held["alto"]["hidden"] == 24
        assert held["alto"]["created_by"] == "sideman-lab export alto"

    def test_a_model_that_differs_is_not_written(self, model, recorded, tmp_path):
        inputs, outputs = recorded
        outputs = outputs | {"logits": outputs["logits"] + 1}
        with pytest.raises(ValueError, match="nothing was written"):
            packaging.write_model("tiny", model, inputs, outputs, META, folder=tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_no_model_is_not_written(self, recorded, tmp_path):
        with pytest.raises(ValueError, match="cannot run this model"):
            packaging.write_model("tiny", b"not a model", *recorded, META, folder=tmp_path)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("lost", sorted(META))
    def test_an_entry_without_its_rights_is_not_written(self, model, recorded, tmp_path, lost):
        with pytest.raises(ValueError, match=lost):
            packaging.write_model("tiny", model, *recorded, META | {lost: ""}, folder=tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_the_package_of_this_checkout_is_found(self):
        assert (packaging.package_folder() / "__init__.py").is_file()
        assert packaging.cards_folder().name == "cards"
