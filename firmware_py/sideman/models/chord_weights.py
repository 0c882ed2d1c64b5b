"""Weights of the terms that the chord decoder adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chord_terms import PARTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DecoderWeights:
    """Weights of the score's terms, chosen by ``sideman_lab/chords/tune.py`` on validation songs only.

    Attributes:
        posterior: Log posterior of the horizon heads, per beat.
        cover: Expected share of melody inside the chord, per beat.
        cover_unsure: The same, the more the flatter the posterior is beyond ``DOUBT``; four beats ahead, no more.
        form: Agreement with the chord that stood one form period ago, times how sure the repeat is, per beat.
        four: Posterior of the chord four bars ago, per beat.
        eight: The same eight bars ago.
        filter: Log probability of the hidden Markov filter (``chord_evidence``), per beat.
        echo: What the melody known or expected there says of the chord, per beat.
        diminished: Cost of a diminished triad, per beat.
        usual: How much of each chord's usual share (its mean posterior lately) is taken off, per beat.
        usual_ahead: The same for frames four beats ahead and more; between, linear.
        against: Cost of a third that contradicts what was heard (``contradiction``), per beat.
        home: Log share of the chord in the key felt, per beat.
        home_unsure: The same, the more the flatter the posterior is beyond ``DOUBT``: near the tonic when in doubt.
        home_ahead: The same for frames four beats ahead and more; between, linear.
        cadence: What the chord counts for a cadence, per beat.
        posterior_young: As ``posterior``, the more the less was heard (``Outlook.young``).
        cover_young: As ``cover``, likewise.
        filter_young: As ``filter``, likewise.
        home_young: As ``home``, likewise.
        motion: Log probability of the chord change.
        common: Cost of a change, times how common its root motion is: songs differ in their changes.
        change: What the net's own change heads say (log odds).
        bar: Cost of changing on a bar line.
        strong: Cost of changing on another strong beat.
        beat: Cost of changing on a weak beat.
        lean: How much cheaper the strong beats inside a bar are, times how much the harmony leans to them (``Pace``).
        unsure: Cost of changing, times how flat the posterior is.
        parallel: Cost of a change that keeps the root and takes another third or fifth, as from F to Fm.
        early: How much cheaper a change is, times how little was heard: the first chords are guesses.
        keep: Agreement with the plan announced before, per beat.
        again: Agreement with what was played one period ago, times how sure that period is, per beat.
        rate: Cost of changing for every share by which changes came too often so far.
        weak: Cost of a weak-beat change for every share by which those came too often so far.
        familiar: Log share of the chord in what was played, for every nat too much of variety so far, per beat.
        progress: Share of the times that the chord which followed most often in this jam did so: for that chord.
        palette: Variety wanted, as a multiple of what is usual.
        rhythm: Changes wanted, as a multiple of what is usual.
        first: As ``cover``, for a plan that nothing stands before: the first chord should suit whatever comes.
        heard: What pitches struck in the very next frame say of the chord (``ChordStream.plan``).
    """

    posterior: float = 1.1
    cover: float = 1.73
    cover_unsure: float = 0.77
    form: float = 7.27
    four: float = 3.16
    eight: float = 3.7
    filter: float = 0.08
    echo: float = 4.28
    diminished: float = 0.4
    usual: float = 0.76
    usual_ahead: float = 1.05
    against: float = 0.41
    home: float = -0.42
    home_unsure: float = 0.45
    home_ahead: float = -0.1
    cadence: float = 9.5
    posterior_young: float = 0.38
    cover_young: float = 0.95
    filter_young: float = -0.3
    home_young: float = -0.38
    motion: float = 0.0
    common: float = 0.46
    change: float = 0.01
    bar: float = -1.04
    strong: float = -0.92
    beat: float = 4.89
    lean: float = 6.65
    unsure: float = 0.16
    parallel: float = 0.4
    early: float = 1.42
    keep: float = 0.58
    again: float = 1.42
    rate: float = 4.37
    weak: float = 19.19
    familiar: float = 0.54
    progress: float = 0.29
    palette: float = 1.04
    rhythm: float = 1.03
    first: float = 9.14
    heard: float = 5.0

    def of_parts(self) -> Floats:
        """The weights of ``Outlook.parts``, in their order."""
        return np.array([getattr(self, name) for name in PARTS], np.float32) / 4


STREAM = DecoderWeights()
"""For plans ahead of the player."""
