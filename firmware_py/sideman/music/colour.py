"""Colour: what a found triad is called and played as, from plain triads to borrowed and tritone chords.

The decoder says triads. How far they are coloured is the player's wish (``complexity``, `models.md` 3.5), how they are
is the style's. Nothing is drawn by lot: the same chords, key, wish, style and melody give the same colours in every
re-plan, and a chord that goes on keeps the colour that it stands in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sideman.music.chords import QUALITIES, Chord
from sideman.music.harmony import ChordSpan, histogram_of
from sideman.music.meter import FRAME_TICKS
from sideman.music.scales import AUTO, tones_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from sideman.music.harmony import Key
    from sideman.music.notes import Note

TRIADS_ONLY, SEVENTHS, SUSPENDED, BORROWED = range(4)
"""The four wishes; each includes those before it."""

_FULL = frozenset({"jazz"})
_SOFT = frozenset({"soul", "gospel", "funk", "latin", "afrocuban", "hiphop", "afrobeat"})
_DOMINANT = frozenset({"blues", "neworleans"})
_PLAIN_FIFTH = frozenset({"rock", "pop", "dance", "reggae", "afrobeat", "highlife", "middleeastern", "punk"})
"""Styles whose fifth degree gets its seventh only where it goes home."""
_BARE = frozenset({"punk"})
"""Styles that stay with triads and the dominant seventh, whatever is wished short of the last step."""
_RICH = _FULL | _SOFT | _DOMINANT
_SCALES = {"maj": (0, 2, 4, 5, 7, 9, 11), "min": (0, 2, 3, 5, 7, 8, 10, 11)}
_HEARD_FRAMES = 0.75
"""Sounding time in frames from which a pitch class of the melody counts: less is an ornament."""
_EXPECTED = 0.2
"""Share of what was heard lately from which a pitch class is expected where nothing is heard yet."""
_LATELY = 64
_HALF, _WHOLE = 8, 16
_TRIADS = ("maj", "min", "dim")


@dataclass(frozen=True, slots=True)
class _Ear:
    """What a chord must agree with: sounding time of the pitch classes under it, and those expected to come."""

    heard: tuple[float, ...]
    expected: tuple[float, ...]
    scale: frozenset[int]
    bound: frozenset[int]

    def allows(self, new: Chord, old: Chord) -> bool:
        """Whether the change from ``old`` to ``new`` contradicts nothing.

        A melody tone is neither taken out of the chord nor put a minor ninth above (or, but for a thirteenth, a
        semitone below) a tone that ``old`` did not have.
        """
        before, after = set(old.pitch_classes), set(new.pitch_classes)
        added = after - before
        if not added <= self.bound:
            return False
        for pc in range(12):
            sounds = self.heard[pc] >= _HEARD_FRAMES
            if sounds and pc in before - after:
                return False
            for tone in added:
                near = (pc - tone) % 12
                thirteenth = near == 11 and (pc - new.root) % 12 == 9 and (tone - new.root) % 12 == 10
                if near not in (1, 11) or thirteenth:
                    continue
                if sounds and pc not in after:
                    return False
                if sounds and near == 1:
                    return False
                if self.expected[pc] >= _EXPECTED and tone not in self.scale:
                    return False
        return True


def coloured(
    spans: Sequence[ChordSpan],
    key: Key | None,
    complexity: int,
    style: str,
    melody: Sequence[Note] = (),
    *,
    before: Sequence[ChordSpan] = (),
    own: Container[Chord] = (),
    scale: str = AUTO,
) -> tuple[ChordSpan, ...]:
    """Fresh triads as the wish and the style name them; chords that are no plain triads stay as they are.

    Args:
        spans: Sorted; nothing of them stands yet.
        key: Tonic and mode; without one only what the motion of the roots says is known.
        complexity: 0 triads, 1 sevenths where the style has them, 2 also suspensions and secondary dominants,
            3 also borrowed chords and tritone substitutes.
        style: Of the settings' styles; an unknown one is played as rock.
        melody: What was heard, on the spans' frames; under a span where nothing was heard what was played lately is
            expected.
        own: Chords that the player says himself: they are not put in other words.
        scale: Of ``music.scales``, on the key's tonic: no colour from outside it.
        before: Chords that stand up to the first span: what goes on keeps its colour, a suspension resolves.

    Returns:
        Spans over the same frames; a suspension and its resolution are two.
    """
    if complexity <= TRIADS_ONLY or not spans:
        return tuple(spans)
    chord_of = _Colourist(key, min(complexity, BORROWED), style)
    bound = tones_of(scale if key is not None else AUTO, key[0] if key is not None else 0)
    expected, known = _lately(melody), max((n.end for n in melody), default=0)
    out: list[ChordSpan] = []
    for place, span in enumerate(spans):
        if span.chord in own or not _is_triad(span.chord):
            out.append(span)
            continue
        following = spans[place + 1] if place + 1 < len(spans) else None
        after = following.chord if following is not None and following.onset == span.end else None
        begun = _goes_on(span, before) if place == 0 else None
        whole = span if begun is None else replace(span, onset=begun.onset, frames=span.end - begun.onset)
        heard = tuple(histogram_of(melody, whole.onset, whole.end))
        unheard = whole.end * FRAME_TICKS > known
        ear = _Ear(heard, expected if unheard else (0.0,) * 12, chord_of.scale, bound)
        pieces = chord_of.pieces(whole, after, ear)
        if begun is not None:
            pieces = _kept(pieces, begun, span)
        out += pieces
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Colourist:
    key: Key | None
    complexity: int
    style: str

    @property
    def scale(self) -> frozenset[int]:
        """The key's pitch classes, all twelve without a key."""
        if self.key is None:
            return frozenset(range(12))
        return frozenset((self.key[0] + step) % 12 for step in _SCALES[self.key[1]])

    def pieces(self, span: ChordSpan, after: Chord | None, ear: _Ear) -> list[ChordSpan]:
        """A span as it is played: mostly one chord, a suspension two."""
        chord = span.chord
        plain = self._first_of(self._sevenths(chord, after), chord, ear)
        if self.complexity < SUSPENDED:
            return [replace(span, chord=plain)]
        wishes = self._borrowed(chord, after) if self.complexity >= BORROWED else []
        wishes += self._secondary(chord, after)
        for wish in wishes:
            if ear.allows(wish, chord):
                return [replace(span, chord=wish)]
        sus = self._suspended(plain, after, ear)
        if sus is None:
            return [replace(span, chord=plain)]
        if span.frames >= _WHOLE and span.frames % _HALF == 0:
            return [
                replace(span, frames=_HALF, chord=sus),
                replace(span, onset=span.onset + _HALF, frames=span.frames - _HALF, chord=plain),
            ]
        return [replace(span, chord=sus if span.frames >= _HALF and self.style in _RICH else plain)]

    @property
    def _bare(self) -> bool:
        """Whether nothing but dominant sevenths is heard in the style, short of the last wish."""
        return self.style in _BARE and self.complexity < BORROWED

    def _first_of(self, wishes: Sequence[str], chord: Chord, ear: _Ear) -> Chord:
        options = (replace(chord, quality=quality) for quality in wishes)
        return next((option for option in options if ear.allows(option, chord)), chord)

    def _degree(self, chord: Chord) -> int | None:
        return None if self.key is None else (chord.root - self.key[0]) % 12

    def _goes_home(self, chord: Chord, after: Chord | None) -> bool:
        return after is not None and (chord.root - after.root) % 12 == 7

    def _sevenths(self, chord: Chord, after: Chord | None) -> list[str]:
        """Qualities to try, the best first."""
        style, rich = self.style, self.complexity >= BORROWED and self.style in _RICH
        more = self.complexity >= (SUSPENDED if style in _RICH else BORROWED) and not self._bare
        if chord.quality == "maj":
            return self._major(chord, after, more=more, rich=rich)
        if chord.quality == "min":
            return (["min9"] if rich else []) + (["min7"] if style in _RICH or more else [])
        leading = self.key is not None and self.key[1] == "min" and self._degree(chord) == 11
        return [*(["dim7"] if leading else []), "hdim7"] if style in _RICH or more else []

    def _major(self, chord: Chord, after: Chord | None, *, more: bool, rich: bool) -> list[str]:
        style, degree = self.style, self._degree(chord)
        ninth = ["9"] if rich else []
        if style in _DOMINANT:
            return [*ninth, "7"]
        fifth = degree == 7 or (degree is None and self._goes_home(chord, after))
        if fifth:
            plain = style in _PLAIN_FIFTH or style not in _RICH | {"country"}
            home = self._goes_home(chord, after)
            return [*ninth, "7"] if home or not plain else []
        if style == "funk" and degree in (0, 5) and self.key is not None and self.key[1] == "maj":
            return [*ninth, "7"]
        diatonic = self.key is not None and (chord.root + 11) % 12 in self.scale and degree in (0, 3, 5, 8)
        if diatonic and (style in _FULL or (style in _SOFT and (degree != 0 or more))):
            return (["maj9"] if rich else []) + ["maj7"] + (["maj6"] if more else [])
        if degree in (5, 10) and self.complexity >= SUSPENDED and not self._bare:
            return ["add9"]
        return []

    def _secondary(self, chord: Chord, after: Chord | None) -> list[Chord]:
        """The dominant of the chord to come, where that is another degree than the first."""
        if self.key is None or after is None or not self._goes_home(chord, after) or after.root == self.key[0]:
            return []
        return [] if self._bare or chord.quality == "dim" else [replace(chord, quality="7")]

    def _borrowed(self, chord: Chord, after: Chord | None) -> list[Chord]:
        """Chords of the other mode and the tritone substitute on the way home."""
        if self.key is None or after is None or self.style in _BARE:
            return []
        degree, home = self._degree(chord), after.root == self.key[0]
        if degree == 7 and chord.quality == "maj" and home and self.style in _RICH:
            return [Chord((chord.root + 6) % 12, "7")]
        if self.key[1] == "min":
            # The first degree's major third on the way to the fourth, the Neapolitan before the fifth.
            return [Chord((self.key[0] + 1) % 12, "maj7")] if degree == 2 and chord.quality == "dim" else []
        if degree == 5 and chord.quality == "maj" and home:
            return [replace(chord, quality="min6"), replace(chord, quality="min")]
        if degree == 2 and chord.quality == "min" and (after.root - self.key[0]) % 12 == 7:
            return [replace(chord, quality="hdim7")]
        return []

    def _suspended(self, chord: Chord, after: Chord | None, ear: _Ear) -> Chord | None:
        """The fifth degree on its way home, its third held back."""
        if self._bare or not self._goes_home(chord, after) or not chord.quality.startswith(("maj", "7", "9")):
            return None
        if self._degree(chord) not in (7, None):
            return None
        quality = "sus4" if chord.quality == "maj" else "7sus4"
        sus = replace(chord, quality=quality)
        return sus if ear.allows(sus, chord.triad) else None


def _is_triad(chord: Chord) -> bool:
    return chord.quality in _TRIADS and chord.bass is None


def _lately(melody: Sequence[Note]) -> tuple[float, ...]:
    """Share of each pitch class in the last bars heard."""
    end = max((note.end for note in melody), default=0) // FRAME_TICKS
    found = histogram_of(melody, end - _LATELY, end)
    total = sum(found) or 1.0
    return tuple(weight / total for weight in found)


def _goes_on(span: ChordSpan, before: Sequence[ChordSpan]) -> ChordSpan | None:
    """The chord that stands up to a span and is its own, whatever its colour, from its first frame on."""
    if not before or before[-1].end != span.onset or not _same(before[-1].chord, span.chord):
        return None
    begun = before[-1]
    for earlier in reversed(before[:-1]):
        if earlier.end != begun.onset or not _same(earlier.chord, span.chord):
            break
        begun = replace(begun, onset=earlier.onset, frames=begun.end - earlier.onset)
    return begun


def _same(standing: Chord, fresh: Chord) -> bool:
    if standing.root != fresh.root or (standing.bass is not None and standing.bass_class != fresh.bass_class):
        return False
    third = {pc for pc in standing.pitch_classes if (pc - standing.root) % 12 in (3, 4)}
    return not third or standing.triad.quality == fresh.triad.quality


def _kept(pieces: Sequence[ChordSpan], begun: ChordSpan, span: ChordSpan) -> list[ChordSpan]:
    """What remains of a chord that stands already: its colour goes on, but a suspension still resolves in time."""
    held = any((pc - begun.chord.root) % 12 in (3, 4) for pc in begun.chord.pitch_classes)
    rest = [replace(p, onset=max(p.onset, span.onset), frames=p.end - max(p.onset, span.onset)) for p in pieces]
    rest = [p for p in rest if p.frames > 0]
    if held or begun.chord.quality not in ("sus4", "7sus4", "sus2"):
        return [replace(span, chord=begun.chord)]
    return rest


def mean_tones(spans: Sequence[ChordSpan]) -> float:
    """Mean sounding pitch classes of a chord, by its length (`models.md` 3.6: at most 1.1 times a human's)."""
    frames = sum(span.frames for span in spans)
    return sum(len(QUALITIES[s.chord.quality]) * s.frames for s in spans) / frames if frames else 0.0
