from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.models.drum_features import (
    CHANNELS,
    COLUMNS,
    MAX_STEPS,
    assemble,
    feel_of,
    neighbours,
    positions,
    tap_of,
)
from sideman.models.drums import DrumNet, GrooveRequest, conditions_of, drift, laplace, loop_bars, threshold_of
from sideman.models.library import ModelUnusableError, load
from sideman.models.runtime import installed_backends
from sideman.models.sampling import generator
from sideman.music.drum_pattern import DrumHit, DrumPattern, Tap
from sideman.music.drum_rules import groove
from sideman.music.drumkit import Voice
from sideman.music.meter import DENOMINATORS, NUMERATORS, Meter, parse_meter

FOUR = Meter()
WIDTHS = {"hits": 9, "velocity": 9, "velocity_b": 9, "offset": 9, "offset_b": 9, "feel": 8, "feel_b": 8}


class Fake:
    """A graph that answers with constants and remembers what it was asked."""

    def __init__(self, **values):
        self.values = values
        self.asked = []

    def run(self, inputs):
        self.asked.append({name: value.copy() for name, value in inputs.items()})
        return {
            name: np.broadcast_to(np.float32(self.values.get(name, 0.0)), (MAX_STEPS, width)).copy()
            for name, width in WIDTHS.items()
        }


meters = st.builds(Meter, st.sampled_from(NUMERATORS), st.sampled_from(DENOMINATORS)).filter(
    lambda meter: loop_bars(meter) > 0
)
taps = st.lists(st.builds(Tap, st.integers(0, 60), st.integers(1, 127), st.floats(-0.5, 0.5)), max_size=12).map(tuple)


@st.composite
def requests(draw):
    meter = draw(meters)
    steps = loop_bars(meter) * meter.bar_frames
    return GrooveRequest(
        meter,
        steps,
        score=groove(meter, loop_bars(meter)) if draw(st.booleans()) else None,
        lanes=draw(st.none() | st.frozensets(st.sampled_from(Voice))),
        taps=draw(st.none() | taps),
        bass=draw(st.none() | taps),
        accents=draw(st.none() | st.lists(st.integers(0, 40), max_size=4).map(tuple)),
        style=draw(st.sampled_from((None, "rock", "jazz", "no such style"))),
        bpm=draw(st.floats(30, 300)),
        fill=draw(st.integers(0, 40)),
        density=draw(st.none() | st.floats(0, 1)),
        temperature=draw(st.floats(0, 2)),
        humanise=draw(st.floats(0, 2)),
        seed=draw(st.integers(0, 9)),
    )


@given(requests(), st.floats(-9, 9), st.floats(-3, 3), st.floats(-3, 3))
def test_any_request_and_any_answer_make_a_pattern(request, logit, velocity, offset):
    net = DrumNet(Fake(hits=logit, velocity=velocity, offset=offset))
    pattern = net.groove(request)
    assert pattern.steps == request.steps
    assert pattern == net.groove(request)


def test_a_given_score_is_played_as_it_is():
    score = groove(FOUR, 2)
    pattern = DrumNet(Fake(hits=9.0)).groove(GrooveRequest(score=score))
    assert {(h.step, h.voice) for h in pattern.hits} == {(h.step, h.voice) for h in score.hits}


def test_an_empty_given_lane_stays_silent_and_free_lanes_are_played():
    request = GrooveRequest(lanes=frozenset({Voice.CLOSED_HAT}), score=DrumPattern(32))
    pattern = DrumNet(Fake(hits=9.0)).groove(request)
    assert not pattern.onsets(Voice.CLOSED_HAT)
    assert len(pattern.onsets(Voice.KICK)) == 32


def test_without_a_tap_the_feel_is_drawn_and_then_given():
    graph = Fake(feel=1.0)
    DrumNet(graph).groove(GrooveRequest(style="rock"))
    first, second = (asked["x"] for asked in graph.asked)
    assert not first[:, COLUMNS["feel_given"]].any()
    assert second[:, COLUMNS["feel_given"]].all()
    assert second[:, COLUMNS["feel"]].any()


def test_with_a_tap_one_pass_is_enough():
    graph = Fake()
    DrumNet(graph).groove(GrooveRequest(taps=(Tap(0),)))
    assert len(graph.asked) == 1


def test_a_tap_beyond_the_loop_wraps_and_the_loudest_stays():
    c = conditions_of(GrooveRequest(taps=(Tap(32, 60, 0.1), Tap(0, 100, -0.2))))
    assert c.tap[0] == pytest.approx([1, 100 / 127, -0.2])
    assert c.tap[1:].sum() == 0


def test_the_tempo_is_an_input():
    slow, fast = (assemble(conditions_of(GrooveRequest(bpm=bpm)))[0, COLUMNS["tempo"]] for bpm in (60, 180))
    assert slow < fast


def test_a_loop_that_is_too_long_is_refused_in_words():
    with pytest.raises(ValueError, match="use the rules instead"):
        conditions_of(GrooveRequest(steps=33))


@pytest.mark.parametrize(("text", "bars"), [("4/4", 2), ("3/4", 2), ("7/8", 2), ("5/4", 1), ("12/8", 1), ("9/4", 0)])
def test_bars_in_one_pass(text, bars):
    assert loop_bars(parse_meter(text)) == bars


@given(meters)
def test_positions_know_bar_and_beats(meter):
    where = positions(meter, meter.bar_frames)
    assert where.shape == (meter.bar_frames, 12)
    assert list(np.flatnonzero(where[:, 8])) == [0]
    assert list(np.flatnonzero(where[:, 10])) == sorted({t // 240 for t in meter.beats})


@given(st.integers(1, MAX_STEPS))
def test_neighbours_stay_inside_the_loop(steps):
    looks = neighbours(steps)
    assert looks[:, :steps].max() < steps
    assert looks.min() >= 0
    assert all(sorted(row[:steps]) == list(range(steps)) for row in looks)


def test_the_feel_of_a_swung_tap():
    tap = np.zeros((32, 3), np.float32)
    tap[:, 0], tap[:, 1] = 1, 0.5
    tap[1::2, 2] = 0.3
    feel = feel_of(tap, positions(FOUR, 32))
    assert feel[0] == pytest.approx(0.15)
    assert feel[1] == pytest.approx(0.3)
    assert feel[2:6] == pytest.approx(0)


def test_the_tap_is_the_loudest_hit_of_each_step():
    grid = np.zeros((32, 9, 3), np.float32)
    grid[4, 1] = (1, 0.9, 0.1)
    grid[4, 2] = (1, 0.4, -0.2)
    assert tap_of(grid)[4] == pytest.approx([1, 0.9, 0.1])
    assert tap_of(grid)[5] == pytest.approx(0)


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=12))
def test_the_cut_has_the_best_expected_f1(probabilities):
    p = np.array(probabilities)

    def expected(chosen):
        return 2 * p[chosen].sum() / (chosen.sum() + p.sum())

    cut = threshold_of(p)
    best = max(expected(p >= q) for q in p)
    if 0.05 < cut < 0.5:
        assert expected(p >= cut) == pytest.approx(best, abs=1e-6)


def test_laplace_noise_has_mean_deviation_one():
    noise = laplace(drift(generator("test"), 4000))
    assert np.abs(noise).mean() == pytest.approx(1, abs=0.05)
    one, later = noise[:-1].ravel(), noise[1:].ravel()
    assert np.corrcoef(one, later)[0, 1] > 0.4


def test_temperature_zero_is_the_same_for_every_seed_and_above_it_is_not():
    rng = np.random.default_rng(0)
    graph = Fake()
    logits = rng.normal(0, 1.5, (MAX_STEPS, 9)).astype(np.float32)
    run = graph.run
    graph.run = lambda inputs: {**run(inputs), "hits": logits}
    net = DrumNet(graph)

    def steps(**more):
        return {(h.step, h.voice) for h in net.groove(GrooveRequest(taps=(), **more)).hits}

    assert steps(seed=1) == steps(seed=2)
    assert steps(seed=1, temperature=1.0) != steps(seed=2, temperature=1.0)


shipped = pytest.mark.skipif(not installed_backends(), reason="no TFLite interpreter is installed")


@pytest.fixture(scope="module")
def net():
    return DrumNet(load("drums"))


@shipped
@pytest.mark.parametrize("backend", installed_backends())
def test_the_shipped_model_reproduces_its_golden_outputs(backend):
    assert load("drums", backend=backend).inputs == {
        "neighbours": ((10, MAX_STEPS), "int32"),
        "x": ((MAX_STEPS, CHANNELS), "float32"),
    }


@shipped
def test_a_missing_model_is_said(tmp_path):
    with pytest.raises(ModelUnusableError, match="drums"):
        load("drums", tmp_path)


@shipped
@settings(max_examples=25, deadline=None)
@given(request=requests())
def test_the_shipped_model_answers_any_request(net, request):
    assert net.groove(request).steps == request.steps


@shipped
def test_runtimes_agree_on_notes():
    asked = [
        GrooveRequest(style=style, bass=(Tap(0), Tap(seed % 13), Tap(16)), temperature=0.5, seed=seed)
        for seed, style in enumerate(("rock", "jazz", "funk", "latin") * 5)
    ]
    played = [
        [
            hit
            for request in asked
            for hit in ((request.seed, h.step, h.voice, h.velocity, h.tick) for h in one.groove(request).hits)
        ]
        for one in (DrumNet(load("drums", backend=backend)) for backend in installed_backends())
    ]
    for other in played[1:]:
        assert len(set(played[0]) & set(other)) >= 0.98 * max(len(played[0]), len(other))


@shipped
def test_the_shipped_model_copies_a_tapped_swing(net):
    score = DrumPattern(32, tuple(DrumHit(s, Voice.CLOSED_HAT, 80) for s in range(32)))
    swung = tuple(Tap(s, 90 if s % 4 == 0 else 60, 0.0 if s % 2 == 0 else 0.2) for s in range(32))
    pattern = net.groove(GrooveRequest(score=score, taps=swung, humanise=0.0))
    late = np.mean([hit.offset for hit in pattern.hits if hit.step % 2])
    straight = np.mean([hit.offset for hit in pattern.hits if hit.step % 2 == 0])
    assert late == pytest.approx(0.2, abs=0.03)
    assert straight == pytest.approx(0.0, abs=0.03)


@shipped
def test_the_loop_has_no_seam(net):
    """Turning a request by one bar turns the answer by one bar, bit for bit in hits."""
    bass = (Tap(0, 100), Tap(6, 80), Tap(16, 100), Tap(26, 80))
    turned = tuple(Tap((tap.step + 16) % 32, tap.velocity) for tap in bass)
    a = net.groove(GrooveRequest(taps=(), bass=bass, humanise=0.0))
    b = net.groove(GrooveRequest(taps=(), bass=turned, humanise=0.0))
    assert {(h.step, h.voice) for h in a.part(16, 32).hits} == {(h.step, h.voice) for h in b.hits}


@shipped
def test_the_shipped_model_listens_to_the_bass(net):
    """More bass onsets on a step class draw more kicks there."""

    def kicks(steps):
        pattern = net.groove(GrooveRequest(style="funk", bass=tuple(Tap(s) for s in steps)))
        return set(pattern.onsets(Voice.KICK))

    one, other = (0, 6, 10, 16, 22, 26), (0, 7, 11, 16, 23, 29)
    assert len(kicks(one) & set(one)) > len(kicks(other) & set(one))
    assert len(kicks(other) & set(other)) > len(kicks(one) & set(other))
