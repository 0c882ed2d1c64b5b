"""The drum network in PyTorch: score ("what") and tapped groove ("how") in, a played loop out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from sideman.models.drum_features import CHANNELS, COLUMNS, DILATIONS, VOICES
from sideman_lab.drums.layout import GATES, OUTPUTS, WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Block(nn.Module):  # type: ignore[misc]  # torch has no types here
    """Residual circular convolution of width three at one dilation."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.mix = nn.Linear(3 * WIDTH, WIDTH)
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(WIDTH, WIDTH)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Steps wrap at the loop's end, so the loop has no seam."""
        d = self.dilation
        around = torch.cat((torch.roll(x, d, 1), x, torch.roll(x, -d, 1)), -1)
        return x + self.out(self.drop(torch.relu(self.mix(around))))


class DrumTorch(nn.Module):  # type: ignore[misc]  # torch has no types here
    """Dense, five dilated circular blocks, heads with a copy skip from the tapped groove."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(CHANNELS, WIDTH)
        self.blocks = nn.ModuleList(Block(d) for d in DILATIONS)
        self.leave = nn.Linear(WIDTH, sum(OUTPUTS.values()) + GATES)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """From (batch, steps, channels) to the tensors of :data:`OUTPUTS`."""
        h = torch.relu(self.enter(x))
        for block in self.blocks:
            h = block(h)
        parts = torch.split(self.leave(torch.relu(h)), [*OUTPUTS.values(), VOICES, VOICES], -1)
        out = dict(zip(OUTPUTS, parts[:-2], strict=True))
        tap = x[..., COLUMNS["tap"]]
        onset, velocity, offset = tap[..., 0:1], tap[..., 1:2], tap[..., 2:3] * 0.5
        gate_v = torch.sigmoid(parts[-2] + 1.0) * onset
        gate_o = torch.sigmoid(parts[-1] + 1.0) * onset
        out["velocity"] = out["velocity"] + 0.5
        out["velocity"] = out["velocity"] + gate_v * (velocity - out["velocity"])
        out["offset"] = out["offset"] + gate_o * (offset - out["offset"])
        return out


def weights(net: DrumTorch) -> dict[str, NDArray[Any]]:
    """All weights as arrays, by the names that the export reads."""
    return {name: value.detach().cpu().numpy() for name, value in net.state_dict().items()}
