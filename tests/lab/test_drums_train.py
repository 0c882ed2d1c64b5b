from __future__ import annotations

import argparse

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the lab's environment: make lab")

from sideman.models.drum_features import CHANNELS, neighbours  # noqa: E402 - after the skip
from sideman_lab.drums import train  # noqa: E402 - after the skip
from sideman_lab.drums.forward import NumpyDrums  # noqa: E402 - after the skip
from sideman_lab.drums.net import DrumTorch, weights  # noqa: E402 - after the skip


@pytest.mark.parametrize("steps", [32, 24, 20])
def test_the_numpy_pass_equals_the_trained_net(steps):
    torch.manual_seed(0)
    net = DrumTorch().eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    x = np.zeros((32, CHANNELS), np.float32)
    x[:steps] = np.random.default_rng(0).random((steps, CHANNELS))
    with torch.no_grad():
        expected = net(torch.from_numpy(x[None, :steps]))
    got = NumpyDrums(weights(net)).run({"x": x, "neighbours": neighbours(steps)})
    for name, value in expected.items():
        assert np.allclose(value[0].numpy(), got[name][:steps], atol=1e-4)


def test_a_smoke_run_trains_resumes_and_keeps_its_checkpoint(tmp_path, capsys):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    assert train.run(parser.parse_args(["--smoke", "--checkpoints", str(tmp_path)])) == 0
    assert "resumed at step" in capsys.readouterr().out
    assert torch.load(tmp_path / "drums-smoke" / "last.pt", weights_only=False)["step"] == train.SMOKE_STEPS
