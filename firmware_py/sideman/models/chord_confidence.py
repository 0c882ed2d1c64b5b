"""How sure a chord of the plan is: what the decoder knows, mapped to how often that turned out right.

The map is logistic in a few signs; its constants are fitted on the validation songs by
``python -m sideman_lab.chords.calibrate DATA``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sideman.models.chord_terms import Outlook

WEIGHTS = (1.387, 1.067, 0.497, -0.148, 0.181, 0.14, 0.063)
"""Constant, and what each of the signs counts."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a chord.

    Attributes:
        posterior: Mean log probability by the net.
        filter: Mean log probability by the hidden Markov filter.
        home: Its log share in the key felt.
        ahead: How far ahead it is, 0 to 1.
        belief: How sure the form is.
        clear: Entropy of the chords heard in the melody so far.
    """

    posterior: float
    filter: float
    home: float
    ahead: float
    belief: float
    clear: float

    def values(self) -> tuple[float, ...]:
        """The signs in the order of ``WEIGHTS``."""
        return self.posterior, self.filter, self.home, self.ahead, self.belief, self.clear

    @staticmethod
    def of(outlook: Outlook, start: int, end: int, chord: int) -> Signs:
        """The signs of a chord over the frames ``start … end``."""
        rows = slice(start - outlook.first, end - outlook.first)
        return Signs(
            float(outlook.log_posterior[rows, chord].mean()),
            float(outlook.filtered[rows, chord].mean()),
            float(outlook.home[chord]),
            float(outlook.ahead[rows].mean()),
            outlook.belief,
            outlook.palette,
        )


def confidence(signs: Signs) -> float:
    """Probability that the chord is the one a person would have written, 0-1."""
    score = WEIGHTS[0] + sum(weight * sign for weight, sign in zip(WEIGHTS[1:], signs.values(), strict=True))
    return float(1 / (1 + np.exp(-score)))
