"""Functional harmony under a line: the chords that people expect, by key, function, metre and cadence.

For each likely key the best chords are found by dynamic programming over the stretches between strong beats; the key is
the one whose chords, profile and last note agree best. I, IV and V come first, other degrees where the melody or a
cadence asks for them; a change inside a bar needs a reason; the last note is harmonised at home where it can be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from sideman.music.chords import TRIADS
from sideman.music.harmony import KEYS, ChordSpan, fits, merged
from sideman.music.meter import FRAME_TICKS
from sideman.music.scales import AUTO, key_in, triads_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

_MINOR, _DIMINISHED = 12, 24
"""Added to a root: the classes of minor and diminished triads in ``TRIADS``."""
_SHARES = (
    (0.2208, 0.0013, 0.0878, 0.0129, 0.2182, 0.0500, 0.0084, 0.2631, 0.0056, 0.0793, 0.0201, 0.0326),
    (0.3577, 0.0028, 0.0595, 0.2208, 0.0007, 0.0652, 0.0004, 0.1589, 0.0191, 0.0067, 0.1076, 0.0008),
    (0.0847, 0.0868, 0.0079, 0.3416, 0.0110, 0.0545, 0.1606, 0.0098, 0.0926, 0.0238, 0.1219, 0.0049),
)
"""Share of each pitch class, semitones above the root, over major, minor and diminished triads (POP909, training)."""
_RARE = 0.01
_FUNCTIONS: dict[str, dict[int, float]] = {
    "maj": {
        0: 0.0, 7: -0.5, 5: -0.6, 14: -1.6, 21: -1.5, 16: -2.4, 35: -3.0, 10: -2.8, 2: -2.6, 4: -3.0, 9: -3.0,
        17: -3.4, 19: -3.2, 8: -4.0, 3: -4.0,
    },
    "min": {
        12: 0.0, 7: -0.6, 17: -0.7, 10: -1.0, 3: -1.2, 8: -1.2, 19: -1.2, 26: -2.6, 5: -1.8, 14: -2.8, 0: -3.0,
        1: -4.0, 35: -2.8, 21: -4.0, 2: -4.0,
    },
}  # fmt: skip
"""How far each triad (class above the tonic) stands behind the tonic's: I, V, IV, then vi, ii, iii, then borrowed."""
_STRANGE = -4.0
"""The same of a chord that only a chosen scale has."""
_CANDIDATES = 6
"""Keys, the likeliest by profile and last note, whose chords are looked for."""
_PASSING_FRAMES = 4
"""A note up to so long off the strong beats, between two steps, is a passing or neighbour note."""
_GAP = 2
"""Frames of silence before the next note that belong to the note before: articulation."""
_RHYTHM_COST = 2.0
"""How much cheaper a change becomes when e times as many are wanted."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What the terms of the score weigh; lengths are in beats of four frames (``sideman_lab.tunes.tune`` chose it).

    Attributes:
        say: Log probability of what sounds under the chord, a beat.
        cover: Chord tones, a beat.
        outside: Cost of other tones, a beat.
        accent: Extra weight of a note on a bar line.
        stress: The same on another strong beat.
        passing: Weight of a passing note.
        home: Function of the chord in the key, a beat.
        posterior: What a chord network says, a beat.
        bar: Cost of a change on a bar line.
        strong: Cost of a change on another strong beat.
        beat: Cost of a change on a weak beat.
        falling: Gain of a root that falls a fifth.
        resolved: Further gain of V that goes to I.
        retrograde: Cost of V that goes to IV.
        final: Tonic under the last note.
        leading: V (half of it IV) just before.
        first: Tonic on the first downbeat.
        fourth: Tonic or dominant in every fourth bar.
        profile: Pitch classes for the key.
        last: The last note for the key.
        chords: Score of the key's best chords for the key.
    """

    say: float = 0.57
    cover: float = 1.14
    outside: float = 0.7
    accent: float = 0.12
    stress: float = 0.13
    passing: float = 0.27
    home: float = 0.34
    posterior: float = 1.06
    bar: float = 0.22
    strong: float = 1.37
    beat: float = 4.0
    falling: float = 0.5
    resolved: float = 0.39
    retrograde: float = 0.78
    final: float = 0.85
    leading: float = 4.25
    first: float = 2.58
    fourth: float = 0.36
    profile: float = 1.64
    last: float = 4.4
    chords: float = 0.28


PLAIN = Taste()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the player asks for.

    Attributes:
        key: The key, None where it is to be found.
        key_lock: How much the key's functions count, 0-2.
        rhythm: Changes, as a multiple of the usual.
        cadence: Strength of beginning and end, 0-2.
        closes: Whether the line ends with the phrase: its last note comes home.
        scale: Of ``music.scales``: no chord outside it, the key's mode is its own.
    """

    key: Key | None = None
    key_lock: float = 1.0
    rhythm: float = 1.0
    cadence: float = 1.0
    closes: bool = True
    scale: str = AUTO


class Cut(NamedTuple):
    """Where a chord may begin: its frame, and 0 on a bar line, 1 on another strong beat, 2 on a weak one."""

    frame: int
    place: int


@dataclass(frozen=True, slots=True)
class Functional:
    """Chords of a line and the key that they are in; the key is sure 0-1."""

    spans: tuple[ChordSpan, ...]
    key: Key
    sure: float


def cuts_of(meter: Meter, n_frames: int, rhythm: float = 1.0) -> list[Cut]:
    """Where chords may begin in ``0 … n_frames``; on weak beats only where more changes than usual are wanted."""
    places = {tick // FRAME_TICKS: 2 for tick in meter.beats} if rhythm > 1 else {}
    places.update({tick // FRAME_TICKS: 1 for tick in meter.groups})
    places[0] = 0
    bar = meter.bar_frames
    return [Cut(frame, places[frame % bar]) for frame in range(n_frames) if frame % bar in places]


def functional(
    notes: Sequence[Note],
    n_frames: int,
    meter: Meter,
    wanted: Wanted | None = None,
    posterior: Sequence[Sequence[float]] = (),
    taste: Taste = PLAIN,
) -> Functional:
    """Chords for a whole line.

    Args:
        notes: The line (polyphony is welcome); ticks from the first bar line, a pickup before it counts for the key.
        n_frames: Length in frames.
        meter: Its meter.
        wanted: The player's wishes.
        posterior: For each of ``cuts_of(meter, n_frames, wanted.rhythm)`` what a network says of the 36 triads, log
            probabilities summed over its beats; empty without one.
        taste: Weights.

    Returns:
        Spans that fill ``0 … n_frames`` exactly (none when it is 0).
    """
    wanted = wanted or Wanted()
    given = None if wanted.key is None else key_in(wanted.scale, wanted.key)
    line = sorted(notes, key=lambda n: (n.tick, n.pitch))
    likely = _key_scores(line, taste) if line else dict.fromkeys(KEYS, 0.0)
    ordered = sorted((k for k in likely if key_in(wanted.scale, k) == k), key=lambda key: -likely[key])
    if n_frames <= 0:
        return Functional((), given or ordered[0], 0.0)
    ground = _Ground.of(line, n_frames, meter, wanted, posterior, taste)
    found: dict[Key, tuple[float, list[int]]] = {}
    for key in [given] if given is not None else ordered[:_CANDIDATES]:
        score, path = ground.best(key)
        found[key] = (taste.chords * score + likely[key], path)
    best = max(found, key=lambda key: found[key][0])
    sure = 1 / sum(math.exp(min(score - found[best][0], 0.0)) for score, _ in found.values()) if line else 0.0
    return Functional(tuple(ground.spans(found[best][1], best)), best, sure)


def tune_key(notes: Sequence[Note], taste: Taste = PLAIN) -> Key | None:
    """The key of a line by profile and last note, without looking for chords; None without a note."""
    if not notes:
        return None
    scores = _key_scores(sorted(notes, key=lambda n: (n.tick, n.pitch)), taste)
    return max(scores, key=lambda key: scores[key])


def _key_scores(line: Sequence[Note], taste: Taste) -> dict[Key, float]:
    """How well each key fits a line: its profile, and what the last note is in it."""
    histogram = [0.0] * 12
    for note in line:
        histogram[note.pitch % 12] += note.duration
    last = line[-1].pitch % 12
    out = {}
    for key, fit in fits(histogram).items():
        third = 4 if key[1] == "maj" else 3
        closing = {0: 1.0, third: 0.35, 7: 0.2}.get((last - key[0]) % 12, 0.0)
        out[key] = taste.profile * fit + taste.last * closing
    return out


@lru_cache(maxsize=1)
def _sayings() -> tuple[tuple[float, ...], ...]:
    """Log probability of each pitch class under each triad, less what every triad says of it: (36, 12)."""
    logs = [[math.log(_SHARES[c // 12][(pc - c) % 12] + _RARE) for pc in range(12)] for c in range(36)]
    means = [sum(row[pc] for row in logs) / 36 for pc in range(12)]
    return tuple(tuple(value - mean for value, mean in zip(row, means, strict=True)) for row in logs)


@dataclass(frozen=True, slots=True)
class _Ground:
    """A line cut into stretches.

    Attributes:
        cuts: Where they begin.
        beats: Their lengths.
        sounding: Weight of each pitch class in each, in beats.
        scores: What the melody and a network say of the 36 triads in each.
        closing: Index of the stretch in which the last note begins, -1 where nothing is closed.
        opening: Index of the first stretch that begins with or after the first note.
        last: Pitch class of the last note.
    """

    cuts: Sequence[Cut]
    beats: Sequence[float]
    sounding: Sequence[Sequence[float]]
    scores: Sequence[Sequence[float]]
    closing: int
    opening: int
    last: int
    bar_frames: int
    wanted: Wanted
    taste: Taste

    @classmethod
    def of(
        cls,
        line: Sequence[Note],
        n_frames: int,
        meter: Meter,
        wanted: Wanted,
        posterior: Sequence[Sequence[float]],
        taste: Taste,
    ) -> _Ground:
        cuts = cuts_of(meter, n_frames, wanted.rhythm)
        edges = [*(cut.frame for cut in cuts), n_frames]
        beats = [(b - a) / 4 for a, b in pairwise(edges)]
        sounding = _sounding(line, cuts, n_frames, meter, taste)
        scores = [_said(weights, taste) for weights in sounding]
        if posterior:
            scores = [
                [a + taste.posterior * b for a, b in zip(row, net, strict=True)]
                for row, net in zip(scores, posterior, strict=True)
            ]
        closing = opening = 0
        first, last = (line[0].frame, line[-1].frame) if line else (0, 0)
        for index, cut in enumerate(cuts):
            if cut.frame <= last and cut.place < 2:
                closing = index
            if cut.frame < first and cut.place == 0:
                opening = index
        if opening or (line and first > 0):
            later = [i for i, cut in enumerate(cuts) if cut.place == 0 and cut.frame >= first]
            opening = later[0] if later else 0
        closes = wanted.closes and bool(line)
        last_class = line[-1].pitch % 12 if line else 0
        return cls(
            cuts, beats, sounding, scores, closing if closes else -1, opening, last_class, meter.bar_frames, wanted,
            taste,
        )  # fmt: skip

    def best(self, key: Key) -> tuple[float, list[int]]:
        """The best chords in a key: their score, and the class of each stretch."""
        states = _vocabulary(key, self.wanted.scale)
        emitted = self._emitted(key, states)
        favoured, plain = _moves(key, self.wanted.scale, self.taste)
        slack = _RHYTHM_COST * math.log(max(self.wanted.rhythm, 1e-3))
        costs = [cost - slack for cost in (self.taste.bar, self.taste.strong, self.taste.beat)]
        value = emitted[0]
        back: list[list[int]] = []
        for cut, own in zip(self.cuts[1:], emitted[1:], strict=True):
            cost = costs[cut.place]
            bare = [before - cost for before in value]
            ranked = sorted(range(len(bare)), key=bare.__getitem__, reverse=True)  # stable: of equals the first
            came, entered = [], []
            for to, (gains, others) in enumerate(zip(favoured, plain, strict=True)):
                best, at = value[to], to
                for frm in ranked:
                    if frm in others:
                        if bare[frm] > best:
                            best, at = bare[frm], frm
                        break
                for frm, gain in gains:
                    moved = value[frm] + gain - cost
                    if moved > best or (moved == best and frm < at != to):
                        best, at = moved, frm
                entered.append(best + own[to])
                came.append(at)
            value = entered
            back.append(came)
        at = max(range(len(states)), key=lambda state: value[state])
        score, path = value[at], [at]
        for came in reversed(back):
            at = came[at]
            path.append(at)
        return score, [states[at] for at in reversed(path)]

    def spans(self, path: Sequence[int], key: Key) -> list[ChordSpan]:
        """A path as chords, each as sure as it stands out among the triads of the key."""
        states = _vocabulary(key, self.wanted.scale)
        out = []
        edges = [*(cut.frame for cut in self.cuts), self.cuts[-1].frame + round(4 * self.beats[-1])]
        for (start, end), chosen, scores in zip(pairwise(edges), path, self.scores, strict=True):
            weight = sum(math.exp(scores[state] - scores[chosen]) for state in states)
            out.append(ChordSpan(start, end - start, TRIADS[chosen], min(1.0, 1 / weight)))
        return merged(out)

    def _emitted(self, key: Key, states: Sequence[int]) -> list[list[float]]:
        taste, wanted = self.taste, self.wanted
        functions = _functions(key)
        home = [taste.home * wanted.key_lock * functions.get(state, _STRANGE) for state in states]
        emitted = [
            [row[state] + beats * own for state, own in zip(states, home, strict=True)]
            for row, beats in zip(self.scores, self.beats, strict=True)
        ]
        tonic, dominant, minor_dominant, subdominant = _degrees(key)
        place = {state: index for index, state in enumerate(states)}

        def favour(index: int, chord: int, worth: float) -> None:
            if chord in place:
                emitted[index][place[chord]] += wanted.cadence * worth

        favour(self.opening, tonic, taste.first)
        favour(self.opening, dominant, 0.3 * taste.first)
        bar_beats = self.bar_frames / 4
        for index, (cut, beats) in enumerate(zip(self.cuts, self.beats, strict=True)):
            if cut.frame // self.bar_frames % 4 == 3:
                share = taste.fourth * beats / bar_beats
                favour(index, tonic, share)
                favour(index, dominant, 0.7 * share)
        if self.closing >= 0:
            settles = (self.last - key[0]) % 12 in (0, 7, 4 if key[1] == "maj" else 3)
            total = sum(self.beats[self.closing :])
            for index in range(self.closing, len(emitted)):
                share = self.beats[index] / total
                favour(index, tonic, 2 * taste.final * share * (1.0 if settles else 0.3))
            if self.closing > 0:
                favour(self.closing - 1, dominant, taste.leading)
                favour(self.closing - 1, subdominant, 0.5 * taste.leading)
                if minor_dominant != dominant:
                    favour(self.closing - 1, minor_dominant, 0.5 * taste.leading)
        return emitted


def _sounding(
    line: Sequence[Note], cuts: Sequence[Cut], n_frames: int, meter: Meter, taste: Taste
) -> list[list[float]]:
    """Weight of each pitch class in each stretch, in beats: long and stressed notes more, passing ones less."""
    strong = {tick // FRAME_TICKS for tick in meter.groups}
    frames: list[dict[int, float]] = [{} for _ in range(n_frames)]
    for index, note in enumerate(line):
        start = note.frame
        end = max(start + 1, (note.end + FRAME_TICKS // 2) // FRAME_TICKS)
        following = next((other.frame for other in line[index + 1 :] if other.frame > start), None)
        if following is not None and end < following <= end + _GAP:
            end = following
        weight = 1.0
        at = start % meter.bar_frames
        if at == 0:
            weight += taste.accent
        elif at in strong:
            weight += taste.stress
        elif 0 < index < len(line) - 1 and end - start <= _PASSING_FRAMES:
            steps = (abs(line[index - 1].pitch - note.pitch), abs(line[index + 1].pitch - note.pitch))
            if all(1 <= step <= 2 for step in steps):
                weight = taste.passing
        for frame in range(max(start, 0), min(end, n_frames)):
            frames[frame][note.pitch % 12] = max(weight, frames[frame].get(note.pitch % 12, 0.0))
    edges = [*(cut.frame for cut in cuts), n_frames]
    out = []
    for start, end in pairwise(edges):
        weights = [0.0] * 12
        for frame in range(start, end):
            total = max(1, len(frames[frame]))  # chords struck together weigh as much as one note
            for pc, weight in frames[frame].items():
                weights[pc] += weight / 4 / total
        out.append(weights)
    return out


def _said(weights: Sequence[float], taste: Taste) -> list[float]:
    """What a stretch says of each of the 36 triads."""
    sounding = [(pc, weight) for pc, weight in enumerate(weights) if weight > 0]
    return [sum([weight * row[pc] for pc, weight in sounding]) for row in _tones(taste)]


@lru_cache(maxsize=8)
def _tones(taste: Taste) -> tuple[tuple[float, ...], ...]:
    """What a beat of each pitch class says of each of the 36 triads: (36, 12)."""
    return tuple(
        tuple(
            taste.say * said + (taste.cover if pc in triad.pitch_classes else -taste.outside)
            for pc, said in enumerate(sayings)
        )
        for triad, sayings in zip(TRIADS, _sayings(), strict=True)
    )


def _functions(key: Key) -> Mapping[int, float]:
    """Class of each triad of a key's vocabulary, and how far it stands behind the tonic's."""
    tonic, mode = key
    return {c // 12 * 12 + (c + tonic) % 12: value for c, value in _FUNCTIONS[mode].items()}


@lru_cache(maxsize=256)
def _vocabulary(key: Key, scale: str) -> tuple[int, ...]:
    return tuple(_functions(key)) if scale == AUTO else tuple(sorted(triads_of(scale, key[0])))


def _degrees(key: Key) -> tuple[int, int, int, int]:
    """Classes of tonic, major dominant, the key's own dominant, and subdominant."""
    tonic, mode = key
    minor = _MINOR if mode == "min" else 0
    return tonic + minor, (tonic + 7) % 12, (tonic + 7) % 12 + minor, (tonic + 5) % 12 + minor


@lru_cache(maxsize=256)
def _moves(
    key: Key, scale: str, taste: Taste
) -> tuple[tuple[tuple[tuple[int, float], ...], ...], tuple[frozenset[int], ...]]:
    """For each triad of the vocabulary: those from which coming to it gains or costs something, with how much.

    And the places of the others, itself left out.
    """
    tonic, dominant, _, subdominant = _degrees(key)
    major_fourth = subdominant % 12

    def gain(frm: int, to: int) -> float:
        worth = taste.falling if (to - frm) % 12 == 5 else 0.0
        if frm == dominant:
            worth += taste.resolved if to == tonic else -taste.retrograde if to in (subdominant, major_fourth) else 0.0
        return worth

    states = _vocabulary(key, scale)
    worth = [[gain(frm, to) if frm != to else 0.0 for frm in states] for to in states]
    favoured = tuple(tuple((frm, gained) for frm, gained in enumerate(row) if gained) for row in worth)
    plain = tuple(
        frozenset(frm for frm, gained in enumerate(row) if not gained and frm != to) for to, row in enumerate(worth)
    )
    return favoured, plain


__all__ = ["PLAIN", "Cut", "Functional", "Taste", "Wanted", "cuts_of", "functional", "tune_key"]
