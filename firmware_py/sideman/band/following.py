"""The chords ahead while following: what the player comps is the harmony, expected to come round as it did.

Pure rules, shared by the network's musicians and those without: a guess (the network's or the rules') fills what the
player's own chords and the form heard so far leave open, and chords change on strong beats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from sideman.band import form_given
from sideman.band.changes import Changes, laid_out
from sideman.band.played import broad, by_bar, said
from sideman.music.harmony import ChordSpan, histogram_of, overlay
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.messages import Ask
    from sideman.music.chords import Chord
    from sideman.music.harmony import Key
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

REMEMBERED_BARS = 40
"""Bars of what was heard that are looked at."""
_UNUSUAL = 0.4
PERIODS = {4: 0.75, 8: 0.7, 2: 0.6, 1: 0.5, 16: 0.6, 12: 0.6, 3: 0.5, 6: 0.5} | dict.fromkeys(
    (5, 7, 9, 10, 11, 13, 14, 15, 17, 18, 20, 24), _UNUSUAL
)
"""Bars after which music comes round, with how likely each is before anything did; of equals the first is taken."""
_COMPARED = 8
"""Bars that are compared with those one period before them."""
_FADING = 0.85
"""How much less each bar further back counts."""
_BELIEVED = 0.62
"""Score from which a period is believed where the player comps."""
_SAME, _TURNS = 0.85, 1.5
"""For a line without chords: likeness from which it is believed to come round, and bars that must have done so."""
_COMPING = 0.6
"""Share of the last two bars under the player's own chords from which he is comping."""
_CLASH = 0.2
"""Likeness of two bars under different chords."""


@dataclass(frozen=True)
class Heard:
    """What was heard, on the jam's frames.

    Attributes:
        base: A bar line, the first frame looked at.
        until: Frame after the last one heard.
        notes: All of it, on the jam's timeline.
        said: The player's own chords.
        past: A chord for every frame heard: the player's own, the rest by hindsight.
    """

    base: int
    until: int
    notes: tuple[Note, ...]
    said: tuple[ChordSpan, ...]
    past: tuple[ChordSpan, ...]

    @property
    def line(self) -> Changes:
        """The past as changes."""
        return Changes(self.past)

    def with_past(self, found: Sequence[ChordSpan]) -> Heard:
        """The same, what the player left open filled by chords found with hindsight."""
        return replace(self, past=laid_out(overlay(found, self.said)))


def hear(ask: Ask, heard: Sequence[Note], key: Key | None) -> Heard | None:
    """What an ask's player has played so far; None before the first note."""
    return _heard(tuple(heard), ask.meter, ask.origin, ask.heard_until, key)


@lru_cache(maxsize=4)  # one answer asks for it many times
def _heard(heard: tuple[Note, ...], meter: Meter, origin: int, until: int, key: Key | None) -> Heard | None:
    size = meter.bar_frames
    known = [n for n in heard if n.tick < until * FRAME_TICKS - FRAME_TICKS // 2]
    if not known:
        return None
    now_bar = (until - 1 - origin) // size
    first = (known[0].tick + size * FRAME_TICKS // 8) // FRAME_TICKS - origin  # a short pickup is no bar
    base = origin + max(first // size, now_bar + 1 - REMEMBERED_BARS) * size
    if base >= until:
        base = origin + now_bar * size
    low = base * FRAME_TICKS
    notes = tuple(n for n in known if n.end > low)
    own = said([n.moved(-low) for n in notes], meter, until - base, key)
    spans = tuple(replace(s, onset=s.onset + base) for s in own)
    return Heard(base, until, notes, spans, spans)


def live(ask: Ask, heard: Heard, standing: Changes, guess: Sequence[ChordSpan]) -> tuple[ChordSpan, ...]:
    """The chords of the past, those that stand, and those of the window.

    Args:
        ask: The request.
        heard: What was heard.
        standing: The chords that stand; never contradicted.
        guess: What to play where neither the player's chords nor the form say anything.
    """
    chorus = form_given.chorus(ask, heard.notes, form_given.beat_one(ask), heard.base, max(ask.end, heard.until))
    if chorus:  # a riff over it says no chords; who strikes some has the last word
        said = heard.said if form_given.comps(heard.notes) else ()
        heard = replace(heard, said=said, past=laid_out(overlay(_until(chorus, heard.until), said)))
        guess = chorus
    begin = max([ask.start, *(s.end for s in standing.spans)]) if standing.spans else ask.start
    begin = min(begin, max(ask.end, heard.base))
    wish = _wishes(ask, heard, standing, Changes(laid_out(guess)), begin)
    chosen = _on_strong_beats(ask, heard, wish, begin)
    fresh = [ChordSpan(f, 1, *found) for f, found in zip(range(begin, ask.end), chosen, strict=True) if found]
    return laid_out(overlay(_joined([*_until(heard.past, begin), *fresh]), standing.spans))


@dataclass(frozen=True)
class _Wish:
    """A chord wanted in a frame.

    Attributes:
        chord: The chord.
        sure: 0-1.
        own: Whether the player said it, now or one period ago.
        goes_on: Whether it is only the last one heard: nothing says that it begins in mid-bar.
        planned: Whether the guess has it, which knows the metre: it changes where it says.
    """

    chord: Chord
    sure: float
    own: bool = False
    goes_on: bool = False
    planned: bool = False


def _wishes(ask: Ask, heard: Heard, standing: Changes, guess: Changes, begin: int) -> list[_Wish | None]:
    """What is wanted at ``begin - 1 … ask.end``, metre not yet looked at."""
    own, past = Changes(heard.said), heard.line
    period = _given_period(ask, heard) if form_given.frames_of(ask) else period_of(heard, ask.meter)
    last = heard.said[-1].chord if heard.said and _comps(heard, ask.meter) else None
    now = own.standing(heard.until - 1)
    lasts = _next_strong(ask, heard.until - 1)
    before = past.standing(heard.until - 1 - period) if period else None
    if now is not None and before is not None and before.triad != now.triad:
        lasts += -(lasts - ask.origin) % ask.meter.bar_frames  # this bar is another one than expected
    block = now is not None and _block(heard)
    knows_form = period > 0 and form_given.frames_of(ask) > 0 and last is None  # who guesses was told the form too
    out: list[_Wish | None] = []
    for frame in range(begin - 1, ask.end):
        if now is not None and heard.until <= frame < lasts:
            out.append(_Wish(now, 0.8, own=block))
            continue
        then = frame
        while period and then >= heard.until:
            then -= period
        expected, by_player = past.standing(then), own.standing(then) is not None
        if knows_form and not by_player and guess.standing(frame) is not None:
            expected = None
        if expected is not None:
            out.append(_Wish(expected, 0.7, own=by_player))
        elif last is not None:
            out.append(_Wish(last, 0.5, goes_on=True))
        else:
            line = guess if guess.spans else standing
            index = line.index(frame)
            span = None if index is None else line.spans[index]
            out.append(None if span is None else _Wish(span.chord, span.confidence, planned=True))
    return out


def _on_strong_beats(
    ask: Ask, heard: Heard, wish: Sequence[_Wish | None], begin: int
) -> list[tuple[Chord, float] | None]:
    """The wishes of a window with their changes on strong beats, or where the player's own chords change."""
    strong, beats = _places(broad(ask.meter), groups=True), _places(ask.meter, groups=False)
    # With no commitment the frame in progress is in nobody's hands: what stood just before it sounds on.
    near = begin - ask.meter.beat_ticks // FRAME_TICKS
    sounding = next((s.chord for s in reversed(ask.chords) if s.onset < begin and s.end > near), None)
    out: list[tuple[Chord, float] | None] = []
    for frame, before, now in zip(range(begin, ask.end), wish, wish[1:], strict=False):
        at = (frame - ask.origin) % ask.meter.bar_frames
        if now is None:
            out.append(None)
            sounding = None
            continue
        # The player's own change, now or a period ago; or what he plays now contradicts what stands.
        turned = before is not None and before.own and before.chord != now.chord
        corrected = frame == begin and frame <= heard.until + 1
        own_change = now.own and at in beats and (turned or corrected)
        planned = now.planned and at in beats and before is not None and before.planned and before.chord != now.chord
        if sounding is None or own_change or planned or at == 0 or (at in strong and not now.goes_on):
            sounding = now.chord
        out.append((sounding, now.sure))
    return out


def _block(heard: Heard) -> bool:
    """Whether the player struck three pitch classes at once within the last beat or so."""
    low = (heard.until - 5) * FRAME_TICKS
    struck = [n for n in heard.notes if n.tick >= low]
    return any(len({n.pitch % 12 for n in struck if abs(n.tick - one.tick) < FRAME_TICKS // 2}) > 2 for one in struck)


def _places(meter: Meter, *, groups: bool) -> frozenset[int]:
    ticks = meter.groups if groups else meter.beats
    return frozenset(tick // FRAME_TICKS for tick in ticks)


def _next_strong(ask: Ask, frame: int) -> int:
    size = ask.meter.bar_frames
    strong = _places(broad(ask.meter), groups=True)
    return next(f for f in range(frame + 1, frame + size + 1) if (f - ask.origin) % size in strong)


def _comps(heard: Heard, meter: Meter) -> bool:
    since = max(heard.base, heard.until - 2 * meter.bar_frames)
    under = sum(max(0, min(s.end, heard.until) - max(s.onset, since)) for s in heard.said)
    return under >= _COMPING * (heard.until - since)


@dataclass(frozen=True)
class _Bar:
    """A bar heard: what sounded in it, its notes in frames from its own bar line, and the player's own chords."""

    notes: tuple[Note, ...]
    weights: tuple[float, ...]
    chords: tuple[Chord | None, ...]


def _given_period(ask: Ask, heard: Heard) -> int:
    """Frames after which a given form comes round, 0 while its first turn is being played."""
    length = form_given.frames_of(ask)
    return length if heard.until - heard.base >= length else 0


def period_of(heard: Heard, meter: Meter) -> int:
    """Frames after which what was heard comes round, 0 when nothing says that it does."""
    return _period(replace(heard, past=()), meter)


@lru_cache(maxsize=4)  # whatever is thought of the past
def _period(heard: Heard, meter: Meter) -> int:
    size = meter.bar_frames
    comping = _comps(heard, meter)
    now = (heard.until - heard.base) // size  # number of the bar in progress
    rows = _bars(heard, meter, now + 1)
    part = heard.until - heard.base - now * size
    best, found = 0.0, 0
    for bars, likely in PERIODS.items():
        score, weight = likely, 1.0
        pairs = [(bar, size) for bar in range(now - 1, max(bars, now - _COMPARED) - 1, -1)]
        if part and now >= bars:
            pairs.insert(0, (now, part))
        for place, (bar, frames) in enumerate(pairs):
            counted = frames / size * _FADING**place
            score += counted * _likeness(rows[bar], rows[bar - bars], frames)
            weight += counted
        evidence, mean = weight - 1, score / weight
        enough = mean >= _BELIEVED if comping else evidence >= _TURNS and (score - likely) / evidence >= _SAME
        if enough and mean > best + 0.01 and now + (part > 0) > bars - 2:
            best, found = mean, bars * size
    return found


def _bars(heard: Heard, meter: Meter, count: int) -> list[_Bar]:
    own = Changes(heard.said)
    out = []
    for number, notes in enumerate(by_bar(heard.notes, heard.base * FRAME_TICKS, meter.bar_ticks, count)):
        start = heard.base + number * meter.bar_frames
        chords = [own.standing(f) for f in range(start, start + meter.bar_frames)]
        moved = tuple(n.moved(-start * FRAME_TICKS) for n in notes)
        weights = tuple(histogram_of(moved, 0, meter.bar_frames))
        out.append(_Bar(moved, weights, tuple(chord.triad if chord is not None else None for chord in chords)))
    return out


def _likeness(one: _Bar, other: _Bar, frames: int) -> float:
    """How alike the first frames of two bars are, 0-1: the same chords where both say some, else what sounded."""
    pairs = zip(one.chords[:frames], other.chords[:frames], strict=True)
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    if 2 * len(both) >= frames:
        same = sum(a == b for a, b in both) / len(both)
        return _CLASH + (1 - _CLASH) * same
    whole = frames == len(one.chords)
    a, b = (bar.weights if whole else histogram_of(bar.notes, 0, frames) for bar in (one, other))
    norm = (sum(x * x for x in a) * sum(x * x for x in b)) ** 0.5
    return sum(x * y for x, y in zip(a, b, strict=True)) / norm if norm else 0.0


def _until(spans: Sequence[ChordSpan], frame: int) -> list[ChordSpan]:
    return [replace(s, frames=min(s.end, frame) - s.onset) for s in spans if s.onset < frame]


def _joined(spans: Sequence[ChordSpan]) -> list[ChordSpan]:
    out: list[ChordSpan] = []
    for _, run in groupby(spans, key=lambda s: s.chord):
        for span in run:
            if out and out[-1].chord == span.chord and out[-1].end == span.onset:
                out[-1] = replace(out[-1], frames=out[-1].frames + span.frames)
            else:
                out.append(span)
    return out
