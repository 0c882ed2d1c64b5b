"""The trained networks as the musicians use them: thin adapters that cache, count time and know their limits.

Needs NumPy and a TFLite interpreter: imported by the band alone, never by the conductor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sideman.band import wishes
from sideman.band.changes import Changes, laid_out
from sideman.band.drummer import written
from sideman.band.following import Heard, hear, live
from sideman.band.harmony import form_of, key_heard, key_text, parsed_key, rooted
from sideman.band.models import Reading
from sideman.band.played import broad, in_key
from sideman.band.retrospect import Retrospect
from sideman.band.warm_start import LONGEST, warm_start
from sideman.models.chords import ChordStream, harmonise
from sideman.models.drums import DrumNet, GrooveRequest, loop_bars
from sideman.models.library import load
from sideman.models.melody import answer
from sideman.models.melody_rules import Options
from sideman.models.runtime import Graph
from sideman.models.sampling import seed_for
from sideman.music.drum_rules import skeleton
from sideman.music.drumkit import Voice
from sideman.music.harmony import ChordSpan, estimate_key, histogram_of, melody_frames
from sideman.music.meter import FRAME_TICKS
from sideman.music.monophony import first_in_frame
from sideman.music.scales import AUTO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman.band.messages import Ask, Phrase
    from sideman.band.stopwatch import Stopwatch
    from sideman.models.runtime import Backend
    from sideman.music.chords import Chord
    from sideman.music.drum_pattern import DrumPattern, Tap
    from sideman.music.harmony import MelodyFrame
    from sideman.music.meter import Meter
    from sideman.music.notes import Note
    from sideman.music.solo_rules import Slot

HANDS = frozenset({Voice.CLOSED_HAT, Voice.OPEN_HAT, Voice.RIDE})
"""Voices that the drum network chooses freely in 4/4."""
_KEPT = 4
"""Answers remembered by each adapter: a window asks for the same loop, phrase or turn many times."""


def opened(family: str, folder: Path | None, backend: Backend | None, watch: Stopwatch) -> Any:
    """Load and check a family's model and wrap it.

    Raises:
        ModelUnusableError: See :func:`sideman.models.library.load`.
    """
    return _KINDS[family](load(family, folder, backend), watch)


class _Timed(Graph):
    """A graph whose every run is a lap of the stopwatch."""

    def __init__(self, graph: Graph, watch: Stopwatch) -> None:  # no second interpreter: everything is the graph's own
        self.__dict__.update(graph.__dict__)
        self._watch = watch

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """One step, timed."""
        out = super().run(inputs)
        self._watch.lap()
        return out


class _Remembering:
    """A small cache, oldest answer forgotten first."""

    def __init__(self, graph: Graph, watch: Stopwatch) -> None:
        self._graph = _Timed(graph, watch)
        self._watch = watch
        self._known: dict[Any, Any] = {}

    def _keep(self, key: Any, value: Any) -> Any:
        self._known[key] = value
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return value


_TEMPO_STEP = 2.0
"""Quarters a minute within which a groove is the same: a player whose tempo wavers keeps his drummer's loop."""


class Grooves(_Remembering):
    """The drum network: the rules write kick and snare, it plays the rest and gives all of it its touch and timing."""

    family = "drums"

    def groove(self, ask: Ask, taps: Sequence[Tap], bars: int) -> DrumPattern | None:
        """A loop of some bars in the feel of what was tapped; None in a meter whose bar it cannot hold."""
        covered = loop_bars(ask.meter)
        if covered == 0:
            return None
        self._watch.used.add(self.family)
        ask = replace(ask, bpm=_TEMPO_STEP * max(1, round(ask.bpm / _TEMPO_STEP)))
        key = (ask.seed, ask.variation, ask.meter, ask.bpm, ask.knobs.style, ask.knobs.temperature, tuple(taps), bars)
        # Asked once for each bar; a loop that must be made is so many bars of work.
        with self._watch.running(self.family, units=1 if key in self._known else min(covered, bars)):
            found: DrumPattern = self._known.get(key) or self._keep(key, self._made(ask, taps, bars, covered))
        return found

    def _made(self, ask: Ask, taps: Sequence[Tap], bars: int, covered: int) -> DrumPattern:
        steps = min(covered, bars) * ask.meter.bar_frames
        seed = seed_for(ask.seed, "groove", ask.variation)
        # A melody is no drum part: left free, the network strikes something on every note and forgets the backbeat.
        # Kick and snare are therefore written by the rules; in 4/4, where it was trained, its right hand is free.
        free = HANDS if ask.meter.numerator == ask.meter.denominator == 4 else frozenset()
        tapped = tuple(t for t in taps if t.step < steps)
        score = written(ask.meter, steps // ask.meter.bar_frames, ask.knobs.style, tapped, ask.bpm, seed)
        request = GrooveRequest(
            meter=ask.meter,
            steps=steps,
            score=score.without(free),
            lanes=frozenset(Voice) - free,
            taps=tapped or None,
            style=ask.knobs.style,
            bpm=ask.bpm,
            temperature=0.0 if ask.variation == 0 else 0.5 * ask.knobs.temperature,
            humanise=min(1.0, 0.6 * ask.knobs.temperature),
            seed=seed,
        )
        net = DrumNet(self._graph)
        pattern = net.groove(request)
        if free and not _steady(pattern, ask.meter):
            pattern = net.groove(replace(request, score=score, lanes=frozenset(Voice)))
        return pattern.tiled(bars * ask.meter.bar_frames)


def _steady(pattern: DrumPattern, meter: Meter) -> bool:
    """Whether the right hand keeps time: most pulses struck, hardly an open hat, few strokes beside the pulse."""
    size = meter.bar_frames
    pulses = {p + bar for p in skeleton(meter).pulses for bar in range(0, pattern.steps, size)}
    closed = set(pattern.onsets(Voice.CLOSED_HAT)) | set(pattern.onsets(Voice.RIDE))
    opened = pattern.onsets(Voice.OPEN_HAT)
    return len(closed & pulses) >= 0.6 * len(pulses) and len(opened) <= pattern.steps // size


class Answers(_Remembering):
    """The melody network: pitches for a rhythm that is given."""

    family = "melody"

    def pitches(
        self, ask: Ask, call: Sequence[Note], slots: Sequence[Slot], chords: Sequence[ChordSpan], turn: int
    ) -> list[int]:
        """One pitch a slot; call, slots and chords are counted from the call's bar line."""
        self._watch.used.add(self.family)
        key = (ask.seed, ask.variation, ask.meter, tuple(call), tuple(slots), tuple(chords), turn, ask.knobs)
        if key in self._known:
            found: list[int] = self._known[key]
            return found
        options = Options(temperature=ask.knobs.temperature, echo=0.6 if turn < 2 else 0.4)
        seed = seed_for(ask.seed, "solo", ask.variation, turn)
        with self._watch.running(self.family):
            made = answer(
                self._graph, call, slots, chords, ask.meter, key=_major(ask.knobs.key), options=options, seed=seed
            )
        kept: list[int] = self._keep(key, made)
        return kept


class Chords(_Remembering):
    """The chord network: hindsight for a phrase, a stream that hears along for ``follow``."""

    family = "chords"

    def __init__(self, graph: Graph, watch: Stopwatch) -> None:
        super().__init__(graph, watch)
        self._stream: ChordStream | None = None
        self._stream_key: tuple[Any, ...] = ()
        self._zero = self._first = 0
        self._warm = False
        self._retrospect = Retrospect()
        self._reading: Reading | None = None
        self._fresh: list[ChordSpan] = []

    def of_phrase(self, phrase: Phrase, ask: Ask) -> Changes:
        """The chords of a committed phrase, frame 0 its first downbeat."""
        self._watch.used.add(self.family)
        text = phrase.key or ask.knobs.key
        frames = phrase.bars * phrase.meter.bar_frames
        options = wishes.for_phrase(ask, text)
        key = (phrase, text, options)
        if key in self._known:
            found: Changes = self._known[key]
            return found
        with self._watch.running(self.family):
            harmony = harmonise(phrase.notes, frames, _felt(phrase.meter), options, self._graph)
        spans = rooted(laid_out(harmony.spans), phrase.notes)
        sure = sum(s.confidence * s.frames for s in spans) / max(1, sum(s.frames for s in spans))
        shown = text or (key_text(harmony.key) if phrase.notes else "")
        made: Changes = self._keep(key, Changes(spans, 0, 0, shown, sure))
        return made

    def forget(self) -> None:
        """Start hearing anew."""
        self._stream = None

    def ahead(self, ask: Ask, heard: Sequence[Note], standing: Changes) -> Changes:
        """The chords that stand and, after them, those to come; hears everything up to ``heard_until`` first."""
        self._watch.used.add(self.family)
        self._reading = None
        with self._watch.running(self.family):
            stream = self._listened(ask, heard)
            if stream is None:
                return standing
            if not self._warm and ask.end > ask.start:  # the first plan: the silence period nears its end
                self._warm = True
                count = min(LONGEST, stream.next_frame - self._first)
                lately = self._frames(heard, stream.next_frame - count, count)
                warm_start(stream, self._graph, lately, wishes.ahead(ask, self._zero))
            committed = _before(standing.spans, ask.end)
            self._fresh = planned = self._planned(stream, ask, committed)
            self._reading = self._read(stream, ask, committed)
        return self._laid(stream, ask, heard, replace(standing, spans=committed), planned)

    def reading(self) -> Reading | None:
        """See :class:`sideman.band.models.Harmony`."""
        return self._reading

    def alternatives(
        self, ask: Ask, heard: Sequence[Note], standing: Changes
    ) -> tuple[tuple[tuple[int, ...], Changes], ...]:
        """See :class:`sideman.band.models.Harmony`; the net is not run again, its last pass is decoded again.

        Only pitch classes outside the planned chord are worth it.
        """
        stream = self._stream
        if stream is None:
            return ()
        committed = _before(standing.spans, ask.end)
        struck: dict[Chord, list[int]] = {}
        plans: dict[Chord, list[ChordSpan]] = {}
        main = Changes(tuple(self._fresh)).standing(ask.start)
        for pitch in range(60, 72):
            if main is not None and pitch % 12 in main.pitch_classes:
                continue  # it fits: the chord stays
            planned = self._planned(stream, ask, committed, heard=(pitch,))
            chord = Changes(tuple(planned)).standing(ask.start)
            if chord is not None:
                struck.setdefault(chord, []).append(pitch % 12)
                plans.setdefault(chord, planned)
        whole = replace(standing, spans=committed)
        return tuple(
            (tuple(struck[chord]), self._laid(stream, ask, heard, whole, plans[chord]))
            for chord in struck
            if chord != main
        )

    def _planned(
        self, stream: ChordStream, ask: Ask, committed: Sequence[ChordSpan], heard: Sequence[int] = ()
    ) -> list[ChordSpan]:
        moved = [_moved(s, -self._zero) for s in committed]
        # While the band listens nothing stands before its entry: the plan begins there, not with what is being heard.
        now = ask.start - self._zero if not moved else min(stream.next_frame, ask.start - self._zero)
        planned = stream.plan(now, moved, ask.end - self._zero, options=wishes.ahead(ask, self._zero), heard=heard)
        return [_moved(s, self._zero) for s in planned]

    def _read(self, stream: ChordStream, ask: Ask, committed: Sequence[ChordSpan]) -> Reading:
        advice = stream.advice(wishes.ahead(ask, self._zero))
        now = stream.next_frame + self._zero
        beats = 2 * ask.meter.beat_ticks // FRAME_TICKS
        stood = now - beats >= ask.origin and Changes(tuple(committed)).covers(now - beats, now)
        surprise = stream.surprise([_moved(s, -self._zero) for s in committed]) if stood else None
        return Reading(advice.commit_beats, advice.key_sure, advice.form_bars, surprise)

    def _laid(
        self, stream: ChordStream, ask: Ask, heard: Sequence[Note], standing: Changes, fresh: Sequence[ChordSpan]
    ) -> Changes:
        """The chords that stand and the planned ones, led by what the player comps and what came round."""
        key = key_heard(ask, heard)
        bound = ask.knobs.scale != AUTO  # a scale has chords of its own
        guess = list(fresh) if bound else in_key(fresh, heard, key)
        known: Heard | None = hear(ask, heard, key)
        committed = standing.spans
        if known is None:
            spans = laid_out([*guess, *committed])
        else:
            past = self._retrospect.past(stream, self._zero, known, wishes.ahead(ask, self._zero))
            spans = live(ask, known.with_past(past if bound else in_key(past, heard, key)), standing, guess)
        sure = sum(s.confidence * s.frames for s in fresh) / max(1, sum(s.frames for s in fresh))
        text = ask.knobs.key or (key_text(key) if key else "")
        return Changes(spans, ask.origin, form_of(ask), text, min(1.0, sure) or estimate_key(histogram_of(heard))[2])

    def _listened(self, ask: Ask, heard: Sequence[Note]) -> ChordStream | None:
        """The stream of this epoch, advanced to ``heard_until``; None before the first note."""
        if not heard:
            return None
        key = (ask.epoch, ask.meter, ask.origin % ask.meter.bar_frames)
        if self._stream is None or key != self._stream_key:
            first = (heard[0].frame - ask.origin) // ask.meter.bar_frames * ask.meter.bar_frames
            self._stream, self._stream_key = ChordStream(self._graph, _felt(ask.meter), first), key
            self._zero, self._first, self._warm = ask.origin, first, False
        stream = self._stream
        count = ask.heard_until - self._zero - stream.next_frame
        if count > 0:
            for frame in self._frames(heard, stream.next_frame, count):
                stream.advance(frame)
        return stream

    def _frames(self, heard: Sequence[Note], first: int, count: int) -> list[MelodyFrame]:
        """What was heard in some frames as the stream counts them."""
        low = (self._zero + first - 64) * FRAME_TICKS
        recent = [n.moved(-self._zero * FRAME_TICKS) for n in heard if n.end > low]
        return melody_frames(first_in_frame(recent), count, first)


def _before(spans: Sequence[ChordSpan], end: int) -> tuple[ChordSpan, ...]:
    return tuple(s for s in spans if s.onset < end)


def _felt(meter: Meter) -> Meter:
    """The meter the chord network is told: uneven groups are too short for a chord each."""
    return meter if len(set(meter.grouping)) == 1 else broad(meter)


def _moved(span: ChordSpan, frames: int) -> ChordSpan:
    return replace(span, onset=span.onset + frames)


def _major(text: str) -> int | None:
    """Tonic of the major key of a key's notes; None when no key is fixed."""
    key = parsed_key(text)
    if key is None:
        return None
    return key[0] if key[1] == "maj" else (key[0] + 3) % 12


_KINDS: dict[str, Any] = {"drums": Grooves, "melody": Answers, "chords": Chords}
