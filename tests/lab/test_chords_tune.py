from dataclasses import replace

import numpy as np
import pytest

from sideman.models import chord_decoder
from sideman.models.chord_weights import STREAM
from sideman.models.library import load
from sideman.music.chords import NO_CHORD
from sideman_lab.chords import calibrate, entry, habits, recovery
from sideman_lab.chords import measure as m
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.plain import PARTS, tunes
from sideman_lab.chords.quick import Quick, laid_out
from sideman_lab.chords.search import search
from sideman_lab.chords.streaming import play
from sideman_lab.chords.tables import alike, joined, tables_of
from sideman_lab.chords.tune import BOUNDS, LEFT_OUT, Judged, broken, first_nic, of_point, point_of
from sideman_lab.chords.validation import LATER, begun_at, is_later, stretches
from sideman_lab.splits import side


@pytest.fixture(scope="module")
def pieces():
    return [frame_piece(raw, 96) for raw in tunes(6)]


@pytest.fixture(scope="module")
def tables(pieces):
    graph = load("chords")
    return [tables_of(graph, some, (commit,))[commit] for some, commit in ((pieces[:4], 0), (pieces[4:], 16))]


def scrambled(pieces, seed=0):
    rng = np.random.default_rng(seed)
    rows = [np.repeat(rng.integers(0, 36, len(p) // 4 + 1), 4)[: len(p)] for p in pieces]
    for row in rows:
        row[:5] = NO_CHORD
    return rows


def test_plain_tunes_are_what_they_say(pieces):
    assert tunes(6) == tunes(6)
    assert tunes(1, seed=1) != tunes(1)
    assert {str(p.meter) for p in pieces} == {"4/4", "2/4", "6/8", "3/4"}
    assert np.mean([m.nic(piece, piece.human) for piece in pieces]) > 0.6
    assert all((piece.human < NO_CHORD).all() for piece in pieces)
    assert all(len(part.split()) == 8 for parts in PARTS.values() for part in parts)


def test_the_quick_figures_are_those_of_the_card(pieces):
    quick, played = Quick(pieces), scrambled(pieces)
    wanted = {part.name: part.value for part in m.rule(pieces, played)}
    for part in quick.rule(played):
        assert part.value == pytest.approx(wanted[part.name], rel=1e-4)
        assert (part.low, part.high) == next(
            (known.low, known.high) for known in m.rule(pieces, played) if known.name == part.name
        )
    laid = laid_out(played)
    assert quick.nic(laid) == pytest.approx(np.mean([m.nic(p, x) for p, x in zip(pieces, played, strict=True)]))
    assert quick.accuracy(laid) == pytest.approx(
        np.mean([m.accuracy(p, x) for p, x in zip(pieces, played, strict=True)])
    )
    strong = [m.nic(p, x, strong_onsets=True) for p, x in zip(pieces, played, strict=True)]
    assert quick.nic(laid, strong_onsets=True) == pytest.approx(np.nanmean(strong))


def test_the_rule_is_asked_of_all_stretches_and_of_the_first_ones_by_themselves(pieces, tables):
    later = [replace(piece, id=f"{piece.id}@64") for piece in pieces]
    assert [is_later(piece) for piece in (pieces[0], later[0])] == [False, True]
    played = [piece.human for piece in pieces]
    static = [np.full(len(piece), 0) for piece in pieces]
    songs = Judged("songs", Quick([*later, *pieces]), {}, {}, tables[0])
    assert [rows for _, rows in songs.ruled] == [list(range(12)), list(range(6, 12))]
    as_written, words = broken(songs, [*played, *played])
    dull_at_first, _ = broken(songs, [*played, *static])
    dull_later, _ = broken(songs, [*static, *played])
    assert len(words.split()) == 2 * (len(songs.quick.rule([*played, *played])) - len(LEFT_OUT))
    assert as_written < dull_later < dull_at_first
    alone = Judged("songs", Quick(pieces), {}, {}, tables[0])
    assert broken(alone, played)[1].split() == words.split()[len(words.split()) // 2 :]


def test_tables_side_by_side_play_what_each_plays(tables):
    alone = [table.play(STREAM) for table in tables]
    together, stable = joined(tables).play(STREAM)
    for one, other in zip([x for played, _ in alone for x in played], together, strict=True):
        assert (one == other).all()
    np.testing.assert_allclose(np.concatenate([s for _, s in alone]), stable)


def test_after_listening_the_first_chords_are_those_of_the_stream(pieces, monkeypatch):
    """But for what was announced while the band listened, which the table does not know of."""
    graph, weights = load("chords"), replace(STREAM, keep=0.0)
    short = [recovery.cut(piece, entry.after_listening(piece) + entry.BEATS) for piece in pieces]
    table = tables_of(graph, short, (0,), listen=True)[0]
    starts = [entry.after_listening(piece) for piece in short]
    assert [rows[0] for rows in table.rows] == starts
    played, _ = table.play(weights)
    monkeypatch.setattr(chord_decoder, "STREAM", weights)
    for piece, row, at in zip(short, played, starts, strict=True):
        theirs = play(graph, piece, 0, at).classes
        assert (row[:at] == NO_CHORD).all()
        assert row[at] == theirs[at]
    ours = [entry.scored(p, x, entry.first_chord(x, at)) for p, x, at in zip(short, played, starts, strict=True)]
    assert first_nic(short, [*played, played[0]]) == pytest.approx(np.nanmean(ours))


def test_the_search_climbs():
    target = np.array([0.2, 0.7, 0.5, 0.9])
    left, told = iter(range(60)), []
    best = search(
        lambda x: -float(((x - target) ** 2).sum()),
        np.full(4, 0.5),
        step=0.2,
        seed=1,
        more=lambda: next(left, None) is not None,
        each=lambda _x, value: told.append(value),
    )
    np.testing.assert_allclose(best, target, atol=0.02)
    assert told == sorted(told)


def test_weights_and_points_are_two_sides_of_one():
    inside = of_point(np.full(len(BOUNDS), 0.3))
    np.testing.assert_allclose(point_of(inside), 0.3, atol=1e-6)


def test_the_fit_of_what_is_usual_finds_the_constants_it_was_made_from():
    rng = np.random.default_rng(0)
    beats, varied, pace = rng.integers(4, 64, 400), rng.uniform(1, 2, 400), rng.uniform(0, 1, 400)
    rate = 0.4 - 0.9 / beats + 0.8 / beats**2 + 0.2 * varied + 0.3 * pace
    rows = [habits.Row(s, v, 1.0, p, r, 1.0) for s, v, p, r in zip(beats, varied, pace, rate, strict=True)]
    found, off = habits.fitted([rows[:100], rows[100:]], "rate", ("variety", "pace"))
    assert found == pytest.approx([0.4, -0.9, 0.8, 0.2, 0.3], abs=1e-3)
    assert off == [0, 0]


def test_what_is_usual_of_a_song(pieces):
    rows = habits.rows_of(load("chords"), pieces[0])
    assert [row.strong for row in rows] == [2 * bars for bars in (2, 4, 6)]
    assert all(0 <= row.rate <= 1 and 0 <= row.pace <= 1 for row in rows)


def test_confidence_is_fitted_to_what_came_true():
    rng = np.random.default_rng(0)
    signs = np.stack([np.ones(4000), rng.normal(size=4000)], axis=1)
    truth = np.array([-0.5, 1.5])
    frames = np.full(4000, 8.0)
    right = rng.binomial(8, 1 / (1 + np.exp(-signs @ truth)))
    weights = calibrate.logistic(signs, frames, right)
    np.testing.assert_allclose(weights, truth, atol=0.1)
    assert calibrate.error(signs, frames, right, weights) < 0.02
    assert calibrate.error(signs, frames, right, -weights) > 0.2


def test_every_decision_is_noted(pieces):
    seen = calibrate.Seen()
    calibrate.decided(load("chords"), pieces[0], 0, seen)
    assert len(seen.signs) == len(seen.frames) == len(seen.right)
    assert sum(seen.frames) >= len(pieces[0]) - 16
    assert all(0 <= right <= frames for right, frames in zip(seen.right, seen.frames, strict=True))


def test_a_graph_decides_like_itself(pieces):
    graph = load("chords")
    assert alike(graph, graph, pieces[0]) == 1
    assert alike(graph, graph, pieces[1], 16) == 1


def test_later_stretches_begin_at_a_bar_line_and_cut_what_crosses_it():
    melody = [[4 * n, 4, 60 + n % 5] for n in range(240)]
    raw = {"id": "x", "meter": [4, 4], "melody": melody, "chords": [[0, 250, "C"], [250, 710, "F:min"]]}
    rest = begun_at(raw, 256)
    assert rest["melody"][0] == [0, 4, melody[64][2]]
    assert rest["chords"] == [[0, 704, "F:min"]]
    name = next(f"song{n}" for n in range(99) if side(f"song{n}") == "validation")
    other = next(f"song{n}" for n in range(99) if side(f"song{n}") != "validation")
    found = stretches([{**raw, "id": name}, {**raw, "id": other}, {**raw, "id": f"{name}.1"}], 3)
    assert [piece.id for piece in found] == [name, f"{name}@256", f"{name}@512"]
    assert (found[1].pitch == frame_piece(raw, 999).pitch[256:512]).all()
    assert [piece.id for piece in stretches([{**raw, "id": name}], 2)] == [name, f"{name}@256"]
    short = {**raw, "id": name, "melody": melody[: (256 + LATER) // 4 - 1]}
    assert len(stretches([short], 3)) == 1
