"""Every knob of the comper, five settings of it, and the figure that it is there to move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.band.harmony import key_text
from sideman.models.chord_terms import TONES
from sideman.music.chords import NO_CHORD, triad_index
from sideman.music.harmony import estimate_key
from sideman_lab.chords import cadence
from sideman_lab.chords import measure as m
from sideman_lab.chords.baselines import histogram
from sideman_lab.chords.colouring import Colours
from sideman_lab.chords.entry import enters
from sideman_lab.chords.listening import edit_distance
from sideman_lab.chords.recovery import cut, moved
from sideman_lab.chords.shipped import shipped
from sideman_lab.chords.streaming import LOOKAHEAD, Played, play

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.models.chords import ChordStream
    from sideman.models.runtime import Graph
    from sideman.music.harmony import ChordSpan, Key
    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]

Figure = Callable[["Graph", "FramedPiece", Any], float]
BEAT = 4
SCALES = {"maj": (0, 2, 4, 5, 7, 9, 11), "min": (0, 2, 3, 5, 7, 8, 10, 11)}
"""Minor with both sevenths, as the key lock has it."""
PLAIN_TO_RICH = ("punk", "rock", "country", "soul", "jazz")


@dataclass(frozen=True)
class Knob:
    """A knob.

    Attributes:
        name: As the row calls it.
        settings: In rising order.
        figure: What it moves.
        of: That figure for one piece at one setting.
    """

    name: str
    settings: tuple[Any, ...]
    figure: str
    of: Figure


def seeds_apart(graph: Graph, piece: FramedPiece, temperature: float) -> float:
    """Edit distance of what two seeds play."""
    one, two = (play(graph, piece, 0, options=shipped(piece.meter, seed, temperature=temperature)) for seed in (1, 2))
    return edit_distance(on_strong(piece, one.classes), on_strong(piece, two.classes))


def on_strong(piece: FramedPiece, played: Ints) -> list[int]:
    """The chord of each strong beat."""
    return [int(c) for c in played[piece.strong]]


def change_rate(graph: Graph, piece: FramedPiece, wanted: float) -> float:
    """Changes a bar."""
    played = play(graph, piece, 0, options=shipped(piece.meter, harmonic_rhythm=wanted)).classes
    return len(m.changes(played)) / piece.bars


def inside_key_set(graph: Graph, piece: FramedPiece, lock: float) -> float:
    """Share of chord tones inside the key that is set, the melody's own, while the melody leaves it at beat 17."""
    key = estimate_key(histogram(piece.classes))[:2]
    away = moved(piece)
    if away is None:
        return float("nan")
    played = play(graph, away, 0, options=shipped(piece.meter, key=key_text(key), key_lock=lock))
    return _inside(played.classes, key)


def inside_key_felt(graph: Graph, piece: FramedPiece, lock: float) -> float:
    """Share of chord tones inside the key that the stream feels at the time, where no key is set."""
    shares: list[float] = []

    def watch(stream: ChordStream, row: int, plan: list[ChordSpan]) -> None:
        sounding = [_class(span) for span in plan if span.onset <= piece.first + row < span.end]
        if sounding:
            shares.append(_inside(np.array(sounding), stream.key()[0]))

    play(graph, piece, 0, options=shipped(piece.meter, key_lock=lock), watch=watch)
    return float(np.mean(shares)) if shares else float("nan")


def _inside(played: Ints, key: Key) -> float:
    inside = np.zeros(12)
    inside[[(key[0] + step) % 12 for step in SCALES[key[1]]]] = 1
    sounding = played[played < NO_CHORD]
    return float((TONES[sounding] @ inside).mean() / 3) if len(sounding) else float("nan")


def comes_home(graph: Graph, piece: FramedPiece, strength: float) -> float:
    """Share of the ends of four-bar forms that come home."""
    played = play(graph, piece, 0, options=shipped(piece.meter, form="4", cadence=strength)).classes
    hits, ends, *_ = cadence.cadences(piece, played, 4)
    return hits / ends if ends else float("nan")


def bars_between_cadences(graph: Graph, piece: FramedPiece, bars: int) -> float:
    """Bars of the piece for each that ends in a cadence, the form given; counted as one more than there are."""
    options = replace(shipped(piece.meter), form_frames=bars * piece.meter.bar_frames, form_origin=0)
    hits, ends, other, rest = cadence.cadences(piece, play(graph, piece, 0, options=options).classes, bars)
    return (ends + rest) / (hits + other + 1)


def known_ahead(graph: Graph, piece: FramedPiece, beats: int) -> float:
    """Share of frames that sound what was announced four beats before."""
    said = np.full(len(piece), -1, np.int64)

    def watch(_stream: ChordStream, row: int, plan: list[ChordSpan]) -> None:
        at = row + 4 * BEAT
        for span in plan:
            if at < len(piece) and span.onset <= piece.first + at < span.end:
                said[at] = _class(span)

    # The plan reaches as far whatever is fixed of it.
    played = play(graph, piece, BEAT * beats, lookahead=LOOKAHEAD + 4 - BEAT * beats, watch=watch)
    known = said >= 0
    return float((said[known] == played.classes[known]).mean()) if known.any() else float("nan")


def reach(graph: Graph, piece: FramedPiece, beats: int) -> float:
    """Beats from now to the end of the plan."""
    ends: list[float] = []

    def watch(_stream: ChordStream, row: int, plan: list[ChordSpan]) -> None:
        if plan:
            ends.append((plan[-1].end - piece.first - row) / BEAT)

    play(graph, _start(piece), 0, lookahead=BEAT * beats, watch=watch)
    return float(np.mean(ends)) if ends else float("nan")


def entry(graph: Graph, piece: FramedPiece, beats: int) -> float:
    """Beats until the first chord."""
    sounding = np.flatnonzero(
        play(graph, _start(piece), 0, enters(piece, beats * piece.meter.beat_ticks)).classes < NO_CHORD
    )
    return float(sounding[0]) / BEAT if len(sounding) else float("nan")


def richness(graph: Graph, piece: FramedPiece, complexity: int) -> float:
    """Sounding pitch classes of a chord, in the default style."""
    return _tones(play(graph, piece, 0, colours=Colours(piece, complexity)))


def style_richness(graph: Graph, piece: FramedPiece, style: str) -> float:
    """Sounding pitch classes of a chord, at the default complexity."""
    return _tones(play(graph, piece, 0, colours=Colours(piece, style=style)))


def _tones(played: Played) -> float:
    return m.tones_per_chord([played.classes], [played.tones])


def _start(piece: FramedPiece) -> FramedPiece:
    return cut(piece, min(len(piece), 96))


def _class(span: ChordSpan) -> int:
    return triad_index(span.chord)


KNOBS: Sequence[Knob] = (
    Knob("temperature", (0.0, 0.75, 1.5, 2.25, 3.0), "edit distance of two seeds", seeds_apart),
    Knob("harmonic rhythm", (0.25, 0.5, 1.0, 1.5, 2.0), "changes a bar", change_rate),
    Knob("key lock, key set", (0.0, 0.25, 0.5, 0.75, 1.0), "chord tones inside the key set", inside_key_set),
    Knob("key lock, no key set", (1.0, 1.25, 1.5, 1.75, 2.0), "chord tones inside the key felt", inside_key_felt),
    Knob("cadence", (0.0, 0.5, 1.0, 1.5, 2.0), "cadences on bar 4 with form 4", comes_home),
    Knob("form length", (4, 8, 12, 16, 32), "bars for each cadence", bars_between_cadences),
    Knob("commit", (0, 1, 2, 3, 4), "frames as announced four beats before", known_ahead),
    Knob("lookahead", (1, 2, 4, 6, 8), "beats from now to the end of the plan", reach),
    Knob("silence", (0, 4, 8, 12, 16), "beats until the first chord", entry),
    Knob("complexity", (0, 1, 2, 3), "pitch classes of a chord", richness),
    Knob("style", PLAIN_TO_RICH, "pitch classes of a chord", style_richness),
)
"""Complexity has four settings; styles go from plain to rich (``music/colour.py``). The key lock holds to a key
that is set from 0 to 1, and only above 1 to one that is felt: two rows."""
