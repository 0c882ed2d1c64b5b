from __future__ import annotations

import sys

import numpy as np
import pytest

from sideman.models.drum_features import CHANNELS, MAX_STEPS, VOICES
from sideman.models.drums import DrumNet
from sideman.models.library import Entry
from sideman.music.meter import Meter
from sideman_lab.data.gmd import Performance
from sideman_lab.drums import card
from sideman_lab.drums import measures as m
from sideman_lab.drums.baselines import bass_drummers, copiers, count, drummers, humanisers
from sideman_lab.drums.evaluate import evaluate
from sideman_lab.drums.forward import NumpyDrums
from sideman_lab.drums.golden import golden_requests
from sideman_lab.drums.layout import GATES, OUTPUTS, WIDTH, heads
from sideman_lab.drums.play import play, swing_tap
from sideman_lab.drums.windows import split_of
from sideman_lab.metrics import ratio

STEP_MS = 150.0


def performance(name, split="validation", late=0.0, bars=4):
    grid = np.zeros((16 * bars, VOICES, 3), np.float32)
    grid[::8, 0] = (1, 0.8, late)
    grid[4::8, 1] = (1, 0.9, 0)
    grid[::2, 2] = (1, 0.5, 0)
    grid[3::8, 2] = (1, 0.3, 0.1)
    return Performance(name, "d", "rock", 15000 / STEP_MS, "beat", Meter(), split, grid)


@pytest.fixture(scope="module")
def split():
    return split_of([performance("a"), performance("b", late=0.2)], "validation")


@pytest.fixture(scope="module")
def train():
    return split_of([performance("c", "train"), performance("d", "train", late=0.1)], "train")


def test_the_truth_scores_perfectly(split):
    truth = split.grid
    assert ratio(m.timing(split, truth[..., 2])) == 0
    assert ratio(m.touch(split, truth[..., 1])) == 0
    assert ratio(m.f1(split, truth[..., 0])) == 1
    assert ratio(m.tap_lock(split, truth[..., 0], truth[..., 2])) == 1
    assert m.channel_divergence(split, truth, 2) == 0


def test_timing_is_in_milliseconds_of_the_tempo(split):
    moved = split.grid[..., 2] + 0.1
    assert ratio(m.timing(split, moved)) == pytest.approx(0.1 * STEP_MS)
    assert ratio(m.timing(split, moved, ms=False)) == pytest.approx(0.1)


def test_velocity_is_in_midi_steps(split):
    assert ratio(m.touch(split, split.grid[..., 1] + 10 / 127)) == pytest.approx(10, abs=1e-4)


def test_f1_counts_missed_and_false_hits(split):
    half = split.grid[..., 0].copy()
    half[..., 2] = 0
    hits, kept = split.grid[0, ..., 0].sum(), half[0].sum()
    assert ratio(m.f1(split, half)) == pytest.approx(2 * kept / (hits + kept))
    assert ratio(m.f1_of(split, half, (0,))) == 1


def test_kicks_on_the_bass_lift_and_constant_kicks_do_not(split):
    kicks = np.zeros(split.grid.shape[:3])
    kicks[..., 0] = split.bass[..., 0]
    always = np.ones_like(kicks)
    assert ratio(m.bass_lock(split, kicks)) > 0.2
    assert ratio(m.bass_lock(split, always)) == 0


def test_a_late_answer_loses_the_tap(split):
    assert ratio(m.tap_lock(split, split.grid[..., 0], split.grid[..., 2] + 0.2)) < 0.2


def test_a_pattern_that_repeats_has_no_seam(split):
    rows, middle = m.seam(split, np.tile(split.grid[:, :16], (1, 2, 1, 1)))
    assert ratio(rows) == pytest.approx(middle)


def test_divergence_is_zero_for_twins_and_grows():
    a = np.zeros((9, 16, 32))
    a[0, 0, 10] = 50
    b, c = a.copy(), np.zeros_like(a)
    c[0, 0, 20] = 50
    assert m.divergence(a, b) == 0
    assert m.divergence(a, c) > 1


def test_swing_is_late_on_off_beats_in_half_sixteenths():
    tap = swing_tap(-0.4)
    assert tap[1, 2] == pytest.approx(0.2)
    assert tap[0, 2] == 0


def random_weights():
    rng = np.random.default_rng(1)
    shapes = {"enter": (WIDTH, CHANNELS), "leave": (sum(OUTPUTS.values()) + GATES, WIDTH)}
    for i in range(5):
        shapes |= {f"blocks.{i}.mix": (WIDTH, 3 * WIDTH), f"blocks.{i}.out": (WIDTH, WIDTH)}
    found = {}
    for name, shape in shapes.items():
        found[f"{name}.weight"] = rng.normal(0, 0.05, shape).astype(np.float32)
        found[f"{name}.bias"] = np.zeros(shape[0], np.float32)
    return found


def test_the_last_layer_is_cut_without_a_rest():
    weights = random_weights()
    cut = heads(weights)
    rows = sum(len(cut[f"{name}.bias"]) for name in (*OUTPUTS, "gate_velocity", "gate_offset"))
    assert rows == len(weights["leave.bias"])
    assert np.array_equal(cut["hits.weight"], weights["leave.weight"][:9])


def test_every_metric_has_a_figure_and_its_baselines(split, train):
    net = DrumNet(NumpyDrums(random_weights()))
    few = split.take(2)
    done = []
    played = play(net, few, done.append)
    assert done[-1] == len(few.grid)
    metrics = {metric.name: metric for metric in evaluate(played, few, count(train), played)}
    assert all(np.isfinite(metric.value) for metric in metrics.values())
    assert metrics["int8_same_hits"].value == 1
    assert "copied tap" in metrics["timing_ms_score_tap"].baselines
    assert "copied tap" not in metrics["timing_ms_score_style"].baselines
    assert metrics["hit_f1_tap"].gated


def test_given_scores_are_kept(split):
    played = play(DrumNet(NumpyDrums(random_weights())), split, lambda _: None)
    for condition in ("score_tap", "score", "swing-0.2"):
        assert np.array_equal(played.of(condition)[..., 0], split.grid[..., 0])


def test_tables_learn_what_is_there(split, train):
    tables = count(train)
    place = np.arange(32) % 16
    assert tables.anywhere[0, 0] > 0.7
    assert tables.anywhere[1].max() < 0.3
    assert humanisers(tables, split)["median table"].shape == (*split.grid.shape[:3], 2)
    assert np.array_equal(copiers(tables, split)["copied tap"][:, :, 3, 1], split.tap[..., 2])
    assert tables.tapped[place].shape == (32, 5, VOICES)


def test_baselines_play_every_window(split, train):
    tables = count(train)
    for hits in (*drummers(tables, split).values(), *bass_drummers(tables, split).values()):
        assert hits.shape == split.grid.shape[:3]


def test_golden_requests_fit_the_graph():
    assert {request.steps for request in golden_requests()} == {24, 28, MAX_STEPS}


def test_the_card_holds_every_figure_and_says_what_falls_short(split, train, tmp_path, monkeypatch):
    monkeypatch.setattr(card, "cards_folder", lambda: tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    graph = NumpyDrums(random_weights())
    graph.backend = "numpy"
    few = split.take(2)
    played = play(DrumNet(graph), few, lambda _: None)
    metrics = evaluate(played, few, count(train), None)
    entry = Entry("drums", "drums.tflite", 1, "", "", "", 0.1, {}, {}, licence="MIT")
    text = card.write_card(metrics, played, few, graph, entry, "validation").read_text()
    assert all(metric.name in text for metric in metrics)
    assert "misses its must" in text
    assert text.count("```text") == 10
