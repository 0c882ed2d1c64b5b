"""The changes: which chord stands at which frame, over a form that comes round or a line that goes on."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from sideman.music.harmony import ChordSpan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sideman.music.chords import Chord


@dataclass(frozen=True)
class Changes:
    """Chords on the jam's timeline.

    Attributes:
        spans: Sorted by onset, none overlapping (see :func:`laid_out`).
        origin: Frame of the form's beat one.
        form: Length of the form in frames, 0 while the chords do not come round.
        key: ``"A min"`` or empty.
        confidence: 0-1, how sure the chords are on the whole.
    """

    spans: tuple[ChordSpan, ...] = ()
    origin: int = 0
    form: int = 0
    key: str = ""
    confidence: float = 0.0

    @cached_property
    def _known(self) -> dict[int, int | None]:
        """Answers of :meth:`index`: the same frames are asked for by everybody who plays."""
        return {}

    @cached_property
    def _onsets(self) -> list[int]:
        return [span.onset for span in self.spans]

    def index(self, frame: int) -> int | None:
        """Place in ``spans`` of the chord at a frame: the one that stands there, else the form's, else the last."""
        known = self._known
        if frame not in known:
            known[frame] = self._found(frame)
        return known[frame]

    def _found(self, frame: int) -> int | None:
        if not self.spans:
            return None
        found = self._direct(frame)
        if found is None and self.form:
            found = self._direct(self.origin + (frame - self.origin) % self.form)
        if found is None:
            found = max(bisect_right(self._onsets, frame) - 1, 0)
        return found

    def at(self, frame: int) -> Chord | None:
        """The chord at a frame, None when nothing is known."""
        index = self.index(frame)
        return None if index is None else self.spans[index].chord

    def standing(self, frame: int) -> Chord | None:
        """The chord that stands at this very frame, None where none does."""
        index = self._direct(frame)
        return None if index is None else self.spans[index].chord

    def covers(self, start: int, end: int) -> bool:
        """Whether every frame of a window has a chord of its own or of the form's."""
        return all(
            self._direct(frame) is not None
            or (self.form > 0 and self._direct(self.origin + (frame - self.origin) % self.form) is not None)
            for frame in range(start, end)
        )

    def within(self, start: int, end: int) -> tuple[ChordSpan, ...]:
        """The chords of a window, cut to it, equal neighbours joined."""
        indices = [self.index(frame) for frame in range(start, end)]
        out: list[ChordSpan] = []
        at = start
        for index, run in groupby(indices):
            length = len(list(run))
            if index is not None:
                span = self.spans[index]
                if out and out[-1].chord == span.chord:
                    out[-1] = replace(out[-1], frames=out[-1].frames + length)
                else:
                    out.append(ChordSpan(at, length, span.chord, span.confidence))
            at += length
        return tuple(out)

    def next_change(self, frame: int, limit: int) -> int | None:
        """First frame after ``frame`` (within ``limit`` frames) at which another chord stands."""
        now = self.at(frame)
        return next((f for f in range(frame + 1, frame + limit + 1) if self.at(f) != now), None)

    def _direct(self, frame: int) -> int | None:
        i = bisect_right(self._onsets, frame) - 1
        return i if i >= 0 and frame < self.spans[i].onset + self.spans[i].frames else None


def laid_out(spans: Iterable[ChordSpan]) -> tuple[ChordSpan, ...]:
    """Sorted spans, each cut at the next; empty ones and (of two with one onset) the earlier given are dropped."""
    by_onset = {span.onset: span for span in spans if span.frames > 0}
    ordered = [by_onset[onset] for onset in sorted(by_onset)]
    ends = [span.onset for span in ordered[1:]]
    cut = [s if s.end <= end else replace(s, frames=end - s.onset) for s, end in zip(ordered, ends, strict=False)]
    return (*cut, *ordered[-1:])


def fill_form(spans: Iterable[ChordSpan], length: int, form: int) -> tuple[ChordSpan, ...]:
    """Chords of a phrase of ``length`` frames (from frame 0) repeated until they fill a form, the last one cut."""
    one = [s for s in laid_out(spans) if s.onset < length]
    out: list[ChordSpan] = []
    for turn in range(-(-form // max(length, 1))):
        for span in one:
            onset = max(0, span.onset) + turn * length
            frames = min(span.onset + span.frames, length) + turn * length
            if onset < form and frames > onset:
                out.append(replace(span, onset=onset, frames=min(frames, form) - onset))
    return laid_out(out)
