import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.music.chords import NO_CHORD, TRIADS
from sideman_lab.chords import hmm, measure
from sideman_lab.chords.baselines import CAUSAL, REFERENCE
from sideman_lab.chords.piece import frame_piece, half_up, read_pieces
from sideman_lab.synthetic import lead_sheets

PIECES = [frame_piece(raw, 128) for raw in lead_sheets(4)]


def piece_of(melody, chords, meter=(4, 4), **more):
    return frame_piece({"id": "p", "meter": list(meter), "melody": melody, "chords": chords, **more}, 64)


def test_halves_round_up():
    assert [half_up(x) for x in (0.5, 1.5, -0.5, 2.4)] == [1, 2, 0, 2]


def test_the_latest_onset_wins():
    piece = piece_of([[0, 8, 60], [4, 2, 64]], [[0, 8, "C:maj"]])
    assert piece.pitch.tolist() == [60, 60, 60, 60, 64, 64, 0, 0][:6] + piece.pitch.tolist()[6:]
    assert piece.struck.tolist()[:5] == [True, False, False, False, True]


def test_a_pickup_comes_before_frame_zero():
    piece = piece_of([[-2, 2, 67], [0, 8, 72]], [[0, 16, "C:maj"]], pickup=2)
    assert piece.first == -2
    assert piece.strong.tolist()[:3] == [False, False, True]
    assert piece.human[0] == NO_CHORD


def test_empty_bars_before_the_first_note_are_left_out():
    piece = piece_of([[36, 12, 60]], [[0, 32, "C:maj"], [32, 16, "F:maj"]])
    assert piece.dropped == 32
    assert int(np.flatnonzero(piece.pitch)[0]) == 4
    assert piece.human[0] == 5


@pytest.mark.parametrize(
    ("meter", "expected"),
    [((4, 4), [0, 8]), ((3, 4), [0]), ((2, 4), [0, 8]), ((6, 8), [0, 6]), ((2, 2), [0, 8])],
)
def test_strong_beats_of_the_protocol(meter, expected):
    piece = piece_of([[0, 16, 60]], [[0, 16, "C:maj"]], meter)
    assert np.flatnonzero(piece.strong[:12]).tolist() == expected


def test_note_in_chord_by_hand():
    piece = piece_of([[0, 4, 60], [4, 4, 62], [8, 8, 64]], [[0, 16, "C:maj"]])
    assert measure.nic(piece, piece.human) == pytest.approx(12 / 16)
    assert measure.nic(piece, piece.human, strong_onsets=True) == 1.0
    assert measure.accuracy(piece, piece.human) == 1.0
    assert math.isnan(measure.nic(piece, np.full(16, NO_CHORD)))
    assert measure.accuracy(piece, np.full(16, NO_CHORD)) == 0.0


def test_the_first_chord_is_no_change():
    played = np.array([36, 36, 0, 0, 5, 5, 36, 5, 7])
    assert measure.changes(played).tolist() == [4, 7, 8]
    assert measure.lengths(played) == [2, 2, 1, 1]


def test_a_drone_breaks_the_rule_and_the_human_keeps_it():
    human = {part.name: part.holds for part in measure.rule(PIECES, [p.human for p in PIECES])}
    drone = {part.name: part.holds for part in measure.rule(PIECES, [np.zeros(len(p), np.int64) for p in PIECES])}
    assert all(human.values())
    assert not drone["rate ratio"]
    assert drone["chord entropy ratio"]  # little variety breaks nothing: a tune may have one chord


def test_who_chases_the_notes_breaks_the_rule():
    """A chord for every note: more note-in-chord than people's by more than they would."""
    of = {pc: next(i for i, t in enumerate(TRIADS) if t.root == pc) for pc in range(12)}
    played = [np.array([of[int(p) % 12] if p > 0 else 0 for p in piece.pitch]) for piece in PIECES]
    found = {part.name: part for part in measure.rule(PIECES, played)}
    assert found["NiC above people's"].value > measure.CHASING
    assert not found["NiC above people's"].holds


@pytest.mark.parametrize("name", CAUSAL)
@pytest.mark.parametrize("commit", [0, 16])
def test_causal_baselines_hear_nothing_after_their_time(name, commit):
    piece = PIECES[0]
    cut = 64
    other = lead_sheets(1, seed=9)[0]["melody"]
    raw = lead_sheets(4)[0]
    mixed = [n for n in raw["melody"] if n[0] < cut] + [n for n in other if n[0] >= cut]
    changed = frame_piece({**raw, "melody": mixed}, 128)
    assert (changed.pitch[:cut] == piece.pitch[:cut]).all()
    a, b = CAUSAL[name](piece, commit), CAUSAL[name](changed, commit)
    assert (a[: cut + commit + 1] == b[: cut + commit + 1]).all()


def test_the_hindsight_drone_is_one_chord():
    assert len(set(REFERENCE["drone, key by hindsight"](PIECES[0], 0).tolist())) == 1


def test_hmm_tables_are_distributions():
    for table in hmm.fitted().tables:
        np.testing.assert_allclose(table.sum(axis=1), 1.0, atol=1e-9)
    np.testing.assert_allclose(np.exp(hmm.fitted().emission).sum(axis=1), 1.0, atol=1e-3)


@given(st.lists(st.integers(0, 36), min_size=2, max_size=60))
def test_lengths_and_changes_agree(classes):
    played = np.array(classes)
    assert sum(measure.lengths(played)) == int((played < NO_CHORD).sum())
    assert measure.silence(PIECES[0], np.zeros(len(PIECES[0]), np.int64)) == 0.0


def test_a_broken_line_is_named(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps(lead_sheets(1)[0]) + '\n{"id": 1}\n')
    with pytest.raises(ValueError, match="line 2"):
        read_pieces(file, 64)
