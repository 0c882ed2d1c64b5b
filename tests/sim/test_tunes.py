"""Tunes on paper, what happens to them, and the hands that play them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.jam.cues import PlanShown, Status
from sideman.jam.events import NoteOff, NoteOn
from sideman.music.chords import parse_chord
from sideman.sim.players import adversary, tunes
from sideman.sim.players.cast import CAST, of_piece
from sideman.sim.players.hands import Hands, Pulse
from sideman.sim.players.reactive import Sheet

seeds = st.integers(0, 10_000)
PIECE = {
    "id": "x",
    "meter": [3, 4],
    "melody": [[-2, 2, 67], [0, 8, 72], [8, 4, 74]],
    "chords": [[0, 12, "C:maj"], [12, 12, "N"]],
    "pickup": 2,
}


def share(tune):
    """Note-in-chord of the chords the tune was thought with, by notes."""
    hits = 0
    for onset, _, pitch in tune.melody:
        label = next(label for at, length, label in tune.chords if at <= onset < at + length)
        hits += pitch % 12 in parse_chord(label).pitch_classes
    return hits / len(tune.melody)


@given(seeds)
def test_a_tune_is_music(seed):
    one = tunes.tune(seed, 32)
    assert one == tunes.tune(seed, 32)
    assert 0.5 <= share(one) <= 0.95
    assert [n[0] for n in one.melody] == sorted(n[0] for n in one.melody)
    assert all(48 <= p <= 84 and d > 0 and 0 <= o < 512 for o, d, p in one.melody)
    assert sum(d for _, d, _ in one.chords) == 512
    assert len({c[2] for c in one.chords}) >= 3


def test_seeds_differ():
    assert len({tunes.tune(seed) for seed in range(20)}) == 20


@given(seeds, st.integers(1, 8), st.integers(1, 4))
def test_a_loop_comes_round(seed, bars, times):
    one = tunes.looped(tunes.tune(seed), bars, times)
    size = bars * 16
    assert one.frames == size * times
    once = [(o, d, p) for o, d, p in one.melody if o < size]
    assert list(one.melody) == [(o + i * size, d, p) for i in range(times) for o, d, p in once]
    assert sum(d for _, d, _ in one.chords) == one.frames


@given(seeds, st.integers(-6, 6))
def test_a_change_of_key_moves_melody_and_chords(seed, semitones):
    one = tunes.tune(seed, 16)
    two = tunes.moved(one, 9, semitones)
    assert all(b[2] - a[2] == (semitones if a[0] >= 128 else 0) for a, b in zip(one.melody, two.melody, strict=True))
    assert share(two) == share(one)
    assert two.marks == ((128, "change"),)


@given(seeds)
def test_slips_are_few_and_small(seed):
    one = tunes.tune(seed)
    two = tunes.with_slips(one, seed, 0.1)
    off = [b[2] - a[2] for a, b in zip(one.melody, two.melody, strict=True) if a != b]
    assert 0 < len(off) < 0.25 * len(one.melody)
    assert {abs(x) for x in off} <= {1, 2}


@given(seeds)
def test_a_rest_is_silent_and_the_rest_stands_where_it_stood(seed):
    one = tunes.tune(seed, 24)
    two = tunes.with_rest(one, 13, 40)
    assert not [n for n in two.melody if n[0] + n[1] > 192 and n[0] < 232]
    assert [n for n in two.melody if n[0] >= 232] == [n for n in one.melody if n[0] >= 232]
    assert two.marks == ((192, "stop"), (232, "back"))


def test_a_piece_is_a_tune():
    one = tunes.of_piece(PIECE)
    assert str(one.meter) == "3/4"
    assert one.melody[0] == (-2, 2, 67)
    assert one.chords == ((0, 12, "C:maj"),)
    later = dict(PIECE, melody=[[30, 2, 60]], chords=[[24, 12, "G:7"]])
    assert (tunes.of_piece(later).melody, tunes.of_piece(later).chords) == (((6, 2, 60),), ((0, 12, "G:7"),))


@pytest.mark.parametrize("broken", [{}, {"meter": [4, 4]}, dict(PIECE, melody=[]), dict(PIECE, melody=[[1, 2]])])
def test_what_is_no_piece_is_said(broken):
    with pytest.raises(ValueError, match="piece"):
        of_piece(broken)


@given(st.floats(40, 240), st.floats(0, 0.08), st.integers(0, 400))
def test_a_pulse_never_runs_back_and_drifts_within_bounds(bpm, drift, frame):
    pulse = Pulse(bpm, drift)
    step = pulse.seconds(frame + 1) - pulse.seconds(frame)
    plain = 15 / bpm
    assert plain / (1 + drift) - 1e-9 <= step <= plain / (1 - drift) + 1e-9
    assert pulse.seconds(-4) == -4 * plain


@pytest.mark.parametrize("name", sorted(set(CAST) - {"reactive"}))
def test_every_key_comes_up_again(name):
    player = CAST[name](3)
    events = player.act(player.begin(0)).events
    on = [e for e in events if isinstance(e, NoteOn)]
    off = [e for e in events if isinstance(e, NoteOff)]
    assert len(on) == len(off) > 50
    assert all(0 <= e.pitch <= 127 and 1 <= e.velocity <= 127 for e in on)
    assert all(e.ns > 0 for e in events)


def test_a_pickup_is_played_before_the_first_bar_line():
    player = of_piece(PIECE)
    player.begin(0)
    first = min(e.ns for e in player.act(5 * 10**8).events if isinstance(e, NoteOn))
    assert player.at(0) - first == pytest.approx(2 * 15 / player.pulse.bpm * 1e9, abs=30e6)
    assert player.intent.chords[0][0] == player.at(0)


@pytest.mark.parametrize(("meter", "taps"), [([4, 4], 4), ([3, 4], 3), ([6, 8], 4), ([2, 4], 4), ([7, 8], 1)])
def test_the_foot_counts_in_where_beats_are_even(meter, taps):
    player = of_piece(dict(PIECE, meter=meter))
    player.begin(0)
    down = [e.ns for e in player.feet() if e.down]
    assert len(down) == taps
    if taps > 1:
        beat = player.tune.meter.beat_ticks / 240
        bars = (player.at(0) - down[0]) / (player.at(player.tune.meter.bar_frames) - player.at(0))
        assert down[1] - down[0] == pytest.approx(player.at(beat) - player.at(0), abs=2)
        assert bars == pytest.approx(round(bars), abs=1e-6)  # the first stomp is a downbeat
        assert max(down) < min(e.ns for e in player.act(down[0]).events if isinstance(e, NoteOn))


def test_without_a_count_there_is_one_stomp():
    player = CAST["uncounted"](1)
    assert player.begin(10**9) == 10**9 + 5 * 10**8
    assert len([e for e in player.feet() if e.down]) == 1


def test_hands_know_what_they_mean():
    player = Hands("x", tunes.moved(tunes.tune(1, 16), 9, 6), Pulse(), 1)
    player.begin(10**9)
    assert player.intent.marks == ((player.at(128), "change"),)
    assert len(player.intent.chords) == len(player.tune.chords)


def test_the_ordeal_has_all_four_whatever_comes_first():
    firsts = {adversary.ordeal(seed).marks[0][1] for seed in range(4)}
    assert firsts == set(adversary.SECTIONS)


def test_a_sheet_is_read_by_its_frames():
    sheet = Sheet()
    assert sheet.chords(0) == (None, None, 0)
    sheet.see(Status(0, "PLAYING", "listening", "playing", "follow", "", quarter_ns=400_000_000))
    # shown a tenth of a frame before frame 17 begins
    sheet.see(PlanShown(1_000_000_000, 16, ((16, 4, "C:maj", True, 1.0), (20, 8, "G:7", False, 0.5))))
    now, after, ticks = sheet.chords(1_010_000_000)
    assert (now, after, ticks) == (parse_chord("C:maj"), parse_chord("G:7"), 3 * 240)
    assert sheet.chords(1_310_000_000)[0] == parse_chord("G:7")
    assert sheet.chords(9_000_000_000)[0] is None
