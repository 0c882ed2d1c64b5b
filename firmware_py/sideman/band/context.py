"""What every musician knows when it plays: the ask, what the player played, the changes, the bars to fill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from sideman.band.changes import Changes
from sideman.band.harmony import form_of
from sideman.band.swing import Swing, of_heard, of_phrase
from sideman.band.tune import REACH_BARS, period
from sideman.music import dynamics
from sideman.music.meter import FRAME_TICKS
from sideman.music.notes import line
from sideman.music.solo_rules import in_register, on_grid
from sideman.music.voicing import window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sideman.band.messages import Ask, PartNote, Phrase
    from sideman.band.models import Models
    from sideman.music.notes import Note


FREE_BARS = 8
"""Bars that count as a chorus while there is no form."""
_CHORUS = 4
"""Shorter forms count as one chorus together until so many bars have passed."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar to fill.

    Attributes:
        index: Counted from the form's beat one, negative before it.
        start: Its first frame on the jam's timeline.
        frames: Its length.
        turn: How many times the form has come round before it; without a form, how many eight bars have passed.
        of_form: Its number in the form from 0 (``index`` without a form).
        last: Whether it is the last bar of the form.
    """

    index: int
    start: int
    frames: int
    turn: int
    of_form: int
    last: bool

    @property
    def end(self) -> int:
        """First frame after it."""
        return self.start + self.frames


def onsets(notes: Iterable[Note], low: int, high: int) -> float:
    """Onsets a quarter from one tick to another; what starts within a 32nd counts once."""
    return 4 * len({n.tick // (FRAME_TICKS // 2) for n in notes if low <= n.tick < high}) * FRAME_TICKS / (high - low)


@dataclass(frozen=True)
class Context:
    """Everything a musician may look at.

    Attributes:
        ask: The request.
        phrase: The committed phrase (``trade``).
        heard: Notes heard so far on the jam's timeline (``follow``).
        changes: Chords of the past, the form and the window, as the player hears them (not transposed).
        drums: The drummer's notes over the bars of the window; the bassist locks to them.
        models: Networks at hand; all missing in the conductor's own process.
        tapped: What was struck on drum pads so far (``follow``).
        swing: How what is written straight will sound; the player's notes are here as they are written.
    """

    ask: Ask
    phrase: Phrase | None
    heard: tuple[Note, ...]
    changes: Changes
    models: Models
    drums: tuple[PartNote, ...] = ()
    tapped: tuple[Note, ...] = ()
    swing: Swing = Swing()  # noqa: RUF009 - a frozen value

    @property
    def form(self) -> int:
        """Frames of the form, 0 while following."""
        return form_of(self.ask)

    @cached_property
    def played(self) -> tuple[Note, ...]:
        """What the player played: the phrase, or what was heard lately (eight bars of it)."""
        if self.phrase is not None:
            return self.phrase.notes
        since = (self.ask.heard_until * FRAME_TICKS) - 8 * self.ask.meter.bar_ticks
        return tuple(note for note in self.heard if note.tick >= since)

    @cached_property
    def struck(self) -> tuple[Note, ...]:
        """All onsets of the player, those of drum pads included: the rhythm."""
        return tuple(sorted((*self.played, *(self.phrase.taps if self.phrase is not None else self.tapped))))

    @cached_property
    def call(self) -> list[Note]:
        """The player's top line from the bar line of its first note on; a pickup is not part of it.

        A first note that is a little early is struck on its bar line.
        """
        notes = line(note for note in self.played if on_grid(note.tick) >= 0)
        if self.phrase is None and notes:
            bar, origin = self.ask.meter.bar_ticks, self.ask.origin * FRAME_TICKS
            base = origin + (on_grid(notes[0].tick) - origin) // bar * bar
            notes = [note.moved(-base) for note in notes]
        return [note if note.tick >= 0 else replace(note, tick=0) for note in notes]

    @cached_property
    def tune(self) -> tuple[Note, ...]:
        """The top line: of the phrase on its own ticks, of what was heard lately on the jam's."""
        if self.phrase is not None:
            return tuple(line(self.phrase.notes))
        since = (self.ask.heard_until - REACH_BARS * self.ask.meter.bar_frames) * FRAME_TICKS
        return tuple(line(note for note in self.heard if note.tick >= since))

    @cached_property
    def comes_round(self) -> int:
        """Frames after which the line that is followed comes round, 0 where it does not."""
        return 0 if self.phrase is not None else period(self.tune, self.ask.heard_until, self.ask.meter)

    @cached_property
    def hand(self) -> tuple[int, int]:
        """Window of the comping hand (MIDI pitches), off the register of the player and of who answers him.

        While following it moves every fourth bar at most: a hand that makes way for each new note never rests.
        """
        if self.phrase is not None:
            # Where a soloist answers, the hand lies under or over the answer: a line on top is what is heard as one.
            answered = in_register(self.call) if "solo" in self.ask.lineup else []
            return window([note.pitch for note in answered or self.played])
        block = 4 * self.ask.meter.bar_frames
        settled = self.ask.origin + (self.ask.heard_until - self.ask.origin) // block * block
        low, high = (settled - 2 * block) * FRAME_TICKS, settled * FRAME_TICKS
        known = [note.pitch for note in self.heard if low <= note.tick < high]
        return window(known or [note.pitch for note in self.heard])

    def changed(self, frame: int) -> bool:
        """Whether another chord begins at a frame: than at the frame before, or than the last that was committed.

        With no commitment the frame in progress is known by hindsight only; what sounded there is what stood.
        """
        changes, ask = self.changes, self.ask
        now, before = changes.at(frame), changes.at(frame - 1)
        if frame == ask.start and ask.mode == "follow" and not ask.held:
            stood = [span.chord for span in ask.chords if span.onset < frame]
            before = stood[-1] if stood else None
        return now is not None and now != before

    def held_at(self, frame: int) -> tuple[int, ...]:
        """Pitches that the player may still be holding at a frame to come, lowest first.

        Those are the notes that sound at the last frame heard; for a bar they are believed to sound on.
        """
        if self.phrase is not None or not self.heard:
            return ()
        until = self.ask.heard_until
        if not until <= frame <= until + self.ask.meter.bar_frames:
            return ()
        tick = until * FRAME_TICKS
        return tuple(sorted({n.pitch for n in self._latest if n.tick <= tick <= n.end + FRAME_TICKS // 2}))

    @cached_property
    def _latest(self) -> tuple[Note, ...]:
        low = (self.ask.heard_until - 2 * self.ask.meter.bar_frames) * FRAME_TICKS
        return tuple(n for n in self.heard if n.end >= low)

    @cached_property
    def loudness(self) -> float:
        """The player's mean velocity; while nothing was played lately, the usual one."""
        return dynamics.mean_of([note.velocity for note in self.struck])

    @cached_property
    def level(self) -> int:
        """How loud the band plays for that."""
        return round(dynamics.level(self.loudness))

    @cached_property
    def busy(self) -> float:
        """Onsets a quarter of the player (chords count once); while following, those of the last two whole bars."""
        if self.phrase is None:
            bar, origin = self.ask.meter.bar_ticks, self.ask.origin * FRAME_TICKS
            until = origin + (self.ask.heard_until * FRAME_TICKS - origin) // bar * bar
            return onsets((*self.heard, *self.tapped), until - 2 * bar, until)
        ticks = {note.tick // (FRAME_TICKS // 2) for note in self.struck}
        if not ticks:
            return 0.0
        return len(ticks) / max(1.0, (max(ticks) - min(ticks) + 2) / 8)

    def bars(self, before: int = 0, after: int = 0) -> Iterator[Bar]:
        """The bars that the window touches, and some more on either side."""
        size = self.ask.meter.bar_frames
        first = (self.ask.start - self.ask.origin) // size - before
        last = (self.ask.end - 1 - self.ask.origin) // size + after
        for index in range(first, last + 1):
            yield self.bar(index)

    def bar(self, index: int) -> Bar:
        """One bar by its number from the form's beat one."""
        size = self.ask.meter.bar_frames
        form = self.form // size
        turn, of_form = divmod(index, form) if form else (index // FREE_BARS, index)
        return Bar(index, self.ask.origin + index * size, size, turn, of_form, bool(form) and of_form == form - 1)

    def groups(self) -> list[tuple[int, int]]:
        """First frame and length of each group of the bar, in frames from the bar line."""
        starts = [tick // FRAME_TICKS for tick in self.ask.meter.groups]
        ends = [*starts[1:], self.ask.meter.bar_frames]
        return [(start, end - start) for start, end in zip(starts, ends, strict=True) if end > start]

    def rng(self, *parts: int | str) -> Random:
        """A generator seeded by the ask's seed, the player's NEWs and ``parts``: an undone phrase sounds as before."""
        return Random("/".join(map(str, (self.ask.seed, self.ask.variation, *parts))))

    def chorus(self, bar: Bar) -> int:
        """The chorus that a bar is in: its turn, short forms taken together; the first one too for what is before."""
        form = self.form // bar.frames
        return max(0, bar.turn // -(-_CHORUS // form) if form else bar.turn)

    def place(self, bar: Bar) -> int:
        """Number of a bar in its form, or in its eight bars."""
        return bar.of_form if self.form else bar.index % FREE_BARS

    def take(self, what: str, bar: Bar, bars: int = 1) -> int:
        """What a musician's choice is seeded by beside its place in the form: 0 as in the first chorus, else anew.

        It follows from the bar alone, so whoever plans a bar again plays it again.

        Args:
            what: The choice.
            bar: The bar.
            bars: How many bars of the form the choice is made for.
        """
        chorus = self.chorus(bar)
        if chorus == 0:
            return 0
        rng = self.rng("take", what, self.place(bar) // bars, chorus)
        return rng.randrange(1, 1 << 16) if rng.random() < self.ask.knobs.variety else 0

    def tick(self, frame: int, offset: float = 0.0) -> int:
        """Tick of a frame, written straight.

        Args:
            frame: On the jam's timeline.
            offset: Microtiming in 16ths, late positive.
        """
        return frame * FRAME_TICKS + round(min(0.49, max(-0.5, offset)) * FRAME_TICKS)

    def weight(self, frame: int) -> int:
        """Metrical weight of a frame counted from the form's beat one (4 downbeat to 0)."""
        return self.ask.meter.weight((frame - self.ask.origin) * FRAME_TICKS)

    @classmethod
    def straight(
        cls,
        ask: Ask,
        phrase: Phrase | None,
        heard: tuple[Note, ...],
        changes: Changes,
        models: Models,
        tapped: tuple[Note, ...] = (),
    ) -> Context:
        """What was played, read as it is written in the swing it was played in: musicians think in straight 16ths."""
        if phrase is not None:
            swing, moved = of_phrase(ask, phrase), ask.origin * FRAME_TICKS
            notes, taps = swing.straightened(phrase.notes, moved), swing.straightened(phrase.taps, moved)
            phrase = replace(phrase, notes=notes, taps=taps)
        else:
            swing = of_heard(ask, sorted(note.tick for note in (*heard, *tapped)))
        return cls(ask, phrase, swing.straightened(heard), changes, models, (), swing.straightened(tapped), swing)

    def with_drums(self, drums: Sequence[PartNote]) -> Context:
        """The same context, the drummer's notes known."""
        return replace(self, drums=tuple(drums))
