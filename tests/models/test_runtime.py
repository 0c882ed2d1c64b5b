import subprocess
import sys

import numpy as np
import pytest
from model_kit import DATA, WORKING, each_backend

from sideman.models import runtime
from sideman.models.runtime import installed_backends, open_graph, preferred_backends

TINY = DATA / "tiny.tflite"


def golden():
    with np.load(DATA / "tiny.golden.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def first_step(arrays):
    return {name[3:]: value[0] for name, value in arrays.items() if name.startswith("in_")}


def test_at_least_one_interpreter_works_here():
    assert WORKING
    assert installed_backends()


@each_backend
def test_names_shapes_and_types_come_from_the_signature(backend):
    graph = open_graph(TINY, backend)
    assert graph.backend == backend
    assert graph.inputs == {
        "h_in": ((1, 24), "float32"),
        "loop": ((8, 24), "float32"),
        "style": ((1,), "int32"),
        "x": ((1, 16), "float32"),
    }
    assert graph.outputs == {"h_out": ((1, 24), "float32"), "logits": ((1, 48), "float32")}


@each_backend
def test_a_step_computes_what_numpy_computed(backend):
    arrays = golden()
    result = open_graph(TINY, backend).run(first_step(arrays))
    np.testing.assert_allclose(result["logits"], arrays["out_logits"][0], atol=0.02)
    np.testing.assert_allclose(result["h_out"], arrays["out_h_out"][0], atol=0.02)


@each_backend
def test_results_are_copies_and_nothing_is_kept_between_runs(backend):
    graph = open_graph(TINY, backend)
    step = first_step(golden())
    first = graph.run(step)
    kept = first["logits"].copy()
    graph.run({**step, "x": step["x"] + 1})
    np.testing.assert_array_equal(first["logits"], kept)
    np.testing.assert_array_equal(graph.run(step)["logits"], kept)


@each_backend
def test_wrong_inputs_are_refused(backend):
    graph = open_graph(TINY, backend)
    step = first_step(golden())
    with pytest.raises(KeyError):
        graph.run({name: value for name, value in step.items() if name != "x"})
    with pytest.raises(ValueError, match=r"(?i)type"):
        graph.run({**step, "x": step["x"].astype(np.float64)})
    with pytest.raises(ValueError, match=r"(?i)dimension"):
        graph.run({**step, "x": np.zeros((1, 17), np.float32)})


@each_backend
def test_zeros_fit_the_inputs(backend):
    graph = open_graph(TINY, backend)
    assert set(graph.run(graph.zeros())) == set(graph.outputs)


@each_backend
@pytest.mark.parametrize("content", [b"", b"not a model"])
def test_bytes_that_are_no_model_raise_value_error(backend, content):
    with pytest.raises(ValueError, match="cannot run this model"):
        open_graph(content, backend)


@pytest.mark.skipif(len(WORKING) < 2, reason="needs both interpreters")
def test_both_interpreters_agree():
    arrays = golden()
    a, b = (open_graph(TINY, name).run(first_step(arrays)) for name in WORKING)
    for name, value in a.items():
        np.testing.assert_allclose(value, b[name], atol=0.02)


def test_the_backend_follows_the_python_version(monkeypatch):
    monkeypatch.setattr(runtime.sys, "version_info", (3, 11, 2))
    assert preferred_backends()[0] == "tflite_runtime"
    monkeypatch.setattr(runtime.sys, "version_info", (3, 12, 0))
    assert preferred_backends()[0] == "ai_edge_litert"


def test_without_an_interpreter_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(runtime.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install"):
        open_graph(TINY)


@each_backend
def test_loading_prints_nothing(backend):
    code = f"from pathlib import Path; from sideman.models.runtime import open_graph; g = open_graph(Path({str(TINY)!r}), {backend!r}); g.run(g.zeros())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == ""


def test_importing_the_adapter_does_not_import_numpy():
    code = "import sys, sideman.models.runtime; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
