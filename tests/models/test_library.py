import hashlib
import io
import json

import numpy as np
import pytest
from model_kit import each_backend

from sideman.models import library
from sideman.models.library import MANIFEST, ModelUnusableError, families, load, read_manifest
from sideman.models.runtime import open_graph


def edit(folder, **changes):
    data = json.loads((folder / MANIFEST).read_text())
    data["models"]["tiny"].update(changes)
    (folder / MANIFEST).write_text(json.dumps(data))


def seal(folder):
    """Make the manifest agree with the files, as somebody who swaps both would."""
    model = (folder / "tiny.tflite").read_bytes()
    golden = (folder / "tiny.golden.npz").read_bytes()
    edit(
        folder,
        bytes=len(model),
        sha256=hashlib.sha256(model).hexdigest(),
        golden_sha256=hashlib.sha256(golden).hexdigest(),
    )


def regolden(folder, change):
    with np.load(folder / "tiny.golden.npz") as arrays:
        held = {name: arrays[name] for name in arrays.files}
    change(held)
    buffer = io.BytesIO()
    np.savez(buffer, **held)
    (folder / "tiny.golden.npz").write_bytes(buffer.getvalue())
    seal(folder)


def refused(folder, match, backend=None):
    with pytest.raises(ModelUnusableError, match=match) as caught:
        load("tiny", folder, backend)
    text = str(caught.value)
    assert text.startswith("model tiny: ")
    assert "\n" not in text
    assert "rule-based" in text  # says what happens now
    return text


@each_backend
def test_an_intact_model_loads(tiny_folder, backend):
    graph = load("tiny", tiny_folder, backend)
    assert graph.backend == backend
    assert set(graph.run(graph.zeros())) == {"h_out", "logits"}


@each_backend
def test_a_model_that_computes_something_else_is_caught(tiny_folder, backend):
    # The weights of the last layer change sign, the checksum is made to fit: it loads and is silently wrong.
    content = (tiny_folder / "tiny.tflite").read_bytes()
    interpreter = open_graph(content, backend)._interpreter
    (layer,) = [d for d in interpreter.get_tensor_details() if tuple(d["shape"]) == (48, 24) and d["dtype"] is np.int8]
    weights = interpreter.get_tensor(layer["index"])
    assert content.count(weights.tobytes()) == 1
    changed = content.replace(weights.tobytes(), (-weights).tobytes())
    (tiny_folder / "tiny.tflite").write_bytes(changed)
    seal(tiny_folder)
    refused(tiny_folder, f"{backend} computes it wrongly", backend)


@each_backend
def test_golden_outputs_that_differ_are_caught(tiny_folder, backend):
    def change(arrays):
        arrays["out_logits"] = arrays["out_logits"].copy()
        arrays["out_logits"][-1, 0, 0] += 0.5

    regolden(tiny_folder, change)
    refused(tiny_folder, "off by 0.5, allowed 0.02", backend)


def test_a_nan_is_not_within_tolerance(tiny_folder):
    def change(arrays):
        arrays["in_x"] = arrays["in_x"].copy()
        arrays["in_x"][2] = np.nan

    regolden(tiny_folder, change)
    refused(tiny_folder, "computes it wrongly")


def test_state_is_fed_back_so_that_errors_show(tiny_folder):
    def change(arrays):
        arrays["in_h_in"] = arrays["in_h_in"] + 1.0

    regolden(tiny_folder, change)  # another first state changes every later step
    refused(tiny_folder, "computes it wrongly")


def test_a_tampered_file_is_refused(tiny_folder):
    content = bytearray((tiny_folder / "tiny.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (tiny_folder / "tiny.tflite").write_bytes(content)
    refused(tiny_folder, "tiny.tflite is not the file that was shipped")


def test_a_wrong_checksum_is_refused(tiny_folder):
    edit(tiny_folder, sha256="0" * 64)
    refused(tiny_folder, "checksum differs")


def test_tampered_golden_outputs_are_refused(tiny_folder):
    edit(tiny_folder, golden_sha256="0" * 64)
    refused(tiny_folder, "tiny.golden.npz is not the file that was shipped")


def test_a_truncated_file_is_refused(tiny_folder):
    path = tiny_folder / "tiny.tflite"
    whole = len(path.read_bytes())
    path.write_bytes(path.read_bytes()[:1000])
    refused(tiny_folder, f"has 1000 bytes instead of {whole}")


@each_backend
def test_a_file_that_is_no_model_is_refused_even_when_the_manifest_fits(tiny_folder, backend):
    (tiny_folder / "tiny.tflite").write_bytes(b"not a model at all")
    seal(tiny_folder)
    refused(tiny_folder, "cannot run this model", backend)


@pytest.mark.parametrize("name", ["tiny.tflite", "tiny.golden.npz", MANIFEST])
def test_a_missing_file_is_named(tiny_folder, name):
    (tiny_folder / name).unlink()
    refused(tiny_folder, f"a file is missing \\({name}\\)")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": 2, "models": {}}', '{"schema": 1, "models": {"tiny": {}}}'],
)
def test_a_broken_manifest_is_one_sentence(tiny_folder, text):
    (tiny_folder / MANIFEST).write_text(text)
    refused(tiny_folder, ".")
    assert families(tiny_folder) == ()


def test_a_golden_file_that_is_no_archive_is_refused(tiny_folder):
    (tiny_folder / "tiny.golden.npz").write_bytes(b"nonsense")
    seal(tiny_folder)
    refused(tiny_folder, ".")


def test_an_empty_golden_file_proves_nothing(tiny_folder):
    regolden(tiny_folder, lambda arrays: arrays.update({name: value[:0] for name, value in arrays.items()}))
    refused(tiny_folder, "holds no step")


def test_other_shapes_than_the_manifest_says_are_refused(tiny_folder):
    edit(tiny_folder, inputs={"x": [[1, 17], "float32"]})
    refused(tiny_folder, "other inputs or outputs")


def test_an_unknown_family_is_refused(tiny_folder):
    with pytest.raises(ModelUnusableError, match=r"model flute: manifest\.json does not name it"):
        load("flute", tiny_folder)


def test_an_interpreter_that_crashes_on_import_is_refused(tiny_folder, monkeypatch):
    def broken(*_):
        raise SystemError("returned NULL without setting an exception")

    monkeypatch.setattr(library, "open_graph", broken)  # what NumPy 2 does to tflite-runtime
    refused(tiny_folder, "returned NULL")


def test_an_error_without_words_is_named_by_its_class(tiny_folder, monkeypatch):
    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(library, "open_graph", broken)
    refused(tiny_folder, "MemoryError")


def test_the_manifest_reads_back(tiny_folder):
    entry = read_manifest(tiny_folder)["tiny"]
    assert entry.inputs["style"] == ((1,), "int32")
    assert entry.licence == "MIT"
    assert entry.trained_on == ("nothing",)
    assert families(tiny_folder) == ("tiny",)
