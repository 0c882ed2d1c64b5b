"""Every model in the package: loads and agrees on both interpreters, is complete, and all fit the budget."""

import json

import numpy as np
import pytest
from model_kit import WORKING, each_backend

from sideman.models.library import MANIFEST, golden_error, load, models_folder, read_manifest
from sideman.models.runtime import open_graph

FOLDER = models_folder()
ENTRIES = read_manifest()
MAX_BYTES = 8 * 2**20
NEVER_TRAINED_ON = ("openewld", "nottingham")

each_family = pytest.mark.parametrize("family", sorted(ENTRIES))


def golden(family):
    with np.load(FOLDER / ENTRIES[family].golden) as arrays:
        return {name: arrays[name] for name in arrays.files}


def test_the_three_families_are_shipped():
    assert set(ENTRIES) == {"chords", "drums", "melody"}


@each_backend
@each_family
def test_it_loads_and_reproduces_its_golden_outputs(family, backend):
    assert load(family, backend=backend).backend == backend


@each_backend
@each_family
def test_its_golden_check_can_fail(family, backend):
    arrays = golden(family)
    entry = ENTRIES[family]
    for name in entry.outputs:
        swing = float(np.ptp(arrays[f"out_{name}"]))
        assert swing > 4 * entry.golden_atol, f"{name} moves by {swing:.3g} only: a wrong model could pass"
    graph = open_graph((FOLDER / entry.file).read_bytes(), backend)
    disturbed = {
        name: value + 1 if name.startswith("in_") and value.dtype.kind == "f" else value
        for name, value in arrays.items()
    }
    assert golden_error(graph, disturbed) > entry.golden_atol


@pytest.mark.skipif(len(WORKING) < 2, reason="needs both interpreters")
@each_family
def test_both_interpreters_agree(family):
    arrays = golden(family)
    first = {name[3:]: value[0] for name, value in arrays.items() if name.startswith("in_")}
    content = (FOLDER / ENTRIES[family].file).read_bytes()
    a, b = (open_graph(content, name).run(first) for name in WORKING)
    for name, value in a.items():
        np.testing.assert_allclose(value, b[name], atol=ENTRIES[family].golden_atol)


@each_family
def test_its_manifest_entry_is_complete(family):
    entry = ENTRIES[family]
    assert entry.licence
    assert entry.rights_class
    assert entry.trained_on
    assert entry.created_by == f"sideman-lab export {family}"
    assert not [name for name in entry.trained_on if name.startswith(NEVER_TRAINED_ON)]
    assert entry.inputs
    assert entry.outputs
    state_in = {name[:-3] for name in entry.inputs if name.endswith("_in")}
    assert state_in == {name[:-4] for name in entry.outputs if name.endswith("_out")}
    for name, (shape, dtype) in entry.inputs.items():
        assert golden(family)[f"in_{name}"].shape[1:] == shape
        assert golden(family)[f"in_{name}"].dtype.name == dtype


@each_family
def test_a_card_describes_it(family):
    card = FOLDER.parent / "cards" / f"{family}.md"
    if not card.parent.is_dir():
        pytest.skip("the cards are part of a checkout, not of an installed package")
    assert ENTRIES[family].sha256[:12] in card.read_text(encoding="utf-8"), f"the card is of another {family} model"


def test_everything_shipped_is_named_and_small():
    named = {MANIFEST} | {entry.file for entry in ENTRIES.values()} | {entry.golden for entry in ENTRIES.values()}
    found = {path.name for path in FOLDER.iterdir() if path.suffix not in {".py", ".pyi"} and path.is_file()}
    assert found == named
    assert sum((FOLDER / name).stat().st_size for name in named) <= MAX_BYTES


def test_the_manifest_is_sorted_json_that_ends_with_a_newline():
    text = (FOLDER / MANIFEST).read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert list(json.loads(text)["models"]) == sorted(ENTRIES)
