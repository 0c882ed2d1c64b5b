"""The plan book: what the band will play, part of it committed, the rest tentative."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import replace
from operator import attrgetter

from sideman.band.messages import PartNote, Plan
from sideman.music.dynamics import Envelope, Steps, at, spliced
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS

EARLY_TICKS = FRAME_TICKS // 2
"""Microtiming may pull a note up to half a frame before its grid place; borders between plans lie there."""

_tick = attrgetter("tick")


def _order(note: PartNote) -> tuple[int, str, int, int]:
    return (note.tick, note.part, note.pitch, note.velocity)


def border(frame: int) -> int:
    """Tick at which a plan for ``frame`` and later begins."""
    return frame * FRAME_TICKS - EARLY_TICKS


class PlanBook:
    """Chords in absolute frames and notes in ticks; what lies before ``committed`` (a frame) never changes."""

    def __init__(self) -> None:
        self.chords: tuple[ChordSpan, ...] = ()
        self.notes: list[PartNote] = []
        self.committed = 0
        self.filled = 0
        self.loudness: dict[str, Steps] = {}
        """How loud the player was for whom each part's notes were made, from frame to frame."""
        self.envelope = Envelope()
        """How loud he is over them."""

    def copy(self) -> PlanBook:
        """An independent copy, to take a press back with."""
        other = PlanBook()
        other.chords, other.notes = self.chords, list(self.notes)
        other.committed, other.filled = self.committed, self.filled
        other.loudness, other.envelope = dict(self.loudness), self.envelope
        return other

    def clear(self, frame: int) -> None:
        """Forget everything; planning starts at a frame."""
        self.chords = ()
        self.notes = []
        self.committed = self.filled = frame
        self.loudness = {}
        self.envelope = Envelope()

    def merge(self, plan: Plan) -> bool:
        """Take a plan in: what it says beyond the committed part replaces what stood there.

        Returns:
            Whether any of it was still in time.
        """
        start = max(plan.start, self.committed)
        if start >= plan.end:
            return False
        lo, hi = border(start), border(plan.end)
        new = sorted([n for n in plan.notes if lo <= n.tick < hi], key=_order)
        first = bisect_left(self.notes, lo, key=_tick)
        self.notes[first : bisect_left(self.notes, hi, first, key=_tick)] = new
        self.chords = splice(self.chords, plan.chords, start, plan.end)
        for part in {part for part, _, _ in plan.loudness}:
            told = tuple((frame, loud) for name, frame, loud in plan.loudness if name == part)
            self.loudness[part] = spliced(self.loudness.get(part, ()), told, start, plan.end)
        self.filled = max(self.filled, plan.end) if plan.start <= self.filled else plan.end
        return True

    def commit(self, frame: int) -> None:
        """Nothing before a frame changes any more."""
        self.committed = max(self.committed, min(frame, self.filled))

    def release(self, frame: int) -> int:
        """What is committed from a frame on may change again (a surprise break); returns how many notes that frees."""
        low, high = border(frame), border(self.committed)
        self.committed = min(self.committed, frame)
        return sum(low <= n.tick < high for n in self.notes)

    def exchange(
        self, chords: tuple[ChordSpan, ...], notes: tuple[PartNote, ...], start: int, end: int, parts: tuple[str, ...]
    ) -> None:
        """Other chords from ``start`` to ``end`` (frames), and what some parts play over them (just-in-time commit)."""
        lo, hi = border(start), border(end)
        kept = [n for n in self.notes if n.part not in parts or not lo <= n.tick < hi]
        kept.extend(n for n in notes if n.part in parts and lo <= n.tick < hi)
        kept.sort(key=_order)
        self.notes = kept
        self.chords = splice(self.chords, chords, start, end)

    def take_parts(self, parts: tuple[str, ...], start: int, before: int) -> list[PartNote]:
        """Remove and return the notes of some parts from a tick on and before another, in order."""
        taken = [n for n in self.notes if n.part in parts and start <= n.tick < before]
        self.notes = [n for n in self.notes if n.part not in parts or not start <= n.tick < before]
        return taken

    def drop_after(self, frame: int) -> int:
        """Cut everything from a frame on (stop, undo, a new phrase); returns how many notes went."""
        before = len(self.notes)
        cut = border(frame)
        self.notes = [n for n in self.notes if n.tick < cut]
        self.chords = splice(self.chords, (), frame, 1 << 60)
        self.filled = min(self.filled, frame)
        self.committed = min(self.committed, frame)
        return before - len(self.notes)

    def take(self, before: int) -> list[PartNote]:
        """Remove and return the notes due before a tick, in order."""
        i = bisect_left(self.notes, before, key=_tick)
        due, self.notes = self.notes[:i], self.notes[i:]
        return due

    def add(self, note: PartNote) -> None:
        """Put one note in its place."""
        insort(self.notes, note, key=_order)

    def made_for(self, part: str, tick: int) -> float | None:
        """Mean velocity of the player for whom a part's note at a tick was made; None where nobody said."""
        return at(self.loudness.get(part, ()), (tick + EARLY_TICKS) // FRAME_TICKS)

    def chord_at(self, frame: int) -> ChordSpan | None:
        """The chord sounding in a frame."""
        for span in reversed(self.chords):
            if span.onset <= frame < span.onset + span.frames:
                return span
        return None

    def forget_before(self, frame: int) -> None:
        """Drop chords, and how loud the player was, that are long over."""
        for part, steps in self.loudness.items():
            if len(steps) > 1 and steps[1][0] < frame:
                self.loudness[part] = tuple(
                    s for i, s in enumerate(steps) if i == len(steps) - 1 or steps[i + 1][0] >= frame
                )
        if self.chords and self.chords[0].onset + self.chords[0].frames < frame:
            self.chords = tuple(c for c in self.chords if c.onset + c.frames >= frame)


def moved(plan: Plan, frames: int) -> Plan:
    """A plan some frames later."""
    if not frames:
        return plan
    ticks = frames * FRAME_TICKS
    return replace(
        plan,
        start=plan.start + frames,
        end=plan.end + frames,
        chords=tuple(_span(c, c.onset + frames, c.frames) for c in plan.chords),
        loudness=tuple((part, frame + frames, loud) for part, frame, loud in plan.loudness),
        notes=tuple(PartNote(n.part, n.tick + ticks, n.duration, n.pitch, n.velocity) for n in plan.notes),
    )


def _span(span: ChordSpan, onset: int, frames: int) -> ChordSpan:
    """The same chord elsewhere: as ``replace`` without its detours, on the conductor's thread."""
    return ChordSpan(onset, frames, span.chord, span.confidence)


def splice(old: tuple[ChordSpan, ...], new: tuple[ChordSpan, ...], start: int, end: int) -> tuple[ChordSpan, ...]:
    """Old chords outside ``start`` to ``end`` (frames), new ones inside; spans are cut at the borders."""
    result = []
    for span in old:
        stop = span.onset + span.frames
        if span.onset < start:
            result.append(_span(span, span.onset, min(stop, start) - span.onset))
        if stop > end:
            onset = max(span.onset, end)
            result.append(_span(span, onset, stop - onset))
    for span in new:
        onset, stop = max(span.onset, start), min(span.onset + span.frames, end)
        if stop > onset:
            result.append(_span(span, onset, stop - onset))
    result.sort(key=lambda s: s.onset)
    return join_equal(tuple(result))


def join_equal(spans: tuple[ChordSpan, ...]) -> tuple[ChordSpan, ...]:
    """Neighbours with the same chord become one span, unless a cut between them is a real change."""
    joined: list[ChordSpan] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and last.chord == span.chord and last.onset + last.frames == span.onset:
            joined[-1] = _span(last, last.onset, last.frames + span.frames)
        else:
            joined.append(span)
    return tuple(joined)


def repeated(form: tuple[ChordSpan, ...], origin: int, length: int, start: int, end: int) -> tuple[ChordSpan, ...]:
    """A form's chords, laid end to end from ``origin``, as far as they touch ``start`` to ``end`` (frames).

    Args:
        form: Spans counted from the form's beat one.
        origin: Frame of any beat one of the form.
        length: Frames of the form.
        start: First frame wanted.
        end: Frame after the last wanted.
    """
    if length <= 0 or not form:
        return ()
    spans: list[ChordSpan] = []
    cycle = (start - origin) // length
    while (base := origin + cycle * length) < end:
        spans.extend(_span(s, s.onset + base, s.frames) for s in form if s.onset + base < end)
        cycle += 1
    return splice((), tuple(spans), start, end)
