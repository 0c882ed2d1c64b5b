"""The stream as the band uses it: keys, forms, notes just struck, advice; with a graph simple enough to reason about."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.models.chord_features import N_FEATURES
from sideman.models.chord_terms import DOUBT, PARTS, TONES, YOUTH_BARS
from sideman.models.chord_weights import STREAM
from sideman.models.chords import HORIZONS, N_AHEAD, ChordStream, PlanOptions
from sideman.music.chords import triad_index
from sideman.music.harmony import ChordSpan, MelodyFrame, merged
from sideman.music.meter import Meter

TONIC = 0


class Tonal:
    """A graph that hears triads in the last bar or two, the same in every key."""

    def __init__(self, sharpness=8.0):
        self.inputs = {"x": ((1, N_FEATURES), "float32"), "h1_in": ((1, 1), "float32")}
        self.sharpness = sharpness

    def run(self, inputs):
        memory = inputs["x"][0, 24:36]
        logits = np.append(self.sharpness * (TONES @ memory) - np.repeat([0.0, 0.0, 2.0], 12), -9.0)
        return {
            "chord": np.tile(logits, len(HORIZONS))[None].astype(np.float32),
            "change": np.zeros((1, N_AHEAD), np.float32),
            "histogram": np.tile(np.log(memory + 0.05), N_AHEAD)[None].astype(np.float32),
            "h1_out": inputs["h1_in"],
        }


def frames_of(pitches):
    return [MelodyFrame() if p is None else MelodyFrame((p,), (p,), (80,)) for p in pitches]


def play(pitches, options=None, commit=0, graph=None, meter=None, enter=0):
    """What the stream commits frame by frame, as triad classes, and the stream."""
    stream, committed = ChordStream(graph or Tonal(), meter or Meter()), []
    for frame in frames_of(pitches):
        begin = stream.next_frame + commit
        plan = stream.plan(begin, committed, begin + 16, options=options) if begin >= enter else []
        for span in plan:
            start = max([span.onset, begin, *(s.end for s in committed[-1:])])
            stop = min(span.end, begin + 1)
            if stop > start:
                committed = merged([*committed, ChordSpan(start, stop - start, span.chord, span.confidence)])
        stream.advance(frame)
    out = np.full(len(pitches) + commit, -1)
    for span in committed:
        out[span.onset : span.end] = triad_index(span.chord)
    return out, stream, committed


def tune(bars=16, seed=1):
    rng = np.random.default_rng(seed)
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72])
    return np.repeat(scale[rng.integers(0, 8, bars * 8)], 2).tolist()


melodies = st.lists(st.one_of(st.none(), st.integers(55, 79)), min_size=8, max_size=120)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.integers(1, 11))
def test_the_same_in_every_key(seed, shift):
    line = [60, 60, 64, 64, 67, 67, 60, 60] * 2 + tune(8, seed)  # one note alone would be a tie of several triads
    one, *_ = play(line, enter=16)
    other, *_ = play([p + shift for p in line], enter=16)
    moved = np.where(one < 0, one, one // 12 * 12 + (one % 12 + shift) % 12)
    assert (moved == other).mean() > 0.98


@settings(max_examples=15, deadline=None)
@given(melodies, melodies, st.sampled_from([0, 8, 16]))
def test_what_comes_later_changes_nothing(line, other, commit):
    cut = len(line) // 2
    one, *_ = play(line, commit=commit)
    two, *_ = play(line[:cut] + other, commit=commit)
    assert (one[: cut + commit] == two[: cut + commit]).all()


def test_a_jam_goes_on_in_a_branch_as_in_its_stream():
    line = tune(8)
    _, stream, committed = play(line)
    twin = stream.branch()
    for frame in frames_of(tune(4, seed=2)):
        stream.advance(frame)
        twin.advance(frame)
    now = stream.next_frame
    assert stream.plan(now, committed, now + 16) == twin.plan(now, committed, now + 16)
    assert stream.played.habits.usage.sum() == twin.played.habits.usage.sum()


def test_planning_twice_counts_nothing_twice():
    _, stream, committed = play(tune(8))
    now = stream.next_frame
    first = stream.plan(now, committed, now + 16)
    usage, changes = stream.played.habits.usage.copy(), stream.played.habits.changes.copy()
    assert stream.plan(now, committed, now + 16) == first
    np.testing.assert_array_equal(stream.played.habits.usage, usage)
    np.testing.assert_array_equal(stream.played.habits.changes, changes)


def test_all_that_was_committed_is_counted_once():
    _, stream, committed = play(tune(8))
    stream.plan(stream.next_frame, committed, stream.next_frame + 16)
    sounding = sum(s.frames for s in committed)
    assert stream.played.habits.beats[0] == pytest.approx(sounding / 8, rel=0.1)
    changes = sum(a.chord.triad != b.chord.triad for a, b in pairwise(committed))
    assert stream.played.habits.changes[0] == pytest.approx(changes, rel=0.1)


def test_chords_change_about_as_often_as_is_wanted():
    counts = [len(play(tune(32), PlanOptions(harmonic_rhythm=wanted))[2]) for wanted in (0.25, 0.5, 1.0, 1.5, 2.0)]
    assert counts == sorted(counts)
    assert 2 * counts[0] < counts[2]
    assert counts[2] < counts[4]


def test_a_given_form_comes_home():
    wanted = PlanOptions(form_frames=64, key=(0, "maj"))
    played, *_ = play(tune(32), wanted)
    ends = played[64 + 63 :: 64]
    assert (ends == TONIC).mean() > 0.7
    assert (played[64 + 55 :: 64] != TONIC).mean() > 0.7
    loose, *_ = play(tune(32), PlanOptions(form_frames=64, key=(0, "maj"), cadence=0.0))
    assert (ends == TONIC).mean() >= (loose[64 + 63 :: 64] == TONIC).mean()


def test_a_looped_melody_gets_the_same_harmony_again():
    phrase = tune(4)
    played, stream, _ = play(phrase * 6)
    assert stream.advice().form_bars == 4
    assert (played[128 + 64 : 256] == played[256:320][: len(played[192:256])]).mean() > 0.8


def test_a_note_just_struck_is_heard():
    _, stream, committed = play([60, 64, 67, 64] * 12, graph=Tonal(1.0))
    now = stream.next_frame
    free = PlanOptions()
    plain = stream.plan(now, committed, now + 16, options=free)
    announced = list(stream.announced)
    told = [stream.plan(now, committed, now + 16, options=free, heard=(pitch,)) for pitch in (60, 65, 66, 61)]
    assert stream.announced == announced
    assert stream.plan(now, committed, now + 16, options=free) == plain
    first = [triad_index(next(s for s in plan if s.end > now).chord) for plan in told]
    assert first[0] == TONIC
    assert len(set(first)) > 1


def test_a_note_struck_later_than_the_plan_begins_does_nothing():
    _, stream, committed = play([60, 64, 67, 64] * 12)
    ahead = stream.next_frame + 8
    assert stream.plan(ahead, committed, ahead + 16, heard=(66,)) == stream.plan(ahead, committed, ahead + 16)


def test_a_locked_key_is_kept_the_more_the_firmer_the_lock():
    line = [p + (1 if i % 5 == 0 else 0) for i, p in enumerate(tune(16))]
    outside = np.isin(np.arange(12), [1, 3, 6, 8, 10]).astype(float)
    shares = [
        (TONES @ outside)[play(line, PlanOptions(key=(0, "maj"), key_lock=lock))[0][2:]].mean()
        for lock in (0.0, 0.5, 1.0, 2.0)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_advice_and_surprise_follow_what_is_heard():
    stream = ChordStream(Tonal(), Meter())
    assert stream.advice().commit_beats == 0
    _, stream, committed = play([60, 64, 67, 64] * 40, graph=Tonal(40.0))
    advice = stream.advice(PlanOptions(form_frames=64))
    assert advice.commit_beats == 4
    assert advice.form_bars == 4
    assert stream.surprise(committed) > 0
    for frame in frames_of([61, 66, 68, 66] * 2):
        stream.advance(frame)
    last = committed[-1]
    held = [*committed[:-1], ChordSpan(last.onset, stream.next_frame - last.onset, last.chord, 1.0)]
    assert stream.surprise(held) < 0


def test_silence_never_comes_under_a_melody():
    played, *_ = play(tune(8) + [None] * 64 + tune(4))
    assert (played[2:] >= 0).all()


def test_what_was_heard_is_little_until_six_bars_after_the_first_note():
    stream = ChordStream(Tonal(), Meter())
    ages = []
    for frame in frames_of([None] * 40 + [60] * (YOUTH_BARS + 1) * 16):
        stream.advance(frame)
        ages.append(stream.outlook(stream.next_frame, stream.next_frame + 4).young)
    assert set(ages[:40]) == {1.0}
    assert all(a > b for a, b in pairwise(ages[39 : 40 + YOUTH_BARS * 16]))
    assert set(ages[39 + YOUTH_BARS * 16 :]) == {0.0}


def test_weights_of_the_first_bars_count_in_them_only():
    stream = ChordStream(Tonal(), Meter())
    for frame in frames_of([60, 64, 67, 64] * 6):
        stream.advance(frame)
    old = [PARTS.index(name) for name in ("posterior", "cover", "filter", "home")]
    young = [PARTS.index(f"{PARTS[place]}_young") for place in old]
    outlook = stream.outlook(24, 40)
    assert outlook.young == pytest.approx(0.75)
    parts = outlook.parts()
    np.testing.assert_allclose(parts[..., young], 0.75 * parts[..., old], rtol=1e-5)
    assert not replace(outlook, young=0.0).parts()[..., young].any()


def test_early_chords_are_left_the_more_readily_the_less_was_heard():
    """Four bars of one chord, then bars of others: with a price on changing, young jams move and old ones stay."""
    dear = replace(STREAM, **dict.fromkeys(("bar", "strong", "beat"), 100.0), early=150.0)
    first = play([60, 64, 67, 64] * 4 + [65, 69, 72, 69] * 4, PlanOptions(weights=dear))[0]
    late = play([60, 64, 67, 64] * 4 * YOUTH_BARS + [65, 69, 72, 69] * 4, PlanOptions(weights=dear))[0]
    never = play([60, 64, 67, 64] * 4 + [65, 69, 72, 69] * 4, PlanOptions(weights=replace(dear, early=0.0)))[0]
    assert len(set(first[2:].tolist())) > 1
    assert len(set(late[-16:].tolist())) == 1
    assert len(set(never[2:].tolist())) == 1


def test_a_third_that_changes_alone_has_its_price():
    """C, then C minor with the bass gone on: followed where it costs nothing, else the root is left or kept."""
    tune = [60, 64, 67, 64] * 4 + [60, 63, 67, 63] * 8
    free = play(tune, PlanOptions(weights=replace(STREAM, parallel=0.0)))[0]
    dear = play(tune, PlanOptions(weights=replace(STREAM, parallel=100.0)))[0]
    moves = [[(a, b) for a, b in pairwise(row.tolist()) if a >= 0 and a != b] for row in (free, dear)]
    assert any(a % 12 == b % 12 for a, b in moves[0])
    assert not any(a % 12 == b % 12 for a, b in moves[1])


def test_when_in_doubt_the_melody_expected_now_counts_more_and_that_four_beats_ahead_does_not():
    stream = ChordStream(Tonal(sharpness=1.0), Meter())
    for frame in frames_of([60, 64, 67, 64] * 6):
        stream.advance(frame)
    outlook = stream.outlook(24, 48)
    parts = outlook.parts()
    cover, unsure = (parts[..., PARTS.index(name)] for name in ("cover", "cover_unsure"))
    doubt = (outlook.unsure - DOUBT) / (1 - DOUBT)
    assert (doubt > 0).all()
    np.testing.assert_allclose(unsure[0], doubt[0] * cover[0], rtol=1e-5)
    assert not unsure[16:].any()
    sure = ChordStream(Tonal(sharpness=80.0), Meter())
    for frame in frames_of([60, 64, 67, 64] * 6):
        sure.advance(frame)
    assert not sure.outlook(24, 40).parts()[..., PARTS.index("cover_unsure")].any()
