"""Chords that a player comps, heard as chords: root, quality and bass of block chords, broken chords, two hands.

Each bar is cut at its beats where that explains it best (dynamic programming over the bar's segments, each with its
best chord), as in the segment-and-label harmonic analysis of Pardo and Birmingham (2002); the templates' weights were
tuned on piano parts of POP909-CL's training songs (``sideman-lab evaluate recognition`` measures them on others).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from sideman.music.chords import QUALITIES, Chord
from sideman.music.harmony import ChordSpan, merged
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass(frozen=True, slots=True)
class Weights:
    """What speaks for a chord, in shares of what sounds in a segment.

    Attributes:
        outside: Cost of tones that are not in the chord.
        third: Cost of a third (or fourth, second of a sus chord) that is not there.
        fifth: Cost of a missing fifth.
        colour: Cost of a seventh, sixth or ninth that hardly sounds.
        root_bass: Gain where the bass is the root.
        other_bass: Cost where the bass is no chord tone.
        block: Gain of the chord of exactly the tones that are struck together.
        change: Cost of one more chord in the bar, in beats.
        offbeat: Further cost where it does not begin on a strong beat.
        onset: 16ths that a note's onset counts for.
        longest: 16ths from which a note's length counts no more.
        low: Extra weight of the lowest note.
        tune: Weight of notes far above the rest.
    """

    outside: float = 0.42
    third: float = 0.09
    fifth: float = 0.1
    colour: float = 0.17
    root_bass: float = 0.25
    other_bass: float = 0.3
    block: float = 0.15
    change: float = 0.1
    offbeat: float = 0.15
    onset: float = 0.2
    longest: float = 8.0
    low: float = 0.85
    tune: float = 0.25


WEIGHTS = Weights()
_COSTS = {
    "maj": 0.0, "min": 0.0, "7": 0.13, "min7": 0.15, "maj7": 0.13, "dim": 0.25, "sus4": 0.16, "sus2": 0.38,
    "hdim7": 0.18, "dim7": 0.22, "aug": 0.27, "maj6": 0.26, "min6": 0.27, "7sus4": 0.24, "add9": 0.26,
    "9": 0.3, "min9": 0.27, "maj9": 0.3, "minmaj7": 0.37,
}  # fmt: skip
"""The qualities that are heard, and what each costs."""
POWER = "5"
"""A chord of root and fifth alone: it has no third, and none is guessed."""
_FAINT = 0.06
"""Share of what sounds under which a tone is as good as not there."""
_CLEAR = 0.7
"""Share of what sounds that a chord must explain."""
_COMPED = 0.25
"""Share of the sounding time with two pitch classes at once from which a bar is comped; less is a line."""
_DEEP = 52
"""E3: a lowest note under it is a bass, whatever chord is over it."""
_TUNE_ABOVE = 9
"""Semitones between a note and the rest below it from which it is the tune."""
_PUSHED = 2
"""16ths before a bar line or beat in which a note that goes on belongs to what follows."""
_STEP = 2
"""Semitones: a line that steps is a tune; one that only leaps through a chord is a broken chord."""
_SPELT = frozenset({"maj", "min", "dim", "7", "min7", "maj7"})
"""What a broken chord may be."""
_FEWEST = 4
"""Onsets of a broken chord."""
_IN_ORDER = attrgetter("tick", "duration", "pitch", "velocity")
"""The order of notes, told faster than by comparing them."""


def heard_chords(notes: Sequence[Note], meter: Meter, n_frames: int, weights: Weights = WEIGHTS) -> list[ChordSpan]:
    """Chords that the player plays, bar by bar; the last bar may be unfinished.

    Args:
        notes: All that was played; ticks from the first bar line.
        meter: The meter.
        n_frames: Frames to look at, from 0 on.
        weights: What speaks for a chord.

    Returns:
        Spans with gaps where only single notes were heard.
    """
    out: list[ChordSpan] = []
    bar = meter.bar_frames
    for start, inside in zip(range(0, n_frames, bar), bars_of(notes, meter, n_frames), strict=True):
        size = min(bar, n_frames - start)
        found = bar_chords(inside, meter, size, weights)
        before = out[-1] if out and out[-1].end == start else None
        bare = not found or (len(found) == 1 and _under(found[0].chord, before))
        if bare and inside and before is not None and _goes_on(before.chord, inside):
            found = (ChordSpan(0, size, before.chord, 0.5),)
        out += [replace(s, onset=s.onset + start) for s in found]
    return merged(_fuller(out))


def bars_of(notes: Sequence[Note], meter: Meter, n_frames: int) -> list[tuple[Note, ...]]:
    """What sounds in each bar, counted from its bar line: overhangs left out, pushed notes with what they push to."""
    size, high = meter.bar_ticks, n_frames * FRAME_TICKS
    count = -(-n_frames // meter.bar_frames)
    rows: list[list[Note]] = [[] for _ in range(count)]
    for note in sorted(notes, key=_IN_ORDER):
        on, off = note.tick, note.tick + note.duration
        for bar in range(max(0, on // size), min(count, (off - 1) // size + 1)):
            low, top = bar * size, min((bar + 1) * size, high)
            tick, end = max(on, low), min(off, top)
            pushed = on >= top - _PUSHED * FRAME_TICKS and off - top > top - on
            hung_over = on < low and off - low <= FRAME_TICKS
            if end > tick and not pushed and not hung_over and tick < top - FRAME_TICKS // 2:
                rows[bar].append(Note(tick - low, end - tick, note.pitch, note.velocity))
    return [tuple(row) for row in rows]


def _under(chord: Chord, before: ChordSpan | None) -> bool:
    """Whether a power chord is only root and fifth of the chord before it."""
    return chord.quality == POWER and before is not None and before.chord.root == chord.root


def power_root(classes: Collection[int]) -> int | None:
    """The root of a power chord: two pitch classes a fifth apart, whichever lies below; None for anything else."""
    if len(classes) != 2:
        return None
    return next((pc for pc in classes if (pc + 7) % 12 in classes), None)


def _goes_on(chord: Chord, notes: Sequence[Note]) -> bool:
    """Whether notes without a chord of their own are only the one before, sounding on under two or more of them."""
    together = any(a.end > b.tick + FRAME_TICKS // 2 and a.pitch_class != b.pitch_class for a, b in pairwise(notes))
    return together and all(n.pitch_class in chord.pitch_classes for n in notes)


@lru_cache(maxsize=256)
def bar_chords(notes: tuple[Note, ...], meter: Meter, size: int, weights: Weights = WEIGHTS) -> tuple[ChordSpan, ...]:
    """The chords of one bar.

    Args:
        notes: What sounds in it, ticks from its bar line, sorted.
        meter: The meter.
        size: Its frames so far.
        weights: What speaks for a chord.
    """
    classes = {n.pitch_class for n in notes}
    if len(classes) < 3:
        root = power_root(classes)
        return (ChordSpan(0, size, Chord(root, POWER), 0.8),) if root is not None and comped(notes, size) else ()
    if not comped(notes, size):
        chord = _broken(notes, weights)
        return (ChordSpan(0, size, chord, 0.8),) if chord is not None else ()
    return _segmented(_parts(notes, weights), _cuts(meter, size), meter, weights)


def comped(notes: Sequence[Note], size: int) -> bool:
    """Whether two pitch classes sound together for a good part of the time, for more than legato overlaps."""
    sounding, together = 0, 0
    for frame in range(size):
        tick = frame * FRAME_TICKS + FRAME_TICKS // 2
        classes = {n.pitch_class for n in notes if n.tick <= tick < n.end}
        sounding += bool(classes)
        together += len(classes) > 1
    return together >= _COMPED * max(1, sounding)


def leaps(notes: Sequence[Note]) -> bool:
    """Whether a line leaps and never steps, evenly: a broken chord rather than a tune."""
    gaps = [b.tick - a.tick for a, b in pairwise(notes)]
    even = max(gaps, default=0) - min(gaps, default=0) <= FRAME_TICKS
    return len(notes) >= _FEWEST and even and all(abs(b.pitch - a.pitch) > _STEP for a, b in pairwise(notes))


def _broken(notes: Sequence[Note], weights: Weights) -> Chord | None:
    """The chord that an evenly leaping line spells out in full."""
    if not leaps(notes):
        return None
    best = _best(_shares(_parts(notes, weights), 0, 1 << 30, weights), weights)
    if best is None or best.explained < 0.99 or best.chord.quality not in _SPELT:
        return None
    played = {n.pitch_class for n in notes}
    return replace(best.chord, bass=None) if played >= set(best.chord.pitch_classes) else None


# segments --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A note in frames: onset, end, pitch, and how much it counts."""

    on: float
    off: float
    pitch: int
    gain: float


@dataclass(frozen=True, slots=True)
class _Shares:
    """What sounds in a segment: share of each pitch class; its bass, and whether that is deep; tones struck at once."""

    share: tuple[float, ...]
    bass: int
    deep: bool
    block: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Found:
    score: float
    chord: Chord
    explained: float


def _parts(notes: Sequence[Note], weights: Weights) -> list[_Part]:
    out = []
    for note in notes:
        below = [n.pitch for n in notes if n is not note and n.tick < note.end and n.end > note.tick]
        tune = len(below) > 1 and note.pitch - max(below) > _TUNE_ABOVE
        out.append(_Part(note.tick / FRAME_TICKS, note.end / FRAME_TICKS, note.pitch, weights.tune if tune else 1.0))
    return out


def _cuts(meter: Meter, size: int) -> list[int]:
    ticks = meter.beats if len(meter.beats) <= 6 else meter.groups
    cuts = [t // FRAME_TICKS for t in ticks if t // FRAME_TICKS < size]
    return [*(cuts if len(cuts) <= 8 else cuts[::2]), size]


def _segmented(parts: Sequence[_Part], cuts: Sequence[int], meter: Meter, weights: Weights) -> tuple[ChordSpan, ...]:
    """The cheapest way to cut a bar at its beats, and the chord of each piece."""
    strong = {tick // FRAME_TICKS for tick in meter.strong}
    count = len(cuts) - 1
    scores: list[float] = [0.0]
    back: list[tuple[int, _Found | None]] = [(0, None)]
    for j in range(1, count + 1):
        best: tuple[float, int, _Found | None] | None = None
        for i in range(j):
            found = _best(_shares(parts, cuts[i], cuts[j], weights), weights)
            beats = (cuts[j] - cuts[i]) / 4
            value = beats * found.score if found is not None else -0.2 * beats
            if i:
                value -= weights.change + (0.0 if cuts[i] in strong else weights.offbeat)
            if best is None or scores[i] + value > best[0] + 1e-9:
                best = (scores[i] + value, i, found)
        assert best is not None
        scores.append(best[0])
        back.append((best[1], best[2]))
    spans: list[ChordSpan] = []
    j = count
    while j > 0:
        i, found = back[j]
        if found is not None and found.explained >= _CLEAR:
            spans.append(ChordSpan(cuts[i], cuts[j] - cuts[i], found.chord, min(1.0, found.explained)))
        j = i
    return tuple(merged(_fuller(spans[::-1])))


def _fuller(spans: Sequence[ChordSpan]) -> list[ChordSpan]:
    """Root and fifth beside the same root's full chord are that chord: a bass note first, the hand after it."""
    out = list(spans)
    for order in (range(1, len(out)), range(len(out) - 2, -1, -1)):
        for place in order:
            near = out[place - 1] if order.step > 0 else out[place + 1]
            bare = out[place].chord.quality == POWER and near.chord.quality != POWER
            beside = near.end == out[place].onset if order.step > 0 else out[place].end == near.onset
            if bare and beside and near.chord.root == out[place].chord.root and 7 in QUALITIES[near.chord.quality]:
                out[place] = replace(out[place], chord=near.chord)
    return out


def _shares(parts: Sequence[_Part], start: int, end: int, weights: Weights) -> _Shares | None:
    share = [0.0] * 12
    low: _Part | None = None
    clusters: dict[int, list[_Part]] = {}
    for part in parts:
        length = min(part.off, end) - max(part.on, start)
        if length <= 0:
            continue
        if part.on < start and length <= 1:
            continue  # the end of what was before
        if end - part.on <= _PUSHED and part.off - end > end - part.on:
            continue  # belongs to what follows
        onset = weights.onset if part.on >= start - 1 else 0.0
        share[part.pitch % 12] += part.gain * (min(length, weights.longest) + onset)
        clusters.setdefault(round(2 * max(part.on, start)), []).append(part)
        if low is None or part.pitch < low.pitch:
            low = part
    if low is None:
        return None
    bass = low.pitch % 12
    total = sum(share)
    share[bass] += weights.low * total / 4
    total = sum(share)
    return _Shares(tuple(w / total for w in share), bass, low.pitch < _DEEP, _block(list(clusters.values())))


def _block(clusters: Sequence[Sequence[_Part]]) -> frozenset[int]:
    """All the tones of a segment in which chords are struck, with or without a bass of their own; else none."""
    chords = [c for c in clusters if len({part.pitch % 12 for part in c}) > 2]
    if not chords:
        return frozenset()
    floor = min(part.pitch for c in chords for part in c)
    if any(part.pitch >= floor for c in clusters if c not in chords for part in c):
        return frozenset()
    return frozenset(part.pitch % 12 for c in clusters for part in c)


_STEPS = {quality: (QUALITIES[quality], _COSTS[quality]) for quality in _COSTS}
_CLASSES = {(r, q): frozenset((r + s) % 12 for s in QUALITIES[q]) for q in _COSTS for r in range(12)}


def _best(heard: _Shares | None, weights: Weights) -> _Found | None:
    """The chord that explains a segment best; None where fewer than two pitch classes sound."""
    sounding = [] if heard is None else [pc for pc, w in enumerate(heard.share) if w > _FAINT]
    if heard is None or len(sounding) < 2:
        return None
    share, bass = heard.share, heard.bass
    block = heard.block
    fifth_of = power_root(sounding)
    if fifth_of is not None:
        inside = share[fifth_of] + share[(fifth_of + 7) % 12]
        value = inside - weights.outside * (1 - inside) - weights.third + weights.root_bass * (bass == fifth_of)
        return _Found(value, Chord(fifth_of, POWER, bass if bass != fifth_of and heard.deep else None), inside)
    top: tuple[float, int, str, float] | None = None
    for root in range(12):
        if share[root] == 0.0:
            continue
        for quality, (steps, cost) in _STEPS.items():
            second = share[(root + steps[1]) % 12]
            fifth = share[(root + steps[2]) % 12]
            if second < _FAINT and len(steps) > 3:
                continue
            inside = share[root] + second + fifth
            value = -cost
            if second < _FAINT:
                value -= weights.third
            if fifth < _FAINT:
                value -= weights.fifth
            for step in steps[3:]:
                more = share[(root + step) % 12]
                inside += more
                if more < _FAINT:
                    value -= weights.colour
            whole = 1.0
            classes = _CLASSES[(root, quality)]
            if bass == root:
                value += weights.root_bass
            elif bass not in classes:
                value -= weights.other_bass
                if heard.deep and len(steps) == 3:
                    whole -= share[bass]
            if block and (block == classes or (whole < 1.0 and block - {bass} == classes)):
                value += weights.block
            inside /= whole
            value += inside - weights.outside * (1 - inside)
            if top is None or value > top[0]:
                top = (value, root, quality, inside)
    if top is None:
        return None
    value, root, quality, inside = top
    named = bass if bass != root and heard.deep else None
    return _Found(value, Chord(root, quality, named), inside)
