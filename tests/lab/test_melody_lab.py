"""The melody lab without a data set: made-up pieces through encoding, counting, scoring and answering."""

import argparse
import json
import math

import numpy as np
import pytest

from sideman.models.melody import MelodyNet, Options
from sideman.models.melody_features import INTERVALS, SLICES, Memory, interval_class
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman_lab.melody import answers, baselines, evaluate
from sideman_lab.melody.batches import Encoded, batch, encoded
from sideman_lab.melody.card import misses
from sideman_lab.melody.copies import Runs
from sideman_lab.melody.encode import NO_TARGET, SCALE, contexts, encode_piece
from sideman_lab.melody.madeup import made_up_pieces
from sideman_lab.melody.notewise import score
from sideman_lab.melody.pieces import is_training, is_validation, melody_of
from sideman_lab.metrics import Metric
from sideman_lab.splits import side

PIECES = made_up_pieces(6, 3)


def line(*pitches, step=480):
    return [Note(step * i, step, pitch) for i, pitch in enumerate(pitches)]


def test_a_lead_sheet_becomes_ticks_and_spans():
    melody = melody_of(
        {
            "id": "x-1",
            "meter": [3, 4],
            "melody": [[0, 4, 60], [4, 4.5, 62]],
            "chords": [[0, 12, "C:maj"], [12, 12, "N"], [24, 12, "G:7"]],
        }
    )
    assert melody.notes[1] == Note(960, 1080, 62)
    assert [span.chord.label for span in melody.spans] == ["C:maj", "G:7"]
    now, following, ticks = melody.chord_at(12 * FRAME_TICKS)
    assert (now, following.label, ticks) == (None, "G:7", 12 * FRAME_TICKS)
    assert melody_of({"id": "x", "meter": [1, 4], "melody": [[0, 1, 60], [1, 1, 60]]}) is None


def test_the_split_is_the_one_of_the_lab_and_keeps_stretches_together():
    for number in range(40):
        assert is_validation(f"lieder-{number}") == (side(f"lieder-{number}") == "validation")
        assert is_validation(f"lieder-{number}.3") == is_validation(f"lieder-{number}")

    assert not is_training("openewld-x")
    assert {is_training(f"pop909-{number:03}") for number in range(40)} == {True, False}


def test_classes_lead_from_what_was_heard_to_what_is_right():
    melody = PIECES[0]
    inputs, classes = encode_piece(melody, spoiled=False, seed=1)
    assert inputs.dtype == np.int8
    assert classes[0] == NO_TARGET
    steps = [b.pitch - a.pitch for a, b in zip(melody.notes, melody.notes[1:], strict=False)]
    assert classes[1:].tolist() == [interval_class(step) for step in steps]
    again, _ = encode_piece(melody, spoiled=True, seed=1)
    assert (again != inputs).any()


def test_an_input_knows_nothing_of_its_own_note():
    melody = PIECES[0]
    inputs, _ = encode_piece(melody, spoiled=False, seed=1)
    k = 20
    changed = [n if i < k else Note(n.tick, n.duration, 127 - n.pitch) for i, n in enumerate(melody.notes)]
    other = type(melody)(melody.song, melody.meter, tuple(changed), melody.spans)
    theirs, _ = encode_piece(other, spoiled=False, seed=1)
    np.testing.assert_array_equal(inputs[: k + 1], theirs[: k + 1])


def test_batches_hide_things_and_never_learn_from_padding():
    source = encoded(PIECES, spoiled=True, seed=1)
    inputs, classes = batch([(1.0, source)], np.random.default_rng(1), 40, 48)
    assert inputs.shape[:2] == classes.shape == (40, 48)
    assert classes.max() < INTERVALS
    assert classes.min() == -1
    chords = np.abs(inputs[:, :, SLICES["chord"]]).sum((1, 2)) > 0
    assert 5 < (~chords).sum() < 35
    assert isinstance(source, Encoded)
    assert len(source) == len(PIECES)
    assert np.abs(inputs).max() < 3
    assert SCALE == 64


def test_every_baseline_is_a_distribution_and_learns():
    fitted = baselines.fit(PIECES)
    memory = Memory()
    losses = dict.fromkeys((*baselines.MODELS, baselines.REPEAT), 0.0)
    melody = made_up_pieces(1, 99)[0]
    for note, context in zip(melody.notes, contexts(melody), strict=True):
        found = fitted.all(memory, context)
        for name, probabilities in found.items():
            assert probabilities.sum() == pytest.approx(1.0)
            losses[name] -= math.log(probabilities[interval_class(note.pitch - memory.last_pitch)])
        memory.add(note.tick, note.duration, note.pitch, melody.meter.bar_ticks)
    assert losses["Markov, chord + 1 interval"] < losses["unigram"] < len(melody.notes) * math.log(25)


def test_counts_survive_being_kept(tmp_path):
    fitted = baselines.fit(PIECES)
    fitted.save(tmp_path / "counts.npz")
    kept = baselines.load(tmp_path / "counts.npz")
    memory, context = Memory(), next(contexts(PIECES[0]))
    for name, probabilities in fitted.all(memory, context).items():
        np.testing.assert_allclose(kept.all(memory, context)[name], probabilities, atol=1e-9)


class Sure:
    """A graph that always goes up a whole tone."""

    def run(self, inputs):
        logits = np.full((1, INTERVALS), -4.0, np.float32)
        logits[0, interval_class(2)] = 4.0
        return {"logits": logits, "first_out": inputs["first_in"], "second_out": inputs["second_in"]}


def test_scores_count_hits_and_likelihoods():
    melody = melody_of({"id": "up-1", "meter": [4, 4], "melody": [[4 * i, 4, 50 + 2 * i] for i in range(12)]})
    rows = score(melody, MelodyNet(Sure()), None).rows
    loss, notes, hits = rows["press"]
    assert (notes, hits) == (11, 11)
    assert loss / notes == pytest.approx(math.log(1 + 24 * math.exp(-8)), rel=1e-3)


def exchange(call, chords=()):
    return answers.Exchange("x", tuple(call), ((7680, 480),), (), tuple(chords), Meter())


def test_measures_of_answers():
    assert answers.leaps_resolved(line(60), line(67, 65, 72, 74)) == [1, 2]
    assert answers.repeated(line(60, 60, 60, 60, 62, 62)) == [4, 6]
    assert answers.longest_copy(line(60, 62, 64, 65), line(70, 72, 74, 60)) == 3
    assert answers.longest_copy(line(60, 61), line(60, 65)) == 0
    assert answers.motifs(line(60, 62, 61, 61)) == {(1, -1, 0, 2, 2, 2)}
    assert answers.entropy(line(60, 61, 62, 63)) == pytest.approx(2.0)
    c_major = PIECES[0].spans[0].chord.transposed(-PIECES[0].spans[0].chord.root)
    spans = [ChordSpan(0, 8, c_major, 1.0), ChordSpan(8, 8, c_major.transposed(7), 1.0)]
    rows = answers.chord_tones(exchange(line(60), spans), line(60, 61, 64, 65, 60, 62))
    assert rows == {"strong": [1, 2], "after": [2, 4], "else": [1, 2]}


def test_quotations_are_found_in_any_key():
    runs = Runs(PIECES)
    quoted = [n.transposed(3) for n in PIECES[0].notes[4:14]]
    assert runs.longest(quoted) == 10
    assert runs.longest(line(*(60 + 11 * (k % 2) for k in range(12)))) == 0


def test_answers_lie_in_the_calls_rhythm():
    found = answers.exchanges(PIECES, 3)
    assert len(found) == 3
    told = answers.model_answer(MelodyNet(Sure()), found[0], Options(), 1)
    assert [(n.tick, n.duration) for n in told] == list(found[0].slots)
    moved = answers.exchanges(PIECES, 3, octaves=2)[0]
    assert max(abs(a.pitch - b.pitch) for a, b in zip(moved.call, found[0].call, strict=True)) == 24


def test_evaluate_prints_one_object_with_every_baseline(tmp_path, capsys):
    rows = [
        {
            "id": m.song,
            "meter": [4, 4],
            "melody": [[n.tick / FRAME_TICKS, n.duration / FRAME_TICKS, n.pitch] for n in m.notes],
            "chords": [[s.start / FRAME_TICKS, (s.end - s.start) / FRAME_TICKS, s.chord.label] for s in m.spans],
        }
        for m in PIECES[:3]
    ]
    path, dump = tmp_path / "pieces.jsonl", tmp_path / "dump.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    assert evaluate.run(
        parser.parse_args(["--pieces", str(path), "--json", "--dump", str(dump), "--answers", "3"])
    ) in (0, 1)
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"family", "model_sha256", "runtime", "pieces", "metrics"}
    assert found["pieces"] == 3
    metric = found["metrics"]["perplexity press"]
    assert set(metric["baselines"]) == {*baselines.MODELS, baselines.REPEAT}
    assert metric["ci95"][0] <= metric["value"] <= metric["ci95"][1]
    told = [json.loads(text) for text in dump.read_text().splitlines()]
    assert {row["mode"] for row in told if "mode" in row} == {"press", "known"}
    assert all(abs(sum(math.exp(v) for v in row["logp"]) - 1) < 0.01 for row in told if "logp" in row)
    assert sum("answer" in row for row in told) == 3


def test_the_card_names_every_row_that_is_lost():
    rows = [
        Metric("motif echo lift", 0.2, 9, (0.1, 0.3), must=0.3, baselines={"n-gram + rules": 0.25}),
        Metric("leaps resolved", 0.9, 9, (0.8, 1.0), must=0.8, baselines={"rules alone": 0.7}),
    ]
    assert misses([("nottingham", {}, rows)]) == [
        "**missed** Nottingham: motif echo lift 0.2 misses its must of 0.3",
        "Nottingham: motif echo lift 0.2; better: n-gram + rules 0.25",
    ]
