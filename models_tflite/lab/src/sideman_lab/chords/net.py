"""The chord net in PyTorch: melody in, one pass a frame, a head for every horizon.

Nothing it ever said comes back as input, so it has no exposure bias (finding 2 of the specification).
"""

from __future__ import annotations

import torch
from sideman.models.chord_features import N_FEATURES
from sideman.models.chords import HORIZONS, N_AHEAD
from torch import nn

N_CLASSES = 37
WIDTH = 128
STATE = 192


class ChordNet(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Dense 128, two GRUs, three heads."""

    def __init__(self, state: int = STATE) -> None:
        super().__init__()
        self.dense = nn.Linear(N_FEATURES, WIDTH)
        self.gru1 = nn.GRU(WIDTH, state, batch_first=True)
        self.gru2 = nn.GRU(state, state, batch_first=True)
        self.drop = nn.Dropout(0.15)
        self.chord = nn.Linear(state, len(HORIZONS) * N_CLASSES)
        self.change = nn.Linear(state, N_AHEAD)
        self.histogram = nn.Linear(state, N_AHEAD * 12)

    def trunk(self, x: torch.Tensor) -> torch.Tensor:
        """States of the second GRU, shape (batch, frames, STATE)."""
        h = torch.relu(self.dense(x))
        h, _ = self.gru1(h)
        h, _ = self.gru2(self.drop(h))
        return self.drop(h)

    def heads(self, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits: chords (…, horizons, 37), change (…, ahead), histogram (…, ahead, 12)."""
        shape = h.shape[:-1]
        return (
            self.chord(h).view(*shape, len(HORIZONS), N_CLASSES),
            self.change(h),
            self.histogram(h).view(*shape, N_AHEAD, 12),
        )
