"""Distillation: what the student's loss asks for, what is kept of a training, what the figures look at."""

import numpy as np
import pytest

from sideman.models.chord_features import N_FEATURES, STRONG_AT
from sideman.models.chords import HORIZONS
from sideman.music.chords import NO_CHORD
from sideman_lab.chords.augment import songs_of
from sideman_lab.chords.export import meta_of
from sideman_lab.chords.generated import pieces
from sideman_lab.chords.piece import frame_piece
from sideman_lab.synthetic import lead_sheets

torch = pytest.importorskip("torch")


def test_a_student_that_says_what_the_teacher_says_has_nothing_to_learn_from_it():
    from sideman_lab.chords.net import ChordNet
    from sideman_lab.chords.train import batch_of, loss_of, mixed

    torch.manual_seed(0)
    net = ChordNet().eval()
    batch, _ = batch_of(*mixed([(songs_of(pieces(4)), 1.0)]), np.random.default_rng(0), 3)
    with torch.no_grad():
        said = net.heads(net.trunk(batch[0])[:, 1::2])[0]
    assert loss_of(net, batch, said)[1]["teacher"] == pytest.approx(0, abs=1e-5)
    assert loss_of(net, batch, said.roll(1, -1))[1]["teacher"] > 1e-4


def test_where_the_teacher_says_nothing_only_the_written_chords_count():
    from sideman_lab.chords.net import ChordNet
    from sideman_lab.chords.train import batch_of, loss_of, mixed

    torch.manual_seed(0)
    net = ChordNet().eval()
    batch, _ = batch_of(*mixed([(songs_of(pieces(4)), 1.0)]), np.random.default_rng(0), 3)
    nothing = torch.full((3, batch[1].shape[1] // 2, len(HORIZONS), 37), torch.nan)
    total, parts = loss_of(net, batch, nothing)
    assert torch.isfinite(total)
    assert parts["teacher"] == 0


def test_the_teacher_does_not_see_chords_that_are_hidden():
    from sideman_lab.chords.features import N_OFFLINE
    from sideman_lab.chords.teacher import Teacher, label, masks, shown

    torch.manual_seed(0)
    teacher = Teacher().eval()
    features = torch.randn(2, 12, N_OFFLINE)
    chords = torch.randint(0, 36, (2, 12))
    assert torch.equal(label(teacher, features, chords), label(teacher, features, (chords + 5) % 36))
    hidden = torch.zeros(2, 12, dtype=torch.bool)
    assert not torch.equal(shown(features, chords, hidden), shown(features, (chords + 5) % 36, hidden))
    drawn = masks(200, 180, np.random.default_rng(0))
    assert 0.5 < drawn.all(1).mean() < 0.75
    assert drawn.any(1).all() or not drawn.all()


def test_shares_of_the_sets_are_kept_whatever_their_size():
    from sideman_lab.chords.train import mixed

    few, many = songs_of(lead_sheets(2)), songs_of(lead_sheets(12, seed=1))
    songs, chances = mixed([(few, 0.3), (many, 0.6)])
    assert len(songs) == 14
    assert chances[:2].sum() == pytest.approx(1 / 3)
    assert chances.sum() == pytest.approx(1)


def test_the_manifest_names_every_source_and_its_class():
    about = {"sources": ["openscore-lieder", "generated"], "seed": 3, "teacher": 40}
    meta = meta_of(100, 7, about)
    assert meta["rights_class"] == "A"
    assert meta["trained_on"] == ["openscore-lieder", "generated"]
    assert meta_of(1, 1, {**about, "sources": ["pop909-cl", "openscore-lieder"]})["rights_class"] == "B"


def test_figures_speak_of_the_frame_that_each_head_speaks_of():
    from sideman_lab.chords.figures import IGNORED, held_of

    framed = frame_piece(lead_sheets(1)[0], 256)
    held = held_of([framed])
    for column, ahead in enumerate(HORIZONS):
        for frame in (0, 40, 100):
            at = frame + 1 + ahead
            wanted = framed.human[at] if 0 <= at < len(framed) else NO_CHORD
            found = int(held.chords[0, frame, column])
            assert found == (wanted if wanted < NO_CHORD else IGNORED)


def test_int8_and_float_of_small_weights_agree():
    from sideman_lab.chords.figures import agreement, figures, held_of
    from sideman_lab.chords.net import ChordNet

    torch.manual_seed(0)
    net = ChordNet()
    held = held_of([frame_piece(piece, 48) for piece in lead_sheets(2)])
    alike, apart = agreement(net.plain(), held)
    assert alike > 0.8
    assert apart < 0.02
    assert figures(net, held)["log"] == pytest.approx(-np.log(37), abs=0.3)


def test_the_best_of_students_and_their_means_is_chosen():
    from sideman_lab.chords.figures import held_of, score
    from sideman_lab.chords.net import ChordNet
    from sideman_lab.chords.soup import choose, mean_of
    from sideman_lab.chords.train import steps_behind

    torch.manual_seed(0)
    kept = [
        {"best": ChordNet().state_dict(), "best_step": step, "about": {"sources": [name], "teacher": 0, "seed": 1}}
        for step, name in ((10, "generated"), (30, "openscore-lieder"))
    ]
    kept[1]["about"]["steps_before"] = 7
    held = [held_of([frame_piece(piece, 256) for piece in lead_sheets(2)])]
    best, figures = choose(kept, held, ["a", "b"])
    tried = []
    for states in ([kept[0]["best"]], [kept[1]["best"]], [k["best"] for k in kept]):
        net = ChordNet()
        net.load_state_dict(mean_of(states))
        tried.append(np.mean(score(net, held)))
    assert np.mean(figures) == pytest.approx(max(tried))
    assert set(best["about"]["sources"]) <= {"generated", "openscore-lieder"}
    assert best["best_step"] in {10, 37}
    assert steps_behind(best) == best["best_step"]


def test_the_shipped_net_comes_back_from_its_file(tmp_path):
    pytest.importorskip("ai_edge_litert")
    from sideman_lab.chords import recover
    from sideman_lab.chords.export import golden
    from sideman_lab.packaging import package_folder

    recover.main([tmp_path / "net.pt"])
    net = recover.ChordNet()
    net.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True)["best"])
    with np.load(package_folder() / "chords.golden.npz") as kept:
        for name, value in golden(net.plain())[1].items():
            wanted = kept[f"out_{name}"]
            # A last digit of a scale can tip the rounding of a state, which later frames remember.
            np.testing.assert_allclose(value[0], wanted[0], atol=1e-3)
            np.testing.assert_allclose(value, wanted, atol=0.05)


def test_weights_that_are_not_tied_do_not_come_back():
    from sideman_lab.chords import recover

    index = np.array([0, 0, 1])
    assert recover.untied(np.array([2.0, 2.0, 5.0], np.float32), index).tolist() == [2.0, 5.0]
    with pytest.raises(ValueError, match="not tied"):
        recover.untied(np.array([2.0, 3.0, 5.0], np.float32), index)


def test_a_wider_net_says_the_same_and_its_copies_learn_apart(monkeypatch):
    from sideman_lab.chords import widen
    from sideman_lab.chords.net import ChordNet

    torch.manual_seed(0)
    few, many = ((2, 3), (3, 4)), ((3, 5), (5, 9))
    narrow, wide = ChordNet(*few), ChordNet(*many)
    x = torch.rand(2, 20, N_FEATURES)

    def said(net):
        return net.eval().heads(net.trunk(x))

    monkeypatch.setattr(widen, "STIR", 0.0)
    widen.widened(narrow, few, wide, many, 1)
    for ours, theirs in zip(said(narrow), said(wide), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
    said(wide)[0].square().sum().backward()
    slopes = wide.hh2.weight.grad
    # What goes out from a copy learns as what goes out from its original does; what comes in must not.
    assert len(torch.unique(slopes[slopes != 0])) > 0.7 * int((slopes != 0).sum())
    monkeypatch.undo()
    widen.widened(narrow, few, wide, many, 1)
    stirred = said(wide)[0]
    assert not torch.equal(stirred, said(narrow)[0])
    torch.testing.assert_close(stirred, said(narrow)[0], atol=0.2, rtol=0)


@pytest.mark.parametrize("which", ["before strong beats", "in the opening"])
def test_frames_that_matter_more_count_more(which):
    from sideman_lab.chords.figures import OPENING
    from sideman_lab.chords.net import ChordNet
    from sideman_lab.chords.train import OF_DECISIONS, OF_OPENING, batch_of, loss_of, mixed

    torch.manual_seed(0)
    net = ChordNet((1, 1), (1, 1)).eval()
    batch, _ = batch_of(*mixed([(songs_of(pieces(4)), 1.0)]), np.random.default_rng(0), 3)
    features, chords, change, histogram = batch
    strong = features[:, :, STRONG_AT] > 0
    opening = (torch.arange(features.shape[1]) < OPENING).expand_as(strong)
    more, factor = {"before strong beats": (strong, OF_DECISIONS), "in the opening": (opening, OF_OPENING)}[which]

    def of(where):
        return loss_of(net, (features, torch.where(where[..., None], chords, -1), change, histogram))[1]["chord"]

    there = (chords >= 0).any(-1)
    both, one, other = of(there), of(more & there), of(~more & there)
    assert min(one, other) < both < max(one, other)
    share = (both - other) / (one - other)
    plain = (more & there)[:, 1::2].sum() / there[:, 1::2].sum()
    expected = (1 + factor) * plain / (1 + factor * plain)
    assert share == pytest.approx(float(expected), abs=0.06)


def test_the_opening_of_a_piece_is_all_of_one_that_ends_with_it():
    from sideman_lab.chords.figures import OPENING, figures, held_of
    from sideman_lab.chords.net import ChordNet

    torch.manual_seed(0)
    net = ChordNet((1, 1), (1, 1))
    whole, short = (figures(net, held_of([frame_piece(lead_sheets(1)[0], n)])) for n in (256, OPENING))
    assert short["opening"] == short["decided"]
    assert short["opening log"] == short["decided log"]
    assert whole["opening log"] != whole["decided log"]
