"""The chord net as the band uses it: a stream that hears frame by frame and plans ahead, and hindsight for a phrase."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.models.chord_advice import Advice, advised, surprise_of
from sideman.models.chord_confidence import Signs, confidence
from sideman.models.chord_decoder import PlanOptions, decode, noise_at
from sideman.models.chord_evidence import SAYING, Evidence
from sideman.models.chord_features import FeatureStream
from sideman.models.chord_form import LONGEST_BARS, FormDetector, FormView, cadence_scores
from sideman.models.chord_habits import MEMORY, entropy
from sideman.models.chord_key import home_of, key_of, key_shares, tune_key
from sideman.models.chord_pace import Pace
from sideman.models.chord_played import Played
from sideman.models.chord_terms import YOUTH_BARS, Outlook, beats_of, contradiction
from sideman.music.chords import TRIADS, triad_index
from sideman.music.functional import Wanted, functional
from sideman.music.functional import cuts_of as functional_cuts
from sideman.music.harmony import ChordSpan, melody_frames, merged, overlay
from sideman.music.heard import heard_chords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman.models.runtime import Graph
    from sideman.music.functional import Functional
    from sideman.music.harmony import Key, MelodyFrame
    from sideman.music.meter import Meter
    from sideman.music.notes import Note

    Floats = NDArray[np.float32]

HORIZONS = (-16, -8, 0, 4, 8, 12, 16, 24, 32)
"""Frames from the next frame to the one each chord head speaks of; the first two look back (hindsight)."""
N_AHEAD = 7
"""Heads of change and melody histogram: the last seven horizons, 0 to 8 beats ahead."""
AHEAD = HORIZONS[-N_AHEAD:]
FURTHEST = AHEAD[-1]
HINDSIGHT = -HORIZONS[1]
"""Frames after which the stream's memory of a chord is settled."""
FOUR, EIGHT = 4, 8
"""Bars after which music of most kinds comes round, in part at least."""
N_TRIADS = 36
N_BACK = len(HORIZONS) - N_AHEAD
USUAL_RATE = np.float32(1 / 96)
"""How fast the mean posterior forgets, per frame."""
USUAL_FLOOR = np.float32(0.01)
FAMILY = "chords"
LONGEST_TWICE = 512
"""Phrases up to so many frames are heard twice, as the loop they are."""


def _blend() -> Floats:
    """Weights of the horizon heads for each frame ahead, shape (FURTHEST + 1, N_AHEAD): linear between heads."""
    table = np.zeros((FURTHEST + 1, N_AHEAD), np.float32)
    for ahead in range(FURTHEST + 1):
        right = int(np.searchsorted(AHEAD, ahead))
        if AHEAD[right] == ahead:
            table[ahead, right] = 1
        else:
            share = (ahead - AHEAD[right - 1]) / (AHEAD[right] - AHEAD[right - 1])
            table[ahead, right - 1], table[ahead, right] = 1 - share, share
    return table


BLEND = _blend()


def log_softmax(x: Floats) -> Floats:
    """Log softmax over the last axis."""
    shifted = x - x.max(axis=-1, keepdims=True)
    out: Floats = (shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))).astype(np.float32)
    return out


class ChordStream:
    """Hears one frame at a time and plans chords ahead; all state is explicit and copies with ``branch``.

    A plan never uses anything but the frames given to ``advance`` so far and what is committed.
    """

    def __init__(self, graph: Graph, meter: Meter, first_frame: int = 0) -> None:
        """Start before a frame.

        Args:
            graph: The loaded chord model.
            meter: The meter; a new meter needs a new stream.
            first_frame: The next frame to be heard, counted from the first bar line (negative in a pickup).
        """
        self.graph = graph
        self.meter = meter
        self.first_frame = first_frame
        self.features = FeatureStream(meter, first_frame)
        self.evidence = Evidence(meter)
        self.form = FormDetector(meter)
        self.pace = Pace(meter)
        self.played = Played(meter, first_frame)
        self.state: dict[str, NDArray[Any]] = {
            name: np.zeros(shape, dtype) for name, (shape, dtype) in graph.inputs.items() if name.endswith("_in")
        }
        self.heard_any = False
        self.since = 0
        self.chord = np.full((len(HORIZONS), 37), -np.log(37), np.float32)
        self.change = np.full(N_AHEAD, 0.1, np.float32)
        self.histogram = np.full((N_AHEAD, 12), 1 / 12, np.float32)
        self.past = np.full((LONGEST_BARS * meter.bar_frames + 1, N_TRIADS), 0, np.float32)
        self.usual = np.full(N_TRIADS, 1 / N_TRIADS, np.float32)
        self.tones = np.zeros(12, np.float32)
        self.seen = np.zeros(N_TRIADS, np.float32)
        self.announced: list[ChordSpan] = []
        self._view: tuple[tuple[Any, ...], list[ChordSpan], Outlook] | None = None

    @property
    def next_frame(self) -> int:
        """The first frame that has not been heard."""
        return self.features.next_frame

    def branch(self) -> ChordStream:
        """A copy that can be advanced on its own."""
        twin = copy.copy(self)
        twin.features = copy.deepcopy(self.features)
        twin.evidence = copy.copy(self.evidence)
        twin.form = copy.deepcopy(self.form)
        twin.pace = copy.copy(self.pace)
        twin.played = copy.deepcopy(self.played)
        twin.state = dict(self.state)
        twin.past = self.past.copy()
        twin.seen = self.seen.copy()
        twin.announced = list(self.announced)
        return twin

    def advance(self, frame: MelodyFrame) -> None:
        """Take what was heard in ``next_frame``: one pass of the net."""
        now = self.next_frame
        x = self.features.step(frame)
        self.evidence.hear(now, x[:12])
        self.form.hear(x[:12])
        self.tones = self.tones * np.float32(MEMORY) + x[:12]
        outputs = self.graph.run({"x": x[None], **self.state})
        for name in self.state:
            self.state[name] = outputs[f"{name[:-3]}_out"]
        self.heard_any = self.heard_any or bool(frame.sounding)
        self.since += self.heard_any
        self.chord = log_softmax(outputs["chord"].reshape(len(HORIZONS), 37))
        self.change = (1 / (1 + np.exp(-outputs["change"].ravel()))).astype(np.float32)
        self.histogram = np.exp(log_softmax(outputs["histogram"].reshape(N_AHEAD, 12)))
        self.usual = self.usual + USUAL_RATE * (np.exp(self.chord[N_BACK, :N_TRIADS]) - self.usual)
        settled = self.next_frame - HINDSIGHT
        self.past[settled % len(self.past)] = np.exp(self.chord[1, :N_TRIADS])
        self.seen *= np.float32(MEMORY)
        likely = np.exp(4 * (self.chord[1, :N_TRIADS] - self.chord[1, :N_TRIADS].max()))
        likely /= likely.sum()
        self.seen += likely
        if self.heard_any and settled >= self.first_frame:
            self.pace.hear(settled, likely)

    def plan(
        self,
        now_frame: int,
        committed: Sequence[ChordSpan],
        until_frame: int,
        *,
        options: PlanOptions | None = None,
        heard: Sequence[int] = (),
    ) -> list[ChordSpan]:
        """Chords up to a frame, the committed part kept as it is.

        Args:
            now_frame: The first frame that may still change; normally ``next_frame``.
            committed: What stands already, sorted; it is kept whole, also beyond ``now_frame``. What was played is
                learned from it too: give at least what came to stand since the last plan.
            until_frame: The frame after the last one to plan.
            options: The player's wishes.
            heard: Pitches known to be struck in ``next_frame`` or the one after it, which is not heard yet
                (just-in-time commit): what these pitch classes, weighed alike, say of each triad by the emission table
                of ``chord_evidence`` is added, times ``DecoderWeights.heard``, to the scores of the first beat of the
                plan, if that begins there. The net is not run again, and the stream stays as it is.

        Returns:
            The committed spans that reach ``now_frame`` or beyond, then the new ones. Nothing new as long as nothing
            was heard and nothing is committed: the band is silent rather than guessing.
        """
        options = options or PlanOptions()
        kept = list(takewhile(lambda span: span.end > now_frame, reversed(committed)))[::-1]
        start = max([now_frame, *(span.end for span in committed[-1:])])
        if until_frame <= start or not (self.heard_any or committed or heard):
            return kept
        last = committed[-1] if committed and committed[-1].end == start else None
        previous = triad_index(last.chord) if last else -1
        if previous >= N_TRIADS:
            previous = -1
        self.played.settle(committed, min(self.next_frame, now_frame))
        habits = self.played.upto(committed, start)
        outlook = self._outlook(start, until_frame, options)
        struck = None
        if heard and start <= self.next_frame + 1:  # a plan is asked for a frame ahead
            struck = np.mean([SAYING[:, pitch % 12] for pitch in set(heard)], axis=0)
        fresh = decode(
            outlook,
            self.meter,
            start,
            until_frame,
            previous=previous,
            options=options,
            habits=habits,
            key=self.key(),
            struck=struck,
        )
        decided = start % self.meter.bar_frames in beats_of(self.meter)
        if last and fresh and triad_index(fresh[0].chord) == previous:
            # The chord goes on: the committed symbol (with its seventh or bass) stays the one that is named, and
            # between beats, where nothing can be decided, it is shown as sure as when it was.
            told = next((s.confidence for s in self.announced if s.onset <= start < s.end), None)
            sure = fresh[0].confidence if decided or told is None else told
            fresh[0] = ChordSpan(start, fresh[0].frames, last.chord, sure)
        if not heard and decided:
            self.announced = fresh
        return merged([*kept, *fresh])

    def key(self) -> tuple[Key, float]:
        """The key felt in the last bars, and how sure it is."""
        return key_of(self.features.memory[-1])

    def _outlook(self, start: int, stop: int, options: PlanOptions) -> Outlook:
        """The outlook, kept for as long as nothing is heard, played or announced: what may be struck shares it."""
        key = (self.next_frame, self.played.until, start, stop, options)
        if self._view is None or self._view[0] != key or self._view[1] is not self.announced:
            self._view = key, self.announced, self.outlook(start, stop, options)
        return self._view[2]

    def outlook(self, start: int, stop: int, options: PlanOptions | None = None) -> Outlook:
        """What the last pass says of the frames ``start … stop`` (beyond 8 beats: as at 8 beats)."""
        options = options or PlanOptions()
        frames = np.arange(start, stop)
        view = self.form.view(options.form_frames, options.form_origin)
        blend = BLEND[np.clip(frames - self.next_frame, 0, FURTHEST)]
        posterior = blend @ self.chord[-N_AHEAD:, :N_TRIADS]
        filtered, echo = self.evidence.ahead(self.features, self.form, view, start, stop)
        before = np.full(len(frames), -1, np.int64)
        for span in self.announced:
            inside = (frames >= span.onset) & (frames < span.end)
            before[inside] = triad_index(span.chord)
        shares = key_shares(self.features.memory[-1])
        key = options.key or tune_key(self.tones, self.seen)
        return Outlook(
            first=start,
            log_posterior=posterior,
            change=blend @ self.change,
            histogram=blend @ self.histogram,
            form=self._form(frames, view),
            four=self.remembered(frames - FOUR * self.meter.bar_frames),
            eight=self.remembered(frames - EIGHT * self.meter.bar_frames),
            before=before,
            usual=np.log(self.usual + USUAL_FLOOR),
            ahead=np.clip((frames - self.next_frame) / 16, 0, 1).astype(np.float32),
            filtered=filtered,
            echo=echo,
            against=contradiction(self.features.memory[-1]),
            home=home_of(shares),
            cadence=cadence_scores(self.meter, frames, view, key),
            again=self.played.at(frames - view.period) if view.period else np.full(len(frames), -1, np.int64),
            belief=view.belief,
            variety=float(entropy(self.tones)),
            palette=float(entropy(self.seen)),
            pace=self.pace.value,
            lean=self.pace.lean,
            young=max(0.0, 1 - self.since / (YOUTH_BARS * self.meter.bar_frames)),
        )

    def advice(self, options: PlanOptions | None = None) -> Advice:
        """How far ahead it is wise to commit now (adaptive commit, specification 3.4).

        Four beats where the net is sure of them (mean of its largest posteriors above ``SURE``) and the melody comes
        round with the form; one while the key is open, none before anything was heard; else two.
        """
        options = options or PlanOptions()
        view = self.form.view(options.form_frames, options.form_origin)
        bars = view.period // self.meter.bar_frames
        if not self.heard_any:
            return Advice(0, 0.0, 0.0, bars)
        sure = float(np.exp(self.chord[N_BACK : N_BACK + 5, :N_TRIADS].max(axis=1)).mean())
        key_sure = 1.0 if options.key is not None else self.key()[1]
        repeats = max(view.match, float(self.features.form()[2:].max()))
        heard = self.features.heard / self.meter.bar_frames
        return advised(sure=sure, key_sure=key_sure, form_bars=bars, repeats=repeats, bars=heard)

    def surprise(self, committed: Sequence[ChordSpan]) -> float:
        """How well the melody of the last two beats went with the chords that stood: below 0 is a surprise.

        The mean log probability of what sounded under the chord that stood (``chord_evidence``), less
        ``SURPRISING``, the 2nd percentile of it on the validation songs (``sideman_lab.chords.calibrate``).
        Above 0 too where nothing sounded or no chord stood.
        """
        return surprise_of(self.form, self.next_frame, committed)

    def _form(self, frames: NDArray[np.int64], view: FormView) -> Floats:
        """Chords of one period ago: of the form believed in, else of each lag by how well the melody repeats it."""
        out = np.zeros((len(frames), N_TRIADS), np.float32)
        if view.belief < 1:
            sure = np.maximum(self.features.form() - 0.3, 0)
            best = float(sure.max()) * (1 - view.belief)
            if best > 0:
                for weight, lag in zip(sure / (sure.sum() + 1e-6) * best, self.features.lags, strict=True):
                    out += weight * self.remembered(frames - lag)
        if view.period:
            out += view.belief * self.remembered(frames - view.period)
        return out

    def remembered(self, frames: NDArray[np.int64]) -> Floats:
        """Each chord's posterior in frames gone by, heard with hindsight; 0 where it is not known."""
        settled, size = self.next_frame - HINDSIGHT, len(self.past)
        known = (frames <= settled) & (frames > settled - size)
        out: Floats = np.where(known[:, None], self.past[frames % size], np.float32(0))
        return out


def hindsight(graph: Graph, frames: Sequence[MelodyFrame], meter: Meter) -> Outlook:
    """What the net says of each frame of a phrase once it has heard the frames after it, the phrase taken as a loop.

    Short phrases are heard twice through, so that the beginning profits from the end.
    """
    n = len(frames)
    rounds = 2 if n <= LONGEST_TWICE else 1
    total = rounds * n + max(-HORIZONS[0], HINDSIGHT)
    said, changes = _passes(graph, [frames[at % n] for at in range(n if rounds == 1 else total)], meter)
    logs = np.zeros((n, N_TRIADS), np.float32)
    mass = np.zeros((n, 1), np.float32)
    change, histogram = np.zeros(n, np.float32), np.full((n, 12), 1e-3, np.float32)
    first = (rounds - 1) * n
    for head, weight in ((2, 0.2), (1, 0.3), (0, 0.5)):  # in the order in which a frame is spoken of
        passes = np.arange(first, rounds * n) - 1 - HORIZONS[head]
        known = (passes >= 0) & (passes < len(said))
        logs[known] += weight * said[passes[known], head]
        mass[known] += np.float32(weight)
    for at in range(max(first, 1), len(said) + 1):
        change[at % n] = changes[at - 1]
    for at, frame in enumerate(frames):
        for pitch in frame.sounding:
            histogram[at, pitch % 12] += 1 / len(frame.sounding)
    missing = mass[:, 0] == 0
    logs[missing] = -np.log(N_TRIADS)
    mass[missing] = 1
    nothing = np.zeros((n, N_TRIADS), np.float32)
    logs /= mass
    before = np.full(n, -1, np.int64)
    tones = (histogram - 1e-3).sum(axis=0)
    return Outlook(
        first=0,
        log_posterior=logs,
        change=change,
        histogram=histogram / histogram.sum(axis=1, keepdims=True),
        form=nothing,
        four=nothing,
        eight=nothing,
        before=before,
        usual=np.log(np.exp(logs).mean(axis=0) + USUAL_FLOOR),
        ahead=np.zeros(n, np.float32),
        filtered=nothing,
        echo=(histogram - 1e-3) @ SAYING.T,
        against=contradiction(tones),
        home=home_of(key_shares(tones)),
        cadence=nothing,
        again=before,
        variety=float(entropy(tones)),
    )


def _passes(graph: Graph, frames: Sequence[MelodyFrame], meter: Meter) -> tuple[Floats, Floats]:
    """The net's passes over some frames from a bar line on, without what only a plan needs.

    Returns:
        Log probability of each triad by the heads of the first three horizons, shape (frames, 3, 36), and that the
        chord changes at the frame after each, shape (frames,).
    """
    features = FeatureStream(meter)
    state = {name: np.zeros(shape, dtype) for name, (shape, dtype) in graph.inputs.items() if name.endswith("_in")}
    chords = np.empty((len(frames), N_BACK + 1, 37), np.float32)
    change = np.empty(len(frames), np.float32)
    for at, frame in enumerate(frames):
        outputs = graph.run({"x": features.step(frame)[None], **state})
        state = {name: outputs[f"{name[:-3]}_out"] for name in state}
        chords[at] = outputs["chord"].reshape(len(HORIZONS), 37)[: N_BACK + 1]
        change[at] = outputs["change"].ravel()[0]
    return log_softmax(chords)[..., :N_TRIADS], (1 / (1 + np.exp(-change))).astype(np.float32)


def harmonise(
    notes: Sequence[Note], n_frames: int, meter: Meter, options: PlanOptions | None, graph: Graph
) -> Functional:
    """Chords for a committed phrase, with hindsight; what the player plays as chords is the plan where it stands.

    Args:
        notes: The phrase; ticks from the first bar line.
        n_frames: Its length in frames.
        meter: Its meter.
        options: The player's wishes, or None.
        graph: The loaded chord model.

    Returns:
        Spans that fill ``0 … n_frames`` (none when there is nothing to harmonise), and their key.
    """
    if n_frames <= 0 or not notes:
        return functional(notes, 0, meter)
    options = options or PlanOptions()
    outlook = hindsight(graph, melody_frames(notes, n_frames), meter)
    found = from_hindsight(outlook, notes, n_frames, meter, options)
    return replace(found, spans=tuple(overlay(found.spans, heard_chords(notes, meter, n_frames))))


def from_hindsight(
    outlook: Outlook, notes: Sequence[Note], n_frames: int, meter: Meter, options: PlanOptions
) -> Functional:
    """Functional chords with what the net heard, as sure as the net's own signs say.

    Args:
        outlook: Of the frames ``0 … n_frames`` at least (:func:`hindsight`).
        notes: What was played; ticks from frame 0.
        n_frames: How many frames to fill.
        meter: The meter.
        options: The player's wishes.
    """
    wanted = Wanted(
        options.key, options.key_lock, options.harmonic_rhythm, options.cadence, options.closes, options.scale
    )
    starts = [cut.frame for cut in functional_cuts(meter, n_frames, wanted.rhythm)]
    said = np.add.reduceat(outlook.log_posterior[:n_frames], starts, axis=0) / 4
    if options.temperature:
        said = said + options.temperature * np.stack([noise_at(options.seed, start) for start in starts])
    found = functional(notes, n_frames, meter, wanted, said.tolist())
    spans = (
        replace(s, confidence=confidence(Signs.of(outlook, s.onset, s.end, triad_index(s.chord)))) for s in found.spans
    )
    return replace(found, spans=tuple(spans))


__all__ = [
    "FAMILY",
    "HORIZONS",
    "N_AHEAD",
    "TRIADS",
    "ChordStream",
    "PlanOptions",
    "from_hindsight",
    "harmonise",
    "hindsight",
]
