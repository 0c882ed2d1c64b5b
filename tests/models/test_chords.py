"""The chord stream: what holds for the shipped graph and for any other."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.models import library
from sideman.models.chord_features import N_FEATURES
from sideman.models.chord_terms import beats_of
from sideman.models.chords import HORIZONS, N_AHEAD, ChordStream, PlanOptions, harmonise, hindsight
from sideman.music.chords import Chord
from sideman.music.harmony import ChordSpan, MelodyFrame, melody_frames
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter
from sideman.music.notes import Note

TUNE = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60]


class Wandering:
    """A graph whose opinion depends on the input only through a fixed random matrix."""

    def __init__(self):
        self.inputs = {name: ((1, size), "float32") for name, size in (("x", N_FEATURES), ("h1_in", 4), ("h2_in", 4))}
        rng = np.random.default_rng(3)
        self.into = rng.normal(size=(N_FEATURES, len(HORIZONS) * 37)).astype(np.float32)

    def run(self, inputs):
        return {
            "chord": inputs["x"] @ self.into + inputs["h1_in"].sum(),
            "change": np.zeros((1, N_AHEAD), np.float32),
            "histogram": np.zeros((1, N_AHEAD * 12), np.float32),
            "h1_out": inputs["h1_in"] * 0.5 + inputs["x"][:, :4],
            "h2_out": inputs["h2_in"],
        }


def tune():
    notes, at = [], 0
    for index, pitch in enumerate(TUNE):
        frames = 8 if index in (6, 13) else 4
        notes.append(Note(at * FRAME_TICKS, frames * FRAME_TICKS, pitch))
        at += frames
    return notes, at


frames_of = st.lists(
    st.one_of(
        st.just(MelodyFrame()),
        st.integers(40, 90).map(lambda p: MelodyFrame((p,), (p,), (90,))),
        st.tuples(st.integers(40, 60), st.integers(61, 90)).map(lambda p: MelodyFrame(p, p[:1], (90, 60))),
    ),
    min_size=1,
    max_size=60,
)
meters = st.sampled_from(["4/4", "3/4", "6/8", "7/8", "5/4"]).map(parse_meter)


@pytest.fixture(scope="module")
def graph():
    return library.load("chords")


def test_nothing_heard_plans_nothing(graph):
    assert ChordStream(graph, Meter()).plan(0, [], 16) == []


def test_the_tonic_stands_under_a_tune_with_hindsight(graph):
    notes, frames = tune()
    spans = harmonise(notes, frames, Meter(), None, graph).spans
    assert spans[0].onset == 0
    assert spans[-1].end == frames
    assert spans[0].chord.triad == Chord(0)
    assert spans[-1].chord.triad == Chord(0)


def test_what_is_played_as_chords_is_the_plan(graph):
    comp = [Note(0, 16 * FRAME_TICKS, p) for p in (49, 52, 56)] + [
        Note(16 * FRAME_TICKS, 16 * FRAME_TICKS, p) for p in (54, 57, 61, 64)
    ]
    spans = harmonise(comp, 32, Meter(), None, graph).spans
    assert [s.chord.label for s in spans] == ["C#:min", "F#:min7"]


@pytest.mark.parametrize("shift", [0, 1, 4, 7])
def test_a_line_through_four_triads_gets_them(graph, shift):
    line = [60, 64, 67, 64, 57, 60, 64, 60, 65, 69, 72, 69, 67, 71, 74, 71] * 2
    notes = [Note(4 * i * FRAME_TICKS, 4 * FRAME_TICKS, p + shift) for i, p in enumerate(line)]
    spans = harmonise(notes, 128, Meter(), None, graph).spans
    at = {f: s.chord.triad for s in spans for f in range(s.onset, s.end)}
    wanted = [Chord(shift % 12), Chord((9 + shift) % 12, "min"), Chord((5 + shift) % 12), Chord((7 + shift) % 12)]
    assert [at[f] for f in range(0, 128, 16)] == wanted * 2


def test_key_lock_keeps_to_the_key(graph):
    notes, frames = tune()
    odd = [Note(n.tick, n.duration, n.pitch + (1 if i % 3 == 0 else 0)) for i, n in enumerate(notes)]
    locked = harmonise(odd, frames, Meter(), PlanOptions(key=(0, "maj"), key_lock=20.0), graph).spans
    assert all(set(s.chord.pitch_classes) <= {0, 2, 4, 5, 7, 9, 11} for s in locked)


def test_more_harmonic_rhythm_gives_more_changes(graph):
    """Over a line that outlines two chords in a bar: of a children's song's chords the net is sure at any rhythm."""
    line = (60, 64, 65, 69, 67, 71, 60, 64, 69, 72, 62, 65, 67, 71, 72, 67) * 2
    notes = [Note(4 * i * FRAME_TICKS, 4 * FRAME_TICKS, pitch) for i, pitch in enumerate(line)]
    counts = [
        len(harmonise(notes, 4 * len(line), Meter(), PlanOptions(harmonic_rhythm=bias), graph).spans)
        for bias in (0.25, 1.0, 2.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


@settings(max_examples=15, deadline=None)
@given(frames_of, meters)
def test_hindsight_says_what_a_stream_says_that_hears_the_phrase_twice(frames, meter):
    graph, n = Wandering(), len(frames)
    outlook = hindsight(graph, frames, meter)
    stream, said = ChordStream(graph, meter), []
    for at in range(2 * n + 16):
        stream.advance(frames[at % n])
        said.append((stream.chord, float(stream.change[0])))
    weights = {2: 0.2, 1: 0.3, 0: 0.5}
    for frame in range(n):
        heads = sum(w * said[n + frame - 1 - HORIZONS[head]][0][head, :36] for head, w in weights.items())
        assert np.allclose(outlook.log_posterior[frame], heads, atol=1e-5)
        last = max(at for at in range(n - 1, 2 * n + 16) if (at + 1) % n == frame)
        assert outlook.change[frame] == pytest.approx(said[last][1])


def test_noise_is_seeded(graph):
    notes, frames = tune()
    plans = [
        harmonise(notes, frames, Meter(), PlanOptions(temperature=3.0, seed=seed), graph) for seed in (1, 1, 2, 3, 4)
    ]
    assert plans[0] == plans[1]
    assert any(plan != plans[0] for plan in plans[2:])


@settings(max_examples=30, deadline=None)
@given(frames_of, meters, st.integers(0, 16))
def test_a_plan_fills_the_horizon_and_never_touches_what_is_committed(frames, meter, commit):
    stream = ChordStream(Wandering(), meter)
    committed = []
    beats = set(beats_of(meter))
    for frame in frames:
        now = stream.next_frame
        plan = stream.plan(now, committed, now + 16)
        for span in committed:
            if span.end > now:
                assert any(p.onset <= span.onset and p.end >= span.end and p.chord == span.chord for p in plan)
        if plan:
            assert plan[-1].end >= now + 16
            assert all(a.end == b.onset and a.chord != b.chord for a, b in pairwise(plan))
            fresh = [p for p in plan if p.onset > (committed[-1].end if committed else now)]
            assert all(p.onset % meter.bar_frames in beats for p in fresh)
            assert all(0 <= p.confidence <= 1 for p in plan)
            end = committed[-1].end if committed else now
            for p in plan:
                start, stop = max(p.onset, end), min(p.end, now + commit + 1)
                if stop > start:
                    committed.append(ChordSpan(start, stop - start, p.chord, p.confidence))
        stream.advance(frame)


@settings(max_examples=15, deadline=None)
@given(frames_of, frames_of)
def test_a_branch_leaves_its_stream_alone(before, after):
    stream, other = ChordStream(Wandering(), Meter()), ChordStream(Wandering(), Meter())
    for frame in before:
        stream.advance(frame)
        other.advance(frame)
    twin = stream.branch()
    for frame in after:
        twin.advance(frame)
    now = len(before)
    assert stream.plan(now, [], now + 16) == other.plan(now, [], now + 16)


@settings(max_examples=15, deadline=None)
@given(frames_of, frames_of, frames_of)
def test_the_future_is_not_heard(past, one, two):
    plans = []
    for future in (one, two):
        stream = ChordStream(Wandering(), Meter())
        for frame in past:
            stream.advance(frame)
        plans.append(stream.plan(len(past), [], len(past) + 16))
        for frame in future:
            stream.advance(frame)
    assert plans[0] == plans[1]


def test_the_committed_symbol_is_kept_when_its_triad_goes_on(graph):
    stream = ChordStream(graph, Meter())
    for frame in melody_frames(tune()[0], 16):
        stream.advance(frame)
    triad = stream.branch().plan(16, [], 40)[0].chord
    named = Chord(triad.root, {"maj": "maj7", "min": "min7", "dim": "hdim7"}[triad.quality])
    plan = stream.plan(16, [ChordSpan(8, 8, named, 1.0)], 40, options=PlanOptions(harmonic_rhythm=1e-9))
    assert [s.chord for s in plan] == [named]
