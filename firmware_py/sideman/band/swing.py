"""The band's swing: one ratio for all parts, the player's or else the style's, and every part laid out by it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sideman.music.drumkit import OUT_PITCH, Voice
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.swing import EVEN, SWUNG, TERNARY, has_eighths, measured, of_style, straight, swung

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.band.messages import Ask, PartNote, Phrase
    from sideman.music.notes import Note

BLOCK_BARS = 2
"""While following, the ratio may change every so many bars: with the drummer's loop, never inside it."""
_REACHES = 4, 8, 16
"""Bars that are listened to: the first reach with enough off-beats decides."""
_HALF = FRAME_TICKS // 2
_PLACE = TICKS_PER_QUARTER // 2
_HUMAN = FRAME_TICKS // 10
"""A stroke that was written as a swung 16th is that near to the off-beat eighth."""
_LIMBS = {
    **{OUT_PITCH[v]: "time" for v in (Voice.CLOSED_HAT, Voice.OPEN_HAT, Voice.RIDE, Voice.CRASH)},
    OUT_PITCH[Voice.KICK]: "foot",
}


@dataclass(frozen=True, slots=True)
class Swing:
    """The ratio of each bar of a window.

    Attributes:
        zero: Tick of a bar line of the jam.
        block: Ticks for which a ratio stands, 0 for ever.
        ratios: Number of the block and ratio, in order; before and after them the nearest.
        ternary: Whether the style is felt in three whatever its ratio.
    """

    zero: int = 0
    block: int = 0
    ratios: tuple[tuple[int, float], ...] = ((0, EVEN),)
    ternary: bool = False

    def at(self, tick: int) -> float:
        """The ratio at a tick of the jam; what is early on a block's first beat belongs to it."""
        first = self.ratios[0][0]
        number = (tick - self.zero + _HALF) // self.block if self.block else first
        return self.ratios[min(len(self.ratios) - 1, max(0, number - first))][1]

    def sounding(self, tick: int) -> int:
        """Where a straight tick sounds; what belongs before a beat's border between plans stays there."""
        at = self.zero + swung(tick - self.zero, self.at(tick))
        border = tick - (tick - self.zero) % TICKS_PER_QUARTER + TICKS_PER_QUARTER - _HALF
        return min(at, border - 1) if tick < border else at

    def laid_out(self, notes: Iterable[PartNote]) -> list[PartNote]:
        """All parts as they sound."""
        every = list(notes)
        if all(ratio == EVEN for _, ratio in self.ratios) and not self.ternary:
            return every
        out = []
        for note in self._in_three(every):
            tick = self.sounding(note.tick)
            out.append(replace(note, tick=tick, duration=max(1, self.sounding(note.tick + note.duration) - tick)))
        return out

    def _in_three(self, notes: list[PartNote]) -> list[PartNote]:
        """What the band wrote on the last 16th of a beat, where the beat is felt in three: the off-beat eighth.

        The drum network, which learnt on a grid of 16ths, and rows of 16ths write it there. A hand that already
        strikes the eighth leaves it out. The soloist keeps the player's own rhythm.
        """
        eighths = {(_limb(n), self._beat(n)) for n in notes if self._frame(n) == 2}
        out = []
        for note in notes:
            ternary = note.part != "solo" and (self.ternary or self.at(note.tick) >= TERNARY)
            frame = self._frame(note) if ternary else 0
            doubled = frame == 3 and (_limb(note), self._beat(note)) in eighths
            if frame < 2 or (doubled and note.part != "drums"):
                out.append(note)
            elif not doubled:
                out.append(self._on_eighth(note))
        return out

    def _on_eighth(self, note: PartNote) -> PartNote:
        """A note on the off-beat eighth of its beat, its hand's lateness kept within what is human."""
        start = self.zero + self._beat(note) * TICKS_PER_QUARTER
        late = note.tick - start - self._frame(note) * FRAME_TICKS
        return replace(note, tick=start + _PLACE + min(_HUMAN, max(-_HUMAN, late)))

    def _beat(self, note: PartNote) -> int:
        return (note.tick - self.zero + _HALF) // TICKS_PER_QUARTER

    def _frame(self, note: PartNote) -> int:
        return (note.tick - self.zero + _HALF) % TICKS_PER_QUARTER // FRAME_TICKS

    def straightened(self, notes: Sequence[Note], moved: int = 0) -> tuple[Note, ...]:
        """What a player played as it is written.

        Args:
            notes: Their ticks on the jam's timeline once ``moved`` is added.
            moved: Ticks from the jam's zero to that of the notes.
        """
        if all(ratio == EVEN for _, ratio in self.ratios):
            return tuple(notes)

        def read(tick: int) -> int:
            return straight(tick + moved - self.zero, self.at(tick + moved)) + self.zero - moved

        return tuple(
            replace(n, tick=(tick := read(n.tick)), duration=max(1, read(n.tick + n.duration) - tick)) for n in notes
        )


def _limb(note: PartNote) -> tuple[str, str]:
    """What strikes a note: a part, or a foot or hand of the drummer."""
    return note.part, _LIMBS.get(note.pitch, "hands") if note.part == "drums" else ""


def of_phrase(ask: Ask, phrase: Phrase) -> Swing:
    """The swing over a committed phrase: one ratio."""
    ratio = measured((n.tick for n in (*phrase.notes, *phrase.taps)), phrase.meter)
    return _swing(ask, ((0, ratio if ratio is not None else of_style(ask.knobs.style, ask.bpm)),), 0)


def of_heard(ask: Ask, struck: Sequence[int]) -> Swing:
    """The swing while following: what was played before each block of bars, up to a bar that is surely known.

    Args:
        ask: The request.
        struck: Ticks of all onsets heard, in order.

    The same bars have the same ratio in every plan: it is read from what was heard before any of them is committed.
    """
    bar, zero = ask.meter.bar_ticks, ask.origin * FRAME_TICKS
    block = BLOCK_BARS * bar
    first = (ask.start * FRAME_TICKS - zero) // block - 1
    last = (ask.end * FRAME_TICKS - zero) // block
    ratios = tuple((n, _ratio_before(ask, struck, zero + n * block)) for n in range(first, max(first, last) + 1))
    return _swing(ask, ratios, block)


def _ratio_before(ask: Ask, struck: Sequence[int], line: int) -> float:
    """The ratio of what was played lately before a bar line, the newest bar left out where more is known."""
    bar, zero = ask.meter.bar_ticks, ask.origin * FRAME_TICKS
    for until in (line - bar, line + BLOCK_BARS * bar):  # at the entry all that was heard so far
        for bars in _REACHES:
            low, high = bisect_left(struck, until - bars * bar), bisect_left(struck, until)
            found = measured((tick - zero for tick in struck[low:high]), ask.meter)
            if found is not None:
                return found
    return of_style(ask.knobs.style, ask.bpm)


def _swing(ask: Ask, ratios: tuple[tuple[int, float], ...], block: int) -> Swing:
    zero = ask.origin * FRAME_TICKS
    if not has_eighths(ask.meter):
        return Swing(zero)
    return Swing(zero, block, ratios, ask.knobs.style in SWUNG)
