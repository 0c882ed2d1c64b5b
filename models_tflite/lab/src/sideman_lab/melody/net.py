"""The melody net in PyTorch: one pass per note, from the firmware's inputs to 25 intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from sideman.models.melody_features import INTERVALS, WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIDDEN = 256
FRONT = 128


class Net(nn.Module):  # type: ignore[misc]  # PyTorch is not installed where types are checked
    """Dense, two GRUs, and a readout that also sees the dense layer, so that a copy can pass straight through."""

    def __init__(self, *, hidden: int = HIDDEN, front: int = FRONT, dropout: float = 0.35) -> None:
        super().__init__()
        self.front = nn.Linear(WIDTH, front)
        self.first = nn.GRU(front, hidden, batch_first=True)
        self.second = nn.GRU(hidden, hidden, batch_first=True)
        self.readout = nn.Linear(hidden + front, INTERVALS)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (batch, notes, 25) of whole sequences (batch, notes, WIDTH), states starting at zero."""
        front = self.dropout(torch.relu(self.front(x)))
        first, _ = self.first(front)
        second, _ = self.second(self.dropout(first))
        logits: torch.Tensor = self.readout(torch.cat([self.dropout(second), front], dim=-1))
        return logits


def weights(net: Net) -> dict[str, NDArray[Any]]:
    """All weights as NumPy arrays under PyTorch's names."""
    return {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
