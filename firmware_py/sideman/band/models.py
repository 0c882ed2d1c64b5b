"""What the musicians expect of their networks; an absent one is None and its musician plays by rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.changes import Changes
    from sideman.band.messages import Ask, Phrase
    from sideman.music.drum_pattern import DrumPattern, Tap
    from sideman.music.harmony import ChordSpan
    from sideman.music.notes import Note
    from sideman.music.solo_rules import Slot


@dataclass(frozen=True, slots=True)
class Reading:
    """What the chord network says of itself after a plan of ``follow``.

    Attributes:
        commit_beats: Beats that it advises to commit, 0-4.
        key_sure: How sure the key is, 0-1.
        form_bars: Bars after which what was heard comes round, 0 for none.
        surprise: Below 0 where the melody of the last two beats left the chords that stood; None where none stood.
    """

    commit_beats: int
    key_sure: float
    form_bars: int
    surprise: float | None


class Drums(Protocol):
    """Grooves."""

    def groove(self, ask: Ask, taps: Sequence[Tap], bars: int) -> DrumPattern | None:
        """A loop of some bars that plays what was tapped; None where the network cannot."""


class Melody(Protocol):
    """Answers."""

    def pitches(
        self, ask: Ask, call: Sequence[Note], slots: Sequence[Slot], chords: Sequence[ChordSpan], turn: int
    ) -> list[int]:
        """One pitch a slot of an answer; call, slots and chords are counted from the call's bar line."""


class Harmony(Protocol):
    """Chords."""

    def of_phrase(self, phrase: Phrase, ask: Ask) -> Changes:
        """The chords of a committed phrase, frame 0 its first downbeat."""

    def ahead(self, ask: Ask, heard: Sequence[Note], standing: Changes) -> Changes:
        """``follow``: the chords that stand and, after them, those to come."""

    def reading(self) -> Reading | None:
        """What it says of itself after the last answer of :meth:`ahead`; None where it had nothing to go by."""

    def alternatives(
        self, ask: Ask, heard: Sequence[Note], standing: Changes
    ) -> tuple[tuple[tuple[int, ...], Changes], ...]:
        """The changes if something is struck on the first beat of the window, where that makes another chord.

        Pitch classes that call for the same chord share their changes; asked right after :meth:`ahead` of the same ask.
        """

    def forget(self) -> None:
        """A new phrase: nothing was heard yet."""


@dataclass(frozen=True, slots=True)
class Models:
    """The networks of a band, each None where it cannot be used."""

    drums: Drums | None = None
    melody: Melody | None = None
    chords: Harmony | None = None


NO_MODELS = Models()
