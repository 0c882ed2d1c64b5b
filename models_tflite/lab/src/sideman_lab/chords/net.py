"""The chord net in PyTorch: melody in, one pass a frame, a head for every horizon.

Nothing it ever said comes back as input, so it has no exposure bias (finding 2 of the specification). Its weights are
tied so that a melody moved by a semitone gives the same chords moved by a semitone: every unit is either one of twelve
that stand for the pitch classes, or speaks of none of them, and a weight between two units of the first sort depends on
their interval only. What is exported is the plain net with these weights written out.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sideman.models.chord_features import N_FEATURES
from sideman.models.chords import HORIZONS, N_AHEAD

N_CLASSES = 37
PITCHED_INPUTS = 84
"""The first features are blocks of twelve pitch classes."""
Size = tuple[int, int]
DENSE, STATE = (14, 32), (30, 64)
"""Channels of twelve units, and single units, of the dense layer and of each GRU."""
NARROW = ((10, 24), (18, 40))
"""The same of the net that the present one was widened from (``widen``)."""
Units = list[tuple[int, int]]
"""Channel and pitch class (-1 for none) of each unit of a layer."""


def units(channels: int, single: int) -> Units:
    """Channels of twelve, then single ones."""
    of_pitch = [(c, pc) for c in range(channels) for pc in range(12)]
    return of_pitch + [(channels + i, -1) for i in range(single)]


INPUTS: Units = units(PITCHED_INPUTS // 12, N_FEATURES - PITCHED_INPUTS)
CHORDS: Units = [
    (4 * h + c // 12, c % 12 if c < N_CLASSES - 1 else -1) for h in range(len(HORIZONS)) for c in range(N_CLASSES)
]
CHANGES: Units = [(h, -1) for h in range(N_AHEAD)]
TONES: Units = [(h, pc) for h in range(N_AHEAD) for pc in range(12)]


def ties(outs: Units, ins: Units) -> NDArray[np.int64]:
    """Which free weight each entry of a matrix is, shape (outs, ins)."""
    out, into = np.array(outs), np.array(ins)
    both = (out[:, 1:] >= 0) & (into[None, :, 1] >= 0)
    interval = np.where(both, (into[None, :, 1] - out[:, 1:]) % 12, 12)
    key = (out[:, :1] * (int(into[:, 0].max()) + 1) + into[None, :, 0]) * 13 + interval
    found: NDArray[np.int64] = np.unique(key, return_inverse=True)[1].reshape(key.shape)
    return found


class Tied(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """A matrix and a bias whose entries are tied."""

    def __init__(self, outs: Units, ins: Units, scale: float) -> None:
        super().__init__()
        index = ties(outs, ins)
        channel = np.array([c for c, _ in outs])
        self.register_buffer("index", torch.from_numpy(index), persistent=False)
        self.register_buffer("channel", torch.from_numpy(channel), persistent=False)
        self.weight = nn.Parameter(torch.empty(int(index.max()) + 1).uniform_(-scale, scale))
        self.bias = nn.Parameter(torch.zeros(int(channel.max()) + 1))

    def full(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Matrix and bias written out."""
        matrix = self.weight.index_select(0, self.index.flatten()).view(self.index.shape)
        return matrix, self.bias.index_select(0, self.channel)


def gates(state: Units) -> Units:
    """The rows of a GRU's matrices: its three gates."""
    channels = max(c for c, _ in state) + 1
    return [(g * channels + c, pc) for g in range(3) for c, pc in state]


class ChordNet(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Dense layer, two GRUs, three heads, all weights tied over the twelve pitch classes."""

    def __init__(self, dense_size: Size = DENSE, state_size: Size = STATE) -> None:
        super().__init__()
        dense, state = units(*dense_size), units(*state_size)
        self.state = len(state)
        small = 1 / math.sqrt(self.state)
        self.dense = Tied(dense, INPUTS, 1.5 / math.sqrt(len(INPUTS)))
        self.ih1, self.hh1 = Tied(gates(state), dense, small), Tied(gates(state), state, small)
        self.ih2, self.hh2 = Tied(gates(state), state, small), Tied(gates(state), state, small)
        self.drop = nn.Dropout(0.1)
        self.chord = Tied(CHORDS, state, small)
        self.change = Tied(CHANGES, state, small)
        self.histogram = Tied(TONES, state, small)

    def _gru(self, x: torch.Tensor, into: Tied, again: Tied) -> torch.Tensor:
        (w_ih, b_ih), (w_hh, b_hh) = into.full(), again.full()
        h0 = x.new_zeros(1, x.shape[0], self.state)
        out, _ = torch.gru(x, h0, (w_ih, w_hh, b_ih, b_hh), True, 1, 0.0, self.training, False, True)
        return out

    def trunk(self, x: torch.Tensor) -> torch.Tensor:
        """States of the second GRU, shape (batch, frames, state)."""
        h = torch.relu(nn.functional.linear(x, *self.dense.full()))
        h = self._gru(h, self.ih1, self.hh1)
        return self.drop(self._gru(self.drop(h), self.ih2, self.hh2))

    def heads(self, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits: chords (…, horizons, 37), change (…, ahead), histogram (…, ahead, 12)."""
        shape = h.shape[:-1]
        chord, change, tones = (nn.functional.linear(h, *x.full()) for x in (self.chord, self.change, self.histogram))
        return chord.view(*shape, len(HORIZONS), N_CLASSES), change, tones.view(*shape, N_AHEAD, 12)

    def plain(self) -> dict[str, NDArray[np.float32]]:
        """The weights written out under the names of a plain net: dense, gru1, gru2 and the heads."""
        found = {}
        with torch.no_grad():
            for name in ("dense", "chord", "change", "histogram"):
                found[f"{name}.weight"], found[f"{name}.bias"] = getattr(self, name).full()
            for layer in (1, 2):
                for part in ("ih", "hh"):
                    matrix, bias = getattr(self, f"{part}{layer}").full()
                    found[f"gru{layer}.weight_{part}_l0"], found[f"gru{layer}.bias_{part}_l0"] = matrix, bias
        return {name: value.numpy().copy() for name, value in found.items()}
