"""``sideman-lab evaluate recognition``: are the chords that a player comps heard as chords?

POP909-CL's piano parts (melody taken out, validation songs) go through the code that the band hears a player with;
what comes out is compared, frame by frame (16ths), with the chords that people put to these songs. Beside it: how often
a single line is taken for comping, and how long one call takes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.band.played import said
from sideman.music.chords import QUALITIES, Chord
from sideman.music.harmony import ChordSpan, estimate_key, histogram_of, merged, segments
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note, line
from sideman_lab.data import lieder, pop909_cl_piano
from sideman_lab.metrics import Metric, measure, ratio, report, table
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from sideman_lab.data.pop909_cl_piano import Comping

Hearing = dict[str, list[tuple[int, int]]]
"""For each measure: (right, counted) of each song."""
NEAR_FRAMES_PER_BEAT = 0.5
SEVENTHS = frozenset({"maj", "min", "maj7", "7", "min7"})
"""Labels that the measure ``sevenths`` counts, as MIREX does."""
REDUCED = {"9": "7", "11": "7", "13": "7", "maj9": "maj7", "min9": "min7", "add9": "maj", "maj6": "maj", "min6": "min",
           "7sus4": "sus4", "aug7": "aug"}  # fmt: skip
LIVE_BARS = 24
"""Bars that the band looks at in one call while it follows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab evaluate recognition``."""
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--limit", type=int, help="so many songs only")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from sideman_lab.cli import data_folder

    folder = data_folder(args.data)
    songs = list(pop909_cl_piano.read(folder, lambda song: side(song) == "validation"))[: args.limit]
    if not songs:
        raise FileNotFoundError(f"{folder} holds no validation song of pop909-cl and pop909")
    metrics = comping_metrics(songs) + line_metrics(songs, lieder_lines(folder, args.limit)) + call_ms(songs)
    if args.json:
        print(json.dumps(report("recognition", metrics, pieces=len(songs), runtime="pure Python", model_sha256="")))
        return 0
    print(f"chords heard in the piano parts of {len(songs)} validation songs; baselines see the same notes")
    print(table(metrics))
    sys.stdout.flush()
    return 0


# what is measured ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """The label and the chord heard in one 16th."""

    label: Chord
    heard: Chord | None


def by_band(song: Comping) -> list[ChordSpan]:
    """What the band hears: the shipped code."""
    notes = [n for n in song.notes if n.end > 0]
    return said(notes, song.meter, song.n_frames, estimate_key(histogram_of(notes))[:2] if notes else None)


def by_template(song: Comping) -> list[ChordSpan]:
    """The triad that covers most of what sounds in each half-bar, its bass the lowest note."""
    triads = [Chord(root, quality) for quality in ("maj", "min", "dim") for root in range(12)]
    out = []
    for start, end in segments(song.meter, song.n_frames):
        weights = _weights(song.notes, start, end)
        if not any(weights):
            continue
        chord = max(triads, key=lambda c: sum(weights[pc] for pc in c.pitch_classes))
        low = min(n.pitch for n in _sounding(song.notes, start, end)) % 12
        out.append(ChordSpan(start, end - start, replace(chord, bass=None if low == chord.root else low), 1.0))
    return merged(out)


def by_key(song: Comping) -> list[ChordSpan]:
    """The key's own chord throughout."""
    tonic, mode, _ = estimate_key(histogram_of(song.notes))
    return [ChordSpan(0, song.n_frames, Chord(tonic, mode), 1.0)]


def by_habit(song: Comping) -> list[ChordSpan]:
    """The label that stands longest in the song, throughout: knows the labels."""
    held: Counter[Chord] = Counter()
    for start, end, chord in song.chords:
        held[chord] += end - start
    return [ChordSpan(0, song.n_frames, held.most_common(1)[0][0], 1.0)]


def comping_metrics(songs: Sequence[Comping]) -> list[Metric]:
    """Every measure of the band's ear beside its baselines."""
    ours = _rows(songs, by_band)
    template, key, habit = (_rows(songs, each) for each in (by_template, by_key, by_habit))
    return [
        measure(
            name,
            ours[name],
            statistic=ratio,
            baselines={"triad template": template[name], "key's tonic": key[name]},
            reference={"song's commonest label": habit[name]},
        )
        for name in ours
    ]


def _rows(songs: Sequence[Comping], recogniser: Callable[[Comping], list[ChordSpan]]) -> Hearing:
    rows: Hearing = {}
    for song in songs:
        for name, row in scored(song, recogniser(song)).items():
            rows.setdefault(name, []).append(row)
    return rows


def scored(song: Comping, spans: Sequence[ChordSpan]) -> dict[str, tuple[int, int]]:
    """(Right, counted) of one song for each measure; a frame in which nothing was heard is wrong.

    root, bass: the pitch class. triad: root and major, minor or diminished (sus counts as major). thirds: root and
    whether the third is minor, as MIREX. sevenths: label among maj, min, maj7, 7, min7, heard as such. quality: the
    chord's word, extensions dropped. Onsets: changes of label (of heard chord) with a change of the other kind within
    half a beat.
    """
    frames = compared(song, spans)
    heard = [c for c in frames if c.heard is not None]
    plain = [c for c in frames if c.label.quality in SEVENTHS]
    made = {
        "recognised": (len(heard), len(frames)),
        "root": _count(frames, lambda a, b: a.root == b.root),
        "triad": _count(frames, lambda a, b: a.triad == b.triad),
        "thirds": _count(frames, lambda a, b: (a.root, _minor(a)) == (b.root, _minor(b))),
        "sevenths": _count(plain, lambda a, b: (a.root, _reduced(a)) == (b.root, _reduced(b))),
        "quality": _count(frames, lambda a, b: (a.root, _reduced(a)) == (b.root, _reduced(b))),
        "bass": _count(frames, lambda a, b: a.bass_class == b.bass_class),
        "root where heard": _count(heard, lambda a, b: a.root == b.root),
    }
    near = round(song.meter.beat_ticks / FRAME_TICKS * NEAR_FRAMES_PER_BEAT)
    labels = _changes((a / FRAME_TICKS, c.triad) for a, _, c in song.chords)
    found = _changes((s.onset, s.chord.triad) for s in spans)
    made["onset recall"] = (_near(labels, found, near), len(labels))
    made["onset precision"] = (_near(found, labels, near), max(1, len(found)))
    return made


def compared(song: Comping, spans: Sequence[ChordSpan]) -> list[Compared]:
    """Label and heard chord of each 16th that has a label."""
    heard: list[Chord | None] = [None] * song.n_frames
    for span in spans:
        for frame in range(max(0, span.onset), min(span.end, song.n_frames)):
            heard[frame] = span.chord
    out = []
    for start, end, chord in song.chords:
        first, last = (round(tick / FRAME_TICKS) for tick in (start, end))
        out += [Compared(chord, heard[frame]) for frame in range(max(0, first), min(last, song.n_frames))]
    return out


def _count(frames: Sequence[Compared], same: Callable[[Chord, Chord], bool]) -> tuple[int, int]:
    return sum(c.heard is not None and same(c.label, c.heard) for c in frames), len(frames)


def _minor(chord: Chord) -> bool:
    return 3 in QUALITIES[chord.quality]


def _reduced(chord: Chord) -> str:
    return REDUCED.get(chord.quality, chord.quality)


def _changes(items: Iterable[tuple[float, Chord]]) -> list[float]:
    out: list[float] = []
    before: Chord | None = None
    for at, chord in items:
        if chord != before:
            out.append(at)
        before = chord
    return out


def _near(places: Sequence[float], others: Sequence[float], near: int) -> int:
    if not others:
        return 0
    there = np.asarray(others, np.float64)
    return sum(float(np.abs(there - at).min()) <= near for at in places)


def _weights(notes: Sequence[Note], start: int, end: int) -> list[float]:
    return histogram_of(_sounding(notes, start, end), start, end)


def _sounding(notes: Sequence[Note], start: int, end: int) -> list[Note]:
    return [n for n in notes if n.tick < end * FRAME_TICKS and n.end > start * FRAME_TICKS]


# single lines ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A melody on its bars."""

    notes: tuple[Note, ...]
    meter: Meter
    n_frames: int


def lieder_lines(folder: Path, limit: int | None) -> list[Line]:
    """Voice lines of the Lieder's validation side."""
    out: list[Line] = []
    for piece in lieder.read(folder):
        if side(piece["id"].partition(".")[0]) != "validation":
            continue
        notes = tuple(
            Note(round(a * FRAME_TICKS), max(1, round(d * FRAME_TICKS)), int(p)) for a, d, p in piece["melody"]
        )
        meter = Meter(*piece["meter"])
        out.append(Line(notes, meter, -(-max(n.end for n in notes) // meter.bar_ticks) * meter.bar_frames))
        if limit is not None and len(out) >= limit:
            break
    return out


def line_metrics(songs: Sequence[Comping], lieder_voices: Sequence[Line]) -> list[Metric]:
    """Share of the bars of single lines in which chords are heard."""
    tunes = [Line(tuple(line(song.melody)), song.meter, song.n_frames) for song in songs if song.melody]
    return [
        measure(f"bars of {name} called comping", [called(each) for each in lines], statistic=ratio, higher=False)
        for name, lines in (("POP909 melodies", tunes), ("Lieder voices", lieder_voices))
        if lines
    ]


def called(tune: Line) -> tuple[int, int]:
    """Bars with notes in which a chord is heard, and bars with notes."""
    notes = [n for n in tune.notes if n.tick >= 0]
    bar = tune.meter.bar_frames
    spans = said(notes, tune.meter, tune.n_frames, estimate_key(histogram_of(notes))[:2] if notes else None)
    sung = {n.tick // tune.meter.bar_ticks for n in notes}
    with_chord = {frame // bar for span in spans for frame in range(span.onset, span.end)}
    return len(sung & with_chord), len(sung)


def call_ms(songs: Sequence[Comping]) -> list[Metric]:
    """How long the band takes to hear the last 24 bars, in ms: all of it new, and again with only the last bar new."""
    cold, warm = [], []
    for number, song in enumerate(songs):
        size, bar = LIVE_BARS * song.meter.bar_frames, song.meter.bar_ticks
        low, high = 8 * bar, (8 + LIVE_BARS) * bar
        # Velocities that no other call had: what the band remembers of other bars does not help.
        notes = [replace(n, tick=n.tick - low, velocity=1 + number) for n in song.notes if low <= n.tick < high]
        cold.append(_ms(notes, song.meter, size))
        last = [replace(n, velocity=127) if n.tick >= high - low - bar else n for n in notes]
        warm.append(_ms(last, song.meter, size))
    return [
        measure("CPU ms to hear 24 bars", cold, higher=False),
        measure("CPU ms to hear 24 bars, one of them new", warm, higher=False),
    ]


def _ms(notes: Sequence[Note], meter: Meter, frames: int) -> float:
    began = time.thread_time()  # the processor's: other programs do not count
    said(notes, meter, frames, (0, "maj"))
    return (time.thread_time() - began) * 1000
