"""The measuring of tempo finding: phrases are cut as said, figures count what they name."""

import random

from hypothesis import given
from hypothesis import strategies as st

from sideman.music.meter import Meter
from sideman.music.tempo_finding import PhraseTempo
from sideman_lab import tempo_check, tempo_data
from sideman_lab.tempo_baselines import BASELINES

NS = tempo_data.NS


def line(bars=16, bpm=120.0):
    """Eighths over 4/4, each bar line on a note."""
    step = 30 / bpm
    notes = tuple((i * step, 100 if i % 8 == 0 else 60, 60 + i % 8) for i in range(8 * bars))
    return tempo_data.Line("melody", "made-up", notes, tuple(k * 8 * step for k in range(bars + 1)), Meter())


def test_phrases_are_whole_bars_of_known_tempo():
    found = tempo_data.cut([line()], 40, (2, 4), seed=5)
    assert len(found) == 40
    for phrase in found:
        length = phrase.bars * 4 * 60 * NS / phrase.bpm
        assert abs(phrase.close_ns - phrase.downbeat_ns - length) < 0.15 * NS
        assert abs(phrase.onsets[0][0] - phrase.downbeat_ns) <= tempo_data.NEAR_S * NS
        assert len(phrase.onsets) == len(phrase.pitches) == 8 * phrase.bars
        assert abs(phrase.bpm - 120) < 1e-6
    assert len({phrase.close_ns - phrase.downbeat_ns for phrase in found}) > 10


def test_a_pickup_after_a_rest_belongs_to_the_phrase():
    whole = line()
    rest = [note for note in whole.notes if not 4.0 <= note[0] < 5.4]  # bar 2 begins at 4 s: three quarters of rest
    with_rest = tempo_data.Line("melody", "made-up", tuple(rest), whole.bar_lines, Meter())
    found = tempo_data.cut([with_rest], 200, (4,), seed=1, pickups=True)
    early = [p for p in found if p.onsets[0][0] < p.downbeat_ns - tempo_data.NEAR_S * NS]
    assert early
    assert all(p.downbeat_ns - p.onsets[0][0] <= 0.75 * 2 * NS for p in early)


def test_a_late_press_is_late_by_less_than_half_a_beat():
    phrase = tempo_data.cut([line()], 1, (4,), seed=2)[0]
    for seed in range(30):
        by = tempo_data.late(phrase, seed).close_ns - phrase.close_ns
        assert 0.08 * NS <= by <= 0.45 * 0.5 * NS


def test_still_playing_keeps_only_what_was_heard():
    phrases = tempo_data.cut([line()], 10, (2, 4), seed=3)
    heard = tempo_data.still_playing(phrases, 3)
    assert len(heard) == sum(p.bars == 4 for p in phrases)
    assert all(len(p.onsets) == len(p.pitches) == 24 for p in heard)


@given(st.floats(31, 299), st.sampled_from([0.5, 1, 2]), st.floats(-0.039, 0.039))
def test_octave_takes_half_and_double_within_four_per_cent(bpm, factor, error):
    assert tempo_check.octave(bpm * factor * (1 + error), bpm)
    assert not tempo_check.octave(bpm * factor * (1 + error) * 1.3, bpm)
    assert tempo_check.near(bpm * (1 + error), bpm)


def test_confidence_of_a_perfect_judge_has_no_error():
    phrase = tempo_data.cut([line()], 1, (4,), seed=2)[0]
    right = tempo_check.Measured(phrase, PhraseTempo(120.0, phrase.downbeat_ns, 4, 1.0))
    wrong = tempo_check.Measured(phrase, PhraseTempo(90.0, phrase.downbeat_ns, 3, 0.0))
    assert tempo_check.calibrated([right, wrong])["ece"] == 0.0
    assert [right.downbeat, right.bars, right.bar_line, right.octave] == [True] * 4
    assert [wrong.tempo, wrong.bars] == [False] * 2
    names = {m.name: m.value for m in tempo_check.closed_metrics("melody", [right, wrong])}
    assert names["melody_tempo"] == 0.5


def test_baselines_read_a_steady_pulse():
    rng = random.Random(1)
    onsets = tuple((round((1 + i * 0.5 + rng.gauss(0, 0.002)) * NS), 80) for i in range(16))
    phrase = tempo_data.Phrase("taps", "pulse", onsets, (), 9 * NS, Meter(), 120.0, NS, 4)
    assert tempo_check.near(BASELINES["autocorrelation"](phrase), 120.0)
    assert tempo_check.near(BASELINES["median_interval"](phrase), 120.0)
    assert tempo_check.near(BASELINES["looper"](phrase), 90.0)  # three bars are nearer to 100 than four


def test_uneven_riffs_fill_their_bars():
    for phrase in tempo_data.synthetic(Meter(7, 8), 20, seed=4):
        length = phrase.bars * 3.5 * 60 * NS / phrase.bpm
        assert abs(phrase.close_ns - phrase.downbeat_ns - length) < 0.15 * NS
