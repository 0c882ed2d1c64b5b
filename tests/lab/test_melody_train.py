"""Training and export of the melody net; only where the training environment is installed."""

import argparse

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sideman_lab.melody import export, train  # noqa: E402 - after the check for PyTorch
from sideman_lab.melody.encode import SCALE, encode_piece  # noqa: E402 - after the check for PyTorch
from sideman_lab.melody.madeup import made_up_pieces  # noqa: E402 - after the check for PyTorch
from sideman_lab.melody.net import Net, weights  # noqa: E402 - after the check for PyTorch
from sideman_lab.reference import Numerics  # noqa: E402 - after the check for PyTorch


def test_stepping_in_numpy_equals_the_net_over_a_sequence():
    torch.manual_seed(1)
    net = Net().eval()
    coded, _ = encode_piece(made_up_pieces(1, 1)[0], spoiled=False, seed=1)
    x = coded[:20].astype(np.float32) / SCALE
    with torch.no_grad():
        expected = net(torch.from_numpy(x)[None])[0].numpy()
    held, numerics = weights(net), Numerics()
    state = {name: np.zeros((1, 256), np.float32) for name in ("first_in", "second_in")}
    for row, logits in zip(x, expected, strict=True):
        out = export.numpy_step(held, numerics, {"x": row[None], **state})
        np.testing.assert_allclose(out["logits"][0], logits, atol=1e-4)
        state = {"first_in": out["first_out"], "second_in": out["second_out"]}


def test_the_smoke_run_learns_and_resumes(tmp_path, capsys):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    assert train.run(parser.parse_args(["--smoke", "--checkpoint", str(tmp_path / "smoke.pt")])) == 0
    told = capsys.readouterr().out
    assert "resumed at step 15" in told
    assert torch.load(tmp_path / "smoke.pt", weights_only=True)["step"] == train.SMOKE_STEPS
