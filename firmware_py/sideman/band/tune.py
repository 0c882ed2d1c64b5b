"""The melody that will sound over the band, as far as it is known, and the chord tones that would rub with it.

A tone rubs where it lies a semitone from a held melody note in any octave (minor second, major seventh, minor ninth):
over loudspeakers the octave hardly softens it, and the bass has the root that is left out. Styles of colour want the
wide ones; there only neighbours on the keyboard are kept apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from sideman.band.context import Context
    from sideman.music.chords import Chord
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

COLOUR = frozenset({"jazz", "latin", "blues", "neworleans"})
"""Styles in which a seventh against the root, or a blue third, is what one came for."""
PERIODS = (8, 4, 16, 2, 12, 1)
"""Bars after which a melody may come round, the likeliest first."""
_LIKE = 0.75
"""Share of the last bars' sounding frames that must have the pitch class of a period ago."""
_COMPARED = 4
REACH_BARS = max(PERIODS) + _COMPARED
"""Bars of what was heard that are looked at."""
_HELD = 3 * FRAME_TICKS
"""Ticks from which a note is held: a quarter as people play it."""
_TOGETHER = 3 * FRAME_TICKS // 2
"""Ticks that it must sound with the chord: an eighth as people play it."""
FEWEST = 2
"""Tones that a chord keeps at least."""


def held(context: Context, start: int, stop: int) -> frozenset[int]:
    """Pitch classes, as the band hears them, of melody notes held while a chord sounds.

    Args:
        context: What is known: over a phrase it comes round with its form, while following what sounds now goes on
            and the line is expected as it was one period ago.
        start: Frame in which the chord is struck.
        stop: Frame in which it ends.
    """
    low, high = start * FRAME_TICKS, stop * FRAME_TICKS
    found = {
        pitch % 12
        for on, off, pitch in _known(context, low, high)
        if is_held(off - on, min(off, high) - max(on, low), high - low)
    }
    found.update(p % 12 for p in context.held_at(start))
    return frozenset((pc + context.ask.knobs.transpose) % 12 for pc in found)


def is_held(note: int, together: int, chord: int) -> bool:
    """Whether a note rubs long enough: a held one for an eighth, a shorter one through half the stroke.

    Args:
        note: Its ticks.
        together: Ticks in which both sound.
        chord: The stroke's ticks.
    """
    return together >= _TOGETHER and (note >= _HELD or 2 * together >= chord)


def without_rubs(pitches: tuple[int, ...], chord: Chord, melody: Container[int], *, bass: bool) -> tuple[int, ...]:
    """A voicing without the tones that rub with held melody notes; two tones are kept, root and third the longest.

    Args:
        pitches: The voicing.
        chord: Its chord, as it sounds.
        melody: Pitch classes of held notes.
        bass: Whether a bassist has the root.
    """
    third = {(chord.root + step) % 12 for step in (3, 4)}
    # Of what rubs the colours go first, a root that nobody else plays last.
    worth = {pc: 3 if pc == chord.root and not bass else 2 if pc in third else 1 for pc in {chord.root, *third}}
    rubbing = [p for p in pitches if (p + 1) % 12 in melody or (p - 1) % 12 in melody]
    kept = list(pitches)
    for pitch in sorted(rubbing, key=lambda p: (worth.get(p % 12, 0), -p)):
        if len(kept) > FEWEST:
            kept.remove(pitch)
    return tuple(kept)


def period(notes: Sequence[Note], until: int, meter: Meter) -> int:
    """Frames after which a line that was heard comes round; 0 where it has not done so yet.

    Args:
        notes: Its top line, on the jam's timeline, sorted.
        until: Frame up to which it was heard.
        meter: The meter.
    """
    bar = meter.bar_frames
    classes: dict[int, int] = {}
    for note in notes:
        for frame in range(note.frame, max(note.frame + 1, note.end // FRAME_TICKS)):
            classes[frame] = note.pitch % 12
    for bars in PERIODS:
        since = until - min(_COMPARED, bars) * bar
        sounding = [f for f in range(since, until) if f in classes]
        same = sum(classes.get(f - bars * bar) == classes[f] for f in sounding)
        if len(sounding) >= bar // 2 and same >= _LIKE * len(sounding):
            return bars * bar
    return 0


def _known(context: Context, low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """Onset, end (ticks of the jam) and pitch of melody notes that may sound between two ticks."""
    ask, phrase = context.ask, context.phrase
    if phrase is None:
        shift = context.comes_round * FRAME_TICKS
        for note in context.tune if shift else ():
            if note.tick + shift < high and note.end + shift > low:
                yield note.tick + shift, note.end + shift, note.pitch
        return
    if ask.solo and "solo" in ask.lineup:
        return  # the soloist has the turn
    length = phrase.bars * phrase.meter.bar_ticks
    form = context.form * FRAME_TICKS or length
    origin = ask.origin * FRAME_TICKS
    first, last = (low - origin) // form, (high - 1 - origin) // form
    for turn in range(first, last + 2):
        for inside in range(0, form, length):
            at = origin + turn * form + inside
            for note in context.tune:
                if at + note.tick < high and at + note.end > low and note.tick + inside < form:
                    yield at + note.tick, at + note.end, note.pitch
