import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman_lab.metrics import Metric, bootstrap_ci, failures, measure, ratio, report, table

rows = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@given(rows)
def test_the_interval_lies_within_the_data_and_repeats(values):
    low, high = bootstrap_ci(values)
    assert min(values) - 1e-6 <= low <= high <= max(values) + 1e-6
    assert bootstrap_ci(values) == (low, high)


def test_the_interval_covers_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(60):
        low, high = bootstrap_ci(rng.normal(5, 2, 60))
        inside += low <= 5 <= high
    assert inside >= 50


def test_the_interval_narrows_with_more_pieces():
    rng = np.random.default_rng(4)
    few, many = (bootstrap_ci(rng.normal(0, 1, n)) for n in (20, 2000))
    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_no_pieces_is_an_error():
    with pytest.raises(ValueError, match="no pieces"):
        bootstrap_ci([])


def test_a_ratio_is_pooled_not_averaged():
    assert ratio(np.array([[1.0, 1.0], [0.0, 9.0]])) == pytest.approx(0.1)
    assert ratio(np.zeros((2, 2))) == 0


def metric(**changes):
    held = {"name": "nic", "value": 0.6, "n": 10, "ci95": (0.58, 0.62), **changes}
    return Metric(**held)


@pytest.mark.parametrize(
    ("changes", "fails"),
    [
        ({}, False),
        ({"must": 0.6}, False),
        ({"must": 0.61}, True),
        ({"must": 0.5, "higher": False}, True),
        ({"must": 0.7, "higher": False}, False),
        ({"baselines": {"drone": 0.9}}, False),
        ({"baselines": {"drone": 0.59}, "gated": True}, False),
        ({"baselines": {"drone": 0.6}, "gated": True}, True),  # a tie does not beat
        ({"baselines": {"drone": 0.61}, "gated": True}, True),
        ({"baselines": {"drone": 0.5}, "gated": True, "higher": False}, True),
        ({"reference": {"hindsight": 0.9}, "gated": True}, False),
        ({"floating": 0.61}, False),  # within half the interval
        ({"floating": 0.63}, True),
        ({"floating": 0.5}, False),  # better than the float model
        ({"floating": 0.57, "higher": False}, True),
        ({"floating": 0.605, "ci95": (0.6, 0.6)}, False),  # within one per cent
        ({"floating": 0.607, "ci95": (0.6, 0.6)}, True),
    ],
)
def test_gates(changes, fails):
    assert bool(metric(**changes).failures) is fails
    assert bool(failures([metric(**changes)])) is fails


def test_a_measured_metric_stands_beside_its_baselines():
    m = measure(
        "nic",
        [0.5, 0.7],
        baselines={"drone": [0.4, 0.4]},
        reference={"viterbi": [0.9, 0.9]},
        floating=[0.6, 0.7],
        must=0.5,
    )
    assert m.value == pytest.approx(0.6)
    assert m.n == 2
    assert m.baselines == {"drone": pytest.approx(0.4)}
    assert m.floating == pytest.approx(0.65)


def test_the_json_object_is_the_documented_one():
    m = measure("nic", [0.5, 0.7], baselines={"drone": [0.4, 0.4]}, must=0.5, aim=0.66)
    shown = json.loads(json.dumps(report("chords", [m], pieces=2, runtime="tflite_runtime", model_sha256="ab")))
    assert set(shown) == {"family", "model_sha256", "runtime", "pieces", "metrics"}
    assert shown["metrics"]["nic"] == {
        "value": 0.6,
        "n": 2,
        "ci95": [0.5, 0.7],
        "must": 0.5,
        "aim": 0.66,
        "baselines": {"drone": 0.4},
    }
    assert (
        "float" in report("chords", [metric(floating=0.6)], pieces=1, runtime="x", model_sha256="y")["metrics"]["nic"]
    )


def test_the_table_shows_every_baseline_and_marks_references():
    m = metric(baselines={"drone": 0.4}, reference={"viterbi": 0.9})
    text = table([m])
    assert "drone 0.4" in text
    assert "viterbi 0.9 (reference)" in text
    assert "float" not in text
    assert "float" in table([metric(floating=0.61)])
    lines = table([m], markdown=True).splitlines()
    assert len({line.count("|") for line in lines}) == 1


def test_baselines_that_do_better_are_named_whether_or_not_they_gate():
    more = Metric("share", 0.8, 9, (0.7, 0.9), baselines={"a": 0.9, "b": 0.8, "c": 0.1})
    less = Metric("error", 0.8, 9, (0.7, 0.9), baselines={"a": 0.9, "b": 0.1}, higher=False)
    assert (more.lost_to, less.lost_to) == (("a",), ("b",))
