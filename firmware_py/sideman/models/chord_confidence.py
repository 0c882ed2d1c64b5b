"""How sure a chord of the plan is: what the decoder knows, mapped to how often that turned out right.

The map is logistic in a few signs; its constants are fitted on the validation songs by
``python -m sideman_lab.chords.confidence DATA``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sideman.models.chord_terms import Outlook

WEIGHTS = (0.0, 1.0, 0.0, 0.0, 0.0)
"""Constant, and what each sign counts: posterior, filter, key, horizon."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a chord.

    Attributes:
        posterior: Mean log probability by the net.
        filter: Mean log probability by the hidden Markov filter.
        home: Its log share in the key felt.
        ahead: How far ahead it is, 0 to 1.
    """

    posterior: float
    filter: float
    home: float
    ahead: float

    @staticmethod
    def of(outlook: Outlook, start: int, end: int, chord: int) -> Signs:
        """The signs of a chord over the frames ``start … end``."""
        rows = slice(start - outlook.first, end - outlook.first)
        return Signs(
            float(outlook.log_posterior[rows, chord].mean()),
            float(outlook.filtered[rows, chord].mean()),
            float(outlook.home[chord]),
            float(outlook.ahead[rows].mean()),
        )


def confidence(signs: Signs) -> float:
    """Probability that the chord is the one a person would have written, 0-1."""
    base, posterior, other, home, ahead = WEIGHTS
    score = base + posterior * signs.posterior + other * signs.filter + home * signs.home + ahead * signs.ahead
    return float(1 / (1 + np.exp(-score)))
