"""The small net that rates a reading of a phrase: one hidden layer, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import tanh
from operator import mul


@dataclass(frozen=True, slots=True)
class Net:
    """Weights.

    Attributes:
        hidden: For each hidden unit, one weight a feature.
        bias: One for each hidden unit.
        out: One for each hidden unit.
    """

    hidden: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    out: tuple[float, ...]

    def rate(self, row: Sequence[float]) -> float:
        """How likely a reading with these features is, on the scale of a logit."""
        return sum(
            o * tanh(b + sum(map(mul, w, row))) for w, b, o in zip(self.hidden, self.bias, self.out, strict=True)
        )
