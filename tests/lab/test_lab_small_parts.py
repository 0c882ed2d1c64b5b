import io

import numpy as np
import pytest

from sideman.music.chords import parse_chord
from sideman_lab import checkpoints, progress, synthetic
from sideman_lab.progress import Progress, clock
from sideman_lab.splits import side, split


def test_a_tenth_of_the_songs_is_for_validation_for_ever():
    ids = [f"pop909-{i:03d}" for i in range(1, 910)]
    held = [name for name in ids if side(name) == "validation"]
    assert 60 <= len(held) <= 125
    assert side("pop909-001") == side("pop909-001")
    train, validation = split([{"id": name} for name in ids])
    assert [p["id"] for p in validation] == held
    assert len(train) + len(validation) == len(ids)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (125, "2:05"), (3725, "1:02:05")])
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_progress_prints_first_last_and_at_least_every_two_seconds(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    shown = Progress("train", 100, start=50, out=out)
    for step in range(51, 101):
        now[0] += 0.5
        shown.update(step, loss=1 / step)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("train  51/100  loss 0.0196")
    assert "left 0:24" in lines[0]  # 49 steps of half a second
    assert lines[-1].startswith("train  100/100")
    assert len(lines) >= 50 * 0.5 / 2


def test_synthetic_lead_sheets_are_in_the_common_form_and_repeat():
    sheets = synthetic.lead_sheets(8, seed=3)
    assert sheets == synthetic.lead_sheets(8, seed=3)
    assert sheets != synthetic.lead_sheets(8, seed=4)
    assert len({sheet["id"] for sheet in sheets}) == 8
    for sheet in sheets:
        assert sheet["meter"] == [4, 4]
        ends = 0
        for onset, duration, label in sheet["chords"]:
            assert onset == ends
            assert parse_chord(label) is not None
            ends = onset + duration
        assert ends == 16 * 16
        ends = 0
        for onset, duration, pitch in sheet["melody"]:
            assert onset >= ends
            assert duration > 0
            assert synthetic.LOWEST <= pitch <= synthetic.HIGHEST
            ends = onset + duration
        assert ends <= 16 * 16


def test_synthetic_melodies_lean_on_their_chords():
    inside = total = 0
    for sheet in synthetic.lead_sheets(12):
        for onset, _, pitch in sheet["melody"]:
            label = next(c for o, d, c in sheet["chords"] if o <= onset < o + d)
            if onset % 8 == 0:
                inside += pitch % 12 in parse_chord(label).pitch_classes
                total += 1
    assert inside == total > 0


def test_synthetic_drum_loops_have_a_feel():
    loops = synthetic.drum_loops(20, seed=1)
    assert all(loop.shape == (32, 9, 3) for loop in loops)
    np.testing.assert_array_equal(loops[3], synthetic.drum_loops(20, seed=1)[3])
    for loop in loops:
        hit = loop[..., 0] == 1
        assert hit.any()
        assert (loop[~hit] == 0).all()
        assert ((loop[hit][:, 1] > 0) & (loop[hit][:, 1] <= 1)).all()
        assert (np.abs(loop[hit][:, 2]) < 0.5).all()
    lates = [loop[loop[..., 0] == 1][:, 2].max() for loop in loops]
    assert max(lates) > 0.25  # some swing hard


def test_checkpoints_go_where_they_are_told(monkeypatch, tmp_path):
    monkeypatch.setenv("SIDEMAN_CHECKPOINTS", str(tmp_path / "a"))
    assert checkpoints.folder() == tmp_path / "a"
    assert checkpoints.folder(tmp_path / "b") == tmp_path / "b"
    assert (tmp_path / "a").is_dir()


def test_training_goes_on_as_if_it_had_not_stopped(tmp_path):
    torch = pytest.importorskip("torch", reason="needs the training environment (make lab)")
    path = tmp_path / "net.ckpt"

    def begin():
        torch.manual_seed(1)
        net = torch.nn.Linear(3, 2)
        return net, torch.optim.AdamW(net.parameters(), 0.01), np.random.default_rng(5)

    def steps(net, optimiser, rng, n):
        for _ in range(n):
            x = torch.tensor(rng.normal(size=(4, 3)), dtype=torch.float32) + torch.randn(4, 3)
            optimiser.zero_grad()
            net(x).square().mean().backward()
            optimiser.step()

    net, optimiser, rng = begin()
    steps(net, optimiser, rng, 5)
    checkpoints.save(path, 5, {"net": net, "optimiser": optimiser}, rng=rng, extra={"best": 0.5})
    steps(net, optimiser, rng, 5)
    again, other, fresh = begin()
    torch.manual_seed(99)
    assert checkpoints.resume(path, {"net": again, "optimiser": other}, rng=fresh) == (5, {"best": 0.5})
    steps(again, other, fresh, 5)
    np.testing.assert_array_equal(again.weight.detach().numpy(), net.weight.detach().numpy())
    assert set(checkpoints.weights(path)) == {"weight", "bias"}
    with pytest.raises(ValueError, match="another network"):
        checkpoints.resume(path, {"net": torch.nn.Linear(4, 2)})
    assert [p.name for p in tmp_path.iterdir()] == ["net.ckpt"]


def test_without_a_checkpoint_training_starts_fresh_and_export_says_so(tmp_path):
    pytest.importorskip("torch", reason="needs the training environment (make lab)")
    assert checkpoints.resume(tmp_path / "none", {}) is None
    with pytest.raises(FileNotFoundError, match="train first"):
        checkpoints.weights(tmp_path / "none")
