"""A wider net that says the same: ``python -m sideman_lab.chords.widen NARROW.pt OUT.pt [SEED]``, to train on from.

Units are copied whole, and what went out from one goes out from it and its copies in shares that differ from weight to
weight, so that they learn apart (Chen, Goodfellow and Shlens 2016, "Net2Net"). Channels of twelve pitch classes are
copied as channels: the wider net is tied as the narrow one is.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from sideman_lab.chords.net import DENSE, NARROW, STATE, ChordNet
from sideman_lab.chords.recover import untied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.net import Size, Tied

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

STIR = 0.02
"""Standard deviation of the noise put on every weight, over that of its matrix."""
SHARES = (0.5, 1.5)
"""What a unit and its copies give of an outgoing weight, before it is scaled to sum to the whole."""


@dataclass(frozen=True)
class Copies:
    """Where the units of a wider layer come from.

    Attributes:
        units: Narrow unit of each wide unit.
        channels: Narrow channel (single units after those of twelve) of each wide channel.
        channel_of: Wide channel of each wide unit.
    """

    units: Ints
    channels: Ints
    channel_of: Ints


def copies(narrow: Size, wide: Size, rng: np.random.Generator) -> Copies:
    """All narrow channels, then copies of some drawn by lot; single units likewise."""
    twelve, single = (
        np.concatenate([np.arange(few), rng.choice(few, many - few, replace=many > 2 * few)])
        for few, many in zip(narrow, wide, strict=True)
    )
    units = (12 * twelve[:, None] + np.arange(12)).ravel()
    return Copies(
        units=np.concatenate([units, 12 * narrow[0] + single]),
        channels=np.concatenate([twelve, narrow[0] + single]),
        channel_of=np.concatenate([np.repeat(np.arange(wide[0]), 12), wide[0] + np.arange(wide[1])]),
    )


def widened(net: ChordNet, sizes: tuple[Size, Size], wide: ChordNet, wide_sizes: tuple[Size, Size], seed: int) -> None:
    """Write the weights of a net into a wider one, so that it says the same but for ``STIR``.

    Args:
        net: The narrow net.
        sizes: Of its dense layer and of its GRUs.
        wide: Its weights are overwritten.
        wide_sizes: The same of the wide one.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    dense, first, second = (copies(sizes[layer], wide_sizes[layer], rng) for layer in (0, 1, 1))
    for name, out, into in (
        ("dense", dense, None),
        ("ih1", first, dense),
        ("hh1", first, first),
        ("ih2", second, first),
        ("hh2", second, second),
        ("chord", None, second),
        ("change", None, second),
        ("histogram", None, second),
    ):
        old, new = getattr(net, name), getattr(wide, name)
        matrix, bias = (part.detach().numpy() for part in old.full())
        rows = np.arange(len(bias))
        if out is not None:
            gates = len(bias) // (int(out.units.max()) + 1)
            rows = np.concatenate([gate * (len(bias) // gates) + out.units for gate in range(gates)])
        _put(new, matrix[rows], bias[rows], into, rng)


def _put(new: Tied, matrix: Floats, bias: Floats, into: Copies | None, rng: np.random.Generator) -> None:
    channels = new.channel.numpy()
    if into is not None:
        shares = _shares(into.channels, int(channels.max()) + 1, rng)
        matrix = matrix[:, into.units] * shares[channels][:, into.channel_of]
    weight = untied(matrix.astype(np.float32), new.index.numpy())
    weight = weight + rng.normal(0, STIR * weight.std(), weight.shape).astype(np.float32)
    with torch.no_grad():
        new.weight.copy_(torch.from_numpy(weight))
        new.bias.copy_(torch.from_numpy(untied(bias, channels)))


def _shares(channels: Ints, outs: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Share of each wide channel in what its narrow one gave, for each channel it goes to."""
    drawn = rng.uniform(*SHARES, (outs, len(channels)))
    whole = np.stack([np.bincount(channels, row) for row in drawn])
    return drawn / whole[:, channels]


def main(arguments: Sequence[str]) -> None:
    """Widen the best weights of a checkpoint."""
    kept = torch.load(arguments[0], weights_only=True)
    net, wide = ChordNet(*NARROW), ChordNet()
    net.load_state_dict(kept["best"])
    widened(net, NARROW, wide, (DENSE, STATE), int(arguments[2]) if len(arguments) > 2 else 5)
    torch.save({**kept, "best": wide.state_dict()}, arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
